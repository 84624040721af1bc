"""What tasks do by themselves: remind, become overdue, pass their latest time. Each of it happens once, however many look."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.base.db import ring
from domain.base.events import EventType
from domain.base.scope import Actor, Scope
from domain.follow_ups.changing import HeldTask, held_tasks, tell_tasks
from domain.follow_ups.models import FollowUpTask, TaskStatus
from domain.follow_ups.rules import fires_at

AT_ONCE = 100
LATE = timedelta(seconds=5)  # what is noticed later than this says so


def next_alarm_at(session: Session, scope: Scope) -> datetime | None:
    """When the next task of the tenant speaks up."""
    query = select(FollowUpTask.fires_at).where(FollowUpTask.tenant_id == scope.tenant_id, col(FollowUpTask.fires_at).is_not(None))
    return session.exec(query.order_by(col(FollowUpTask.fires_at)).limit(1)).first()


def due_tasks(session: Session, scope: Scope, moment: datetime) -> list[UUID]:
    """The tasks that have something to say at this moment, the longest waiting first."""
    query = select(FollowUpTask.id).where(FollowUpTask.tenant_id == scope.tenant_id, col(FollowUpTask.fires_at) <= moment)
    return list(session.exec(query.order_by(col(FollowUpTask.fires_at)).limit(AT_ONCE)))


def fire(session: Session, actor: Actor, task_ids: list[UUID], moment: datetime) -> int:
    """Have these tasks say what is due; gives back how many did. Those that another worker was faster with are left alone.

    The tasks are ours from the moment they are held, and what they say next is written with what they said: nothing is said twice.
    """
    require(actor, Permission.LEADS_WRITE)
    told: list[tuple[HeldTask, EventType, str, str]] = []
    fired = 0
    for held in held_tasks(session, actor, task_ids):
        if held.task.fires_at is None or held.task.fires_at > moment:
            continue
        fired += 1
        told += _said(held, moment)
        held.task.fires_at = fires_at(held.task)
        session.add(held.task)
    if told:
        tell_tasks(session, actor, told)
    if fired:
        ring(session, 'follow_up', actor.tenant_id, *task_ids)
    return fired


def _said(held: HeldTask, moment: datetime) -> list[tuple[HeldTask, EventType, str, str]]:
    """What a task says now, as event, title and description; its columns follow."""
    task, told = held.task, []
    if task.remind_at is not None and task.reminded_at is None and task.remind_at <= moment:
        task.reminded_at = moment
    if task.status is TaskStatus.SCHEDULED and task.follow_up_date <= moment:
        held.set('status', TaskStatus.OVERDUE)
        told.append((held, EventType.FOLLOW_UP_DUE, f'Follow-up is due: {task.title}', _late(task.follow_up_date, moment)))
    if task.sla_deadline is not None and not task.sla_breached and task.sla_deadline <= moment:
        held.set('sla_breached', True)
        said = _late(task.sla_deadline, moment)
        told.append((held, EventType.LEAD_UPDATED, f'Follow-up is past its latest time: {task.title}', said))
    return told


def _late(due: datetime, moment: datetime) -> str:
    late = moment - due
    return f'Found late, by {round(late.total_seconds())} seconds: nobody was there to notice.' if late > LATE else ''
