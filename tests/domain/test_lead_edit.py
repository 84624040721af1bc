"""Changing a lead's fields by hand: what they may be, what follows from them, and the way back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from domain.base.clock import now
from domain.base.errors import Conflict, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope
from domain.leads.editing import edit, undo
from domain.leads.messages import LeadEdit, Undo
from domain.leads.models import Status
from domain.leads.queries import leads
from domain.tenancy.models import Location
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, groups_hold, lead_row, people_of
from tests.domain.rows import command, table


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def captured(desk: Desk, **fields: Any) -> UUID:
    lead_id = desk.capture(command(**({'email': 'ada@example.com', 'phone': '+14155552671'} | fields)))[0].lead_id
    assert lead_id
    return lead_id


def act(desk: Desk, deed: Callable[..., Any], actor: Actor, *args: Any) -> Any:
    with desk.db.transaction() as session:
        return deed(session, actor, *args)


def identities(desk: Desk, lead_id: UUID) -> set[str]:
    return {row['value'] for row in table(desk.db, 'lead_identities') if row['lead_id'] == lead_id}


def place(desk: Desk, name: str = 'North') -> UUID:
    with desk.db.transaction() as session:
        row = Location(tenant_id=desk.tenant_id, slug=name.lower(), name=name, time_zone='Europe/Berlin')
        session.add(row)
        session.flush()
        return row.id


EDITS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({'name': '  Grace\x00 Hopper '}, {'name': 'Grace Hopper'}, 'Changed name', 'lead.updated'),
    ({'stage': 'qualified'}, {'stage': 'qualified', 'status': 'open'}, 'Stage new → qualified', 'lead.status_changed'),
    ({'stage': 'lost', 'lostReason': 'price'}, {'stage': 'lost', 'lost_reason': 'price'}, 'Stage new → lost', 'lead.status_changed'),
    ({'status': 'closed'}, {'status': 'closed', 'inbox_group': 'closed'}, 'Status open → closed', 'lead.status_changed'),
    ({'status': 'waiting'}, {'status': 'waiting', 'inbox_group': 'in_conversation'}, 'Status open → waiting', 'lead.status_changed'),
    ({'quality': 'hot'}, {'quality': 'hot', 'quality_reason': 'Set by Dev.'}, 'Quality set to hot', 'lead.updated'),
    ({'tags': [' Fleet', 'fleet', '', 'VIP']}, {'tags': ['Fleet', 'VIP']}, 'Changed tags', 'lead.updated'),
    (
        {'vehicle': {'year': 2024, 'make': 'Tesla', 'size': ''}},
        {'facts': {'vehicle': {'year': '2024', 'make': 'Tesla'}}},
        'Changed vehicle',
        'lead.updated',
    ),
    ({'email': 'NEW@Example.com'}, {'email': 'NEW@Example.com'}, 'Changed e-mail', 'lead.updated'),
    ({'phone': ''}, {'phone': ''}, 'Changed phone', 'lead.updated'),
    ({'name': 'B', 'tags': ['x']}, {'name': 'B', 'tags': ['x']}, 'Changed name, tags', 'lead.updated'),
]


@pytest.mark.parametrize(('fields', 'expected', 'title', 'event'), EDITS)
def test_an_edit_changes_what_it_names_tells_it_and_can_be_undone(
    desk: Desk, people: People, fields: dict[str, Any], expected: dict[str, Any], title: str, event: str
) -> None:
    lead_id = captured(desk)
    before, known, clocks = lead_row(desk, lead_id), identities(desk, lead_id), table(desk.db, 'sla_clocks')
    done: Undo = act(desk, edit, people.dev, lead_id, LeadEdit.model_validate(fields))
    row = lead_row(desk, lead_id)
    assert {name: row[name] for name in expected} == expected and row['version'] == 2
    assert table(desk.db, 'conversation_timeline')[-1]['title'].startswith(title) and done.what.startswith(title)
    assert [(e['event_type'], e['lead_seq']) for e in table(desk.db, 'lead_events')] == [('lead.created', 1), (event, 2)]
    groups_hold(desk)
    assert act(desk, edit, people.dev, lead_id, LeadEdit.model_validate(fields)).changes == ()
    act(desk, undo, people.dev, done)
    row = lead_row(desk, lead_id)
    assert row == before | {'version': 3, 'changed_at': row['changed_at']}
    assert identities(desk, lead_id) == known and table(desk.db, 'sla_clocks') == clocks
    groups_hold(desk)


@pytest.mark.parametrize(
    ('fields', 'field'),
    [
        ({'email': 'not an address'}, 'email'),
        ({'phone': '12'}, 'phone'),
        ({'email': '', 'phone': ''}, 'email'),
        ({'stage': 'lost'}, 'lostReason'),
        ({'lost_reason': 'why'}, 'lostReason'),
        ({'status': 'snoozed'}, 'snoozedUntil'),
        ({'quality_reason': 'why'}, 'qualityReason'),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_changes_nothing(desk: Desk, people: People, fields: dict[str, Any], field: str) -> None:
    lead_id = captured(desk)
    before = lead_row(desk, lead_id)
    with pytest.raises(Invalid) as trouble:
        act(desk, edit, people.dev, lead_id, LeadEdit.model_validate(fields))
    assert [error.field for error in trouble.value.errors] == [field]
    assert lead_row(desk, lead_id) == before and len(table(desk.db, 'lead_events')) == 1


@pytest.mark.parametrize(
    'fields',
    [{'tags': ['x'] * 1 + ['t' * 41]}, {'tags': [str(n) for n in range(21)]}, {'name': 'x' * 301}, {'owner': 1}, {'stage': 'sold'}],
)
def test_what_is_too_long_or_unknown_is_no_edit(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LeadEdit.model_validate(fields)


def test_a_new_address_is_what_the_lead_is_recognised_by(desk: Desk, people: People) -> None:
    lead_id = captured(desk)
    act(desk, edit, people.dev, lead_id, LeadEdit(email='grace@example.com', phone='(415) 555-2672'))
    assert identities(desk, lead_id) == {'grace@example.com', '+14155552672'}
    assert desk.capture(command(email='Grace@example.com', message='again'))[0].lead_id == lead_id
    assert desk.capture(command(email='ada@example.com', message='somebody else now'))[0].lead_id != lead_id


def test_the_same_address_in_other_letters_is_no_new_one(desk: Desk, people: People) -> None:
    lead_id = captured(desk)
    act(desk, edit, people.dev, lead_id, LeadEdit(email='ADA@example.com', phone='+1 415 555 2671'))
    assert identities(desk, lead_id) == {'ada@example.com', '+14155552671'}


def test_an_address_of_another_lead_is_refused_and_the_lead_named(desk: Desk, people: People) -> None:
    one, two = captured(desk), captured(desk, email='bo@example.com', phone='', name='Bo Ek', message='b')
    with pytest.raises(Conflict, match=rf'belongs to Bo Ek \(L-{two.hex[-8:].upper()}\)'):
        act(desk, edit, people.dev, one, LeadEdit(email='BO@example.com', name='Changed'))
    assert lead_row(desk, one)['name'] == 'Ada'
    scoped = Actor(Scope(desk.tenant_id, frozenset({place(desk)})), ActorType.AGENT, people.dev.id, 'Dev', Role.AGENT)
    act(desk, edit, people.dev, one, LeadEdit(location_id=next(iter(scoped.scope.location_ids or ()))))
    with pytest.raises(Conflict) as trouble:
        act(desk, edit, scoped, one, LeadEdit(email='bo@example.com'))
    assert 'Bo' not in trouble.value.detail


def test_a_lead_moves_only_to_places_its_agent_works_for(desk: Desk, people: People) -> None:
    lead_id, north = captured(desk), place(desk)
    here = lead_row(desk, lead_id)['location_id']
    scoped = Actor(Scope(desk.tenant_id, frozenset({here})), ActorType.AGENT, people.dev.id, 'Dev', Role.AGENT)
    for actor, where in ((scoped, north), (people.dev, uuid4())):
        with pytest.raises(NotFound):
            act(desk, edit, actor, lead_id, LeadEdit(location_id=where))
    act(desk, edit, people.dev, lead_id, LeadEdit(location_id=north))
    assert lead_row(desk, lead_id)['location_id'] == north
    assert table(desk.db, 'lead_events')[-1]['payload']['location']['timeZone'] == 'Europe/Berlin'
    with pytest.raises(NotFound):
        act(desk, edit, scoped, lead_id, LeadEdit(name='gone from here'))


def test_colder_by_hand_has_longer_and_an_answered_clock_does_not_move(desk: Desk, people: People) -> None:
    lead_id = captured(desk, message='I want a quote today')
    before = table(desk.db, 'sla_clocks')[0]
    act(desk, edit, people.dev, lead_id, LeadEdit.model_validate({'quality': 'cold'}))
    assert table(desk.db, 'sla_clocks')[0]['due_at'] == before['started_at'] + timedelta(hours=24) == lead_row(desk, lead_id)['next_at']
    before = table(desk.db, 'sla_clocks')[0]
    with desk.db.transaction() as session:
        session.connection().exec_driver_sql('update sla_clocks set answered_at = started_at')
        session.connection().exec_driver_sql('update conversations set first_response_at = created_at')
    act(desk, edit, people.dev, lead_id, LeadEdit.model_validate({'quality': 'hot'}))
    assert table(desk.db, 'sla_clocks')[0]['due_at'] == before['due_at']


def test_a_status_by_edit_is_the_same_as_by_its_own_deed(desk: Desk, people: People) -> None:
    lead_id = captured(desk)
    act(desk, edit, people.dev, lead_id, LeadEdit(status=Status.CLOSED))
    assert table(desk.db, 'sla_clocks')[0]['stopped_at'] is not None
    act(desk, edit, people.dev, lead_id, LeadEdit(status=Status.OPEN))
    assert table(desk.db, 'sla_clocks')[0]['stopped_at'] is None
    assert lead_row(desk, lead_id)['next_at'] - now() < timedelta(hours=24)
    groups_hold(desk)


@pytest.mark.parametrize('tag', ['VIP', 'größer', '6" lift', '100%_\\', 'a, "b"', '[x'])
def test_leads_are_found_by_tag_and_owner(desk: Desk, people: People, tag: str) -> None:
    one, two = captured(desk), captured(desk, email='bo@example.com', phone='', message='b')
    act(desk, edit, people.dev, one, LeadEdit(tags=['first', tag]))
    act(desk, edit, people.dev, two, LeadEdit(tags=[f'x{tag}', f'{tag}x', f'a"{tag}', 'b']))
    with desk.db.reading() as session:
        found = leads(session, Scope(desk.tenant_id), limit=10, tag=tag)
        assert [lead.id for lead in found] == [one]
        assert leads(session, Scope(desk.tenant_id), limit=10, owner_id=people.dev.id) == []


def test_undoing_a_move_tells_of_the_place_the_lead_is_back_in(desk: Desk, people: People) -> None:
    lead_id, north = captured(desk), place(desk)
    home = lead_row(desk, lead_id)['location_id']
    ((name, zone),) = [(row['name'], row['time_zone']) for row in table(desk.db, 'locations') if row['id'] == home]
    moved = act(desk, edit, people.dev, lead_id, LeadEdit(location_id=north))
    act(desk, undo, people.dev, moved)
    assert lead_row(desk, lead_id)['location_id'] == home
    *_, there, back = sorted((row for row in table(desk.db, 'lead_events') if row['lead_id'] == lead_id), key=lambda row: row['id'])
    assert [each['payload']['location'] for each in (there, back)] == [
        {'id': str(north), 'name': 'North', 'timeZone': 'Europe/Berlin'},
        {'id': str(home), 'name': name, 'timeZone': zone},
    ]
