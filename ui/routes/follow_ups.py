"""The desk API of follow-ups."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from domain.base.clock import now
from domain.base.db import Session
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.scope import Actor
from domain.follow_ups.actions import cancel, complete, create, edit, reassign
from domain.follow_ups.messages import Next, Outcome, TaskEdit, TaskOrder
from domain.follow_ups.models import TaskKind, TaskStatus
from domain.follow_ups.queries import task_row, tasks
from domain.leads.messages import Line
from domain.leads.queries import lead as find_lead
from ui.guard import doors_of
from ui.routes.desk import Answer, Limit, Reader
from ui.routes.leads import Editor

router = APIRouter(prefix='/api/v1', tags=['follow-ups'])


class TaskOut(Answer):
    """A follow-up. `status` is overdue from the second it is due."""

    id: UUID
    lead_id: UUID
    lead_name: str
    title: str
    note: str
    kind: TaskKind
    due_at: datetime
    remind_at: datetime | None
    sla_deadline: datetime | None
    sla_breached: bool
    status: TaskStatus
    owner_id: UUID | None
    owner_name: str
    outcome: str
    completed_at: datetime | None
    sequence: str
    version: int


class TaskList(Answer):
    """One page, newest first; `nextCursor` null: the last one."""

    items: list[TaskOut]
    next_cursor: UUID | None


class TaskPatch(TaskEdit):
    """PATCH: what is left out stays. `dueAt` puts it off, `ownerId` hands it on, `status` completed or cancelled ends it.

    The last follow-up of an open lead ends with an `outcome` (won, lost with `lostReason`, closed) or with `nextDueAt`.
    """

    owner_id: UUID | None = None
    status: TaskStatus | None = None
    outcome: Outcome | None = None
    lost_reason: Line = ''
    result: Line = ''
    next_due_at: AwareDatetime | None = None
    next_title: Line = ''
    version: int | None = None


@router.get('/tasks')
def get_tasks(
    request: Request,
    actor: Reader,
    limit: Limit = 50,
    cursor: UUID | None = None,
    status: TaskStatus | None = None,
    owner_id: Annotated[UUID | None, Query(alias='ownerId')] = None,
    lead_id: Annotated[UUID | None, Query(alias='leadId')] = None,
) -> TaskList:
    """Follow-ups, newest first."""
    with doors_of(request).db.reading() as session:
        found = find_lead(session, actor.scope, lead_id) if lead_id else None
        if lead_id and found is None:
            raise NotFound('There is no such lead.')
        asked: dict[str, Any] = {'status': status, 'owner': owner_id, 'lead_id': found.id if found else None}
        rows = tasks(session, actor.scope, moment=now(), limit=limit + 1, after=cursor, **asked)
    items = [TaskOut.model_validate(row) for row in rows[:limit]]
    return TaskList(items=items, next_cursor=items[-1].id if len(rows) > limit else None)


@router.post('/tasks', status_code=201)
def post_task(request: Request, actor: Editor, body: TaskOrder) -> TaskOut:
    """Plan a follow-up."""
    with doors_of(request).db.transaction() as session:
        return _task(session, actor, create(session, actor, body).task_id)


@router.patch('/tasks/{task_id}')
def patch_task(request: Request, actor: Editor, task_id: UUID, body: TaskPatch) -> TaskOut:
    """Complete, put off, hand on, change or cancel a follow-up: all of it or nothing."""
    given = body.model_fields_set
    with doors_of(request).db.transaction() as session:
        version = body.version
        fields = {name: getattr(body, name) for name in TaskEdit.model_fields if name in given}
        if fields:
            edit(session, actor, task_id, TaskEdit.model_validate(fields), version=version)
            version = None  # it is ours now
        if 'owner_id' in given:
            reassign(session, actor, task_id, body.owner_id, version=version)
            version = None
        _end(session, actor, task_id, body, version)
        return _task(session, actor, task_id)


def _end(session: Session, actor: Actor, task_id: UUID, body: TaskPatch, version: int | None) -> None:
    """What the body says of the end, if it says anything."""
    how = {'outcome', 'lost_reason', 'result', 'next_due_at', 'next_title'} & body.model_fields_set
    match body.status:
        case TaskStatus.COMPLETED:
            then = Next(body.next_due_at, body.next_title) if body.next_due_at else None
            ended = {'outcome': body.outcome, 'lost_reason': body.lost_reason, 'then': then, 'said': body.result}
            complete(session, actor, task_id, version=version, **ended)  # type: ignore[arg-type]  # each value has its name's type
        case TaskStatus.CANCELLED if not how:
            cancel(session, actor, task_id, version=version)
        case None if not how:
            pass
        case _:
            why = 'completed or cancelled ends a follow-up; an outcome or a next date belongs to completed'
            raise Invalid(f'The status is wrong: {why}.', errors=[FieldError('status', why)])


def _task(session: Session, actor: Actor, task_id: UUID) -> TaskOut:
    session.flush()
    return TaskOut.model_validate(task_row(session, actor.scope, task_id, moment=now()))
