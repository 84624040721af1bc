"""Settling: what each answer does to the row and to its destination, and what a person may do about it."""

import threading
from datetime import timedelta

import pytest

from domain.base import clock
from domain.base.db import Database
from domain.base.errors import Conflict
from domain.outbox.destinations import change_destination
from domain.outbox.messages import DestinationChange, ReplayOrder
from domain.outbox.models import AttemptStatus, Destination, State
from domain.outbox.queries import due
from domain.outbox.replays import replay_all
from tests.domain.outbox_rows import PERMANENT, REFUSED, SENT, TEMPORARY, UNKNOWN, Rows, throttled


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows.make(db)


def test_a_sent_row_has_its_proof(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    assert rows.try_once(place, SENT).state == State.SENT
    row = rows.only()
    assert (row.attempts, row.claims, row.lease_until, row.dispatched_at, row.last_error) == (1, 0, None, None, None)
    assert row.settled_at is not None
    (attempt,) = rows.attempts()
    assert (attempt.status, attempt.http_status, attempt.channel) == (AttemptStatus.SENT, 200, 'slack')


def test_a_failed_row_waits_its_step_of_the_ladder(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    rows.try_once(place, TEMPORARY)
    row = rows.only()
    wait = (row.next_at - (row.settled_at or clock.now())).total_seconds()
    assert (row.state, row.attempts, row.last_class) == (State.PENDING, 1, 'temporary')
    assert 3 < wait < 6.1
    assert rows.claim(place) is None
    clock.advance(timedelta(seconds=6.1))
    rows.try_once(place, SENT)


def test_an_unknown_end_marks_the_next_try(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    rows.try_once(place, UNKNOWN)
    clock.advance(timedelta(seconds=6.1))
    assert rows.take(place).uncertain


def test_a_refused_message_is_dead_after_one_try_and_told(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    told = rows.try_once(place, PERMANENT)
    row = rows.only()
    assert (row.state, row.attempts, row.last_class) == (State.DEAD, 1, 'permanent')
    assert told.alert_key == f'dead:{place}'
    assert told.alert_detail.startswith('It answered 400. The provider refuses this message. The lead is safe; ')
    assert rows.place(place).paused_at is None


def test_a_refused_credential_pauses_the_destination_and_burns_nothing(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    rows.event()
    first, second = rows.take(place), rows.take(place)
    for taken in (first, second):
        rows.dispatch(taken)
    told = rows.settle(first, REFUSED)
    assert (told.alert_key, told.critical, told.state) == (f'destination:{place}', True, State.PENDING)
    assert rows.settle(second, REFUSED).alert_key == '', 'once is enough'
    assert {(row.state, row.attempts, row.claims) for row in rows.all()} == {(State.PENDING, 0, 0)}
    assert rows.claim(place) is None
    assert rows.ask(due, 4) == ([], None)


def test_resuming_sends_what_waited(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    rows.try_once(place, REFUSED)
    with rows.db.transaction() as session:
        change_destination(session, rows.actor, place, DestinationChange(paused=False), None)  # type: ignore[arg-type]  # no new config
    assert rows.ask(due, 4)[0] == [place]
    recovered = rows.try_once(place, SENT)
    assert (recovered.state, recovered.over_key) == (State.SENT, f'destination:{place}')
    rows.event()
    assert rows.try_once(place, SENT).over_key == '', 'only the first success after trouble closes its alert'


@pytest.mark.parametrize('why', ['paused', 'broken'])
def test_where_leads_wait_a_test_may_pass_and_ends_with_one_try(rows: Rows, why: str) -> None:
    place = rows.destination()
    rows.event(quality='hot')
    later = clock.now() + timedelta(minutes=10)
    rows.change(Destination, place, **({'paused_at': clock.now()} if why == 'paused' else {'breaker_until': later, 'breaker_opened': 1}))
    assert rows.claim(place) is None
    test = rows.test(place)
    assert rows.ask(due, 4)[0] == [place]
    told = rows.try_once(place, REFUSED if why == 'paused' else TEMPORARY)
    row = rows.delivery(test)
    assert (row.state, row.attempts, told.alert_key) == (State.DEAD, 1, '')
    assert rows.claim(place) is None, 'neither the test again nor the lead'


def test_a_throttled_destination_waits_as_asked_and_nothing_is_burnt(rows: Rows) -> None:
    place = rows.destination()
    for _ in range(3):
        rows.event()
    rows.try_once(place, throttled(30))
    assert {(row.state, row.attempts) for row in rows.all()} == {(State.PENDING, 0)}
    assert rows.claim(place) is None, 'the other rows wait too'
    ready, next_at = rows.ask(due, 4)
    assert (ready, next_at is not None) == ([], True)
    clock.advance(timedelta(seconds=29))
    assert rows.claim(place) is None
    clock.advance(timedelta(seconds=2))
    rows.take(place)


def fail(rows: Rows, place: object, times: int) -> None:
    for _ in range(times):
        rows.event()
        rows.try_once(place, TEMPORARY)  # type: ignore[arg-type]  # a UUID


def test_five_straight_failures_leave_the_destination_alone_and_one_probe_decides(rows: Rows) -> None:
    place = rows.destination()
    fail(rows, place, 5)
    assert rows.place(place).breaker_opened == 1
    rows.event(quality='hot')
    rows.event(quality='hot')
    assert rows.claim(place) is None
    clock.advance(timedelta(seconds=10.1))
    probe = rows.take(place)
    assert rows.claim(place) is None, 'one call tells'
    rows.dispatch(probe)
    rows.settle(probe, TEMPORARY)
    assert rows.place(place).breaker_opened == 2
    clock.advance(timedelta(seconds=10.1))
    assert rows.claim(place) is None, 'twice as long'
    clock.advance(timedelta(seconds=10))
    rows.try_once(place, SENT)
    found = rows.place(place)
    assert (found.breaker_opened, found.breaker_until, found.recent) == (0, None, '.')
    assert {row.attempts for row in rows.all() if row.priority == 0} <= {0, 1, 2}


def test_calls_under_way_when_it_opens_do_not_double_the_wait(rows: Rows) -> None:
    place = rows.destination(concurrency=8)
    fail(rows, place, 2)
    for _ in range(6):
        rows.event(quality='hot')
    for taken in [rows.take(place) for _ in range(6)]:
        rows.dispatch(taken)
        rows.settle(taken, TEMPORARY)
    assert rows.place(place).breaker_opened == 1


def test_sending_again_keeps_the_key_and_starts_the_ladder_anew(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    rows.try_once(place, PERMANENT)
    dead = rows.only()
    rows.replay(dead.id)
    again = rows.take(place)
    assert (again.provider_key, again.attempts) == (dead.provider_key, 1)
    with pytest.raises(Conflict, match='being sent'):
        rows.replay(dead.id)
    rows.dispatch(again)
    assert rows.settle(again, SENT).state == State.SENT


def test_a_worker_cannot_take_a_row_while_it_is_ordered_again(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    (delivery,) = rows.all()
    taken = []
    other = threading.Thread(target=lambda: taken.append(rows.claim(place)))
    with rows.db.transaction() as session:
        replay_all(session, rows.actor, ReplayOrder(delivery_id=delivery.id))
        other.start()
        other.join(0.3)
    other.join()
    row = rows.only()
    if taken[0] is None:  # PostgreSQL passes over a locked row
        assert (row.state, row.attempts) == (State.PENDING, 0)
    else:
        assert (row.state, row.attempts) == (State.LEASED, 1)
        assert rows.settle(taken[0], throttled(1)).mine
