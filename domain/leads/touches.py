"""The one next touch of a lead: the first of all that somebody has to come back for. Kept by whatever tells of a lead."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.columns import UTC
from domain.base.scope import Scope
from domain.leads.models import Status
from domain.leads.queries import parts
from domain.sla.models import ClockKind, SlaClock

if TYPE_CHECKING:
    from domain.leads.changing import Held

# Follow-ups lie above this room, so only the columns that name a moment are known here.
_TASKS = sa.table('follow_up_tasks', *(sa.column(name, sa.Uuid) for name in ('tenant_id', 'lead_id')), sa.column('status', sa.String))
_DUE: sa.ColumnClause[datetime] = sa.column('follow_up_date', UTC, _selectable=_TASKS)
_RUNS = sa.table('sequence_runs', *(sa.column(name, sa.Uuid) for name in ('tenant_id', 'lead_id')), sa.column('state', sa.String))
_NEXT: sa.ColumnClause[datetime] = sa.column('next_at', UTC, _selectable=_RUNS)
_IS_TASK: sa.ColumnClause[bool] = sa.column('next_is_task', sa.Boolean, _selectable=_RUNS)


def next_touch(session: Session, scope: Scope, held: 'Held') -> datetime | None:
    """`next_touches` of one lead."""
    return next_touches(session, scope, [held]).get(held.lead.id)


def next_touches(session: Session, scope: Scope, all_held: Sequence['Held']) -> dict[UUID, datetime]:
    """When each of these open leads is to be touched next; those for which nothing is planned, and closed ones, are left out.

    The first of: a reply's deadline while its clock runs, the end of a snooze, the first open task, the next step of a sequence that is
    a task. Those of the leads that are part of it count too.
    """
    moments: dict[UUID, list[datetime]] = {
        held.lead.id: [] for held in all_held if held.lead.status is not Status.CLOSED and held.lead.merged_into is None
    }
    for held in all_held:
        if held.lead.id not in moments:
            continue
        if held.awaited is not None and held.awaited.paused_at is None:
            moments[held.lead.id].append(held.awaited.due_at)
        if held.lead.snoozed_until is not None:
            moments[held.lead.id].append(held.lead.snoozed_until)
    if moments:
        members = {lead_id: lead_id for lead_id in moments} | parts(session, scope, moments)
        for lead_id, at in _planned(session, scope, list(members)):
            moments[members[lead_id]].append(at)
    return {lead_id: min(found) for lead_id, found in moments.items() if found}


def _planned(session: Session, scope: Scope, lead_ids: list[UUID]) -> list[tuple[UUID, datetime]]:
    session.flush()
    clocks = sa.select(col(SlaClock.lead_id), sa.func.min(col(SlaClock.due_at), type_=UTC)).where(
        col(SlaClock.tenant_id) == scope.tenant_id,
        col(SlaClock.lead_id).in_(lead_ids),
        col(SlaClock.kind) == ClockKind.NEXT_REPLY,
        *(column.is_(None) for column in (col(SlaClock.answered_at), col(SlaClock.stopped_at), col(SlaClock.paused_at))),
    )
    tasks = sa.select(_TASKS.c.lead_id, sa.func.min(_DUE, type_=UTC)).where(
        _TASKS.c.tenant_id == scope.tenant_id, _TASKS.c.lead_id.in_(lead_ids), _TASKS.c.status.in_(('scheduled', 'overdue'))
    )
    runs = sa.select(_RUNS.c.lead_id, sa.func.min(_NEXT, type_=UTC)).where(
        _RUNS.c.tenant_id == scope.tenant_id, _RUNS.c.lead_id.in_(lead_ids), _RUNS.c.state == 'running', _IS_TASK, _NEXT.is_not(None)
    )
    found = sa.union_all(clocks.group_by(col(SlaClock.lead_id)), tasks.group_by(_TASKS.c.lead_id), runs.group_by(_RUNS.c.lead_id))
    return [(lead_id, at) for lead_id, at in session.execute(found)]
