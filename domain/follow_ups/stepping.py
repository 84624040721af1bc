"""Taking a step of a sequence: claimed by one worker, judged and done in the same transaction."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import User
from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict
from domain.base.events import EventType
from domain.base.scope import Actor, Scope
from domain.conversations.replies import write_automatically
from domain.follow_ups.changing import HeldTask, tell_task
from domain.follow_ups.messages import Step
from domain.follow_ups.models import FollowUpTask, RunState, Sequence, SequenceRun, SequenceStep, StepChannel, StepState, Template
from domain.follow_ups.rules import due_at, moved, opening
from domain.follow_ups.running import AT_ONCE, stop, why_stop
from domain.follow_ups.templates import NotConnected, Values, render
from domain.leads.changing import Held, hold
from domain.leads.models import Lead, Status
from domain.leads.queries import lead as find_lead
from domain.leads.touches import next_touch
from domain.tenancy.actions import UNNAMED
from domain.tenancy.calendars import Calendar
from domain.tenancy.queries import calendar, tenant
from domain.timeline.actions import write
from domain.timeline.models import EntryType

_SPOKEN = {StepChannel.SMS: 'SMS', StepChannel.WHATSAPP: 'WhatsApp', StepChannel.EMAIL: 'e-mail'}


def due_runs(session: Session, scope: Scope, moment: datetime) -> list[UUID]:
    """The runs whose next step is due, the longest waiting first."""
    query = select(SequenceRun.id).where(
        SequenceRun.tenant_id == scope.tenant_id, SequenceRun.state == RunState.RUNNING, col(SequenceRun.next_at) <= moment
    )
    return list(session.exec(query.order_by(col(SequenceRun.next_at)).limit(AT_ONCE)))


def next_step_at(session: Session, scope: Scope) -> datetime | None:
    """When the next step of any run is due."""
    query = select(SequenceRun.next_at).where(
        SequenceRun.tenant_id == scope.tenant_id, SequenceRun.state == RunState.RUNNING, col(SequenceRun.next_at).is_not(None)
    )
    return session.exec(query.order_by(col(SequenceRun.next_at)).limit(1)).first()


def take_step(session: Session, actor: Actor, run_id: UUID, moment: datetime) -> bool:
    """Take the next step of a run if it is due; False when somebody else took it, or it is not due any more.

    The lead is held before the run is claimed, as whoever keeps a reply does: the reply is seen, or it comes after the step.
    """
    require(actor, Permission.LEADS_WRITE)
    run = session.get(SequenceRun, run_id)
    lead = find_lead(session, actor.scope, run.lead_id) if run and run.tenant_id == actor.tenant_id else None
    if run is None or lead is None:
        return False
    (held,) = hold(session, actor, [lead.id])
    again = select(SequenceRun).where(SequenceRun.id == run_id).execution_options(populate_existing=True)
    run = session.exec(again).first()
    if run is None:  # its sequence was deleted while we waited for the lead
        return False
    due = run.next_at
    if run.state is not RunState.RUNNING or due is None or due > moment or not _claim(session, run, due):
        return False
    sequence = session.exec(select(Sequence).where(Sequence.tenant_id == actor.tenant_id, Sequence.id == run.sequence_id)).one()
    off = '' if sequence.enabled_at else 'it was switched off'
    if because := off or why_stop(session, actor.scope, run, held.lead):
        stop(session, actor, run, held.lead.id, sequence.name, because)
        touched(session, actor, held)
        return True
    hours = calendar(session, actor.scope, held.lead.location_id)
    step = Step.model_validate(run.steps[run.step])
    waits = opening(hours, moment) if step.business_hours else moment
    if waits > moment:  # the hours were changed since the step was planned, or nobody was there to take it in time
        run.next_at = waits
        session.add(run)
        touched(session, actor, held)
        return True
    session.add(_taken(session, actor, held, run, step, sequence.name, hours, due))
    _advance(run, moved(run.started_at, due, moment), hours)
    session.add(run)
    touched(session, actor, held)
    ring(session, 'follow_up', actor.tenant_id, run.id)
    return True


def _claim(session: Session, run: SequenceRun, due: datetime) -> bool:
    """Compare and set: of several workers one takes the step."""
    mine = (col(SequenceRun.id) == run.id, col(SequenceRun.step) == run.step, col(SequenceRun.next_at) == due)
    update = sa.update(SequenceRun).where(*mine, col(SequenceRun.state) == RunState.RUNNING).values(next_at=None)
    taken = session.execute(update.execution_options(synchronize_session=False))
    session.refresh(run)  # the row says None now, and whatever follows is a change
    return bool(taken.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result always has it


def _advance(run: SequenceRun, started_at: datetime, hours: Calendar | None) -> None:
    """The columns of a run whose step was taken."""
    run.step, run.started_at = run.step + 1, max(run.started_at, started_at)
    if run.step == len(run.steps):
        run.state, run.ended_at, run.next_at, run.next_is_task = RunState.COMPLETED, now(), None, False
        return
    following = Step.model_validate(run.steps[run.step])
    run.next_at = due_at(following, run.started_at, hours)
    run.next_is_task = following.channel is StepChannel.TASK


def touched(session: Session, actor: Actor, held: Held) -> None:
    """Note the lead's next touch after a step, or after its sequence stopped; the caller holds the lead."""
    require(actor, Permission.LEADS_WRITE)
    session.flush()
    if held.lead.status is not Status.CLOSED:
        held.lead.next_at = next_touch(session, actor.scope, held) or held.lead.next_at
        held.lead.changed_at = now()
        session.add(held.lead)
    ring(session, 'lead', actor.tenant_id, held.lead.id)


