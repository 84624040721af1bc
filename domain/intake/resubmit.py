"""A person we know wrote again: nothing they wrote is lost, nobody is merged by machine, and everybody hears of it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.clock import now
from domain.base.db import ring
from domain.base.events import EventType
from domain.base.ids import short, uuid7
from domain.base.scope import Actor, ActorType, Scope
from domain.conversations.models import Author, Conversation, Message
from domain.conversations.rules import says_thanks
from domain.follow_ups.running import customer_wrote
from domain.inbound.models import Outcome, Submission
from domain.intake.clocks import due_of, run_clocks
from domain.intake.facts import Facts
from domain.intake.messages import Submission as Command
from domain.intake.record import PRIORITY, answer_for, gist, grade, identities, payload
from domain.leads.models import IdentityKind, Lead, LeadIdentity, Quality, Stage, Status
from domain.leads.queries import by_identity
from domain.leads.rules import Score, group
from domain.outbox.actions import record as record_event
from domain.sla.queries import first_reply_clock
from domain.timeline.actions import write
from domain.timeline.models import EntryType


def resubmit(
    session: Session, actor: Actor, cmd: Command, facts: Facts, known: list[UUID], moment: datetime, held: Submission | None = None
) -> tuple[str, Submission]:
    """A new receipt, every word kept, clock and heat brought up to date, everybody told; gives back the answer's text and the receipt.

    `held`: the receipt is there already, and waited in the quarantine.
    """
    lead = _locked(session, known[0])
    words = cmd.body.words()
    graded = grade(cmd, words)
    receipt = held or receipt_for(cmd, facts, Outcome.RESUBMITTED, moment, lead.id)
    receipt.outcome, receipt.lead_id = Outcome.RESUBMITTED, lead.id
    session.add(receipt)
    session.flush()
    conversation = _conversation(session, lead, cmd, moment)
    if words:
        session.add(
            Message(
                tenant_id=lead.tenant_id,
                conversation_id=conversation.id,
                submission_id=receipt.id,
                author=Author.CUSTOMER,
                content=words,
                created_at=moment,
            )
        )
    _learn_identities(session, lead, cmd)
    for other in {lead_id for lead_id in known if lead_id not in (lead.id, known[0])}:
        _flag_duplicates(session, actor, lead, other)
    if lead.status == Status.CLOSED and says_thanks(words):
        due = _thanked(session, actor, lead, cmd, words, facts, moment)
    else:
        due = _reopened(session, lead, conversation, cmd, words, facts, graded, moment)
    _tell(session, actor, lead, conversation, cmd, facts, receipt, due, words)
    customer_wrote(session, actor, lead.id, moment, words)
    # To a stranger the answer is what a new person's would be: the deadline counts from now, the quality from these words alone.
    trusted = facts.credential.trusted
    quality = lead.quality if trusted else graded.quality
    shown = due if trusted else facts.due(graded.quality, moment)[0]
    event_id = receipt.event_id
    assert event_id is not None  # _tell has set it
    text = answer_for(facts, lead.id, conversation.id, event_id, receipt.id, Quality(quality), shown)
    return text, receipt


def _locked(session: Session, lead_id: UUID) -> Lead:
    """The lead, ours until the transaction ends; where it was merged at this very moment, the one it is part of now."""
    lead = session.exec(select(Lead).where(Lead.id == lead_id).with_for_update()).one()
    return _locked(session, lead.merged_into) if lead.merged_into else lead


def _conversation(session: Session, lead: Lead, cmd: Command, moment: datetime) -> Conversation:
    """The lead's latest conversation; a merged or imported lead may have none yet."""
    latest = session.exec(
        select(Conversation)
        .where(Conversation.tenant_id == lead.tenant_id, Conversation.lead_id == lead.id)
        .order_by(col(Conversation.id).desc())
        .limit(1)
    ).first()
    if latest is None:
        latest = Conversation(tenant_id=lead.tenant_id, lead_id=lead.id, source=cmd.body.source, created_at=moment)
        session.add(latest)
        session.flush()
    return latest


def _learn_identities(session: Session, lead: Lead, cmd: Command) -> None:
    for kind, value in pairs(cmd):
        if by_identity(session, Scope(lead.tenant_id), kind, value) is None:
            session.add(LeadIdentity(tenant_id=lead.tenant_id, kind=IdentityKind(kind), value=value, lead_id=lead.id))


def _flag_duplicates(session: Session, actor: Actor, lead: Lead, other_id: UUID) -> None:
    """The address is one lead's and the number another's: a person decides, never the machine."""
    other = session.exec(select(Lead).where(Lead.id == other_id).with_for_update()).one()
    for one, two in ((lead, other), (other, lead)):
        if two.id.hex in one.possible_duplicates:
            continue
        one.possible_duplicates = [*one.possible_duplicates, two.id.hex]
        one.changed_at = now()
        session.add(one)
        title = f'Possible duplicate of L-{short(two.id)}'
        write(
            session,
            Actor(actor.scope, ActorType.SYSTEM),
            one.id,
            EntryType.NOTE,
            title,
            description='One submission had the e-mail of one and the phone of the other.',
        )
        ring(session, 'lead', one.tenant_id, one.id)


