"""Deleting sequences and the templates of their words; what it takes to make one again, for an undo."""

from collections.abc import Sequence as Rows
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.errors import Conflict
from domain.base.scope import Actor, system
from domain.follow_ups.messages import SequenceOrder, TemplateOrder
from domain.follow_ups.models import FollowUpTask, RunState, Sequence, SequenceRun, SequenceStep, TaskKind, Template
from domain.follow_ups.running import stop
from domain.follow_ups.sequences import own, ring_for, sequences
from domain.follow_ups.stepping import touched
from domain.leads.changing import hold
from domain.leads.queries import lead as find_lead

AT_ONCE = 100  # runs that end in one transaction: whoever has many keeps nobody waiting for long


def delete_template(session: Session, actor: Actor, template_id: UUID, *, version: int | None = None) -> TemplateOrder:
    """Delete words that nothing uses; gives back what makes them again.

    Raises NotFound, and Conflict naming the sequences whose steps use them, or when it is of another `version` than was shown.
    """
    require(actor, Permission.SETTINGS_EDIT)
    row = own(session, actor, Template, template_id, version, going=True)
    users = [each.name for each in sequences(session, actor.scope) if any(_names(step, row.id) for step in each.steps)]
    if users:
        raise Conflict(
            f'"{row.name}" was not deleted: {_listed(users)} {"uses" if len(users) == 1 else "use"} it. Take it out there first.'
        )
    if under_way := _awaited(session, actor, row.id):
        leads = '1 lead' if under_way == 1 else f'{under_way:,} leads'
        raise Conflict(f'"{row.name}" was not deleted: {leads} under way will still get its words. Try again when they are through.')
    again = TemplateOrder(name=row.name, subject=row.subject, body=row.body)
    session.delete(row)
    note(session, actor, 'template.deleted', row.name)
    ring_for(session, actor, row)
    return again


def delete_sequence(session: Session, actor: Actor, sequence_id: UUID, *, version: int | None = None) -> SequenceOrder:
    """Delete a sequence that no lead has been in; gives back what makes it again.

    Raises NotFound, and Conflict for one that leads have been in, or that is of another `version` than was shown.
    """
    require(actor, Permission.SETTINGS_EDIT)
    row = own(session, actor, Sequence, sequence_id, version, going=True)
    if session.exec(select(SequenceRun.id).where(SequenceRun.sequence_id == row.id).limit(1)).first():
        raise Conflict(f'Leads have been in "{row.name}", and those under way would stop. Look at it again before it is deleted.')
    again = SequenceOrder.model_validate(
        {
            'name': row.name,
            'steps': row.steps,
            'qualities': row.qualities,
            'location_ids': [UUID(each) for each in row.location_ids],
            'enabled': row.enabled_at is not None,
        }
    )
    _delete(session, actor, row)
    return again


def delete_used_sequence(session: Session, actor: Actor, sequence_id: UUID, *, version: int | None = None) -> bool:
    """Delete a sequence and what is known of its runs; those under way stop, and say so on the timelines of their leads.

    At most a hundred runs a call, each call a transaction of its own: call it again until it gives back True. From the first call on it
    takes up no more leads. Messages that went out stay where they are, and tasks stay to be done. Raises NotFound, and Conflict when it
    is of another `version` than was shown.
    """
    require(actor, Permission.SETTINGS_EDIT)
    row = own(session, actor, Sequence, sequence_id, version, going=True)
    row.enabled_at = None
    session.add(row)
    last_first = select(SequenceRun).where(SequenceRun.tenant_id == actor.tenant_id, SequenceRun.sequence_id == row.id)
    runs = session.exec(last_first.order_by(col(SequenceRun.id).desc()).limit(AT_ONCE)).all()
    _stop(session, actor, row, [run for run in runs if run.state is RunState.RUNNING])
    _forget(session, actor, [run.id for run in runs])
    if len(runs) < AT_ONCE:
        _delete(session, actor, row)
        return True
    return False


def _delete(session: Session, actor: Actor, row: Sequence) -> None:
    session.delete(row)
    note(session, actor, 'sequence.deleted', row.name)
    ring_for(session, actor, row)


def _stop(session: Session, actor: Actor, row: Sequence, runs: Rows[SequenceRun]) -> None:
    """As the desk: whoever keeps the settings need not see all locations. The leads are held first, as whoever takes a step does."""
    desk = system(actor.tenant_id)
    leads = {run.id: lead.id for run in runs if (lead := find_lead(session, desk.scope, run.lead_id))}
    held = {each.lead.id: each for each in hold(session, desk, leads.values())} if leads else {}
    for run in runs:
        session.refresh(run)
        if run.state is RunState.RUNNING:  # its last step may have been taken while we waited for the lead
            stop(session, desk, run, leads.get(run.id, run.lead_id), row.name, f'{actor.name} deleted it')
    for each in held.values():
        touched(session, desk, each)


def _forget(session: Session, actor: Actor, run_ids: Rows[UUID]) -> None:
    session.flush()
    mine = (col(FollowUpTask.tenant_id) == actor.tenant_id, col(FollowUpTask.run_id).in_(run_ids))
    # A task of a sequence is no appointment that somebody made, and must not count as one when it stands alone.
    kind = sa.case((col(FollowUpTask.kind) == TaskKind.APPOINTMENT, TaskKind.TASK), else_=col(FollowUpTask.kind))
    session.execute(sa.update(FollowUpTask).where(*mine).values(run_id=None, kind=kind))
    session.execute(sa.delete(SequenceStep).where(col(SequenceStep.tenant_id) == actor.tenant_id, col(SequenceStep.run_id).in_(run_ids)))
    session.execute(sa.delete(SequenceRun).where(col(SequenceRun.tenant_id) == actor.tenant_id, col(SequenceRun.id).in_(run_ids)))


def _awaited(session: Session, actor: Actor, template_id: UUID) -> int:
    """How many runs under way have a step before them that takes its words from this template: runs keep the steps they began with."""
    query = sa.select(col(SequenceRun.steps), col(SequenceRun.step)).where(
        col(SequenceRun.tenant_id) == actor.tenant_id,
        col(SequenceRun.state) == RunState.RUNNING,
        sa.cast(col(SequenceRun.steps), sa.Text).contains(str(template_id)),
    )
    return sum(any(_names(step, template_id) for step in steps[at:]) for steps, at in session.execute(query))


def _names(step: dict[str, object], template_id: UUID) -> bool:
    return str(template_id) in (step['template_id'], step.get('outside_template_id'))


def _listed(names: Rows[str]) -> str:
    told = [f'"{name}"' for name in names]
    return told[0] if len(told) == 1 else f'{", ".join(told[:-1])} and {told[-1]}'
