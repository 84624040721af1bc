"""Sequences on their way with leads: which leads one takes up, which step is next, and what stops one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import NotFound
from domain.base.events import EventType
from domain.base.scope import Actor, Scope, system
from domain.conversations.models import Author, Conversation, Message
from domain.follow_ups.messages import Step
from domain.follow_ups.models import FollowUpTask, RunState, Sequence, SequenceRun, StepChannel, TaskKind, TaskStatus
from domain.follow_ups.rules import due_at, opts_out
from domain.leads.changing import News, hold, tell_all
from domain.leads.models import Lead, Stage, Status
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead
from domain.outbox.rules import earliest_id
from domain.tenancy.queries import calendars
from domain.timeline.actions import write
from domain.timeline.models import EntryType

AT_ONCE = 100  # leads taken up, or steps taken, by one look
LOOK_BACK = timedelta(seconds=30)  # a lead may be committed this much later than its id says


def start_new(session: Session, actor: Actor, sequence_id: UUID, *, since: datetime | None = None) -> int:
    """Have a sequence that is switched on take up the leads that came since then and that it has not taken up; gives back how many.

    `since` is what the caller knows to be done, at best: without it, the latest lead that was taken up says where to begin.
    """
    require(actor, Permission.LEADS_WRITE)
    query = select(Sequence).where(Sequence.tenant_id == actor.tenant_id, Sequence.id == sequence_id)
    # Workers take turns here: what one has taken up, the next one finds.
    sequence = session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).first()
    if sequence is None or sequence.enabled_at is None:
        return 0
    leads = list(session.exec(select(Lead).where(*_wanted(session, actor.scope, sequence, since)).order_by(col(Lead.id)).limit(AT_ONCE)))
    hours = calendars(session, actor.scope, {lead.location_id for lead in leads})
    steps = [Step.model_validate(step) for step in sequence.steps]
    for lead in leads:
        first = due_at(steps[0], lead.created_at, hours.get(lead.location_id))
        run = SequenceRun(
            tenant_id=lead.tenant_id,
            sequence_id=sequence.id,
            lead_id=lead.id,
            steps=sequence.steps,
            started_at=lead.created_at,
            next_at=first,
            next_is_task=steps[0].channel is StepChannel.TASK,
        )
        session.add(run)
        said = f'Sequence "{sequence.name}" started'
        write(session, actor, lead.id, EntryType.TASK, said, facts={'sequenceId': str(sequence.id)})
    if leads:
        ring(session, 'follow_up', actor.tenant_id, sequence.id)
    return len(leads)


def unlooked(session: Session, scope: Scope, sequence: Sequence, since: datetime | None) -> bool:
    """Whether there is a lead that this sequence has to take up."""
    return session.exec(select(Lead.id).where(*_wanted(session, scope, sequence, since)).limit(1)).first() is not None


def _wanted(session: Session, scope: Scope, sequence: Sequence, since: datetime | None) -> list[Any]:
    """The leads a sequence takes up: those that came after it was switched on, are open, and did not ask to be left alone."""
    assert sequence.enabled_at is not None  # the caller looked
    begin = earliest_id(max(sequence.enabled_at, since - LOOK_BACK if since else sequence.enabled_at))
    if since is None:
        # The ids of leads begin with their time, so the latest one that was taken up says how far it got.
        latest = session.exec(
            select(SequenceRun.lead_id).where(SequenceRun.sequence_id == sequence.id).order_by(col(SequenceRun.lead_id).desc()).limit(1)
        ).first()
        if latest is not None:
            begin = max(begin, UUID(int=max(0, latest.int - (int(LOOK_BACK.total_seconds() * 1000) << 80))))
    taken = sa.select(col(SequenceRun.id)).where(col(SequenceRun.sequence_id) == sequence.id, col(SequenceRun.lead_id) == col(Lead.id))
    where: list[Any] = [
        col(Lead.id) >= begin,
        col(Lead.tenant_id) == scope.tenant_id,
        col(Lead.created_at) >= sequence.enabled_at,
        col(Lead.status) != Status.CLOSED,
        col(Lead.merged_into).is_(None),
        col(Lead.opted_out_at).is_(None),
        ~sa.exists(taken),
    ]
    if sequence.qualities:
        where.append(col(Lead.quality).in_(sequence.qualities))
    if sequence.location_ids:
        where.append(col(Lead.location_id).in_([UUID(each) for each in sequence.location_ids]))
    return where


def why_stop(session: Session, scope: Scope, run: SequenceRun, lead: Lead) -> str:
    """Why a run must not go on, in words; '': it may. What is written is looked at, however it came in."""
    if lead.opted_out_at is not None:
        return 'asked for no more automatic messages'
    if lead.status is Status.CLOSED:
        return 'the lead was closed'
    members = family(session, scope, lead.id)
    wrote = (
        sa.select(col(Message.id))
        .join(Conversation, col(Conversation.id) == col(Message.conversation_id))
        .where(
            col(Message.tenant_id) == scope.tenant_id,
            col(Conversation.lead_id).in_(members),
            col(Message.author) == Author.CUSTOMER,
            col(Message.created_at) > run.started_at,
        )
    )
    if session.execute(wrote.limit(1)).first():
        return 'the customer replied'
    booked = sa.select(col(FollowUpTask.id)).where(
        col(FollowUpTask.tenant_id) == scope.tenant_id,
        col(FollowUpTask.lead_id).in_(members),
        col(FollowUpTask.kind) == TaskKind.APPOINTMENT,
        col(FollowUpTask.status) != TaskStatus.CANCELLED,
        col(FollowUpTask.run_id).is_(None),
    )
    if lead.stage is Stage.BOOKED or session.execute(booked.limit(1)).first():
        return 'there is an appointment'
    return f'the lead is {lead.stage}' if lead.stage in (Stage.WON, Stage.LOST) else ''


def stop_runs(session: Session, actor: Actor, lead_id: UUID, because: str) -> int:
    """Stop all sequences of a lead, and of those that are part of it; gives back how many. The caller holds the lead."""
    require(actor, Permission.LEADS_WRITE)
    where = (
        col(SequenceRun.tenant_id) == actor.tenant_id,
        col(SequenceRun.lead_id).in_(family(session, actor.scope, lead_id)),
        col(SequenceRun.state) == RunState.RUNNING,
    )
    runs = session.exec(select(SequenceRun).where(*where).with_for_update().execution_options(populate_existing=True)).all()
    names = _names(session, [run.sequence_id for run in runs])
    for run in runs:
        stop(session, actor, run, lead_id, names[run.sequence_id], because)
    return len(runs)


def stop(session: Session, actor: Actor, run: SequenceRun, lead_id: UUID, name: str, because: str) -> None:
    """End one run, and say why on the lead's timeline."""
    require(actor, Permission.LEADS_WRITE)
    run.state, run.stopped_because, run.ended_at, run.next_at, run.next_is_task = RunState.STOPPED, because, now(), None, False
    session.add(run)
    title = f'Sequence "{name}" stopped: {because}'
    write(session, actor, lead_id, EntryType.TASK, title, facts={'sequenceId': str(run.sequence_id), 'runId': str(run.id)})
    ring(session, 'lead', actor.tenant_id, lead_id)


