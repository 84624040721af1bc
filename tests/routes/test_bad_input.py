"""What bad input gets, on every intake route."""

import itertools
import json
from typing import Any

import pytest

from tests.routes.house import INTAKE, House, chunks, lead, problem, silent

_numbers = itertools.count()


def person(**fields: Any) -> dict[str, Any]:
    return {'name': 'Ada', 'email': f'bad{next(_numbers)}@example.com', 'message': 'Please call me.'} | fields


UNREADABLE = [
    (b'not json', 'text'),
    (b'', 'nothing'),
    (b'[]', 'list'),
    (b'"text"', 'string'),
    (b'null', 'null'),
    (b'{"email": "a@example.com", "budget": NaN}', 'nan'),
    (b'{"email": "a@example.com", "budget": Infinity}', 'infinity'),
    (b'[' * 3000 + b']' * 3000, 'nested list'),
    (b'{"a":' * 3000 + b'1' + b'}' * 3000, 'nested object'),
    (b'{"email": "a@example.com", "name": "\xff\xfe"}', 'broken utf-8'),
    (b'{"email": "a@example.com", "name": "\\ud800"}', 'lone surrogate'),
    (b'{"email": "a@example.com", "name": "\xed\xa0\x80"}', 'encoded surrogate'),
]


@pytest.mark.parametrize('key', ['api', 'none'])
@pytest.mark.parametrize('path', INTAKE)
def test_unreadable_bodies_are_refused_and_nothing_is_kept(shared_house: House, path: str, key: str) -> None:
    before = shared_house.count('submissions')
    for body, what in UNREADABLE:
        answer = shared_house.post(body, path=path, **({'key': None} if key == 'none' and shared_house.doors.db.is_sqlite else {}))
        assert problem(answer, 400, 'invalid'), what
    assert shared_house.count('submissions') == before


@pytest.mark.parametrize('content_type', ['text/plain', 'multipart/form-data', 'application/xml', '', 'application/jsonx'])
def test_other_content_types_are_refused(shared_house: House, content_type: str) -> None:
    problem(shared_house.post(person(), headers={'Content-Type': content_type}), 415, 'unsupported_media_type')


@pytest.mark.parametrize('path', INTAKE)
def test_over_64_kb_is_refused_announced_or_not(shared_house: House, path: str) -> None:
    big = json.dumps(person(message='x' * 70_000)).encode()
    problem(shared_house.post(big, path=path), 413, 'too_large')
    parts = lead(b'', headers={'Content-Type': 'application/json'})
    problem(shared_house.ask('POST', path, headers=parts['headers'], content=chunks(70_000)), 413, 'too_large')


@pytest.mark.parametrize('path', ['/api/v1/leads', '/api/v1/destinations', '/api/v1/deliveries/replay'])
def test_over_64_kb_is_refused_by_the_desk_api_too(shared_house: House, path: str) -> None:
    problem(shared_house.post(b'{"a": "' + b'x' * 70_000 + b'"}', path=path), 413, 'too_large')
    parts = lead(b'')
    problem(shared_house.ask('POST', path, headers=parts['headers'], content=chunks(70_000)), 413, 'too_large')


def test_64_kb_exactly_is_taken(shared_house: House) -> None:
    body = json.dumps(person(extra='')).encode()
    body = body.replace(b'"extra": ""', b'"extra": "' + b'x' * (65_536 - len(body)) + b'"')
    assert len(body) == 65_536
    assert shared_house.post(body).status_code == 201


WRONG = [
    ({'email': '', 'phone': ''}, 'email'),
    ({'email': 'no at sign'}, 'email'),
    ({'email': 'a@b'}, 'email'),
    ({'email': '', 'phone': '123'}, 'phone'),
    ({'message': 'x' * 10_001}, 'message'),
    ({'name': 'x' * 301}, 'name'),
    ({'email': 'x' * 321 + '@example.com'}, 'email'),
    ({'name': {'first': 'Ada'}}, 'name'),
    ({'message': ['a']}, 'message'),
    ({'metadata': 'text'}, 'metadata'),
]


