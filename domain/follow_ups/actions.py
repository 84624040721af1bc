"""Deeds on tasks: make one, do it, put it off, hand it on. Each can be taken back by `undoing.undo`."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.errors import Conflict, FieldError, Invalid
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.follow_ups.changing import HeldTask, hold_task, tell_task
from domain.follow_ups.messages import Next, Outcome, TaskEdit, TaskOrder, TaskUndo
from domain.follow_ups.models import FollowUpTask, TaskStatus
from domain.follow_ups.rules import check_ahead, check_latest, check_reminder
from domain.leads.actions import close, person
from domain.leads.changing import Held, hold
from domain.leads.closing import check_lost
from domain.leads.messages import Undo
from domain.leads.models import Stage, Status
from domain.leads.queries import lead as find_lead
from domain.leads.touches import next_touch

_STAGES = {Outcome.WON: Stage.WON, Outcome.LOST: Stage.LOST, Outcome.CLOSED: None}
WHAT_NEXT = 'This was the last follow-up of an open lead: say how it ended, or when somebody comes back to it.'


def create(session: Session, actor: Actor, order: TaskOrder) -> TaskUndo:
    """A new task; its id is the answer's `task_id`. Raises NotFound, Conflict for a closed lead or an account that is switched off, and
    Invalid for a time that is past or more than a year ahead, a reminder after it, a latest time before it.
    """
    require(actor, Permission.LEADS_WRITE)
    found = find_lead(session, actor.scope, order.lead_id)  # a receipt's id or a merged lead's leads to the lead
    (held,) = hold(session, actor, [found.id if found else order.lead_id])
    if held.lead.status is Status.CLOSED:
        raise Conflict('This lead is closed; reopen it before somebody is to come back to it.')
    due = check_ahead(order.due_at, now())
    owner_id = order.owner_id or held.lead.owner_id or (actor.id if actor.role else None)
    if order.owner_id:
        person(session, actor, order.owner_id)
    task = FollowUpTask(
        tenant_id=actor.tenant_id,
        lead_id=held.lead.id,
        kind=order.kind,
        title=order.title,
        note=order.note,
        follow_up_date=due,
        remind_at=check_reminder(order.remind_at, due),
        sla_deadline=check_latest(order.sla_deadline, due),
        owner_id=owner_id,
    )
    made = HeldTask(task, held, made=True)
    tell_task(session, actor, made, EventType.LEAD_UPDATED, f'Follow-up planned: {task.title}', f'{_said(held, due)}\n{task.note}'.strip())
    return TaskUndo('Follow-up added', (made.change(),))


def complete(
    session: Session,
    actor: Actor,
    task_id: UUID,
    *,
    outcome: Outcome | None = None,
    lost_reason: str = '',
    then: Next | None = None,
    said: str = '',
    version: int | None = None,
) -> TaskUndo:
    """It is done. `outcome` closes the lead with it, `then` is the follow-up after it, `said` what came of it.

    The last one of an open lead needs one of the two: raises Invalid naming `outcome` and `nextDueAt`. Raises NotFound, and Conflict for
    one that is done already, or of another `version` than was shown.
    """
    require(actor, Permission.LEADS_WRITE)
    if outcome is not None and then is not None:
        raise Invalid('Either the lead has ended or somebody comes back to it.', errors=[FieldError('outcome', 'contradicts nextDueAt')])
    held = _open(session, actor, task_id, version)
    check_lost(_STAGES[outcome] if outcome else None, lost_reason)
    held.set('status', TaskStatus.COMPLETED)
    held.set('completed_at', now())
    held.set('completed_by', actor.id)
    held.set('outcome', (said.strip() or (outcome.value if outcome else ''))[:300])
    follow = _next(session, held, check_ahead(then.due_at, now(), 'nextDueAt'), then) if then else None
    lead = held.lead.lead
    if outcome is None and follow is None and lead.status is not Status.CLOSED and next_touch(session, actor.scope, held.lead) is None:
        raise Invalid(
            WHAT_NEXT, errors=[FieldError('outcome', 'is needed, or a new date'), FieldError('nextDueAt', 'is needed, or an outcome')]
        )
    title = f'Follow-up done: {held.task.title}'
    tell_task(session, actor, held, EventType.FOLLOW_UP_COMPLETED, title, said.strip())
    ended: Undo | None = None
    if follow:
        when = _said(held.lead, follow.task.follow_up_date)
        tell_task(session, actor, follow, EventType.LEAD_UPDATED, f'Follow-up planned: {follow.task.title}', when)
    elif outcome is not None and lead.status is not Status.CLOSED:
        session.flush()
        ended = close(session, actor, [lead.id], stage=_STAGES[outcome], lost_reason=lost_reason)
    return TaskUndo('Follow-up completed', (held.change(), *([follow.change()] if follow else [])), ended)


def snooze(session: Session, actor: Actor, task_id: UUID, until: datetime, *, version: int | None = None) -> TaskUndo:
    """Put it off; a reminder keeps its distance, and a latest time that would be before it goes along.

    Raises NotFound, Conflict for one that is done already, Invalid for a time that is past or more than a year ahead.
    """
    require(actor, Permission.LEADS_WRITE)
    held = _open(session, actor, task_id, version)
    _move(held, check_ahead(until, now()))
    tell_task(session, actor, held, EventType.LEAD_UPDATED, f'Follow-up put off: {held.task.title}', _said(held.lead, until))
    return TaskUndo('Follow-up snoozed', (held.change(),))


def reassign(session: Session, actor: Actor, task_id: UUID, owner_id: UUID | None, *, version: int | None = None) -> TaskUndo:
    """Hand it to somebody of the desk, or (None) to nobody; raises NotFound, Conflict for an account that is switched off."""
    require(actor, Permission.LEADS_WRITE)
    held = _open(session, actor, task_id, version)
    name = person(session, actor, owner_id).name if owner_id else 'nobody'
    held.set('owner_id', owner_id)
    if not held.after:
        return TaskUndo('Nothing to change')
    tell_task(session, actor, held, EventType.LEAD_UPDATED, f'Follow-up handed to {name}: {held.task.title}')
    return TaskUndo(f'Follow-up handed to {name}', (held.change(),))


def edit(session: Session, actor: Actor, task_id: UUID, edit: TaskEdit, *, version: int | None = None) -> TaskUndo:
    """Change what the edit names; raises as `create` and `snooze` do."""
    require(actor, Permission.LEADS_WRITE)
    held = _open(session, actor, task_id, version)
    given = edit.model_fields_set
    for name in ('title', 'kind', 'note'):
        if getattr(edit, name) is not None:
            held.set(name, getattr(edit, name))
    if edit.due_at is not None and edit.due_at != held.task.follow_up_date:
        _move(held, check_ahead(edit.due_at, now()))
    if 'remind_at' in given and check_reminder(edit.remind_at, held.task.follow_up_date) != held.task.remind_at:
        held.set('remind_at', edit.remind_at)
        held.set('reminded_at', None)
    if 'sla_deadline' in given and check_latest(edit.sla_deadline, held.task.follow_up_date) != held.task.sla_deadline:
        held.set('sla_deadline', edit.sla_deadline)
        held.set('sla_breached', edit.sla_deadline is not None and edit.sla_deadline <= now())
    if not held.after:
        return TaskUndo('Nothing to change')
    tell_task(
        session, actor, held, EventType.LEAD_UPDATED, f'Follow-up changed: {held.task.title}', _said(held.lead, held.task.follow_up_date)
    )
    return TaskUndo('Follow-up changed', (held.change(),))


def cancel(session: Session, actor: Actor, task_id: UUID, *, version: int | None = None) -> TaskUndo:
    """It is not to be done any more; raises NotFound, or Conflict for one that is done already."""
    require(actor, Permission.LEADS_WRITE)
    held = _open(session, actor, task_id, version)
    held.set('status', TaskStatus.CANCELLED)
    tell_task(session, actor, held, EventType.LEAD_UPDATED, f'Follow-up cancelled: {held.task.title}')
    return TaskUndo('Follow-up cancelled', (held.change(),))


def _open(session: Session, actor: Actor, task_id: UUID, version: int | None) -> HeldTask:
    held = hold_task(session, actor, task_id)
    if not held.task.is_open:
        raise Conflict(f'This follow-up is {held.task.status} already.')
    if version is not None and held.task.version != version:
        raise Conflict('Somebody changed this follow-up meanwhile; look at it again.')
    return held


def _move(held: HeldTask, due: datetime) -> None:
    """The columns of a task that is due at another time."""
    task, before = held.task, held.task.follow_up_date
    held.set('follow_up_date', due)
    held.set('status', TaskStatus.SCHEDULED)
    if task.remind_at is not None:
        held.set('remind_at', due - (before - task.remind_at))
        held.set('reminded_at', None)
    if task.sla_deadline is not None and task.sla_deadline < due:
        held.set('sla_deadline', due + (task.sla_deadline - before))
        held.set('sla_breached', False)


def _next(session: Session, held: HeldTask, due: datetime, then: Next) -> HeldTask:
    """The follow-up after this one: the same, at a later time, unless it says otherwise."""
    task = FollowUpTask(
        tenant_id=held.task.tenant_id,
        lead_id=held.lead.lead.id,
        kind=then.kind or held.task.kind,
        title=then.title.strip()[:300] or held.task.title,
        follow_up_date=due,
        owner_id=held.task.owner_id,
    )
    session.add(task)
    return HeldTask(task, held.lead, made=True)


def _said(held: Held, at: datetime) -> str:
    """The moment as people of the place say it."""
    there = at.astimezone(ZoneInfo(held.place.time_zone))
    return f'{there.day} {there:%B %Y, %H:%M}'
