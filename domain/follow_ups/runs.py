"""What the pages show of sequences on their way: those of one lead, and how many there are of each."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.errors import NotFound
from domain.base.scope import Scope
from domain.follow_ups.messages import RunRow, StepRow
from domain.follow_ups.models import Sequence, SequenceRun, SequenceStep
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead


def runs_of(session: Session, scope: Scope, lead_id: UUID) -> tuple[RunRow, ...]:
    """The sequences of a lead, and of those that are part of it, newest first; raises NotFound."""
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        raise NotFound('There is no such lead.')
    query = (
        select(SequenceRun, Sequence.name)
        .join(Sequence, col(Sequence.id) == col(SequenceRun.sequence_id))
        .where(SequenceRun.tenant_id == scope.tenant_id, col(SequenceRun.lead_id).in_(family(session, scope, lead.id)))
        .order_by(col(SequenceRun.id).desc())
    )
    rows = session.exec(query).all()
    taken: dict[UUID, list[StepRow]] = {run.id: [] for run, _ in rows}
    steps = select(SequenceStep).where(SequenceStep.tenant_id == scope.tenant_id, col(SequenceStep.run_id).in_(list(taken)))
    for step in session.exec(steps.order_by(col(SequenceStep.step))):
        taken[step.run_id].append(StepRow(step.step, step.channel, step.state, step.detail, step.subject, step.body, step.due_at, step.at))
    return tuple(
        RunRow(
            id=run.id,
            sequence_id=run.sequence_id,
            sequence=name,
            state=run.state,
            stopped_because=run.stopped_because,
            step=run.step,
            of=len(run.steps),
            next_at=run.next_at,
            started_at=run.started_at,
            steps=tuple(taken[run.id]),
        )
        for run, name in rows
    )


def run_counts(session: Session, scope: Scope) -> dict[UUID, dict[str, int]]:
    """How many leads are running through, completed and were stopped in each sequence that has any, by its id."""
    query = (
        sa.select(col(SequenceRun.sequence_id), col(SequenceRun.state), sa.func.count())
        .where(col(SequenceRun.tenant_id) == scope.tenant_id)
        .group_by(col(SequenceRun.sequence_id), col(SequenceRun.state))
    )
    found: dict[UUID, dict[str, int]] = {}
    for sequence_id, state, count in session.execute(query):
        found.setdefault(sequence_id, {})[str(state)] = count
    return found
