"""Replies of people to customers: which channels can carry one, sending one, and how far it has come."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.events import EventType
from domain.base.scope import Actor, Scope
from domain.conversations.models import Author, Conversation, Message
from domain.leads.actions import answered
from domain.leads.changing import Held, hold
from domain.leads.messages import Told
from domain.leads.models import Lead
from domain.leads.queries import lead as find_lead
from domain.leads.rules import normal_email, payload, plain_text
from domain.outbox.actions import record
from domain.outbox.models import Delivery, Destination, LeadEvent
from domain.tenancy.actions import UNNAMED
from domain.tenancy.queries import tenant
from domain.timeline.actions import write
from domain.timeline.models import EntryType

EMAIL = 'email'  # the channel that carries replies
CARRIERS = ('email', 'sendgrid')  # the kinds of destination that can
LONGEST = 10_000
THREAD = 20  # earlier letters a new one names


@dataclass(frozen=True, slots=True)
class ReplyChannel:
    """One way of answering a lead: `to` is where it leads. Not `ready`: `why` says what is missing; ready: what to know, or nothing."""

    kind: str
    to: str
    ready: bool
    why: str = ''


def channels(session: Session, scope: Scope, lead_id: UUID) -> tuple[ReplyChannel, ...]:
    """The ways of answering this lead, those that cannot be used too; raises NotFound."""
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        raise NotFound('There is no such lead.')
    carrier = _carrier(session, lead)
    trouble = _trouble(lead, carrier)
    if carrier is None or trouble:
        return (ReplyChannel(EMAIL, lead.email, ready=False, why=trouble),)
    waits = 'E-mail is paused: a reply is kept, and goes out when it works again.' if carrier.paused_at else ''
    return (ReplyChannel(EMAIL, lead.email, ready=True, why=waits),)


def reply(session: Session, actor: Actor, lead_id: UUID, text: str) -> UUID:
    """Answer the lead by e-mail; gives back the message's id. The letter is on its way when this is committed, and the clock stands.

    Raises NotFound, Invalid for an empty text or one over 10,000 characters, Conflict that says why no channel can carry it.
    """
    require(actor, Permission.LEADS_WRITE)
    words = _words(text)
    (held,) = hold(session, actor, [lead_id])
    gist = next(part.strip() for part in words.splitlines() if part.strip())
    held.lead.last_message, held.lead.unread = f'You: {gist}'[:300], False
    message = _send(session, actor, held, words, 'Replied by e-mail')
    answered(session, actor, held.lead.id, message.created_at)
    return message.id


def write_automatically(session: Session, actor: Actor, held: Held, text: str, *, subject: str, by: str) -> UUID:
    """A letter that no person wrote goes to the lead; `by` names what did. It is no reply: the clock goes on and the lead stays unread.

    Gives back the message's id. Raises Conflict that says why no channel can carry it.
    """
    require(actor, Permission.LEADS_WRITE)
    return _send(session, actor, held, text, f'{by}: e-mail sent', automatic={'by': by, 'automatic': True}, subject=subject).id


def _send(
    session: Session,
    actor: Actor,
    held: Held,
    words: str,
    title: str,
    *,
    automatic: dict[str, Any] | None = None,
    subject: str = '',
) -> Message:
    """Message, event, delivery and timeline entry of a letter to the lead."""
    lead, moment = held.lead, now()
    carrier = _carrier(session, lead)
    trouble = _trouble(lead, carrier)
    if carrier is None or trouble:
        raise Conflict(f'This {"message" if automatic else "reply"} was not sent. {trouble}')
    conversation = _conversation(session, lead)
    message = Message(
        tenant_id=lead.tenant_id,
        conversation_id=conversation.id,
        author=Author.BOT if automatic else Author.AGENT,
        content=words,
        channel=EMAIL,
        created_at=moment,
    )
    lead.version, lead.changed_at = lead.version + 1, moment
    session.add_all((lead, message))
    told = payload(lead, Told('Automatic message sent' if automatic else 'Reply sent', None, held.place.name, held.place.time_zone))
    event = record(
        session,
        actor,
        EventType.MESSAGE_SENT,
        {**told, **_letter(session, actor, held, message, carrier), **(automatic or {}), **({'subject': subject} if subject else {})},
        lead_id=lead.id,
        lead_seq=lead.version,
        conversation_id=conversation.id,
        quality=lead.quality,
        location_id=lead.location_id,
        carrier=carrier,
    )
    assert event is not None  # only None with only_if_heard
    message.event_id = event.id
    facts = {'messageId': str(message.id), 'eventId': str(event.id), 'channel': EMAIL, 'to': lead.email}
    write(session, actor, lead.id, EntryType.MESSAGE, title, description=words, conversation_id=conversation.id, facts=facts)
    ring(session, 'lead', actor.tenant_id, lead.id)
    return message


def states(session: Session, scope: Scope, message_ids: Iterable[UUID]) -> dict[UUID, str]:
    """How far these messages have come: the state of the delivery that carries each. Messages that nothing carries are left out."""
    query = (
        sa.select(col(Message.id), col(LeadEvent.payload), col(Delivery.destination_id), col(Delivery.state))
        .join(LeadEvent, col(LeadEvent.id) == col(Message.event_id))
        .join(Delivery, col(Delivery.event_id) == col(LeadEvent.id))
        .where(col(Message.tenant_id) == scope.tenant_id, col(Message.id).in_(list(message_ids)))
        .order_by(col(Delivery.generation))
    )
    if scope.location_ids is not None:
        query = query.join(Lead, col(Lead.id) == col(LeadEvent.lead_id)).where(col(Lead.location_id).in_(scope.location_ids))
    return {id_: str(state) for id_, told, destination_id, state in session.execute(query) if _carried(told, destination_id)}


def _words(text: str) -> str:
    words = plain_text(text).strip()
    if not words:
        raise Invalid('There is nothing to send yet: write the reply first.', errors=[FieldError('text', 'is empty')])
    if len(words) > LONGEST:
        over = f'has {len(words):,} characters, and {LONGEST:,} is the most'
        raise Invalid(f'The reply {over}.', errors=[FieldError('text', over)])
    return words


def _carrier(session: Session, lead: Lead) -> Destination | None:
    """The mail account that answers this lead: one that works before one that is paused, its location's own before the tenant's."""
    rows = session.exec(
        select(Destination)
        .where(Destination.tenant_id == lead.tenant_id, col(Destination.kind).in_(CARRIERS), col(Destination.enabled))
        .order_by(col(Destination.id))
    )
    fitting = [row for row in rows if not row.location_ids or lead.location_id.hex in row.location_ids]
    return min(fitting, key=lambda row: (row.paused_at is not None, not row.location_ids), default=None)


def _trouble(lead: Lead, carrier: Destination | None) -> str:
    """Why no reply can go out by e-mail, in a sentence; empty: it can."""
    if not lead.email:
        return 'This lead left no e-mail address.'
    try:
        normal_email(lead.email)
    except ValueError:
        return f'The address {lead.email} cannot be written to.'
    return '' if carrier else 'No e-mail account is connected: an admin adds one in Settings, under Destinations.'


def _conversation(session: Session, lead: Lead) -> Conversation:
    latest = session.exec(
        select(Conversation)
        .where(Conversation.tenant_id == lead.tenant_id, Conversation.lead_id == lead.id)
        .order_by(col(Conversation.id).desc())
        .limit(1)
    ).first()
    if latest is None:
        latest = Conversation(tenant_id=lead.tenant_id, lead_id=lead.id, source=lead.source)
        session.add(latest)
        session.flush()
    return latest


def _letter(session: Session, actor: Actor, held: Held, message: Message, carrier: Destination) -> dict[str, Any]:
    """What the payload says of the letter itself."""
    company = tenant(session, actor.tenant_id).name
    return {
        'conversationId': str(message.conversation_id),
        'messageId': str(message.id),
        'message': message.content,
        'channel': EMAIL,
        'destinationId': str(carrier.id),
        'to': held.lead.email,
        'subject': _subject(held.lead, company),
        'text': message.content,
        'by': actor.name,
        'sender': actor.name if actor.role else company if company != UNNAMED else '',
        'thread': _thread(session, message.conversation_id),
    }


def _subject(lead: Lead, company: str) -> str:
    """What they wrote about; the title of the property, or whom they wrote to, where they named no subject."""
    message = f'your message to {company}' if company != UNNAMED else 'your message'
    about = str(lead.facts.get('subject') or lead.facts.get('propertyTitle') or message)
    return f'Re: {re.sub(r"^(re: *)+", "", about, flags=re.IGNORECASE) or about}'


def _thread(session: Session, conversation_id: UUID) -> list[str]:
    """The keys of the letters that went out in this conversation, oldest first."""
    query = (
        sa.select(col(LeadEvent.payload), col(Delivery.destination_id), col(Delivery.provider_key))
        .join(LeadEvent, col(LeadEvent.id) == col(Delivery.event_id))
        .join(Message, col(Message.event_id) == col(LeadEvent.id))
        .where(col(Message.conversation_id) == conversation_id, col(Message.channel) == EMAIL)
        .order_by(col(Message.id).desc())
        .limit(THREAD)
    )
    return [key for told, destination_id, key in reversed(session.execute(query).all()) if _carried(told, destination_id)]


def _carried(told: dict[str, Any], destination_id: UUID) -> bool:
    """Whether this destination carries the message, and is not only told of it."""
    return told.get('destinationId') == str(destination_id)
