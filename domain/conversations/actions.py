"""Deeds around a conversation: notes, calls, meetings, and replies that were given elsewhere."""

from uuid import UUID

from sqlmodel import Session

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.errors import FieldError, Invalid
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.leads import actions as leads
from domain.leads.changing import hold, tell
from domain.leads.messages import NOTE_LONGEST
from domain.leads.rules import plain_text
from domain.timeline.models import EntryType


def note(session: Session, actor: Actor, lead_id: UUID, text: str) -> UUID:
    """Keep a note for colleagues; gives back the id of its timeline entry. Its words are in no event: they leave the desk to nobody.

    Control characters are taken out. Raises NotFound, or Invalid for an empty note or one of more than 10,000 characters.
    """
    require(actor, Permission.LEADS_WRITE)
    words = plain_text(text).strip()
    if not words:
        raise Invalid('The note is empty.', errors=[FieldError('text', 'is empty')])
    if len(words) > NOTE_LONGEST:
        why = f'is too long: at most {NOTE_LONGEST} characters'
        raise Invalid(f'The note {why}.', errors=[FieldError('text', why)])
    (held,) = hold(session, actor, [lead_id])
    (entry,) = tell(session, actor, held, EventType.LEAD_UPDATED, (EntryType.NOTE, 'Note added', words))
    return entry


def called(session: Session, actor: Actor, lead_id: UUID, *, reached: bool) -> None:
    """A phone call was made. Whoever was reached has been answered; nobody picking up leaves the clock running. Raises NotFound."""
    require(actor, Permission.LEADS_WRITE)
    (held,) = hold(session, actor, [lead_id])
    title = 'Called, and spoke' if reached else 'Called, no answer'
    facts = {'channel': 'phone', 'reached': reached}
    tell(session, actor, held, EventType.LEAD_UPDATED, (EntryType.MESSAGE, title, ''), facts=facts)
    if reached:
        leads.answered(session, actor, lead_id, now())


def met(session: Session, actor: Actor, lead_id: UUID) -> None:
    """Somebody met the customer, who has been answered with that. Raises NotFound."""
    require(actor, Permission.LEADS_WRITE)
    (held,) = hold(session, actor, [lead_id])
    tell(session, actor, held, EventType.LEAD_UPDATED, (EntryType.MESSAGE, 'Met in person', ''), facts={'channel': 'meeting'})
    leads.answered(session, actor, lead_id, now())


def answered(session: Session, actor: Actor, lead_id: UUID) -> bool:
    """Somebody replied outside the desk. False when the first reply was noted before: nothing is written then. Raises NotFound."""
    require(actor, Permission.LEADS_WRITE)
    return leads.answered(session, actor, lead_id, now(), title='Replied elsewhere')
