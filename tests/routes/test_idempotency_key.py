"""Idempotency-Key over HTTP: the same bytes again, another body refused, a refused request leaves its key free."""

import json
from typing import Any

from tests.routes.house import INTAKE, House, lead, problem

ADA: dict[str, Any] = {'name': 'Ada', 'email': 'ada@example.com', 'message': 'Please call me.'}
KEY = {'Idempotency-Key': 'order-1'}


def test_the_first_answer_comes_again_byte_for_byte(house: House) -> None:
    first = house.post(ADA, headers=KEY)
    again = house.post(json.dumps(dict(reversed(ADA.items())), indent=4).encode(), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201) and first.content == again.content
    assert 'idempotency-replayed' not in first.headers and again.headers['idempotency-replayed'] == 'true'
    found = problem(house.post(ADA | {'message': 'Something else'}, headers=KEY), 422, 'idempotency_key_reused')
    assert 'ada@example.com' not in str(found)
    assert house.count('leads') == house.count('submissions') == 1


def test_a_key_is_free_after_every_refusal(house: House) -> None:
    refused = [
        house.post(b'{', headers=KEY),
        house.post(ADA, headers=KEY | {'Content-Type': 'text/plain'}),
        house.post(ADA | {'email': 'broken'}, headers=KEY),
        house.post(ADA | {'message': 'x' * 70_000}, headers=KEY),
        house.post(ADA, headers=KEY, key='lk_wrong'),
    ]
    assert [answer.status_code for answer in refused] == [400, 415, 400, 413, 401]
    taken = house.post(ADA, headers=KEY)
    assert taken.status_code == 201 and 'idempotency-replayed' not in taken.headers


def test_a_key_belongs_to_one_route_and_one_credential(house: House) -> None:
    answers = [house.post(ADA, path=path, headers=KEY) for path in (*INTAKE, '/api/v1/leads')]
    answers.append(house.post(ADA, headers=KEY, key=house.api_key('leads')))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert not any('idempotency-replayed' in answer.headers for answer in answers)
    assert len({answer.json()['leadId'] for answer in answers}) == 1 and house.count('submissions') == 6


def test_many_at_once_make_one_lead(house: House) -> None:
    request = {'method': 'POST', 'path': INTAKE[0], **lead(ADA, headers=KEY)}
    answers = house.together(*[request] * 32)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert all(int(answer.headers['retry-after']) > 0 for answer in answers if answer.status_code == 409)
    assert house.count('leads') == house.count('submissions') == house.count('idempotency_keys') == 1


def test_many_people_at_once_are_all_kept(house: House) -> None:
    requests = [{'method': 'POST', 'path': INTAKE[n % 4], **lead(ADA | {'email': f'p{n}@example.com'})} for n in range(64)]
    answers = house.together(*requests)
    assert [answer.status_code for answer in answers] == [201] * 64
    assert len({answer.json()['leadId'] for answer in answers}) == house.count('leads') == 64


def test_a_visitor_who_sent_a_plain_form_sees_a_page_whatever_was_wrong(house: House) -> None:
    key = house.widget_key('https://shop.example')
    answer = house.ask('POST', f'{INTAKE[0]}?key={key}', data={'email': 'broken', 'name': 'Ada'}, headers={'Accept': 'text/html'})
    assert answer.status_code == 303 and answer.headers['location'].startswith('/thanks/')
    assert house.count('submissions', "outcome = 'quarantined'") == 1
    script = house.ask('POST', f'{INTAKE[0]}?key={key}', data={'email': 'broken', 'name': 'Ada'}, headers={'Accept': 'application/json'})
    assert script.status_code == 202 and script.json()['quarantined'] is True
