"""What strangers are told: their receipt, their deadline, and nothing about anybody the desk knows."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.base import clock
from tests.domain.rows import copy_of
from tests.routes.house import INTAKE, House, lead, problem

_numbers = itertools.count()
ORIGIN = 'https://shop.example'


def person(**fields: Any) -> dict[str, Any]:
    return {'name': 'Bo', 'email': f'stranger{next(_numbers)}@example.com', 'message': 'Please call me.'} | fields


def seconds_left(answer: httpx.Response) -> float:
    return (datetime.fromisoformat(answer.json()['slaDeadline']) - datetime.now(UTC)).total_seconds()


def test_known_and_unknown_people_get_the_same_answer(shared_house: House) -> None:
    widget = {'X-Widget-Key': shared_house.widget_key(ORIGIN)}
    known = person(message='Quote today please, my number is there', phone='+1 415 555 2671')
    first = shared_house.post(known)  # hot, through another credential
    cold = {'name': 'Bo', 'message': 'just looking around'}
    answers = [
        shared_house.post(cold | {'email': known['email']}, key=None, headers=widget),
        shared_house.post(cold | {'email': person()['email']}, key=None, headers=widget),
    ]
    lead_id = first.json()['leadId']
    for answer in answers:
        body = answer.json()
        assert answer.status_code == 201
        assert list(body) == ['leadId', 'conversationId', 'eventId', 'receiptId', 'quality', 'slaDeadline', 'duplicate']
        assert body['quality'] == 'cold' and body['duplicate'] is False
        assert seconds_left(answer) == pytest.approx(86_400, abs=30)
        assert body['leadId'] == body['conversationId'] == body['receiptId'].partition('.')[0] != lead_id
        assert UUID(body['eventId']).version == 7
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}
    assert shared_house.get(f'/api/v1/leads/{answers[0].json()["leadId"]}')['id'] == lead_id
    other = shared_house.get(f'/api/v1/leads/{answers[1].json()["leadId"]}')
    assert other['id'] not in (lead_id, answers[1].json()['leadId'])


def test_duplicate_is_told_only_within_the_key(shared_house: House) -> None:
    body, one, two = person(), *({'X-Widget-Key': shared_house.widget_key(ORIGIN)} for _ in range(2))
    first, again, elsewhere = (shared_house.post(body, key=None, headers=key) for key in (one, one, two))
    assert [answer.json()['duplicate'] for answer in (first, again, elsewhere)] == [False, True, False]
    assert again.json()['leadId'] == first.json()['leadId'] and again.json()['receiptId'] != first.json()['receiptId']
    assert shared_house.ask('GET', f'/api/intake/receipts/{again.json()["receiptId"]}').json()['kept'] is True


def test_a_visitor_does_not_grade_and_a_key_does(shared_house: House) -> None:
    widget = {'X-Widget-Key': shared_house.widget_key(ORIGIN)}
    assert shared_house.post(person(quality='hot', message='hello'), key=None, headers=widget).json()['quality'] == 'cold'
    assert shared_house.post(person(quality='nonsense'), key=None, headers=widget).status_code == 201
    assert shared_house.post(person(quality='hot', message='hello')).json()['quality'] == 'hot'
    assert shared_house.post(person(quality='hot', message='hello'), key=shared_house.api_key('leads')).json()['quality'] == 'hot'
    assert shared_house.post(person(quality='hot', message='hello'), key=shared_house.api_key('intake')).json()['quality'] == 'cold'
    assert problem(shared_house.post(person(quality='nonsense')), 400)['errors'][0]['field'] == 'quality'


def test_a_key_without_a_scope_for_leads_hands_none_in(shared_house: House) -> None:
    problem(shared_house.post(person(), key=shared_house.api_key('health:read')), 403, 'forbidden')
    assert shared_house.post(person(), key=shared_house.api_key('leads:capture')).status_code == 201


def test_receipts_are_checked_by_their_signature(shared_house: House) -> None:
    receipt = shared_house.post(person()).json()['receiptId']
    good = shared_house.ask('GET', f'/api/intake/receipts/{receipt}')
    assert good.status_code == 200 and set(good.json()) == {'kept', 'at'} and good.json()['kept'] is True
    text, _, signature = receipt.partition('.')
    flipped = ('1' if signature[0] == '0' else '0') + signature[1:]
    foreign = f'{UUID(int=UUID(text).int ^ 1)}.{signature}'
    unknown = UUID(int=7)
    for id_ in (
        f'{text}.{flipped}',
        text,
        f'{text}.',
        foreign,
        f'{unknown}.{shared_house.doors.box.sign(str(unknown))}',
        'x',
        '%00.%00',
        f'{text}.%C3%A9',
    ):
        found = problem(shared_house.ask('GET', f'/api/intake/receipts/{id_}'), 404, 'not_found')
        assert text not in found['detail']


def test_a_page_of_a_named_origin_may_read_and_no_other(shared_house: House) -> None:
    key = {'X-Widget-Key': shared_house.widget_key(ORIGIN)}
    good = shared_house.post(person(), key=None, headers={**key, 'Origin': ORIGIN})
    assert good.headers['access-control-allow-origin'] == ORIGIN and 'origin' in good.headers['vary'].lower()
    assert 'access-control-allow-credentials' not in good.headers
    wrong = shared_house.post(b'{', key=None, headers={**key, 'Origin': ORIGIN})
    assert problem(wrong, 400) and wrong.headers['access-control-allow-origin'] == ORIGIN
    for origin in (
        ORIGIN + '.evil.com',
        'https://good.example.evil.com',
        'null',
        'http://shop.example',
        ORIGIN + ':8443',
        ORIGIN.upper(),
        '',
    ):
        before = shared_house.count('submissions')
        answer = shared_house.post(person(), key=None, headers={**key, 'Origin': origin})
        problem(answer, 403)
        assert 'access-control-allow-origin' not in answer.headers and shared_house.count('submissions') == before


@pytest.mark.parametrize('path', INTAKE)
def test_preflight_names_only_known_origins(shared_house: House, path: str) -> None:
    shared_house.widget_key(ORIGIN)
    asked = {'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-widget-key, content-type'}
    good = shared_house.ask('OPTIONS', path, headers={'Origin': ORIGIN, **asked})
    assert good.status_code == 204 and good.headers['access-control-allow-origin'] == ORIGIN
    assert 'X-Widget-Key' in good.headers['access-control-allow-headers']
    for origin in ('https://shop.example.evil.com', 'null', ''):
        assert 'access-control-allow-origin' not in shared_house.ask('OPTIONS', path, headers={'Origin': origin, **asked}).headers


def test_the_customer_site_may_read_without_a_key(open_house: Callable[..., House], tmp_path: Path, migrated: Callable[[str], str]) -> None:
    house = open_house(copy_of(migrated('sqlite'), tmp_path / 'site.sqlite3'), frontend_url='https://site.example')
    answers = {o: house.post(person(), key=None, headers={'Origin': o}) for o in ('https://site.example', 'https://evil.example')}
    assert answers['https://site.example'].headers['access-control-allow-origin'] == 'https://site.example'
    assert 'access-control-allow-origin' not in answers['https://evil.example'].headers


def test_plain_forms_get_a_page_and_scripts_get_json(house: House) -> None:
    headers = {'Content-Type': 'application/x-www-form-urlencoded', 'Authorization': lead({})['headers']['Authorization']}
    form = {'name': 'Åsa', 'email': 'asa@example.com', 'message': 'Hej', 'metadata.utmSource': 'mail', 'colour': 'red'}
    page = house.ask('POST', INTAKE[0], data=form, headers={**headers, 'Accept': 'text/html,application/xhtml+xml;q=0.9'})
    assert page.status_code == 303 and page.headers['location'].startswith('/thanks/')
    assert 'text/html' in house.ask('GET', page.headers['location']).headers['content-type']
    script = house.ask('POST', INTAKE[3], data=form | {'email': 'other@example.com'}, headers={**headers, 'Accept': 'application/json'})
    assert script.status_code == 201
    row = house.get(f'/api/v1/leads/{script.json()["leadId"]}')
    assert row['name'] == 'Åsa' and row['facts']['origin'] == {'utmSource': 'mail'}
    assert 'colour=red' in house.get(f'/api/v1/receipts/{script.json()["receiptId"]}')['raw']
    with house.doors.db.transaction() as session:
        session.connection().exec_driver_sql("update forms set thanks_url = 'https://shop.example/thanks'")
    house.doors.facts.drop()
    page = house.ask('POST', INTAKE[3], data=form | {'email': 'third@example.com'}, headers={**headers, 'Accept': 'text/html'})
    assert (page.status_code, page.headers['location']) == (303, 'https://shop.example/thanks')


def test_a_form_names_its_own_fields(house: House) -> None:
    fields = json.dumps({'mail': 'email', 'who': 'name'})
    with house.doors.db.transaction() as session:
        session.connection().exec_driver_sql(f"update forms set fields = '{fields}'".replace(':', ': ').replace('%', '%%'))
    house.doors.facts.drop()
    answer = house.post({'mail': 'ada@example.com', 'who': 'Ada', 'shoe': 42}, path=INTAKE[3])
    assert house.get(f'/api/v1/leads/{answer.json()["leadId"]}')['name'] == 'Ada'


def test_many_wrong_ones_at_once_are_all_put_aside(house: House) -> None:
    key = {'X-Widget-Key': house.widget_key(ORIGIN)}
    requests = [{'method': 'POST', 'path': INTAKE[0], **lead({'email': f'broken {i}'}, key=None, headers=key)} for i in range(12)]
    assert [answer.status_code for answer in house.together(*requests)] == [202] * 12
    assert house.count('submissions', "outcome = 'quarantined'") == 12
    assert house.count('alerts') == 1


def test_a_twin_after_ten_minutes_wrote_again(house: House) -> None:
    body, destination = person(), house.destination()
    house.doors.facts.drop()
    first = house.post(body)
    again = house.post(body)
    assert again.json()['duplicate'] is True
    assert house.count('deliveries') == 1 and house.count('submissions', "outcome = 'twin'") == 1
    clock.advance(timedelta(minutes=10, seconds=1))
    house.doors.facts.drop()
    later = house.post(body)
    assert later.json()['duplicate'] is False and later.json()['leadId'] == first.json()['leadId']
    assert house.count('deliveries') == 2 and house.count('leads') == 1, destination
    assert [row[0] for row in house.rows('select outcome from submissions order by id')] == ['created', 'twin', 'resubmitted']
