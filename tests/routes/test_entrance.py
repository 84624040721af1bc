"""The way in, over HTTP: sign-in, sign-out, first run, and what keeps others out."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.base import clock
from domain.base.scope import Role
from tests.domain.rows import copy_of
from tests.routes.house import PASSWORD, House, problem

OWNER = {
    'name': 'Ada',
    'email': 'ada@example.com',
    'password': PASSWORD,
    'company': 'Shop',
    'location': 'Yard',
    'time_zone': 'Europe/Berlin',
}
Entrance = Callable[..., House]


@pytest.fixture
def entrance(open_house: Callable[..., House], tmp_path: Path, migrated: Callable[[str], str]) -> Entrance:
    def start(**settings: Any) -> House:
        return open_house(copy_of(migrated('sqlite'), tmp_path / f'entrance{len(list(tmp_path.iterdir()))}.sqlite3'), desk=True, **settings)

    return start


def cookie(answer: httpx.Response) -> str:
    return answer.headers['set-cookie']


def token(answer: httpx.Response) -> dict[str, str]:
    return {'Cookie': cookie(answer).partition(';')[0]}


def test_signing_in_gives_a_new_session_each_time(entrance: Entrance) -> None:
    house = entrance()
    house.person()
    first = house.sign_in(headers={'Cookie': 'lk_session=chosen-by-a-stranger'})
    second = house.sign_in(headers=token(first))
    assert first.status_code == second.status_code == 303 and first.headers['location'] == '/'
    assert len({cookie(first), cookie(second), 'lk_session=chosen-by-a-stranger'}) == 3
    for part in ('HttpOnly', 'SameSite=lax', 'Path=/', 'Max-Age=43200'):
        assert part in cookie(first)
    assert 'Secure' not in cookie(first)
    for answer in (first, second):
        assert house.ask('GET', '/api/v1/leads', headers=token(answer)).status_code == 200
    problem(house.ask('GET', '/api/v1/leads', headers={'Cookie': 'lk_session=chosen-by-a-stranger'}), 401)


def test_behind_tls_the_cookie_is_secure(entrance: Entrance) -> None:
    house = entrance(public_url='https://desk.example')
    house.person()
    answer = house.sign_in(headers={'Origin': 'https://desk.example'})
    assert answer.status_code == 303 and 'Secure' in cookie(answer)
    assert 'strict-transport-security' in answer.headers


@pytest.mark.parametrize(
    'path', ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/\t/evil.example', '/a\r\nb', '']
)
def test_sign_in_leads_to_pages_of_this_desk_only(entrance: Entrance, path: str) -> None:
    house = entrance()
    house.person()
    answer = house.ask('POST', '/login', data={'email': 'owner@example.com', 'password': PASSWORD, 'next': path})
    assert (answer.status_code, answer.headers['location']) == (303, '/')
    assert 'evil.example' not in house.ask('GET', '/login', params={'next': path}).text


def test_sign_in_leads_back_to_where_one_was(entrance: Entrance) -> None:
    house = entrance()
    house.person()
    answer = house.ask('POST', '/login', data={'email': 'owner@example.com', 'password': PASSWORD, 'next': '/leads/1?tab=2'})
    assert answer.headers['location'] == '/leads/1?tab=2'


FOREIGN: list[dict[str, str]] = [
    {'Origin': 'https://evil.example'},
    {'Origin': 'null'},
    {'Origin': 'http://127.0.0.1:9999'},
    {'Origin': 'http://127.0.0.1.evil.example:8080'},
    {'Sec-Fetch-Site': 'cross-site'},
    {'Sec-Fetch-Site': 'same-site'},
]


@pytest.mark.parametrize('headers', FOREIGN, ids=str)
def test_forms_of_other_sites_are_not_carried_out(entrance: Entrance, headers: dict[str, str]) -> None:
    house = entrance()
    assert house.ask('POST', '/first-run', data=OWNER, headers=headers).status_code == 403
    assert house.count('users') == 0
    house.person()
    refused = house.sign_in(headers=headers)
    assert refused.status_code == 403 and 'set-cookie' not in refused.headers
    signed_in = house.sign_in()
    problem(house.ask('POST', '/logout', headers=headers | token(signed_in)), 403)
    problem(house.ask('POST', '/api/v1/deliveries/replay', json={'since': '2026-01-01T00:00:00Z'}, headers=headers | token(signed_in)), 403)
    assert house.ask('GET', '/api/v1/leads', headers=token(signed_in)).status_code == 200


def test_signing_out_ends_the_session(entrance: Entrance) -> None:
    house = entrance()
    house.person()
    mine = token(house.sign_in())
    answer = house.ask('POST', '/logout', headers=mine | {'Origin': 'http://127.0.0.1:8080'})
    assert answer.status_code == 303 and answer.headers['location'] == '/login' and 'Max-Age=0' in cookie(answer)
    problem(house.ask('GET', '/api/v1/leads', headers=mine), 401)


def test_an_idle_session_opens_nothing(entrance: Entrance) -> None:
    from ui.pages.entrance import signed_in

    house = entrance(session_idle_minutes=30)
    house.person()
    mine = token(house.sign_in())
    clock.advance(timedelta(minutes=20))
    assert house.ask('GET', '/api/v1/leads', headers=mine).status_code == 200
    assert house.run(signed_in(house.doors, mine['Cookie']))
    clock.advance(timedelta(minutes=11 + 20))
    problem(house.ask('GET', '/api/v1/leads', headers=mine), 401)
    assert not house.run(signed_in(house.doors, mine['Cookie']))


def test_trying_passwords_is_slowed_down(entrance: Entrance) -> None:
    house = entrance(rate_limit_login='5/minute', rate_limit_login_account='3/minute')
    house.person()
    codes = [house.sign_in(password='wrong').status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]
    assert house.sign_in(peer='192.0.2.9').status_code == 429, 'the account is slowed down from everywhere'
    answers = [house.sign_in(f'nobody{n}@example.com') for n in range(3)]
    assert [answer.status_code for answer in answers] == [401, 429, 429]
    assert int(answers[-1].headers['retry-after']) > 0
    assert 'Traceback' not in answers[-1].text and PASSWORD not in answers[-1].text


def test_odd_forms_are_no_accident(entrance: Entrance) -> None:
    house = entrance()
    house.person()
    form = {'Content-Type': 'application/x-www-form-urlencoded'}
    for content in (
        b'',
        b'email=%00&password=%00',
        b'email=%ff%fe&password=x',
        b'email=' + b'x' * 600,
        b'\xff\xfe',
        b'email[]=a&email[]=b',
    ):
        assert 400 <= house.ask('POST', '/login', content=content, headers=form).status_code < 500, content
    problem(house.ask('POST', '/login', content=b'email=' + b'x' * 70_000, headers=form), 413)


def test_first_run_makes_the_owner_once(entrance: Entrance) -> None:
    house = entrance()
    assert house.ask('GET', '/login').headers['location'] == '/first-run'
    assert 'One-time code' not in house.ask('GET', '/first-run').text
    answer = house.ask('POST', '/first-run', data=OWNER)
    assert answer.status_code == 303 and house.ask('GET', '/api/v1/leads', headers=token(answer)).status_code == 200
    assert house.rows('select role, email from users') == [('owner', 'ada@example.com')]
    assert house.rows('select name, time_zone from locations') == [('Yard', 'Europe/Berlin')]
    again = house.ask('POST', '/first-run', data=OWNER | {'email': 'evil@example.com'})
    assert (again.status_code, again.headers['location']) == (303, '/login') and 'set-cookie' not in again.headers
    assert house.ask('GET', '/first-run').headers['location'] == '/login'
    assert house.count('users') == 1


@pytest.mark.parametrize(
    ('change', 'said'), [({'password': 'short'}, 'at least 12'), ({'email': 'x'}, 'e-mail'), ({'time_zone': 'Mars/Base'}, 'unknown')]
)
def test_first_run_names_what_is_wrong(entrance: Entrance, change: dict[str, str], said: str) -> None:
    house = entrance()
    answer = house.ask('POST', '/first-run', data=OWNER | change)
    assert answer.status_code == 400 and said in answer.text and PASSWORD not in answer.text
    assert house.count('users') == 0


REACHABLE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({'host': '0.0.0.0'}, {}),
    ({'public_url': 'https://desk.example'}, {}),
    ({'trusted_proxies': '10.0.0.0/8'}, {}),
    ({}, {'headers': {'X-Forwarded-For': '203.0.113.9'}}),
    ({}, {'headers': {'Forwarded': 'for=203.0.113.9'}}),
    ({}, {'headers': {'X-Real-IP': '203.0.113.9'}}),
    ({}, {'headers': {'Via': '1.1 proxy'}}),
    ({}, {'base': 'http://rebound.example:8080'}),
]


@pytest.mark.parametrize(('settings', 'request_'), REACHABLE, ids=str)
def test_where_others_may_come_the_code_is_asked_for(entrance: Entrance, settings: dict[str, Any], request_: dict[str, Any]) -> None:
    house = entrance(**settings)
    assert 'One-time code' in house.ask('GET', '/first-run', **request_).text
    for code in ('', 'wrong', 'é'):
        assert house.ask('POST', '/first-run', data=OWNER | {'code': code}, **request_).status_code == 403
    assert house.count('users') == 0
    assert house.ask('POST', '/first-run', data=OWNER | {'code': f' {house.doors.first_run_code.upper()} '}, **request_).status_code == 303


def test_codes_cannot_be_tried_for_long(entrance: Entrance) -> None:
    house = entrance(host='0.0.0.0', rate_limit_login='3/minute')
    assert [house.ask('POST', '/first-run', data=OWNER | {'code': 'x'}).status_code for _ in range(4)] == [403, 403, 403, 429]


@pytest.mark.parametrize(('role', 'allowed'), [(Role.READ_ONLY, False), (Role.AGENT, False), (Role.MANAGER, False), (Role.ADMIN, True)])
def test_only_admins_edit_destinations(entrance: Entrance, role: Role, allowed: bool) -> None:
    house = entrance()
    house.person('p@example.com', role)
    mine = token(house.sign_in('p@example.com'))
    order = {'kind': 'webhook', 'name': 'x', 'config': {'url': 'https://example.com/hook', 'secret': 'whsec_' + 'c2VjcmV0' * 4}}
    answer = house.ask('POST', '/api/v1/destinations', json=order, headers=mine)
    assert answer.status_code == (201 if allowed else 403), answer.text
    assert 'c2VjcmV0c2VjcmV0' not in answer.text


def test_metrics_are_for_this_machine_or_for_those_who_may(entrance: Entrance) -> None:
    house = entrance()
    for path in ('/metrics', '/api/docs', '/api/openapi.json'):
        assert house.ask('GET', path).status_code == 200
        problem(house.ask('GET', path, headers={'X-Forwarded-For': '203.0.113.9'}), 401)
    public = entrance(public_url='https://desk.example')
    problem(public.ask('GET', '/metrics'), 401)
    problem(public.ask('GET', '/metrics', headers={'Authorization': f'Bearer {public.api_key("leads")}'}), 403)
    assert public.ask('GET', '/metrics', headers={'Authorization': f'Bearer {public.api_key("health:read")}'}).status_code == 200
    for path in ('/health', '/ready', '/api/health'):
        assert public.ask('GET', path).status_code == 200
