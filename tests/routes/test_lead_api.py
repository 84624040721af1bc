"""The desk API of leads: change, assign, note, merge, and lists by owner and tag."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.base.clock import now
from domain.base.scope import Role, system
from tests.people import account
from tests.routes.house import PASSWORD, House, problem


def ask(house: House, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    headers = {'Authorization': f'Bearer {key or house.api_key("leads")}'}
    return house.ask(method, f'/api/v1{path}', headers=headers, **({'json': body} if body is not None else {}))


def made(house: House, **fields: Any) -> str:
    answer = house.post({'name': 'Ada', 'message': f'hello {uuid4()}', 'email': f'{uuid4().hex}@example.com'} | fields)
    return str(answer.json()['leadId'])


def person(house: House, name: str = 'Ines') -> str:
    with house.doors.db.transaction() as session:
        user = account(session, system(house.tenant_id), f'{uuid4().hex}@example.com', name, PASSWORD, Role.AGENT)
        return str(user.id)


def test_a_patch_changes_all_it_names_in_one_go(shared_house: House) -> None:
    house, lead_id, owner = shared_house, made(shared_house), person(shared_house)
    until = (now() + timedelta(hours=2)).isoformat()
    body = {'name': 'Grace', 'stage': 'qualified', 'quality': 'hot', 'tags': ['fleet'], 'ownerId': owner, 'snoozedUntil': until}
    answer = ask(house, 'PATCH', f'/leads/{lead_id}', body | {'vehicle': {'year': 2024, 'make': 'Tesla'}})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown.items() >= {'name': 'Grace', 'stage': 'qualified', 'quality': 'hot', 'tags': ['fleet'], 'ownerId': owner}.items()
    assert (shown['status'], shown['facts']['vehicle']) == ('snoozed', {'year': '2024', 'make': 'Tesla'}) and shown['snoozedUntil']
    assert shown == house.get(f'/api/v1/leads/{lead_id}')
    assert [row['id'] for row in house.get(f'/api/v1/leads?ownerId={owner}')['items']] == [lead_id]
    assert lead_id in [row['id'] for row in house.get('/api/v1/leads?tag=fleet')['items']]
    assert house.get('/api/v1/leads?tag=flee')['items'] == []
    back = ask(house, 'PATCH', f'/leads/{lead_id}', {'ownerId': None, 'snoozedUntil': None}).json()
    assert (back['ownerId'], back['status'], back['name']) == (None, 'open', 'Grace')
    titles = [entry['title'] for entry in house.get(f'/api/v1/leads/{lead_id}/timeline')['items']]
    assert {'Assigned to Ines', 'Owner removed', 'Reopened', 'Quality set to hot', 'Stage new → qualified'} <= set(titles)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({'email': 'no'}, 'email'),
    ({'stage': 'sold'}, 'stage'),
    ({'stage': 'lost'}, 'lostReason'),
    ({'bogus': 1}, 'bogus'),
    ({'tags': ['x' * 41]}, 'tags.0'),
    ({'status': 'snoozed'}, 'snoozedUntil'),
    ({'status': 'closed', 'snoozedUntil': '2999-01-01T00:00:00Z'}, 'status'),
    ({'snoozedUntil': '2999-01-01T00:00:00Z'}, 'snoozedUntil'),
    ({'snoozedUntil': '2026-01-01T00:00:00'}, 'snoozedUntil'),
    ({'ownerId': 'nobody'}, 'ownerId'),
]


@pytest.mark.parametrize(('body', 'field'), REFUSED)
def test_a_patch_that_cannot_be_names_the_field_and_changes_nothing(shared_house: House, body: dict[str, Any], field: str) -> None:
    lead_id = made(shared_house)
    before = shared_house.get(f'/api/v1/leads/{lead_id}')
    found = problem(ask(shared_house, 'PATCH', f'/leads/{lead_id}', {'name': 'Changed'} | body), 400)
    assert [error['field'] for error in found['errors']] == [field]
    assert shared_house.get(f'/api/v1/leads/{lead_id}') == before


def test_a_lead_is_assigned_to_somebody_of_this_desk(shared_house: House) -> None:
    house, lead_id, owner = shared_house, made(shared_house), person(shared_house)
    assert ask(house, 'POST', f'/leads/{lead_id}/assign', {'ownerId': owner}).json()['ownerId'] == owner
    problem(ask(house, 'POST', f'/leads/{lead_id}/assign', {'ownerId': str(uuid4())}), 404)
    problem(ask(house, 'POST', f'/leads/{lead_id}/assign', {}), 400)
    assert ask(house, 'POST', f'/leads/{lead_id}/assign', {'ownerId': None}).json()['ownerId'] is None


def test_a_note_stands_on_the_timeline(shared_house: House) -> None:
    lead_id = made(shared_house)
    answer = ask(shared_house, 'POST', f'/leads/{lead_id}/notes', {'text': 'Rang\x07 twice'})
    assert answer.status_code == 201
    last = shared_house.get(f'/api/v1/leads/{lead_id}/timeline')['items'][-1]
    assert (last['id'], last['description'], last['eventType']) == (answer.json()['id'], 'Rang twice', 'note')
    for text in ('', 'x' * 10_001):
        problem(ask(shared_house, 'POST', f'/leads/{lead_id}/notes', {'text': text}), 400)


def test_a_merged_lead_leads_to_the_kept_one(shared_house: House) -> None:
    house = shared_house
    kept, merged = made(house), made(house)
    answer = ask(house, 'POST', f'/leads/{kept}/merge', {'leadId': merged})
    assert answer.json()['leadId'] == kept
    assert house.get(f'/api/v1/leads/{merged}')['id'] == kept
    assert merged not in [row['id'] for row in house.get('/api/v1/leads?limit=200')['items']]
    assert ask(house, 'PATCH', f'/leads/{merged}', {'name': 'Both'}).json()['id'] == kept
    problem(ask(house, 'POST', f'/leads/{kept}/merge', {'leadId': merged}), 400)
    problem(ask(house, 'POST', f'/leads/{kept}/merge', {'leadId': str(uuid4())}), 404)


@pytest.mark.parametrize(
    ('method', 'path', 'body'),
    [
        ('PATCH', '/leads/{}', {'name': 'x'}),
        ('POST', '/leads/{}/assign', {'ownerId': None}),
        ('POST', '/leads/{}/notes', {'text': 'x'}),
        ('POST', '/leads/{}/merge', {'leadId': str(uuid4())}),
    ],
)
def test_only_keys_that_may_write_change_leads(shared_house: House, method: str, path: str, body: Any) -> None:
    house, lead_id = shared_house, made(shared_house)
    for scope in ('leads:read', 'intake', 'deliveries'):
        problem(ask(house, method, path.format(lead_id), body, key=house.api_key(scope)), 403, 'forbidden')
    problem(ask(house, method, path.format(uuid4()), body), 404)
