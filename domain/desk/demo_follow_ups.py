"""What the people of the sample week promise to do and do, and the sequences on their way: by the real deeds, at their moments."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from domain.base import clock
from domain.conversations.actions import called
from domain.desk import demo_plans as plans
from domain.desk.demo_plans import Promise
from domain.desk.demo_script import Visitor
from domain.desk.demo_stage import Stage
from domain.follow_ups.actions import complete, create
from domain.follow_ups.firing import due_tasks, fire
from domain.follow_ups.messages import Next, SequenceEdit, TaskOrder
from domain.follow_ups.models import FollowUpTask, RunState, SequenceRun, TaskKind
from domain.follow_ups.running import start_new
from domain.follow_ups.sequences import edit_sequence
from domain.follow_ups.stepping import take_step
from domain.leads.models import Lead, Status

Step = Callable[[Session], None]
At = Callable[[datetime, Step], None]

_MOMENT = timedelta(seconds=1)
_PLANS = timedelta(minutes=4)  # after the last thing that was done about a lead
_SOONEST = timedelta(minutes=30)  # between a promise and its time
_ENDS = frozenset({'won', 'lost', 'snooze'})


class FollowUps:
    """The promises of the week and its sequences; `at` puts a step on the agenda, `deliver` sends what waits."""

    def __init__(self, stage: Stage, lines: Sequence[UUID], at: At, deliver: Step, now: datetime) -> None:
        self._stage = stage
        self._lines = dict(zip(lines, plans.SEQUENCES, strict=True))
        self._on: set[UUID] = set()
        self._at = at
        self._deliver = deliver
        self._now = now
        self._called = 0

    def plan(self, visitors: Sequence[Visitor], leads: Mapping[int, UUID]) -> None:
        """Put on the agenda what is promised to whom, and when the sequences are switched on; `leads` fills as people write."""
        times = plans.moments(self._now.astimezone(ZoneInfo(self._stage.facts[0].place.time_zone)))
        for number, promise in chosen(visitors, times, self._now):
            self._at(_promised(visitors[number]), self._make(leads, number, visitors[number], promise, times))
        for line_id, line in self._lines.items():
            self._at(self._now - timedelta(days=line.days), self._switch_on(line_id))

    def arrived(self, session: Session, place: int, lead_id: UUID) -> None:
        """A lead came: the sequences that are for it take it up."""
        lead = session.get_one(Lead, lead_id)
        for line_id in self._on:
            line = self._lines[line_id]
            if place in line.places and (not line.qualities or lead.quality in line.qualities):
                start_new(session, self._stage.actor, line_id)
                session.flush()
                query = select(SequenceRun).where(SequenceRun.sequence_id == line_id, SequenceRun.lead_id == lead_id)
                self._goes_on(session.exec(query).first())

    def _switch_on(self, line_id: UUID) -> Step:
        def do(session: Session) -> None:
            edit_sequence(session, self._stage.people[0], line_id, SequenceEdit(enabled=True))
            self._on.add(line_id)

        return do

    def _goes_on(self, run: SequenceRun | None) -> None:
        if run is not None and run.state is RunState.RUNNING and run.next_at is not None:
            self._at(max(run.next_at, clock.now() + _MOMENT), self._step(run.id))

    def _step(self, run_id: UUID) -> Step:
        def do(session: Session) -> None:
            if not take_step(session, self._stage.actor, run_id, clock.now()):
                return
            session.flush()
            self._goes_on(session.get_one(SequenceRun, run_id))
            self._at(clock.now() + 2 * _MOMENT, self._deliver)
            for task_id in session.exec(select(FollowUpTask.id).where(FollowUpTask.run_id == run_id)):
                self._called += 1
                self._at(clock.now() + _MOMENT, self._fire)
                self._at(clock.now() + timedelta(minutes=15 + self._called * 17 % 70), self._call(task_id, self._called))

        return do

    def _call(self, task_id: UUID, number: int) -> Step:
        """Who has the lead does what the sequence asks for, and comes back to it in a few days."""

        def do(session: Session) -> None:
            task = session.get_one(FollowUpTask, task_id)
            lead = session.get_one(Lead, task.lead_id)
            who = next((each for each in self._stage.people if each.id == lead.owner_id), None)
            if who is None or not task.is_open or lead.merged_into is not None:
                return  # whom nobody has taken nobody calls
            if lead.status is not Status.CLOSED:
                called(session, who, lead.id, reached=True)
            times = plans.moments(clock.now().astimezone(ZoneInfo(self._stage.facts[0].place.time_zone)))
            then = None if lead.status is Status.CLOSED else Next(times[f'later {number % 6}'], 'Call again', TaskKind.CALL)
            complete(session, who, task_id, then=then, said=plans.SAID[number % len(plans.SAID)])

        return do

    def _make(self, leads: Mapping[int, UUID], number: int, visitor: Visitor, promise: Promise, times: Mapping[str, datetime]) -> Step:
        def do(session: Session) -> None:
            lead_id, owner, due = leads.get(number), self._stage.people[promise.who], times[promise.due]
            if lead_id is None:
                return
            title, note = (text.format(**visitor.about) for text in (promise.title, promise.note))
            order = TaskOrder(lead_id=lead_id, title=title, note=note, due_at=due, kind=TaskKind(promise.kind), owner_id=owner.id)
            task_id = create(session, owner, order).task_id
            if promise.said:
                self._at(due - timedelta(minutes=5), self._done(task_id, visitor, promise, times))
            else:
                self._at(due, self._fire)

        return do

    def _done(self, task_id: UUID, visitor: Visitor, promise: Promise, times: Mapping[str, datetime]) -> Step:
        def do(session: Session) -> None:
            kind, title, due = promise.then
            then = Next(times[due], title.format(**visitor.about), TaskKind(kind))
            complete(session, self._stage.people[promise.who], task_id, then=then, said=promise.said)

        return do

    def _fire(self, session: Session) -> None:
        """Tasks whose time has come say so."""
        session.flush()
        due = due_tasks(session, self._stage.actor.scope, clock.now())
        if due:
            fire(session, self._stage.actor, due, clock.now())


def chosen(visitors: Sequence[Visitor], times: Mapping[str, datetime], now: datetime) -> Iterator[tuple[int, Promise]]:
    """Whom each promise is made to: of those who were answered and stay open, the latest one that its maker looks after, else the latest.

    Numbers count the visitors. Pure.
    """
    free = [number for number, each in enumerate(visitors) if _stays(each)]
    for promise in plans.PROMISES:
        latest = min(times[promise.due] - _SOONEST, now - _SOONEST)
        fit = [n for n in free if (visitors[n].route == 'property') == promise.home and _promised(visitors[n]) < latest]
        number = max(fit, key=lambda n: (visitors[n].acts[0].who == promise.who, _promised(visitors[n])), default=None)
        if number is not None:
            free.remove(number)
            yield number, promise


def _stays(visitor: Visitor) -> bool:
    """Somebody answered, nothing went wrong, and nobody closes or snoozes it within the week."""
    done = {act.what for act in visitor.acts}
    return bool(done & {'reply', 'called'}) and not done & _ENDS and not visitor.flaw


def _promised(visitor: Visitor) -> datetime:
    return visitor.at + timedelta(seconds=max(act.after for act in visitor.acts)) + _PLANS
