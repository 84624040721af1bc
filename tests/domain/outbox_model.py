"""A model of the outbox against the real store: random steps, crashes and answers, and laws that must hold after each of them."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.base import clock
from domain.base.db import Database
from domain.outbox.messages import Claim
from domain.outbox.models import Destination, State
from domain.outbox.rules import Outcome
from tests.domain.outbox_rows import LEASE, PERMANENT, REFUSED, SENT, TEMPORARY, UNKNOWN, Rows, throttled

ANSWERS: dict[str, tuple[Outcome, bool]] = {  # what the worker hears, and whether the provider took it
    'sent': (SENT, True),
    'temporary': (TEMPORARY, False),
    'unknown, taken': (UNKNOWN, True),
    'unknown, lost': (UNKNOWN, False),
    'throttled': (throttled(5), False),
    'refused': (REFUSED, False),
    'permanent': (PERMANENT, False),
}
PLACES = 2


class Outbox(RuleBasedStateMachine):
    """Two destinations, any number of workers, time that jumps. Subclasses plant mistakes that these laws must find.

    No preconditions: they would hang on the real clock, and the choice of steps has to be repeatable. What has nothing to do does nothing.
    """

    database: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        clock.reset()
        self.db = Database(type(self).database())
        sa.event.listen(self.db.engine, 'connect', lambda connection, _: connection.execute('PRAGMA synchronous=OFF'))  # no power cuts here
        self.rows = Rows.make(self.db)
        with self.db.transaction() as session:
            for table in ('notification_logs', 'deliveries', 'lead_events', 'destinations'):
                session.execute(sa.text(f'delete from {table}'))
        self.places = [self.rows.destination(concurrency=3) for _ in range(PLACES)]
        self.events = 0
        self.held: list[Claim] = []  # in a worker's hand, not called yet
        self.calling: list[Claim] = []
        self.effects: dict[UUID, int] = {}
        self.sent: set[UUID] = set()
        self.replayed: set[UUID] = set()

    def make_event(self) -> None:
        self.rows.event()

    def take(self, place: UUID, owner: str = 'another') -> Any:
        return self.rows.claim(place, owner)

    def go_out(self, claim: Claim) -> bool:
        return self.rows.dispatch(claim)

    def write_down(self, claim: Claim, outcome: Outcome) -> bool:
        return self.rows.settle(claim, outcome).mine

    # — the rules —

    @initialize()
    def begin(self) -> None:
        """There is something to do, and somebody is doing it."""
        for _ in range(2):
            self.submit()
        self.claim(0, 'one')
        self.call(0)

    @rule()
    def submit(self) -> None:
        self.make_event()
        self.events += 1

    @rule(place=st.integers(0, PLACES - 1), worker=st.sampled_from(['one', 'two', 'three']))
    def claim(self, place: int, worker: str) -> None:
        taken = self.take(self.places[place], worker)
        if isinstance(taken, Claim):
            self.held.append(taken)

    @rule(number=st.integers(0, 50))
    def call(self, number: int) -> None:
        """A worker calls, unless the row is no longer its own."""
        if not self.held:
            return
        claim = self.held.pop(number % len(self.held))
        if self.go_out(claim):
            self.calling.append(claim)

    @rule(number=st.integers(0, 50), answer=st.sampled_from(sorted(ANSWERS)), crash=st.booleans())
    def answer(self, number: int, answer: str, crash: bool) -> None:
        """The provider answers, and the worker writes it down or dies first."""
        if not self.calling:
            return
        claim = self.calling.pop(number % len(self.calling))
        outcome, taken = ANSWERS[answer]
        if taken:
            self.effects[claim.delivery_id] = self.effects.get(claim.delivery_id, 0) + 1
        if not crash:
            stale = self.rows.delivery(claim.delivery_id).fence != claim.fence
            assert not (self.write_down(claim, outcome) and stale), 'a stale fence must not settle'

    @rule(number=st.integers(0, 50))
    def crash(self, number: int) -> None:
        """A worker dies before its call."""
        if not self.held:
            return
        self.held.pop(number % len(self.held))

    @rule(wakes=st.booleans())
    def sleep_in_the_call(self, wakes: bool) -> None:
        """A worker sleeps through its lease, and another one looks at its destination; then it may hear its answer after all."""
        if not self.calling:
            return
        clock.advance(LEASE + timedelta(seconds=1))
        self.claim(self.places.index(self.calling[0].destination_id), 'another')
        if wakes:
            self.answer(0, 'sent', crash=False)

    @rule()
    def die_in_the_call(self) -> None:
        """The provider took it, the worker died, and another one does its next row."""
        if not self.calling:
            return
        claim = self.calling.pop()
        self.effects[claim.delivery_id] = self.effects.get(claim.delivery_id, 0) + 1
        clock.advance(LEASE + timedelta(seconds=1))
        taken = self.take(claim.destination_id)
        if isinstance(taken, Claim) and self.go_out(taken):
            self.effects[taken.delivery_id] = self.effects.get(taken.delivery_id, 0) + 1
            self.write_down(taken, SENT)

    @rule(seconds=st.sampled_from([0.01, 1.0, 6.0, 30.0, 61.0, 600.0]))
    def advance(self, seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    @rule(place=st.integers(0, PLACES - 1), paused=st.sampled_from([False, False, True]))
    def pause_or_resume(self, place: int, paused: bool) -> None:
        self.rows.change(Destination, self.places[place], paused_at=clock.now() if paused else None)

    @rule(number=st.integers(0, 1000))
    def send_again(self, number: int) -> None:
        if not self.events:
            return
        if rows := [row for row in self.rows.all() if row.state != State.LEASED]:
            row = rows[number % len(rows)]
            self.rows.replay(row.id)
            self.replayed.add(row.id)
            self.sent.discard(row.id)

    @invariant()
    def laws(self) -> None:
        rows = self.rows.all()
        assert len(rows) == self.events * PLACES, 'an event without a row for each destination'
        now_sent = {row.id for row in rows if row.state == State.SENT}
        assert all(self.effects.get(id_, 0) >= 1 for id_ in now_sent), 'a row is sent that nobody took'
        assert self.sent <= now_sent, 'a sent row went back'
        self.sent = now_sent
        marked = {row.id: row.uncertain for row in rows}
        twins = [id_ for id_, count in self.effects.items() if count > 1 and id_ not in self.replayed]
        assert all(marked[id_] for id_ in twins), 'a twin without a mark'
        leased = [row for row in rows if row.state == State.LEASED]
        assert all(row.lease_until and row.lease_until <= clock.now() + LEASE for row in leased), 'a lease without an end'
        in_hand = [row for row in leased if row.lease_until and row.lease_until > clock.now()]
        company = Counter((row.destination_id, row.lease_owner) for row in in_hand)
        alone = [row for row in in_hand if row.claims > 1]
        assert all(company[row.destination_id, row.lease_owner] == 1 for row in alone), 'a row that was left behind has company'

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            self.db.close()
            clock.reset()

    def drain(self) -> None:
        """All workers are gone, every destination works: within three days nothing is open."""
        for place in self.places:
            self.rows.change(Destination, place, paused_at=None)
        for _ in range(80):
            for place in self.places:
                for _ in range(50):
                    taken = self.take(place)
                    if taken is None:
                        break
                    if isinstance(taken, Claim) and self.go_out(taken):
                        self.effects[taken.delivery_id] = self.effects.get(taken.delivery_id, 0) + 1
                        self.write_down(taken, SENT)
            if not [row for row in self.rows.all() if row.state in (State.PENDING, State.LEASED)]:
                break
            clock.advance(timedelta(hours=1))
        self.laws()
        assert [row.state for row in self.rows.all() if row.state in (State.PENDING, State.LEASED)] == []


def prove(machine: type[Outbox], tmp_path: Path, template: str, *, runs: int, shrink: bool) -> None:
    copy = tmp_path / 'model.sqlite3'
    source = sa.create_engine(template)
    with source.connect() as connection:
        connection.execute(sa.text('vacuum into :to'), {'to': str(copy)})
    source.dispose()
    machine.database = staticmethod(lambda: f'sqlite:///{copy}')  # type: ignore[method-assign]  # the class is made for one test
    phases = (Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ()))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=40,
            deadline=None,
            derandomize=not shrink,
            report_multiple_bugs=False,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )
