"""Assignment over HTTP: the rule, who is there, and who would get a lead; who may change what."""

from typing import Any

import pytest

from domain.base.scope import Role
from tests.routes.house import ADMIN_KEY, House, problem
from ui.pages import entrance


def bearer(key: str = ADMIN_KEY) -> dict[str, str]:
    return {'Authorization': f'Bearer {key}'}


def patch(house: House, path: str, body: Any, key: str = ADMIN_KEY) -> Any:
    return house.ask('PATCH', f'/api/v1{path}', json=body, headers=bearer(key))


def people(house: House) -> dict[str, dict[str, Any]]:
    return {row['name']: row for row in house.get('/api/v1/users')['items']}


@pytest.fixture
def staffed(house: House) -> House:
    for name in ('dev', 'ines'):
        house.person(f'{name}@example.com', Role.AGENT)
    return house


def test_the_rule_is_read_and_changed(house: House) -> None:
    first = {'enabled': True, 'queue': 'Arrivals', 'takeBackSeconds': None, 'defaultCapacity': 50}
    assert house.get('/api/v1/assignment') == first
    assert patch(house, '/assignment', {'defaultCapacity': None}).json()['defaultCapacity'] is None
    assert house.get('/api/v1/assignment') == first | {'defaultCapacity': None}, 'no limit is kept as none'
    patch(house, '/assignment', {'defaultCapacity': 50})
    answer = patch(house, '/assignment', {'takeBackSeconds': 600, 'queue': 'Front desk'})
    assert (answer.status_code, answer.json()) == (200, first | {'takeBackSeconds': 600, 'queue': 'Front desk'})
    assert patch(house, '/assignment', {'takeBackSeconds': None}).json()['takeBackSeconds'] is None
    assert house.get('/api/v1/assignment')['queue'] == 'Front desk'
    made = house.post({'name': 'Ada', 'email': 'ada@example.com'}).json()
    lead = house.get(f'/api/v1/leads/{made["leadId"]}')
    assert (lead['queue'], lead['ownerId']) == ('Front desk', None)
    patch(house, '/assignment', {'enabled': False})
    made = house.post({'name': 'Bo', 'email': 'bo@example.com'}).json()
    assert house.get(f'/api/v1/leads/{made["leadId"]}')['queue'] is None, 'intake knows at once'


@pytest.mark.parametrize(
    'body',
    [
        {'enabled': None},
        {'queue': ''},
        {'queue': ' '},
        {'queue': 'x' * 65},
        {'takeBackSeconds': 0},
        {'takeBackSeconds': -5},
        {'rule': 1},
        [],
    ],
)
def test_a_rule_that_cannot_be(house: House, body: Any) -> None:
    problem(patch(house, '/assignment', body), 400)
    assert house.get('/api/v1/assignment')['queue'] == 'Arrivals'


def test_who_is_there_and_what_they_take(staffed: House) -> None:
    dev = people(staffed)['dev']
    assert (dev['present'], dev['capacity'], dev['skills'], dev['locationIds'], dev['presentAt']) == (False, None, [], [], None)
    place = staffed.get('/api/v1/locations')['items'][0]['id']
    wanted = {'present': True, 'capacity': 3, 'skills': ['Tint', 'tint'], 'locationIds': [place]}
    answer = patch(staffed, f'/users/{dev["id"]}', wanted)
    assert answer.status_code == 200, answer.text
    row = people(staffed)['dev']
    assert (row['present'], row['capacity'], row['skills'], row['locationIds']) == (True, 3, ['Tint'], [place])
    assert row['presentAt'] is not None and row == answer.json()
    assert patch(staffed, f'/users/{dev["id"]}', {'capacity': None}).json()['capacity'] is None
    problem(patch(staffed, f'/users/{dev["id"]}', {'capacity': -1}), 400)
    problem(patch(staffed, f'/users/{dev["id"]}', {'locationIds': [dev['id']]}), 404)
    problem(patch(staffed, f'/users/{place}', {'present': True}), 404)
    problem(patch(staffed, f'/users/{dev["id"]}', {'present': True}, staffed.api_key('leads')), 403)
    problem(patch(staffed, '/assignment', {'enabled': False}, staffed.api_key('leads')), 403)


def test_who_would_get_it_and_why(staffed: House) -> None:
    made = staffed.post({'name': 'Ada', 'email': 'ada@example.com', 'service': 'Tint'}, path='/api/chatbot/leads').json()
    nobody = staffed.get(f'/api/v1/assignment/preview?leadId={made["leadId"]}')
    assert (nobody['ownerId'], nobody['queue']) == (None, 'Arrivals') and nobody['why'].startswith('Nobody can take it: dev is away')
    found = people(staffed)
    for name in ('dev', 'ines'):
        patch(staffed, f'/users/{found[name]["id"]}', {'present': True})
    patch(staffed, f'/users/{found["ines"]["id"]}', {'skills': ['tint']})
    some = staffed.get(f'/api/v1/assignment/preview?leadId={made["leadId"]}')
    assert (some['owner'], some['ownerId'], some['queue']) == ('ines', found['ines']['id'], None)
    assert [(each['name'], each['can'], each['why']) for each in some['people']] == [
        ('dev', False, 'does not know tint'),
        ('ines', True, 'can take it, with 0 of 50 waiting leads'),
    ]
    place = staffed.get('/api/v1/locations')['items'][0]['id']
    assert staffed.get(f'/api/v1/assignment/preview?locationId={place}')['owner'] == 'dev'
    assert staffed.get('/api/v1/assignment/preview?tag=TINT')['owner'] == 'ines'
    assert staffed.get('/api/v1/assignment/preview?service=tint%20of%20a%20roof')['owner'] == 'ines'
    assert staffed.get(f'/api/v1/leads/{made["leadId"]}')['ownerId'] is None, 'nothing was written'
    problem(staffed.ask('GET', f'/api/v1/assignment/preview?leadId={place}', headers=bearer()), 404)
    problem(staffed.ask('GET', f'/api/v1/assignment/preview?locationId={made["leadId"]}', headers=bearer()), 404)


def test_an_owner_is_removed_and_the_lead_is_in_the_queue(staffed: House) -> None:
    made = staffed.post({'name': 'Ada', 'email': 'ada@example.com'}).json()
    path = f'/leads/{made["leadId"]}'
    owned = patch(staffed, path, {'ownerId': people(staffed)['dev']['id']}).json()
    assert (owned['queue'], owned['ownerId']) == (None, people(staffed)['dev']['id'])
    back = patch(staffed, path, {'ownerId': None}).json()
    assert (back['queue'], back['ownerId']) == ('Arrivals', None) and back['nextAt']


def test_somebody_says_for_themselves_whether_they_are_there(staffed: House) -> None:
    staffed.fast.include_router(entrance.router)
    signed_in = staffed.sign_in('dev@example.com')
    cookies = {'Cookie': signed_in.headers['set-cookie'].partition(';')[0], 'Sec-Fetch-Site': 'same-origin'}
    found = people(staffed)

    def ask(name: str, body: Any) -> Any:
        return staffed.ask('PATCH', f'/api/v1/users/{found[name]["id"]}', json=body, headers=cookies)

    answer = ask('dev', {'present': True})
    assert (answer.status_code, answer.json().get('present')) == (200, True), answer.text
    problem(ask('ines', {'present': True}), 403)
    problem(ask('dev', {'capacity': 500}), 403)
    assert people(staffed)['dev']['capacity'] is None and people(staffed)['ines']['present'] is False