@pytest.mark.parametrize(('fields', 'named'), WRONG, ids=lambda value: str(value)[:30])
def test_wrong_values_are_named_to_keys_and_put_aside_for_visitors(shared_house: House, fields: dict[str, Any], named: str) -> None:
    before = shared_house.count('submissions')
    found = problem(shared_house.post(person(**fields)), 400, 'invalid')
    assert [error['field'] for error in found['errors']] == [named]
    assert 'x' * 50 not in json.dumps(found)
    assert shared_house.count('submissions') == before
    sent = person(**fields)
    answer = shared_house.post(sent, key=None, headers={'X-Widget-Key': shared_house.widget_key('https://shop.example')})
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert set(body) == {'receiptId', 'quarantined'} and body['quarantined'] is True
    kept = shared_house.get(f'/api/v1/receipts/{body["receiptId"]}')
    assert json.loads(kept['raw']) == sent
    assert kept['outcome'] == 'quarantined' and [problem['field'] for problem in kept['problems']] == [named]
    assert kept['id'] in [row['id'] for row in shared_house.get('/api/v1/quarantine?limit=200')['items']]


@pytest.mark.parametrize(
    'fields',
    [{'message': 'x' * 10_000}, {'name': 'n' * 300}, {'name': 'Ü' * 300}, {'name': '😀' * 300}, {'metadata': None}, {'phone': None}],
)
def test_values_at_their_limit_are_taken(shared_house: House, fields: dict[str, Any]) -> None:
    answer = shared_house.post(person(**fields))
    assert answer.status_code == 201, answer.text
    row = shared_house.get(f'/api/v1/leads/{answer.json()["leadId"]}')
    assert row['name'] == fields.get('name', 'Ada')


@pytest.mark.parametrize('key', ['', 'k' * 256, 'tab\tkey', 'nul\x00', 'esc\x1b', 'ü'])
@pytest.mark.parametrize('path', [INTAKE[0], '/api/v1/leads'])
def test_an_idempotency_key_must_be_printable(shared_house: House, path: str, key: str) -> None:
    headers = {
        'Content-Type': b'application/json',
        'Authorization': lead({})['headers']['Authorization'].encode(),
        'Idempotency-Key': key.encode('latin-1'),
    }
    problem(shared_house.ask('POST', path, content=json.dumps(person()).encode(), headers=headers), 400, 'invalid')


def test_a_key_of_255_is_taken(shared_house: House) -> None:
    assert shared_house.post(person(), headers={'Idempotency-Key': 'k' * 255}).status_code == 201


def test_controls_go_and_everything_else_stays(shared_house: House) -> None:
    name = 'A\x00d\x1ba\r\nB\u202ecc: x\u2066<script>alert(1)</script>'
    answer = shared_house.post(person(name=name, message='one\r\ntwo\x00\tthree <!channel>'))
    row = shared_house.get(f'/api/v1/leads/{answer.json()["leadId"]}')
    assert row['name'] == 'AdaB\u202ecc: x\u2066<script>alert(1)</script>'
    entry = shared_house.get(f'/api/v1/leads/{row["id"]}/timeline')['items'][0]
    assert entry['description'] == 'one\ntwo\tthree <!channel>'
    kept = shared_house.get(f'/api/v1/receipts/{answer.json()["receiptId"]}')
    assert json.loads(kept['raw'])['name'] == name


@pytest.mark.parametrize('key', ['lk_nobody', 'x', 'ü'])
def test_an_unknown_key_is_refused(shared_house: House, key: str) -> None:
    headers = {'Content-Type': b'application/json', 'Authorization': b'Bearer ' + key.encode('latin-1')}
    found = problem(shared_house.ask('POST', INTAKE[0], content=json.dumps(person()).encode(), headers=headers), 401)
    assert found['code'] == 'not_signed_in'
    problem(shared_house.post(person(), key=None, headers={'X-Widget-Key': key.encode('ascii', 'ignore').decode() or 'lkw_'}), 401)
    problem(shared_house.ask('GET', '/api/v1/leads', headers={'Authorization': b'Bearer ' + key.encode('latin-1')}), 401)


