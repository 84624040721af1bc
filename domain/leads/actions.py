"""Deeds on leads: who has them, when they come back, when they are done. Editing one lead's fields is in `editing`."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import User
from domain.access.rules import Permission, may, require
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.events import EventType
from domain.base.ids import short
from domain.base.scope import Actor
from domain.leads.changing import MOST, Held, News, hold, quietly, tell, tell_all
from domain.leads.clocking import counts, follow, replied
from domain.leads.closing import check_lost, close_one, open_one
from domain.leads.messages import Undo
from domain.leads.models import Lead, Stage, Status
from domain.leads.placing import passed_over
from domain.leads.queries import snooze_is_over
from domain.sla import actions as sla
from domain.timeline.actions import write
from domain.timeline.models import EntryType, TimelineEntry

SNOOZE_MOST = timedelta(days=366)
SEEN = 'Opened for the first time'


def touch(session: Session, actor: Actor, lead_id: UUID) -> None:
    """Something the list shows of this lead has changed: open pages read it again; of a merged lead, also those it is part of."""
    chain = [lead_id]
    query = sa.select(col(Lead.merged_into)).where(col(Lead.tenant_id) == actor.tenant_id)
    while (into := session.execute(query.where(col(Lead.id) == chain[-1])).scalar_one_or_none()) is not None:
        chain.append(into)
    session.execute(
        sa.update(Lead)
        .where(col(Lead.tenant_id) == actor.tenant_id, col(Lead.id).in_(chain))
        .values(changed_at=now())
        .execution_options(synchronize_session=False)
    )
    ring(session, 'lead', actor.tenant_id, *chain)


def mark_read(session: Session, actor: Actor, lead_id: UUID) -> None:
    """Note that somebody who works with leads has opened this one; whoever may only look leaves it unread."""
    if not may(actor, Permission.LEADS_WRITE):
        return
    mine = [col(Lead.tenant_id) == actor.tenant_id, col(Lead.id) == lead_id, col(Lead.unread)]
    if actor.scope.location_ids is not None:
        mine.append(col(Lead.location_id).in_(actor.scope.location_ids))
    changed = session.execute(sa.update(Lead).where(*mine).values(unread=False, changed_at=now()))
    if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result always has it
        _note_seen(session, actor, lead_id)
        ring(session, 'lead', actor.tenant_id, lead_id)


def _note_seen(session: Session, actor: Actor, lead_id: UUID) -> None:
    """Once in its timeline: how long it took until somebody looked is part of how fast a lead is answered."""
    noted = select(TimelineEntry.id).where(TimelineEntry.tenant_id == actor.tenant_id, TimelineEntry.lead_id == lead_id)
    if session.exec(noted.where(TimelineEntry.title == SEEN).limit(1)).first() is None:
        write(session, actor, lead_id, EntryType.STATUS_CHANGED, SEEN)


def mark_unread(session: Session, actor: Actor, lead_ids: Sequence[UUID]) -> Undo:
    """Have these leads look new again. Nobody else is told: it is not news about the lead. Raises NotFound."""
    require(actor, Permission.LEADS_WRITE)
    held = [each for each in hold(session, actor, lead_ids) if not each.lead.unread]
    for each in held:
        each.set('unread', True)
        quietly(session, actor, each)
    return _undo(held, 'Marked as unread', '{} leads marked as unread')


def assign(session: Session, actor: Actor, lead_ids: Sequence[UUID], owner_id: UUID | None) -> Undo:
    """Give leads to a person of the tenant, or (None) to nobody; raises NotFound, or Conflict for an account that is switched off."""
    require(actor, Permission.LEADS_WRITE)
    owner = person(session, actor, owner_id) if owner_id else None
    title = f'Assigned to {owner.name}' if owner else 'Owner removed'

    def give(each: Held) -> None:
        if owner_id is None:
            each.set('passed_over', passed_over(each.lead))
        each.set('owner_id', owner_id)

    held = _each(session, actor, lead_ids, give, EventType.LEAD_ASSIGNED, (EntryType.ASSIGNED, lambda _: title))
    return _undo(held, title, f'{{}} leads assigned to {owner.name}' if owner else 'Owner removed from {} leads')


def person(session: Session, actor: Actor, user_id: UUID) -> User:
    """Somebody of the tenant who can be given leads; raises NotFound, or Conflict for an account that is switched off."""
    found = session.exec(select(User).where(User.tenant_id == actor.tenant_id, User.id == user_id)).first()
    if found is None:
        raise NotFound('There is no such person on this desk.')
    if found.disabled_at is not None:
        raise Conflict(f'The account of {found.name} is switched off; choose somebody else.')
    return found


def snooze(session: Session, actor: Actor, lead_ids: Sequence[UUID], until: datetime) -> Undo:
    """Put leads away until a moment, when they come back unread; their clocks go on. Raises Invalid unless it is within a year ahead.

    Raises Conflict for a closed lead: it has to be reopened first.
    """
    require(actor, Permission.LEADS_WRITE)
    if not now() < until <= now() + SNOOZE_MOST:
        raise Invalid(
            'Choose a time in the future, at most one year ahead.', errors=[FieldError('snoozedUntil', 'must be within a year ahead')]
        )

    def put_away(each: Held) -> None:
        if each.lead.status is Status.CLOSED:
            raise Conflict(f'L-{short(each.lead.id)} is closed; reopen it before it can be snoozed. Nothing was changed.')
        each.set('status', Status.SNOOZED)
        each.set('snoozed_until', until)
        each.set('next_at', until)
        follow(each, now())

    def title(each: Held) -> str:
        there = until.astimezone(ZoneInfo(each.place.time_zone))
        return f'Snoozed until {there.day} {there:%B %Y, %H:%M}'

    held = _each(session, actor, lead_ids, put_away, EventType.LEAD_STATUS_CHANGED, (EntryType.STATUS_CHANGED, title))
    return _undo(held, 'Snoozed', '{} leads snoozed')


def close(session: Session, actor: Actor, lead_ids: Sequence[UUID], *, stage: Stage | None = None, lost_reason: str = '') -> Undo:
    """Nothing is left to do: the clock stops where it was not answered. `stage` lost wants a reason; raises NotFound, Invalid."""
    require(actor, Permission.LEADS_WRITE)
    check_lost(stage, lost_reason)

    def end(each: Held) -> None:
        close_one(each, now())
        if stage is not None:
            each.set('stage', stage)
            each.set('lost_reason', lost_reason.strip() if stage is Stage.LOST else '')

    title = 'Closed' + (f' as {stage}' if stage else '') + (f': {lost_reason.strip()}' if stage is Stage.LOST else '')
    held = _each(session, actor, lead_ids, end, EventType.LEAD_STATUS_CHANGED, (EntryType.STATUS_CHANGED, lambda _: title))
    return _undo(held, f'Closed as {stage}' if stage else 'Closed', '{} leads closed')


def reopen(session: Session, actor: Actor, lead_ids: Sequence[UUID]) -> Undo:
    """There is something to do again, for closed, snoozed and waiting leads. A clock that was never answered runs on to its old
    deadline: the customer has waited all the while. A lost lead is new again, or contacted. Raises NotFound.
    """
    require(actor, Permission.LEADS_WRITE)

    def again(each: Held) -> None:
        open_one(each, now())

    held = _each(session, actor, lead_ids, again, EventType.LEAD_STATUS_CHANGED, (EntryType.STATUS_CHANGED, lambda _: 'Reopened'))
    return _undo(held, 'Reopened', '{} leads reopened')


def answered(session: Session, actor: Actor, lead_id: UUID, at: datetime, *, title: str = '') -> bool:
    """A reply was given at this moment. The first one stops the clock and takes a new lead to contacted, a later one the clock of the next
    reply where one runs; False, and nothing is written, where neither did.

    Only a person's reply is one, and the assistant's where the tenant lets it count. Group, clock, conversation, timeline and event are
    written together. Raises NotFound.
    """
    require(actor, Permission.LEADS_WRITE)
    (held,) = hold(session, actor, [lead_id])
    if not counts(actor, held):
        return False
    first, next_one = sla.answer(session, actor, lead_id, at, held.calendar), replied(held, at)
    if not first and not next_one:
        return False
    if first and held.lead.stage is Stage.NEW:
        held.set('stage', Stage.CONTACTED)
    said = title or ('First reply given' if first else 'Next reply given')
    event_type = EventType.LEAD_STATUS_CHANGED if first else EventType.LEAD_UPDATED
    tell(session, actor, held, event_type, (EntryType.STATUS_CHANGED, said, ''), facts={'at': at.isoformat()})
    return True


def wake_snoozed(session: Session, actor: Actor, moment: datetime) -> int:
    """Snoozed leads whose time has come are open again, and unread; gives back how many, at most 200 at once."""
    require(actor, Permission.LEADS_WRITE)
    due = list(session.exec(select(Lead.id).where(*snooze_is_over(actor.scope, moment)).order_by(col(Lead.id)).limit(MOST)))
    if not due:
        return 0
    woken = [held for held in hold(session, actor, due) if held.lead.status is Status.SNOOZED]  # another worker may have been first
    for held in woken:
        open_one(held, moment)
        held.set('unread', True)
    back = (EntryType.STATUS_CHANGED, 'Back from snooze', '')
    tell_all(session, actor, [News(held, EventType.LEAD_STATUS_CHANGED, (back,)) for held in woken])
    return len(woken)


def _each(
    session: Session,
    actor: Actor,
    lead_ids: Sequence[UUID],
    deed: Callable[[Held], None],
    event_type: EventType,
    entry: tuple[EntryType, Callable[[Held], str]],
) -> list[Held]:
    """Do the same to all; gives back those for which it made a difference, each of which is told once."""
    held = hold(session, actor, lead_ids)
    for each in held:
        deed(each)
    changed = [each for each in held if each.after]
    tell_all(session, actor, [News(each, event_type, ((entry[0], entry[1](each), ''),)) for each in changed])
    return changed


def _undo(held: list[Held], one: str, many: str) -> Undo:
    said = one if len(held) == 1 else many.format(len(held)) if held else 'Nothing to change'
    return Undo(said, tuple(each.change() for each in held))
