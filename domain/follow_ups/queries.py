"""Questions about tasks: what is to be done, by whom, on which day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.access.models import User
from domain.base.errors import NotFound
from domain.base.ids import short
from domain.base.scope import Scope
from domain.follow_ups.messages import Agenda, TaskRow
from domain.follow_ups.models import OPEN_STATUSES, FollowUpTask, Sequence, SequenceRun, TaskStatus
from domain.leads.models import Lead, Status
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead
from domain.tenancy.queries import default_location

MOST = 500  # rows of one list; what is overdue comes first
UPCOMING = timedelta(days=30)  # how far ahead the agenda looks
_KEPT: Any = aliased(Lead)  # the lead that a task's lead is part of now, where it is


def agenda(session: Session, scope: Scope, *, owner: UUID | None, moment: datetime, zone: str = '') -> Agenda:
    """What is to be done by this person, or (None) by everybody. A day is one of `zone`, by default that of the first location."""
    starts, ends = day_of(session, scope, moment, zone)
    is_open = col(FollowUpTask.status).in_(OPEN_STATUSES)
    due = col(FollowUpTask.follow_up_date)
    mine = _owned(owner)
    late = _rows(session, scope, moment, *mine, is_open, due <= moment)
    today = _rows(session, scope, moment, *mine, is_open, due > moment, due < ends)
    later = _rows(session, scope, moment, *mine, is_open, due >= ends, due > moment, due < ends + UPCOMING)
    done = (FollowUpTask.status == TaskStatus.COMPLETED, col(FollowUpTask.completed_at) >= starts, col(FollowUpTask.completed_at) < ends)
    return Agenda(late, today, _rows(session, scope, moment, *mine, *done, by=col(FollowUpTask.completed_at)), later)


def day(session: Session, scope: Scope, owner: UUID | None, day: date, *, moment: datetime, zone: str = '') -> tuple[TaskRow, ...]:
    """What falls on this day of `zone`, open or done, by time."""
    return between(session, scope, owner, day, day, moment=moment, zone=zone)


def between(
    session: Session, scope: Scope, owner: UUID | None, first: date, last: date, *, moment: datetime, zone: str = ''
) -> tuple[TaskRow, ...]:
    """What falls on these days of `zone`, open or done, by time; a week is one reading."""
    there = _zone(session, scope, zone)
    starts, ends = _midnight(first, there), _midnight(last + timedelta(days=1), there)
    due = col(FollowUpTask.follow_up_date)
    shown = col(FollowUpTask.status) != TaskStatus.CANCELLED
    return _rows(session, scope, moment, *_owned(owner), shown, due >= starts, due < ends)


def counts(session: Session, scope: Scope, *, owner: UUID | None, moment: datetime, zone: str = '') -> tuple[int, int]:
    """How many tasks are overdue, and how many more are due today."""
    _, ends = day_of(session, scope, moment, zone)
    due = col(FollowUpTask.follow_up_date)
    late = sa.func.count().filter(due <= moment)
    is_open = col(FollowUpTask.status).in_(OPEN_STATUSES)
    query = _in_scope(sa.select(late, sa.func.count().filter(due > moment)), scope).where(*_owned(owner), is_open, due < ends)
    found = session.execute(query).one()
    return int(found[0]), int(found[1])


def of_lead(session: Session, scope: Scope, lead_id: UUID, *, moment: datetime) -> tuple[TaskRow, ...]:
    """The tasks of a lead and of those that are part of it, by time; raises NotFound."""
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        raise NotFound('There is no such lead.')
    return _rows(session, scope, moment, col(FollowUpTask.lead_id).in_(family(session, scope, lead.id)))


def open_tasks(session: Session, scope: Scope, owner: UUID, *, moment: datetime) -> tuple[TaskRow, ...]:
    """All that a person still has to do, by time."""
    return _rows(session, scope, moment, *_owned(owner), col(FollowUpTask.status).in_(OPEN_STATUSES))


def task_row(session: Session, scope: Scope, task_id: UUID, *, moment: datetime) -> TaskRow:
    """One task; raises NotFound."""
    rows = _rows(session, scope, moment, FollowUpTask.id == task_id)
    if not rows:
        raise NotFound('There is no such follow-up.')
    return rows[0]


def tasks(
    session: Session,
    scope: Scope,
    *,
    moment: datetime,
    limit: int,
    after: UUID | None = None,
    status: str | None = None,
    owner: UUID | None = None,
    lead_id: UUID | None = None,
) -> tuple[TaskRow, ...]:
    """Tasks in the order they were made, newest first; `after` is the last id of the former page."""
    due = col(FollowUpTask.follow_up_date)
    is_open = col(FollowUpTask.status).in_(OPEN_STATUSES)
    asked: dict[str | None, tuple[Any, ...]] = {
        None: (),
        TaskStatus.OVERDUE: (is_open, due <= moment),
        TaskStatus.SCHEDULED: (is_open, due > moment),
    }
    where = [*asked.get(status, (col(FollowUpTask.status) == status,)), *_owned(owner)]
    if lead_id is not None:
        where.append(col(FollowUpTask.lead_id).in_(family(session, scope, lead_id)))
    if after is not None:
        where.append(col(FollowUpTask.id) < after)
    return _rows(session, scope, moment, *where, by=col(FollowUpTask.id).desc(), limit=limit)


def day_of(session: Session, scope: Scope, moment: datetime, zone: str = '') -> tuple[datetime, datetime]:
    """Where the day of this moment begins and where the next one does, in `zone`, by default that of the first location."""
    there = _zone(session, scope, zone)
    today = moment.astimezone(there).date()
    return _midnight(today, there), _midnight(today + timedelta(days=1), there)


def _zone(session: Session, scope: Scope, zone: str) -> ZoneInfo:
    return ZoneInfo(zone or default_location(session, scope).time_zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _owned(owner: UUID | None) -> list[Any]:
    return [] if owner is None else [col(FollowUpTask.owner_id) == owner]


def _in_scope(query: sa.Select[*tuple[Any, ...]], scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    query = query.select_from(FollowUpTask).join(Lead, col(Lead.id) == col(FollowUpTask.lead_id))
    query = query.where(col(FollowUpTask.tenant_id) == scope.tenant_id)
    return query if scope.location_ids is None else query.where(col(Lead.location_id).in_(scope.location_ids))


def _rows(session: Session, scope: Scope, moment: datetime, *where: Any, by: Any = None, limit: int = MOST) -> tuple[TaskRow, ...]:
    order = (col(FollowUpTask.follow_up_date), col(FollowUpTask.id)) if by is None else (by, col(FollowUpTask.id).desc())
    query = (
        _in_scope(sa.select(FollowUpTask, Lead, _KEPT, col(User.name), col(Sequence.name)), scope)
        .join(_KEPT, _KEPT.id == col(Lead.merged_into), isouter=True)
        .join(User, col(User.id) == col(FollowUpTask.owner_id), isouter=True)
        .join(SequenceRun, col(SequenceRun.id) == col(FollowUpTask.run_id), isouter=True)
        .join(Sequence, col(Sequence.id) == col(SequenceRun.sequence_id), isouter=True)
        .where(*where)
        .order_by(*order)
        .limit(limit)
    )
    return tuple(_row(task, kept or lead, owner, name, moment) for task, lead, kept, owner, name in session.execute(query))


def _row(task: FollowUpTask, lead: Lead, owner: str | None, sequence: str | None, moment: datetime) -> TaskRow:
    late = task.is_open and task.follow_up_date <= moment
    return TaskRow(
        id=task.id,
        lead_id=lead.id,
        lead_name=lead.name or lead.email or lead.phone,
        reference=f'L-{short(lead.id)}',
        quality=lead.quality,
        lead_open=lead.status is not Status.CLOSED,
        title=task.title,
        note=task.note,
        kind=task.kind,
        due_at=task.follow_up_date,
        remind_at=task.remind_at,
        sla_deadline=task.sla_deadline,
        sla_breached=task.sla_breached,
        status=TaskStatus.OVERDUE if late else task.status,
        owner_id=task.owner_id,
        owner_name=owner or '',
        outcome=task.outcome,
        completed_at=task.completed_at,
        sequence=sequence or '',
        version=task.version,
    )
