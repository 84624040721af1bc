"""The relay: whom it wakes, when, how often, who leads, and what it does when the queue refuses."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.base.db import Database
from domain.base.doorbell import Doorbell, Ring
from domain.outbox.duties import lead
from domain.outbox.models import Destination
from tasks.relay import QUEUE_REST, Relay
from tests.domain.outbox_rows import SENT, Rows
from tests.servers import until


@dataclass
class Wakes:
    """Where the relay's wakes go, with the moment of each."""

    got: list[tuple[UUID, float]] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, destination: UUID) -> None:
        with self.news:
            self.got.append((destination, time.monotonic()))
            self.news.notify_all()

    def wait(self, count: int, seconds: float) -> bool:
        with self.news:
            return self.news.wait_for(lambda: len(self.got) >= count, seconds)


@contextmanager
def running(
    db: Database, enqueue: Callable[[UUID], None] | None, carry: Callable[[UUID], Any] = lambda _: 0, **fields: Any
) -> Iterator[Relay]:
    relay = Relay(db, fields.pop('owner', 'one'), share=4, sweep=fields.pop('sweep', 1.0), enqueue=enqueue, carry=carry, **fields)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows.make(db)


def test_a_ring_wakes_at_once(rows: Rows) -> None:
    place, wakes = rows.destination(), Wakes()
    with running(rows.db, wakes, sweep=30):
        threading.Event().wait(0.2)
        rows.event()
        rows.db.bell.ring(Ring('outbox', rows.actor.tenant_id, (place,)))
        assert wakes.wait(1, 5), 'the sweep would find it after half a minute'
        assert wakes.got[0][0] == place


def test_without_a_ring_the_sweep_finds_it_within_a_second(rows: Rows) -> None:
    rows.destination()
    wakes = Wakes()
    rows.db.bell = Doorbell()  # rings go where nobody listens
    with running(rows.db, wakes):
        deaf, rows.db.bell = rows.db.bell, Doorbell()
        rows.event()
        assert wakes.wait(1, 1.5)
        rows.db.bell = deaf


def test_it_sleeps_exactly_until_the_next_row_may_start(rows: Rows) -> None:
    place, wakes = rows.destination(), Wakes()
    rows.event()
    later = rows.only().next_at + timedelta(seconds=0.6)
    rows.change(Destination, place, next_slot_at=later)
    with running(rows.db, wakes, sweep=30):
        assert wakes.wait(1, 2)
    assert -0.05 < wakes.got[0][1] - time.monotonic() + 0.6 < 0.6


def test_a_wake_nobody_takes_is_repeated_ever_more_seldom(rows: Rows) -> None:
    rows.destination()
    rows.event()
    wakes = Wakes()
    with running(rows.db, wakes):
        threading.Event().wait(1.2)
    assert 3 <= len(wakes.got) <= 8, 'a queue nobody reads must not fill up'


def test_wakes_follow_one_another_as_they_are_taken_until_the_places_are_full(rows: Rows) -> None:
    place, wakes = rows.destination(concurrency=3), Wakes()
    for _ in range(9):
        rows.event()
    taken: list[Any] = []

    def carry(destination: UUID) -> None:
        wakes(destination)
        taken.append(rows.claim(destination))

    def claimed() -> list[Any]:
        return [each for each in taken if each is not None]

    with running(rows.db, None, carry):
        until(lambda: len(claimed()) >= 3, seconds=2, what='three claims')
        threading.Event().wait(0.2)
        # On a busy machine a wake may have been doubled meanwhile: it finds no place, and takes nothing.
        assert len(claimed()) == 3 and len(taken) <= 5
        rows.dispatch(claimed()[0])
        rows.settle(claimed()[0], SENT)
        until(lambda: len(claimed()) == 4, seconds=2, what='a claim for the place that is free again')
    assert place


def test_a_queue_that_refuses_is_left_alone_and_the_row_carried_here(rows: Rows) -> None:
    rows.destination()
    asked, carried = Wakes(), Wakes()

    def refuse(destination: UUID) -> None:
        asked(destination)
        raise ConnectionError('the queue is gone')

    def carry(destination: UUID) -> None:
        taken = rows.take(destination)
        rows.dispatch(taken)
        rows.settle(taken, SENT)
        carried(destination)

    with running(rows.db, refuse, carry):
        took = []
        for number in range(3):
            started = time.monotonic()
            rows.event()
            assert carried.wait(number + 1, 10)
            took.append(carried.got[-1][1] - started)
    assert min(took) < 2, took  # one of them may have met a busy machine
    assert len(asked.got) <= 1 + sum(took) // QUEUE_REST


def test_one_of_two_leads_and_the_other_takes_over_within_three_seconds(rows: Rows) -> None:
    if rows.db.is_sqlite:
        pytest.skip('on SQLite each process feeds a queue of its own')
    with rows.db.transaction() as session:  # a leader that is dead from now on
        assert lead(session, 'relay', 'dead', timedelta(seconds=2))
    rows.destination()
    rows.event()
    wakes, started = Wakes(), time.monotonic()
    with running(rows.db, wakes, owner='two'):
        assert wakes.wait(1, 4)
        assert 1.5 < wakes.got[0][1] - started < 3.1
        with rows.db.transaction() as session:
            assert not lead(session, 'relay', 'three', timedelta(seconds=2))
    with rows.db.transaction() as session:
        assert lead(session, 'relay', 'three', timedelta(seconds=2)), 'the second gave it up when it stopped'


def test_a_worker_for_some_kinds_neither_leads_nor_waits_for_a_leader(rows: Rows) -> None:
    slack, hook = rows.destination(), rows.destination(kind='webhook')
    rows.event()
    mine, all_of_them = Wakes(), Wakes()
    with running(rows.db, None, mine, owner='only slack', kinds=frozenset({'slack'})):
        assert mine.wait(1, 2)
        with running(rows.db, all_of_them, owner='everything'):
            assert all_of_them.wait(2, 2), 'the webhook must not wait for a worker that only does Slack'
    assert {destination for destination, _ in mine.got} == {slack}
    assert {destination for destination, _ in all_of_them.got} == {slack, hook}