def customer_wrote(session: Session, actor: Actor, lead_id: UUID, moment: datetime, words: str = '') -> None:
    """The customer wrote: sequences stop, and whoever asks for no more automatic messages is left alone. The caller holds the lead."""
    if opts_out(words):
        mine = (col(Lead.tenant_id) == actor.tenant_id, col(Lead.id) == lead_id)
        changed = session.execute(sa.update(Lead).where(*mine, col(Lead.opted_out_at).is_(None)).values(opted_out_at=moment))
        if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result always has it
            write(session, actor, lead_id, EntryType.NOTE, 'Asked for no more automatic messages', facts={'optedOut': True})
    running = sa.select(col(SequenceRun.id)).where(
        col(SequenceRun.tenant_id) == actor.tenant_id, col(SequenceRun.state) == RunState.RUNNING, col(SequenceRun.lead_id) == lead_id
    )
    if session.execute(running.limit(1)).first() or len(family(session, actor.scope, lead_id)) > 1:
        # As the desk: whoever writes to us needs no permission for what follows from it.
        stop_runs(session, system(actor.tenant_id), lead_id, 'the customer replied')


def opt_out(session: Session, actor: Actor, lead_id: UUID, *, out: bool = True) -> None:
    """The lead wants no automatic messages, or (not `out`) wants them again; sequences under way stop. Raises NotFound."""
    require(actor, Permission.LEADS_WRITE)
    found = find_lead(session, actor.scope, lead_id)
    if found is None:
        raise NotFound('There is no such lead.')
    (held,) = hold(session, actor, [found.id])
    if (held.lead.opted_out_at is not None) == out:
        return
    held.set('opted_out_at', now() if out else None)
    if out:
        stop_runs(session, actor, held.lead.id, 'asked for no more automatic messages')
    title = 'No more automatic messages' if out else 'Automatic messages are allowed again'
    tell_all(session, actor, [News(held, EventType.LEAD_UPDATED, ((EntryType.NOTE, title, ''),))])


def _names(session: Session, sequence_ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = list(sequence_ids)
    rows = session.execute(sa.select(col(Sequence.id), col(Sequence.name)).where(col(Sequence.id).in_(wanted))) if wanted else ()
    return {row[0]: row[1] for row in rows}