def test_a_stranger_on_a_shared_database_needs_a_key(shared_house: House) -> None:
    answer = shared_house.post(person(), key=None)
    if shared_house.doors.db.is_sqlite:
        assert answer.status_code == 201
    else:
        problem(answer, 401)


def test_an_unknown_form_is_not_found(shared_house: House) -> None:
    problem(shared_house.post(person(), path='/api/intake/no-such-form'), 404)
    problem(shared_house.post(person(), path='/api/intake/a%00b'), 404)


QUERIES = [
    '/api/v1/leads?limit=0',
    '/api/v1/leads?limit=201',
    '/api/v1/leads?limit=x',
    '/api/v1/leads?cursor=x',
    '/api/v1/leads?status=nonsense',
    '/api/v1/leads?quality=nonsense',
    '/api/v1/leads?search=%00',
    '/api/v1/leads/not-an-id',
    '/api/v1/deliveries?state=nonsense',
    '/api/v1/deliveries?leadId=x',
    '/api/v1/receipts/nonsense',
    '/api/v1/receipts/%00',
]


@pytest.mark.parametrize('path', QUERIES)
def test_wrong_queries_are_no_accident(shared_house: House, path: str) -> None:
    answer = shared_house.ask('GET', path, headers=lead({})['headers'])
    if path.endswith('search=%00') and answer.status_code == 200:
        return
    problem(answer, 404 if '/receipts/' in path else 400)


BODIES: list[tuple[str, Any, int]] = [
    ('/api/v1/leads', b'{', 400),
    ('/api/v1/leads', b'{"email": "a@example.com", "name": "\\ud800"}', 400),
    ('/api/v1/leads', b'{"a":' * 5000 + b'1' + b'}' * 5000, 400),
    ('/api/v1/leads', {'name': 'nobody'}, 400),
    ('/api/v1/leads', {'email': 'broken'}, 400),
    ('/api/v1/destinations', {'kind': 'nonsense', 'name': 'x', 'config': {}}, 400),
    ('/api/v1/destinations', {'kind': 'webhook', 'name': 'x', 'config': {'url': 'http://127.0.0.1/'}}, 400),
    ('/api/v1/deliveries/replay', {}, 400),
    ('/api/v1/deliveries/replay', {'since': '2026-01-01T00:00:00'}, 400),
    ('/api/v1/deliveries/replay', {'since': '2026-01-01T00:00:00Z', 'destination': 'a\x00b'}, 400),
]


@pytest.mark.parametrize(('path', 'body', 'status'), BODIES, ids=lambda value: str(value)[:40])
def test_wrong_bodies_of_the_desk_api_are_problems(shared_house: House, path: str, body: Any, status: int) -> None:
    problem(shared_house.post(body, path=path), status)


def test_no_such_route_and_method_are_problems(shared_house: House) -> None:
    problem(shared_house.ask('GET', '/nothing/here'), 404)
    problem(shared_house.ask('GET', INTAKE[0]), 405)
    problem(shared_house.ask('DELETE', '/api/v1/leads'), 405)


def test_an_accident_shows_only_its_number(small_house: House, capsys: pytest.CaptureFixture[str]) -> None:
    async def fails() -> None:
        raise RuntimeError('select secret from /usr/lib Traceback')

    small_house.fast.add_api_route('/accident', fails)
    answer = small_house.ask('GET', '/accident', headers={'X-Request-Id': 'number-1'})
    found = problem(answer, 500, 'internal')
    assert found['requestId'] == 'number-1'
    assert answer.headers['x-content-type-options'] == 'nosniff'
    silent(answer)