def _reopened(
    session: Session, lead: Lead, conversation: Conversation, cmd: Command, words: str, facts: Facts, graded: Score, moment: datetime
) -> datetime:
    """The lead is open, and somebody waits; gives back the deadline of the reply that is awaited, else that of the first."""
    clock = run_clocks(session, lead, conversation, graded, facts, moment)
    session.flush()
    _refresh(lead, cmd, words, graded, due_of(session, lead) or clock.due_at, moment)
    lead.queue = None if lead.owner_id else lead.queue or facts.queue
    lead.inbox_group = group(lead.status, awaits_reply=clock.runs)
    return clock.due_at


def _thanked(session: Session, actor: Actor, lead: Lead, cmd: Command, words: str, facts: Facts, moment: datetime) -> datetime:
    """A thank-you after closing is kept, shown unread and told, and nobody has to answer it: the lead stays closed, its clocks stand."""
    lead.last_message, lead.unread = gist(words, {}), True
    lead.changed_at, lead.version = now(), lead.version + 1
    title = 'Stays closed: the customer only said thanks, and no clock runs'
    write(session, Actor(actor.scope, ActorType.SYSTEM), lead.id, EntryType.STATUS_CHANGED, title)
    held = first_reply_clock(session, actor.scope, lead.id)
    return held.due_at if held else facts.due(lead.quality, moment)[0]


def _refresh(lead: Lead, cmd: Command, words: str, graded: Score, due: datetime, moment: datetime) -> None:
    if PRIORITY[graded.quality] < PRIORITY[Quality(lead.quality)] or lead.status == Status.CLOSED:
        lead.quality, lead.quality_points, lead.quality_reason = graded.quality, graded.points, graded.reason
    if lead.stage == Stage.LOST:
        lead.stage, lead.lost_reason = Stage.NEW, ''
    lead.status, lead.snoozed_until = Status.OPEN, None
    lead.name = lead.name or cmd.body.name
    lead.email = lead.email or cmd.body.email.strip()
    lead.phone = lead.phone or cmd.body.phone.strip()
    lead.facts = {**lead.facts, **cmd.body.facts()}
    lead.last_message = gist(words, cmd.body.facts()) or lead.last_message
    # Now, not when it arrived: it may have waited for somebody's deed on this lead, and whoever follows changes must not overlook it.
    lead.unread, lead.changed_at, lead.version = True, now(), lead.version + 1
    lead.next_at = due if lead.next_at is None or lead.next_at <= moment else min(lead.next_at, due)


def _tell(
    session: Session,
    actor: Actor,
    lead: Lead,
    conversation: Conversation,
    cmd: Command,
    facts: Facts,
    receipt: Submission,
    due: datetime,
    words: str,
) -> None:
    told = {
        'lead': lead.id,
        'conversation': conversation.id,
        'name': lead.name,
        'email': lead.email,
        'phone': lead.phone,
        'words': words,
        'due': due,
        'source': cmd.body.source,
    }
    graded = Score(Quality(lead.quality), lead.quality_points, lead.quality_reason)
    event = record_event(
        session,
        actor,
        EventType.LEAD_RESUBMITTED,
        payload(told, facts, graded, lead.facts),
        lead_id=lead.id,
        lead_seq=lead.version,
        conversation_id=conversation.id,
        quality=lead.quality,
        location_id=lead.location_id,
        expire=facts.expire,
    )
    assert event is not None  # only None with only_if_heard
    receipt.event_id = event.id
    _quote(session, actor, lead, conversation, cmd, receipt, words)
    session.add_all((receipt, lead))
    ring(session, 'lead', lead.tenant_id, lead.id)


def _quote(session: Session, actor: Actor, lead: Lead, conversation: Conversation, cmd: Command, receipt: Submission, words: str) -> None:
    """The words on the timeline, with what was typed beside them: it may differ from what the lead holds."""
    write(
        session,
        Actor(actor.scope, ActorType.CUSTOMER),
        lead.id,
        EntryType.MESSAGE,
        f'Wrote again through {cmd.body.source}',
        description=words,
        conversation_id=conversation.id,
        facts={
            'receiptId': str(receipt.id),
            'eventId': str(receipt.event_id),
            'typed': {'name': cmd.body.name, 'email': cmd.body.email, 'phone': cmd.body.phone},
        },
    )


def pairs(cmd: Command) -> list[tuple[str, str]]:
    """What the person is recognised by, as kind and value."""
    return [(item['kind'], item['value']) for item in identities(cmd)]


def receipt_for(cmd: Command, facts: Facts, outcome: Outcome, moment: datetime, lead_id: UUID | None) -> Submission:
    """The receipt of this submission, not yet added to a session."""
    return Submission(
        id=uuid7(),
        tenant_id=facts.tenant_id,
        lead_id=lead_id,
        outcome=outcome,
        route=cmd.route,
        credential=facts.credential.name,
        content_type=cmd.arrival.content_type,
        raw=cmd.arrival.raw,
        headers=dict(cmd.arrival.headers),
        address_hash=cmd.arrival.address_hash,
        received_at=moment,
    )