def _taken(
    session: Session, actor: Actor, held: Held, run: SequenceRun, step: Step, name: str, hours: Calendar | None, due: datetime
) -> SequenceStep:
    """Do what the step says; the row that proves it."""
    moment = now()
    outside = opening(hours, moment) > moment
    wanted = step.outside_template_id if outside and step.outside_template_id else step.template_id
    words = session.exec(select(Template).where(Template.tenant_id == actor.tenant_id, Template.id == wanted)).one()
    row = SequenceStep(
        tenant_id=actor.tenant_id, run_id=run.id, step=run.step, channel=step.channel, state=StepState.NOT_CONNECTED, due_at=due
    )
    values = _values(session, held.lead, held.place.name)
    try:
        row.subject, row.body = ' '.join(render(words.subject, values).split()), render(words.body, values)
        if step.channel is StepChannel.TASK:
            row.task_id, row.state = _task(session, actor, held, run, step, row.subject or words.name, row.body), StepState.TASK
            return row
        if step.channel is not StepChannel.EMAIL:
            raise NotConnected(_SPOKEN[step.channel])
        row.message_id = write_automatically(session, actor, held, row.body, subject=row.subject, by=name)
        row.state = StepState.SENT
    except NotConnected as missing:
        row.detail, row.body = f'Channel not connected: {missing}.', row.body or words.body
    except Conflict as refused:
        row.detail = f'Channel not connected. {refused.detail}'[:300]
    if row.state is StepState.NOT_CONNECTED:
        title = f'{name}: {_SPOKEN[step.channel]} not sent, channel not connected'
        facts = {'runId': str(run.id), 'step': run.step, 'channel': step.channel, 'detail': row.detail}
        write(session, actor, held.lead.id, EntryType.TASK, title, description=f'{row.detail}\n\n{row.body}'.strip(), facts=facts)
    return row


def _task(session: Session, actor: Actor, held: Held, run: SequenceRun, step: Step, title: str, note: str) -> UUID:
    """A task for whoever owns the lead, due now: the hours of its step are over."""
    task = FollowUpTask(
        tenant_id=actor.tenant_id,
        lead_id=held.lead.id,
        run_id=run.id,
        kind=step.kind,
        title=title[:300],
        note=note,
        follow_up_date=now(),
        owner_id=held.lead.owner_id,
    )
    made = HeldTask(task, held, made=True)
    tell_task(session, actor, made, EventType.LEAD_UPDATED, f'Follow-up planned: {task.title}', note)
    return task.id


def _values(session: Session, lead: Lead, place: str) -> Values:
    company = tenant(session, lead.tenant_id).name
    owner = session.get(User, lead.owner_id) if lead.owner_id else None
    return Values(
        lead_name=lead.name,
        location_name=place,
        service=str(lead.facts.get('service') or ''),
        company='' if company == UNNAMED else company,
        owner=owner.name if owner else '',
    )
