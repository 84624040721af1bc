"""Claiming: who goes first, how many at once, how fast, and what becomes of rows whose worker died."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.base import clock
from domain.base.db import Database, now
from domain.outbox.leases import expire
from domain.outbox.messages import Settled, Traits
from domain.outbox.models import AttemptStatus, Destination, State
from domain.outbox.queries import due
from tests.domain.outbox_rows import LEASE, SENT, TEMPORARY, Rows

OVER = LEASE + timedelta(seconds=1)


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows.make(db)


def test_hot_leads_go_first_and_tests_before_them(rows: Rows) -> None:
    place = rows.destination()
    for quality in ('cold', 'warm', 'hot'):
        rows.event(quality=quality)
    rows.test(place)
    assert [rows.delivery(rows.take(place).delivery_id).priority for _ in range(4)] == [-1, 0, 1, 2]
    assert rows.claim(place) is None


def test_a_claim_counts_the_try_and_holds_the_row_for_a_lease(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    first = rows.take(place, 'ann')
    row = rows.only()
    assert (row.state, row.lease_owner, row.attempts, row.claims, row.fence, row.dispatched_at) == (State.LEASED, 'ann', 1, 1, 1, None)
    assert (first.fence, first.attempts, first.uncertain, first.event_type) == (1, 1, False, 'lead.created')
    assert rows.dispatch(first)
    row = rows.only()
    assert row.dispatched_at is not None
    assert row.lease_until is not None
    assert row.lease_until >= row.dispatched_at + LEASE - timedelta(milliseconds=1), 'the call begins under a whole lease'


@pytest.mark.parametrize(('own', 'share', 'calls'), [(4, 100, 4), (2, 100, 2), (4, 1, 1)])
def test_no_more_calls_than_the_destination_bears_and_than_its_share_of_the_threads(rows: Rows, own: int, share: int, calls: int) -> None:
    rows.share = share
    place = rows.destination(concurrency=own)
    for _ in range(6):
        rows.event()
    taken = [rows.take(place) for _ in range(calls)]
    assert rows.claim(place) is None
    assert rows.ask(due, share)[0] == [], 'and the relay does not wake for it'
    rows.dispatch(taken[0])
    rows.settle(taken[0], SENT)
    assert rows.ask(due, share)[0] == [place]
    rows.take(place)


def test_messages_are_spaced_by_the_rate(rows: Rows) -> None:
    rows.traits = Traits(rate=1)
    place = rows.destination()
    quick = rows.destination(rate=1e6)
    for _ in range(3):
        rows.event()
    rows.take(place)
    assert rows.claim(place) is None
    ready, next_at = rows.ask(due, 4)
    assert ready == [quick], 'its own rate goes before that of its kind'
    assert next_at is not None
    clock.advance(timedelta(seconds=1.01))
    rows.take(place)
    assert rows.claim(place) is None


def test_a_row_whose_worker_died_before_the_call_is_taken_over_without_a_mark(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    first = rows.take(place)
    assert rows.claim(place, 'two') is None
    clock.advance(OVER)
    assert rows.ask(due, 4)[0] == [place]
    assert not rows.dispatch(first), 'the lease is over: this call must not be made'
    second = rows.take(place, 'two')
    assert (second.fence, second.uncertain) == (2, False)


@pytest.mark.parametrize('keyed', [False, True])
def test_a_row_whose_worker_died_in_the_call_is_sent_again_and_marked_where_a_twin_can_be(rows: Rows, keyed: bool) -> None:
    rows.traits = Traits(rate=1e6, keyed=keyed)
    place = rows.destination()
    rows.event()
    first = rows.take(place)
    assert rows.dispatch(first)
    clock.advance(OVER)
    second = rows.take(place, 'two')
    assert second.uncertain is not keyed
    assert second.provider_key == first.provider_key


def test_a_late_worker_writes_its_attempt_and_touches_nothing_else(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    first = rows.take(place)
    rows.dispatch(first)
    clock.advance(OVER)
    second = rows.take(place, 'two')
    before = rows.only()
    assert rows.settle(first, SENT) == Settled(mine=False)
    assert rows.only() == before
    assert [attempt.status for attempt in rows.attempts()] == [AttemptStatus.LATE]
    rows.dispatch(second)
    assert rows.settle(second, SENT).state == State.SENT
    assert rows.settle(second, TEMPORARY) == Settled(mine=False), 'nor does it settle twice'


def test_a_claim_is_dispatched_once_even_when_its_fence_was_given_out_twice(rows: Rows) -> None:
    # A database that crashed may come back without the newest claim; then the fence is given out again.
    place = rows.destination()
    rows.event()
    first = rows.take(place)
    assert rows.dispatch(first)
    assert not rows.dispatch(first)


def test_a_costly_row_whose_worker_died_in_the_call_is_held_for_a_person(rows: Rows) -> None:
    rows.traits = Traits(rate=1e6, costly=True)
    place = rows.destination()
    rows.event()
    rows.dispatch(rows.take(place))
    clock.advance(OVER)
    held = rows.claim(place)
    assert isinstance(held, Settled)
    assert (held.state, held.alert_key) == (State.HELD, f'held:{place}')
    assert held.alert_detail.startswith(
        'The worker died during the call: it may have been sent, and a second one would cost money. The lead'
    )
    assert rows.claim(place) is None
    assert rows.only().uncertain


def test_a_row_that_three_workers_took_and_never_gave_back_ends_while_others_go_on(rows: Rows) -> None:
    place = rows.destination()
    rows.event(quality='hot')
    for owner in 'abc':
        rows.take(place, owner)
        clock.advance(OVER)
    rows.event(quality='warm')
    poison = rows.claim(place)
    assert isinstance(poison, Settled)
    assert (poison.state, poison.alert_key) == (State.DEAD, f'dead:{place}')
    assert poison.claim is not None
    assert rows.delivery(poison.claim.delivery_id).last_class == 'poison'
    assert rows.try_once(place, SENT).state == State.SENT


def test_a_row_that_was_left_behind_is_taken_alone_and_nothing_beside_it(rows: Rows) -> None:
    place, other = rows.destination(concurrency=4), rows.destination(concurrency=4)
    rows.event(quality='hot')
    rows.take(place, 'one')
    rows.take(other, 'one')
    clock.advance(OVER)
    rows.event(quality='hot')
    rows.event(quality='warm')
    rows.event(quality='warm')
    left = rows.take(place, 'two')
    assert left.attempts == 2
    assert rows.claim(place, 'two') is None, 'nothing dies with it'
    assert rows.take(place, 'three').attempts == 1, 'another process is not concerned'
    assert rows.take(other, 'two').attempts == 2, 'and each destination counts for itself'
    rows.dispatch(left)
    rows.settle(left, SENT)
    assert rows.take(place, 'two').attempts == 1


def test_a_row_that_was_left_behind_waits_until_its_worker_has_nothing_else_in_hand(rows: Rows) -> None:
    place = rows.destination(concurrency=4)
    rows.event(quality='cold')
    rows.take(place, 'one')
    clock.advance(OVER)
    for _ in range(2):
        rows.event(quality='hot')
    first, second = rows.take(place, 'two'), rows.take(place, 'two')
    assert (first.attempts, second.attempts) == (1, 1)
    assert rows.claim(place, 'two') is None
    assert rows.ask(due, 4)[0] == [place], 'the relay goes on waking'
    for taken in (first, second):
        assert rows.claim(place, 'two') is None
        rows.dispatch(taken)
        rows.settle(taken, SENT)
    assert rows.take(place, 'two').attempts == 2


def test_a_row_that_kills_its_workers_takes_no_neighbour_with_it(rows: Rows) -> None:
    place = rows.destination(concurrency=4)
    for _ in range(4):
        rows.event()
    poison = rows.take(place, 'worker 0').delivery_id
    for _ in range(3):
        rows.take(place, 'worker 0')
    for number in range(1, 20):
        clock.advance(OVER)
        owner = f'worker {number}'
        while (taken := rows.claim(place, owner)) is not None:
            if isinstance(taken, Settled):
                continue
            if taken.delivery_id == poison:
                break  # it dies here, with all that it has in hand
            rows.dispatch(taken)
            rows.settle(taken, SENT)
    assert rows.delivery(poison).last_class == 'poison'
    assert {row.state for row in rows.all() if row.id != poison} == {State.SENT}


def test_a_settled_try_forgets_the_claims_before_it(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    for _ in range(2):
        rows.take(place)
        clock.advance(OVER)
    rows.try_once(place, TEMPORARY)
    assert rows.only().claims == 0


def test_a_released_row_has_lost_nothing(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    taken = rows.take(place)
    rows.release(taken)
    row = rows.only()
    assert (row.state, row.attempts, row.claims) == (State.PENDING, 0, 0)
    assert not rows.dispatch(taken)
    assert rows.take(place).fence == 2


@pytest.mark.parametrize('paused', [False, True])
@pytest.mark.parametrize('left', ['pending', 'leased'])
def test_after_its_hours_a_row_ends_whatever_kept_it(rows: Rows, paused: bool, left: str) -> None:
    place = rows.destination()
    rows.event()
    if left == 'leased':
        rows.dispatch(rows.take(place))
    if paused:
        rows.change(Destination, place, paused_at=clock.now())
    clock.advance(timedelta(hours=72, seconds=1))
    with rows.db.transaction() as session:
        (ended,) = expire(session, now(session))
    row = rows.only()
    assert (row.state, row.last_class, row.uncertain) == (State.DEAD, 'expired', left == 'leased')
    assert (ended.alert_key, ended.claim is not None) == (f'dead:{place}', True)


def test_a_row_in_a_living_hand_does_not_expire(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    clock.advance(timedelta(hours=71, minutes=59, seconds=30))
    taken = rows.take(place)
    clock.advance(timedelta(seconds=45))
    with rows.db.transaction() as session:
        assert expire(session, now(session)) == []
    assert rows.settle(taken, SENT).state == State.SENT


def test_a_row_whose_time_is_over_is_not_sent_by_a_claim_either(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    clock.advance(timedelta(hours=73))
    assert isinstance(rows.claim(place), Settled)
    assert rows.only().last_class == 'expired'


def test_a_disabled_destination_and_one_that_is_gone_have_nothing_to_do(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    rows.change(Destination, place, enabled=False)
    assert rows.claim(place) is None
    assert rows.ask(due, 4) == ([], None)
    assert rows.claim(UUID(int=1)) is None


def test_the_relay_sees_only_the_kinds_it_was_asked_for(rows: Rows) -> None:
    slack, hook = rows.destination(), rows.destination(kind='webhook')
    rows.event()
    assert set(rows.ask(due, 4)[0]) == {slack, hook}
    assert rows.ask(due, 4, frozenset({'webhook'}))[0] == [hook]
