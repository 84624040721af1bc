"""A lead typed in at the desk travels like every other one, and who is known already is shown while typing."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.base import clock
from domain.base.clock import now
from domain.base.errors import Forbidden, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope
from domain.desk.ledger import verify
from domain.desk.merging import merge
from domain.intake.desk import duplicates, new_lead, submit
from domain.intake.messages import Captured
from domain.leads.actions import close, snooze
from domain.tenancy.models import Location
from tasks.housekeeping import Housekeeping
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, groups_hold, lead_row, people_of
from tests.domain.rows import BOX, command, destination, table

ADA = {'name': 'Ada', 'email': 'ada@example.com', 'phone': '(415) 555-2671', 'message': 'Wants a quote today'}


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def added(desk: Desk, actor: Actor, **fields: Any) -> Captured:
    with desk.db.transaction() as session:
        return submit(session, actor, new_lead(ADA | fields), sign=BOX.sign, expire=timedelta(hours=72))


def found(desk: Desk, scope: Scope | None = None, **typed: str) -> list[tuple[UUID, str]]:
    with desk.db.reading() as session:
        return [(row.id, row.why) for row in duplicates(session, scope or Scope(desk.tenant_id), **typed)]


@pytest.mark.parametrize(('way', 'mine'), [('added by hand', False), ('phone', True), ('walk-in', True)])
def test_a_lead_by_hand_is_kept_like_every_other_one(desk: Desk, people: People, way: str, mine: bool) -> None:
    destination(desk.db, desk.tenant_id, 'all')
    captured = added(desk, people.dev, way=way, mine=mine, vehicle={'make': 'VW', 'year': 2020}, service='Tint')
    assert captured.lead_id and json.loads(captured.text)['leadId'] == str(captured.lead_id)
    row = lead_row(desk, captured.lead_id)
    assert (row['source'], row['quality'], row['facts']) == (way, 'hot', {'service': 'Tint', 'vehicle': {'year': '2020', 'make': 'VW'}})
    assert row['owner_id'] == (people.dev.id if mine else None)
    (receipt,) = table(desk.db, 'submissions')
    assert receipt['credential'] == f'desk:{people.dev.id.hex if people.dev.id else ""}' and json.loads(receipt['raw'])['name'] == 'Ada'
    assert len(table(desk.db, 'deliveries')) == 1 and len(table(desk.db, 'sla_clocks')) == 1
    with desk.db.reading() as session:
        assert verify(session, Scope(desk.tenant_id), None).good
    groups_hold(desk)


def test_somebody_we_know_is_found_and_a_double_click_makes_no_second_lead(desk: Desk, people: People) -> None:
    first = desk.capture(command(email='ADA@example.com'))[0].lead_id
    assert [added(desk, people.dev).lead_id for _ in range(2)] == [first, first]
    assert [row['outcome'] for row in table(desk.db, 'submissions')] == ['created', 'resubmitted', 'twin']


@pytest.mark.parametrize(
    ('fields', 'field'),
    [({'email': '', 'phone': ''}, 'email'), ({'email': 'no'}, 'email'), ({'quality': 'tepid'}, 'quality'), ({'bogus': 1}, 'bogus')],
)
def test_what_cannot_be_taken_is_named(desk: Desk, people: People, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as trouble:
        added(desk, people.dev, **fields)
    assert [error.field for error in trouble.value.errors] == [field]
    assert table(desk.db, 'leads') == []


def test_only_who_may_and_only_where_they_work(desk: Desk, people: People) -> None:
    with desk.db.transaction() as session:
        north = Location(tenant_id=desk.tenant_id, slug='north', name='North')
        session.add(north)
        session.flush()
        place = north.id
    scoped = Actor(Scope(desk.tenant_id, frozenset({place})), ActorType.AGENT, people.dev.id, 'Dev', Role.AGENT)
    with pytest.raises(Forbidden):
        added(desk, people.reader)
    with pytest.raises(Invalid, match='how the lead came'):
        added(desk, people.dev, way='carrier pigeon')
    for where in (uuid4(), desk.facts.place.id):
        with pytest.raises(NotFound):
            added(desk, scoped, location_id=where)
    lead_id = added(desk, scoped).lead_id
    assert lead_id and lead_row(desk, lead_id)['location_id'] == place
    known = desk.capture(command(email='far@example.com', message='x'))[0].lead_id
    assert added(desk, scoped, email='far@example.com', phone='', mine=True).lead_id == known
    assert known and lead_row(desk, known)['owner_id'] is None
    assert found(desk, scoped.scope, email='far@example.com', name='Ada') == [(lead_id, 'name')]


def test_lookalikes_by_address_number_and_name_in_this_order(desk: Desk, people: People) -> None:
    by_mail, by_phone, by_name, other = (
        each.lead_id
        for each in desk.capture(
            command(email='ada@example.com', name='A'),
            command(phone='+1 415 555 2671', name='B', message='b'),
            command(email='c@example.com', name='ADA King', message='c'),
            command(email='d@example.com', name='Ada', message='d'),
        )
    )
    assert found(desk, name='ada king', email='ADA@example.com', phone='415 555 2671') == [
        (by_mail, 'e-mail'),
        (by_phone, 'phone'),
        (by_name, 'name'),
    ]
    assert found(desk, name='Ad', email='ada@', phone='41') == [] == found(desk)
    assert by_name and other
    with desk.db.transaction() as session:
        merge(session, people.dev, by_name, other)
    assert found(desk, name='Ada') == [] and found(desk, email='d@example.com') == [(by_name, 'e-mail')]
    desk.capture(*(command(email=f'n{number}@example.com', name='Same Name', message=str(number)) for number in range(7)))
    assert len(found(desk, name='same name')) == 5


def test_a_closed_lead_that_writes_again_needs_a_reply_again(desk: Desk, people: People) -> None:
    lead_id = desk.capture(command(email='ada@example.com'))[0].lead_id
    assert lead_id
    with desk.db.transaction() as session:
        close(session, people.dev, [lead_id])
    groups_hold(desk)
    assert desk.capture(command(email='ada@example.com', message='Hello?'))[0].lead_id == lead_id
    assert lead_row(desk, lead_id)['inbox_group'] == 'needs_reply'
    groups_hold(desk)


def test_housekeeping_wakes_what_is_due_and_writes_nothing_before(desk: Desk, people: People) -> None:
    lead_id = desk.capture(command(email='ada@example.com'))[0].lead_id
    assert lead_id
    with desk.db.transaction() as session:
        snooze(session, people.dev, [lead_id], now() + timedelta(minutes=5))
    keeping = Housekeeping(desk.db, 'test')
    before = table(desk.db, 'leads')
    keeping.wake()
    assert table(desk.db, 'leads') == before
    clock.advance(timedelta(minutes=5, seconds=1))
    keeping.wake()
    assert lead_row(desk, lead_id)['status'] == 'open' and lead_row(desk, lead_id)['unread'] is True
    groups_hold(desk)
