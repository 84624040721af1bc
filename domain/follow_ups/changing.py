"""How a deed changes tasks: held together with their lead, each change noted so that it can be taken back, told once."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import NotFound
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.conversations.models import Conversation
from domain.follow_ups.messages import TaskChange
from domain.follow_ups.models import FollowUpTask
from domain.follow_ups.rules import fires_at
from domain.leads.changing import Held, News, hold, tell_all
from domain.leads.queries import lead as find_lead
from domain.timeline.models import EntryType


@dataclass(slots=True)
class HeldTask:
    """One task under a deed's hands, with its lead; `made`: it was not there before."""

    task: FollowUpTask
    lead: Held
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    made: bool = False

    def set(self, name: str, value: Any) -> None:
        """Write a column, and note what it held."""
        old = getattr(self.task, name)
        if old == value:
            return
        setattr(self.task, name, value)
        self.before.setdefault(name, old)
        self.after[name] = value

    def change(self) -> TaskChange:
        """What was done so far."""
        return TaskChange(self.task.id, dict(self.before), dict(self.after), self.made)


def hold_task(session: Session, actor: Actor, task_id: UUID) -> HeldTask:
    """This task, ours until the transaction ends; of a merged lead, with the one it is part of now. Raises NotFound.

    The lead is held first, then the task: two deeds never wait for each other crosswise.
    """
    query = select(FollowUpTask).where(FollowUpTask.tenant_id == actor.tenant_id, FollowUpTask.id == task_id)
    task = session.exec(query).first()
    lead = find_lead(session, actor.scope, task.lead_id) if task else None
    if task is None or lead is None:
        raise NotFound('There is no such follow-up.')
    (held,) = hold(session, actor, [lead.id])
    fresh = session.exec(query.with_for_update().execution_options(populate_existing=True)).one()
    return HeldTask(fresh, held)


def tell_task(session: Session, actor: Actor, held: HeldTask, event_type: EventType, title: str, said: str = '') -> None:
    """Arm the task, write timeline entry and event, and ring; the lead's next touch follows."""
    tell_tasks(session, actor, [(held, event_type, title, said)])


def tell_tasks(session: Session, actor: Actor, told: list[tuple[HeldTask, EventType, str, str]]) -> None:
    """`tell_task` of several: event, title and description for each."""
    for held, *_ in told:
        task = held.task
        if held.made and task.conversation_id is None:
            task.conversation_id = _conversation(session, task)
        task.fires_at, task.changed_at = fires_at(task), now()
        task.version += 0 if held.made and not held.after else 1
        session.add(task)
    session.flush()
    news = []
    for held, event_type, title, said in told:
        facts = {'taskId': str(held.task.id), 'kind': held.task.kind, 'dueAt': held.task.follow_up_date.isoformat()}
        news.append(News(held.lead, event_type, ((EntryType.TASK, title, said),), facts, {'task': _plain(held.task)}))
    tell_all(session, actor, news)
    ring(session, 'follow_up', actor.tenant_id, *(held.task.id for held, *_ in told))


def held_tasks(session: Session, actor: Actor, task_ids: list[UUID]) -> list[HeldTask]:
    """These tasks with their leads, all of the actor's tenant; those of one lead share it."""
    rows = session.exec(select(FollowUpTask).where(FollowUpTask.tenant_id == actor.tenant_id, col(FollowUpTask.id).in_(task_ids))).all()
    roots = {row.lead_id: lead.id for row in rows if (lead := find_lead(session, actor.scope, row.lead_id))}
    if not roots:
        return []
    leads = {held.lead.id: held for held in hold(session, actor, set(roots.values()))}
    query = select(FollowUpTask).where(FollowUpTask.tenant_id == actor.tenant_id, col(FollowUpTask.id).in_([row.id for row in rows]))
    fresh = session.exec(query.order_by(col(FollowUpTask.id)).with_for_update().execution_options(populate_existing=True))
    return [HeldTask(row, leads[roots[row.lead_id]]) for row in fresh if row.lead_id in roots]


def _conversation(session: Session, task: FollowUpTask) -> UUID | None:
    """The lead's latest conversation."""
    mine = (Conversation.tenant_id == task.tenant_id, Conversation.lead_id == task.lead_id)
    return session.exec(select(Conversation.id).where(*mine).order_by(col(Conversation.id).desc()).limit(1)).first()


def _plain(task: FollowUpTask) -> dict[str, Any]:
    """The task as an event tells it."""
    return {
        'id': str(task.id),
        'kind': task.kind,
        'title': task.title,
        'dueAt': task.follow_up_date.isoformat(),
        'status': task.status,
        'ownerId': str(task.owner_id) if task.owner_id else None,
        'outcome': task.outcome,
    }
