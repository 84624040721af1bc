"""How the services are, look by look, and the loss check that people run."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.alerts.models import Heartbeat
from domain.alerts.queries import open_alerts
from domain.base import clock
from domain.base.db import Database, now
from domain.base.doorbell import Ring
from domain.base.errors import Forbidden
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.desk import loss_check
from domain.desk.health import HealthPage, health_page, overall
from domain.desk.pulse import KEPT, Beat, drift, due_since, take_pulse
from domain.outbox.duties import lead
from domain.outbox.models import Destination
from tests.domain.conftest import Desk
from tests.domain.outbox_rows import PERMANENT, REFUSED, TEMPORARY, Rows
from tests.domain.rows import command, destination, other_tenant, table
from tests.domain.test_ledger import by_hand

NOBODY: list[Beat] = []


@pytest.fixture
def rows(db: Database) -> Rows:
    made = Rows.make(db)
    alive(made.db)
    return made


def alive(db: Database) -> None:
    with db.transaction() as session:
        lead(session, 'worker:one', 'one', timedelta(hours=1))


def page(rows: Rows) -> HealthPage:
    with rows.db.reading() as session:
        return health_page(session, rows.actor.scope)


def word(rows: Rows) -> str:
    with rows.db.reading() as session:
        return overall(session, rows.actor.scope)


def states(rows: Rows) -> dict[str, str]:
    return {service.destination or service.name: service.state for service in page(rows).services}


def test_before_the_first_look_nothing_is_claimed(rows: Rows) -> None:
    found = page(rows)
    assert found.checked_at is None and found.result is None and found.running is None
    assert states(rows) == {'database': '', 'intake': '', 'workers': 'ok', 'queue': '', 'housekeeping': ''}


def test_a_look_measures_and_the_page_shows_it(rows: Rows) -> None:
    place = rows.destination(name='Sales')
    take_pulse(rows.db, [drift(0.2), Beat('queue', 'ok', 3.0, 'memory')])
    found = page(rows)
    assert states(rows) == dict.fromkeys(('database', 'intake', 'workers', 'queue', 'housekeeping', 'Sales'), 'ok')
    assert {service.name: len(service.looks) for service in found.services}[f'destination:{place.hex}'] == 1
    assert all(service.looks[0].value > 0 for service in found.services if service.name in ('database', 'intake'))
    assert found.checked_at is not None and found.overall == 'ok'


def test_forty_looks_of_each_service_are_kept(rows: Rows) -> None:
    with rows.db.transaction() as session:
        for number in range(60):
            at = clock.now() - timedelta(minutes=60 - number)
            session.add(Heartbeat(name='database', at=at, state='ok', value=number))
        session.add(Heartbeat(name=f'loss:{rows.actor.tenant_id.hex}', at=clock.now() - timedelta(days=90), state='ok', detail='{}'))
        session.add(Heartbeat(name='destination:gone', at=clock.now() - timedelta(days=3), state='ok'))
    take_pulse(rows.db)
    with rows.db.reading() as session:
        kept = session.exec(select(Heartbeat.value).where(Heartbeat.name == 'database').order_by(Heartbeat.at)).all()  # type: ignore[arg-type]  # a column
        names = set(session.exec(select(Heartbeat.name)))
    assert len(kept) == KEPT and kept[0] == 21.0
    assert f'loss:{rows.actor.tenant_id.hex}' in names and 'destination:gone' not in names


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        ({}, 'ok'),
        ({'recent': '..x'}, 'degraded'),
        ({'recent': 'x.'}, 'ok'),
        ({'breaker_opened': 1}, 'down'),
        ({'paused_at': clock.now(), 'paused_reason': 'It answered 403.'}, 'down'),
        ({'paused_at': clock.now(), 'paused_reason': 'Paused by Ines.'}, 'degraded'),
    ],
)
def test_a_destination_is_what_its_row_says(rows: Rows, change: dict[str, Any], expected: str) -> None:
    place = rows.destination(name='Sales')
    rows.change(Destination, place, **change)
    assert states(rows)['Sales'] == expected
    assert word(rows) == ('ok' if expected == 'ok' else 'degraded')


def test_what_is_off_or_of_another_tenant_is_not_shown(rows: Rows) -> None:
    off = rows.destination(name='Off', enabled=False)
    other = Rows(rows.db, system(other_tenant(rows.db)))
    theirs = other.destination(name='Theirs', paused_at=clock.now())
    take_pulse(rows.db)
    assert not {'Off', 'Theirs'} & states(rows).keys() and word(rows) == 'ok'
    assert word(other) == 'degraded'
    assert off != theirs


def test_a_dead_letter_and_the_oldest_open_event_are_named(rows: Rows) -> None:
    good, bad = rows.destination(name='Good'), rows.destination(name='Bad')
    rows.event()
    rows.try_once(bad, PERMANENT)
    clock.advance(timedelta(minutes=5))
    rows.event()
    rows.try_once(bad, REFUSED)
    found = page(rows)
    assert {service.destination: service.dead for service in found.services if service.destination} == {'Good': 0, 'Bad': 1}
    assert found.oldest is not None and (found.oldest.destination, found.oldest.paused) == ('Good', False)
    assert clock.now() - found.oldest.since >= timedelta(minutes=5)
    assert good


def test_without_a_worker_the_page_says_so_at_once(rows: Rows) -> None:
    take_pulse(rows.db)
    clock.advance(timedelta(hours=2))
    assert states(rows)['workers'] == 'down' and states(rows)['database'] == ''
    assert word(rows) == 'degraded'


def test_many_late_deliveries_mean_that_the_workers_are_behind(rows: Rows) -> None:
    rows.destination()
    for _ in range(20):
        rows.event()
    take_pulse(rows.db)
    assert states(rows)['workers'] == 'ok'
    clock.advance(timedelta(seconds=6))
    take_pulse(rows.db)
    assert states(rows)['workers'] == 'degraded'


def test_a_changed_state_rings_for_navigation_and_an_unchanged_one_does_not(rows: Rows) -> None:
    place = rows.destination()
    heard: list[Ring] = []
    rows.db.bell.hear(heard.append)
    for expected in (True, False):
        heard.clear()
        take_pulse(rows.db)
        if rows.db.is_sqlite:  # on PostgreSQL it comes back through the server
            assert any(ring.topic == 'alert' for ring in heard) is expected and any(ring.topic == 'health' for ring in heard)
    rows.event()
    for _ in range(5):
        rows.try_once(place, TEMPORARY)
        clock.advance(timedelta(hours=1))
    alive(rows.db)
    heard.clear()
    take_pulse(rows.db)
    assert states(rows)[rows.place(place).name] == 'down'
    assert not rows.db.is_sqlite or any(ring.topic == 'alert' for ring in heard)


def test_the_next_look_is_late_by_what_passed_since_the_last(rows: Rows) -> None:
    def late() -> float | None:
        with rows.db.reading() as session:
            return due_since(session, now(session))

    assert late() is None
    take_pulse(rows.db, [drift(None)])
    first = late()
    assert first is not None and -30 <= first < -25
    clock.advance(timedelta(seconds=50))
    second = late()
    assert second is not None and 20 <= second < 25 and drift(second).state == 'degraded' and drift(1.0).state == 'ok'
    clock.advance(timedelta(minutes=10))
    assert late() is None


# The loss check


def manager(desk: Desk, role: Role = Role.MANAGER) -> Actor:
    return Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Dev Kapoor', role)


@pytest.fixture
def full(desk: Desk) -> Desk:
    destination(desk.db, desk.tenant_id, 'one')
    desk.refresh()
    desk.capture(*(command(email=f'{number}@example.com') for number in range(12)), command(email='0@example.com', message='again'))
    return desk


def begun(desk: Desk) -> str:
    with desk.db.transaction() as session:
        token = loss_check.begin(session, manager(desk))
    assert token
    return token


def checked(desk: Desk, size: int = 5) -> loss_check.Result:
    loss_check.run(desk.db, Scope(desk.tenant_id), begun(desk), size=size)
    with desk.db.reading() as session:
        assert loss_check.running(session, Scope(desk.tenant_id)) is None
        found = loss_check.last(session, Scope(desk.tenant_id))
    assert found
    return found


def alerts(desk: Desk) -> list[str]:
    with desk.db.reading() as session:
        return [alert.key for alert in open_alerts(session, Scope(desk.tenant_id))]


@pytest.mark.parametrize('size', [1, 5, 12, 13, 1000])
def test_the_slices_together_see_what_the_whole_check_sees(full: Desk, size: int) -> None:
    found = checked(full, size)
    assert found.good and (found.receipts, found.events, found.deliveries) == (13, 13, 13) and found.by == 'Dev Kapoor'
    assert found.receipts == len(table(full.db, 'submissions')) and found.deliveries == len(table(full.db, 'deliveries'))


def test_what_is_missing_is_named_kept_and_raised_and_a_good_check_ends_it(full: Desk) -> None:
    receipt = next(row for row in table(full.db, 'submissions') if row['outcome'] == 'created')
    by_hand(full, f"update submissions set event_id = null where id = '{receipt['id'].hex if full.db.is_sqlite else receipt['id']}'")
    found = checked(full)
    assert [loss['receiptId'] for loss in found.lost] == [str(receipt['id'])] and found.missing == 1 and not found.good
    assert alerts(full) == ['loss']
    with full.db.reading() as session:
        assert overall(session, Scope(full.tenant_id)) == 'down'
    event = str(receipt['event_id'].hex if full.db.is_sqlite else receipt['event_id'])
    by_hand(full, f"update submissions set event_id = '{event}' where event_id is null")
    assert checked(full).good and alerts(full) == []


def test_one_check_at_a_time_until_the_first_one_has_died(full: Desk) -> None:
    token = begun(full)
    with full.db.transaction() as session:
        assert loss_check.begin(session, manager(full)) is None
    clock.advance(timedelta(seconds=61))
    with full.db.reading() as session:
        stopped = loss_check.running(session, Scope(full.tenant_id))
        assert stopped is not None and stopped.stopped and stopped.by == 'Dev Kapoor'
    second = begun(full)
    loss_check.run(full.db, Scope(full.tenant_id), token)
    with full.db.reading() as session:
        assert loss_check.last(session, Scope(full.tenant_id)) is None
    loss_check.run(full.db, Scope(full.tenant_id), second)
    with full.db.reading() as session:
        assert loss_check.last(session, Scope(full.tenant_id)) is not None


def test_progress_can_be_seen_from_elsewhere(full: Desk) -> None:
    begun(full)
    with full.db.reading() as session:
        seen = loss_check.running(session, Scope(full.tenant_id))
        assert seen is not None and (seen.percent, seen.part, seen.stopped) == (0, 'receipts', False)
        assert health_page(session, Scope(full.tenant_id)).running == seen
        assert loss_check.running(session, Scope(other_tenant(full.db))) is None


def test_an_agent_may_not_order_it(full: Desk) -> None:
    with full.db.transaction() as session, pytest.raises(Forbidden):
        loss_check.begin(session, manager(full, Role.AGENT))


def test_overall_is_cheap_enough_for_every_ring(full: Desk) -> None:
    alive(full.db)
    with full.db.transaction() as session:
        session.add_all(
            Heartbeat(name=name, at=clock.now() - timedelta(seconds=30 * age), state='ok', detail=json.dumps({}))
            for name in ('database', 'intake', 'workers', 'queue', 'housekeeping', *(f'destination:{n}' for n in range(50)))
            for age in range(KEPT)
        )
    with full.db.reading() as session:
        overall(session, Scope(full.tenant_id))
        took = []
        for _ in range(20):
            started = time.perf_counter()
            overall(session, Scope(full.tenant_id))
            took.append(time.perf_counter() - started)
    assert min(took) < 0.01, f'{min(took) * 1000:.2f} ms'
