"""Alerts are raised once, seen by a named person, and over when their cause is gone."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access.rules import Permission
from domain.alerts.actions import acknowledge, close_over, raise_alert
from domain.alerts.models import Alert
from domain.alerts.queries import closed_alerts, open_alerts, unseen
from domain.alerts.rules import over_when_seen, subject
from domain.base import clock
from domain.base.db import Database
from domain.base.errors import FieldError, Forbidden, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.desk.decisions import resolve, take_back
from domain.intake.actions import quarantine_in_transaction
from domain.intake.messages import Arrival
from domain.outbox.messages import Settled
from domain.outbox.models import Delivery, Destination, State
from tests.domain.conftest import Desk
from tests.domain.outbox_rows import PERMANENT, REFUSED, SENT, Rows
from tests.domain.rows import other_tenant


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows.make(db)


def person(tenant_id: UUID, role: Role = Role.AGENT, name: str = 'Rosa Silva') -> Actor:
    return Actor(Scope(tenant_id), ActorType.AGENT, uuid4(), name, role)


def raised(rows: Rows, key: str, **more: Any) -> UUID:
    with rows.db.transaction() as session:
        return raise_alert(session, rows.actor, key, f'About {key}', 'Look at it.', **more).id


def told(rows: Rows, settled: Settled) -> None:
    """As the worker does after a call."""
    assert settled.alert_key
    raised(rows, settled.alert_key)


def is_open(rows: Rows) -> list[str]:
    with rows.db.reading() as session:
        return [alert.key for alert in open_alerts(session, rows.actor.scope)]


def close(rows: Rows) -> int:
    with rows.db.transaction() as session:
        return close_over(session, rows.actor)


def test_the_same_trouble_is_counted_up_not_raised_twice(rows: Rows) -> None:
    first = raised(rows, 'dead:x')
    assert raised(rows, 'dead:x') == first
    with rows.db.reading() as session:
        (alert,) = open_alerts(session, rows.actor.scope)
        assert (alert.count, alert.last_at >= alert.opened_at) == (2, True)


def test_acknowledging_notes_who_and_when_and_leaves_it_open_but_out_of_the_count(rows: Rows) -> None:
    alert_id = raised(rows, 'dead:x')
    with rows.db.transaction() as session:
        acknowledge(session, person(rows.actor.tenant_id), alert_id)
    with rows.db.transaction() as session:
        again = acknowledge(session, person(rows.actor.tenant_id, name='Theo Lind'), alert_id)
        assert (again.acknowledged_by, again.acknowledged_at is not None) == ('Rosa Silva', True)
    with rows.db.reading() as session:
        assert unseen(session, rows.actor.scope) == 0 and len(open_alerts(session, rows.actor.scope)) == 1


def test_a_request_is_over_once_it_was_seen(rows: Rows) -> None:
    alert_id = raised(rows, f'access:{uuid4()}:System health')
    with rows.db.transaction() as session:
        acknowledge(session, person(rows.actor.tenant_id), alert_id)
    with rows.db.reading() as session:
        assert open_alerts(session, rows.actor.scope) == []
        assert [alert.id for alert in closed_alerts(session, rows.actor.scope, clock.now() - timedelta(days=7), limit=5)] == [alert_id]


def test_another_tenants_alert_does_not_exist_and_reading_is_not_enough(rows: Rows) -> None:
    alert_id = raised(rows, 'dead:x')
    with rows.db.transaction() as session, pytest.raises(NotFound):
        acknowledge(session, person(other_tenant(rows.db)), alert_id)
    with rows.db.transaction() as session, pytest.raises(Forbidden, match=Permission.ALERTS_ACKNOWLEDGE):
        acknowledge(session, person(rows.actor.tenant_id, Role.READ_ONLY), alert_id)
    with rows.db.reading() as session:
        found = session.get(Alert, alert_id)
        assert found is not None and found.acknowledged_at is None


def test_the_alert_about_dead_letters_ends_with_the_last_of_them(rows: Rows) -> None:
    place = rows.destination()
    for _ in range(2):
        rows.event()
        told(rows, rows.try_once(place, PERMANENT))
    assert is_open(rows) == [f'dead:{place}'] and close(rows) == 0
    one, other = rows.all()
    rows.replay(one.id)
    rows.try_once(place, SENT)
    assert close(rows) == 0
    with rows.db.transaction() as session:
        decided = resolve(session, rows.actor, [other.id])
    assert close(rows) == 1 and is_open(rows) == []
    with rows.db.transaction() as session:
        take_back(session, rows.actor, decided)
    assert rows.delivery(other.id).state is State.DEAD and close(rows) == 0


def test_a_dead_test_keeps_no_alert_open(rows: Rows) -> None:
    place = rows.destination()
    rows.test(place)
    rows.try_once(place, PERMANENT)
    raised(rows, f'dead:{place}')
    assert close(rows) == 1


@pytest.mark.parametrize('state', ['held', 'dead'])
def test_each_state_has_its_own_alert(rows: Rows, state: str) -> None:
    place = rows.destination()
    rows.event()
    rows.change(Delivery, rows.only().id, state=State(state))
    raised(rows, f'dead:{place}')
    raised(rows, f'held:{place}')
    assert close(rows) == 1 and is_open(rows) == [f'{state}:{place}']


def test_the_alert_about_a_paused_destination_ends_when_it_works_again(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    told(rows, rows.try_once(place, REFUSED))
    assert is_open(rows) == [f'destination:{place}'] and close(rows) == 0
    rows.change(Destination, place, paused_at=None)
    assert close(rows) == 1


def test_the_quarantine_alert_ends_when_it_is_empty(desk: Desk) -> None:
    quarantine_in_transaction(desk.db, desk.facts, Arrival(b'{}', 'application/json'), 'contact', [FieldError('email', 'is missing')])
    with desk.db.transaction() as session:
        assert close_over(session, system(desk.tenant_id)) == 0
    with desk.db.transaction() as session:
        session.connection().exec_driver_sql("update submissions set outcome = 'spam'")
    with desk.db.transaction() as session:
        assert close_over(session, system(desk.tenant_id)) == 1


def test_what_nobody_can_judge_stays_open_until_somebody_closes_it(rows: Rows) -> None:
    raised(rows, 'loss')
    raised(rows, 'dead:not-an-id')
    assert close(rows) == 0 and len(is_open(rows)) == 2


@pytest.mark.parametrize(
    ('key', 'expected'),
    [
        ('quarantine', ('quarantine', None)),
        ('dead:not an id', ('dead', None)),
        ('destination:018f0000-0000-7000-8000-000000000001', ('destination', UUID('018f0000-0000-7000-8000-000000000001'))),
    ],
)
def test_a_key_names_its_subject(key: str, expected: tuple[str, UUID | None]) -> None:
    assert subject(key) == expected
    assert not over_when_seen(key)
