"""Accounts, links and the quarantine over HTTP; a key bound to one location; sessions that are in use."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.access.invitations import invite, reset_link
from domain.access.keys import create_key
from domain.access.queries import user_by_email
from domain.base import clock
from domain.base.scope import Role, system
from domain.tenancy.models import Location
from tests.domain.rows import copy_of
from tests.routes.house import ADMIN_KEY, PASSWORD, House, problem
from ui.pages import invitation

NEW = 'a small grey lighthouse'
BROKEN = {'name': 'Ada', 'email': 'ada at example.com', 'message': 'Please call me.'}


@pytest.fixture
def desk(open_house: Callable[..., House], tmp_path: Path, migrated: Callable[[str], str]) -> Callable[..., House]:
    def start(**settings: Any) -> House:
        house = open_house(copy_of(migrated('sqlite'), tmp_path / 'desk.sqlite3'), desk=True, **settings)
        house.fast.include_router(invitation.router)
        return house

    return start


def bearer(key: str) -> dict[str, str]:
    return {'Authorization': f'Bearer {key}'}


def aside(house: House, body: dict[str, str] = BROKEN, key: str | None = None) -> str:
    answer = house.post(body, key=None, headers={'X-Widget-Key': key or house.widget_key('https://a.example')})
    assert answer.status_code == 202, answer.text
    return str(answer.json()['receiptId'])


def link(house: House, email: str = 'rosa@example.com', role: Role = Role.AGENT) -> str:
    with house.doors.db.transaction() as session:
        return f'/invitation/{invite(session, system(house.tenant_id), email, "Rosa", role)[1]}'


def test_a_quarantined_submission_is_released_over_http(house: House) -> None:
    receipt = aside(house)
    path = f'/api/v1/quarantine/{receipt}/release'
    refused = problem(house.ask('POST', path, headers=bearer(ADMIN_KEY)), 400)
    assert [error['field'] for error in refused['errors']] == ['email']
    problem(house.ask('POST', path, json={'email': 'ada@example.com'}, headers=bearer(house.api_key('leads:read'))), 403)
    problem(house.ask('POST', path, json={'mail': 'x'}, headers=bearer(ADMIN_KEY)), 400)
    answer = house.ask('POST', path, json={'email': 'ada@example.com'}, headers=bearer(ADMIN_KEY))
    assert (answer.status_code, answer.json()['outcome']) == (200, 'created')
    lead = house.get(f'/api/v1/leads/{answer.json()["leadId"]}')
    assert (lead['name'], lead['email']) == ('Ada', 'ada@example.com')
    assert house.get(f'/api/v1/receipts/{receipt}')['outcome'] == 'created'
    assert house.get(f'/api/v1/leads/{receipt.partition(".")[0]}')['id'] == lead['id']
    assert house.get('/api/v1/quarantine')['items'] == []
    problem(house.ask('POST', path, json={'email': 'ada@example.com'}, headers=bearer(ADMIN_KEY)), 409)
    problem(house.ask('POST', '/api/v1/quarantine/nonsense/release', json={}, headers=bearer(ADMIN_KEY)), 404)


def test_a_key_of_one_location_reads_nothing_of_the_others(house: House) -> None:
    with house.doors.db.transaction() as session:
        mill = Location(tenant_id=house.tenant_id, slug='mill', name='Old Mill')
        session.add(mill)
        session.flush()
        bound = create_key(session, system(house.tenant_id), 'mill', ['all'], location_id=mill.id)[1]
    elsewhere = house.post({'name': 'Elsewhere', 'email': 'e@example.com', 'message': 'canary'}).json()
    receipt = aside(house, BROKEN | {'message': 'canary'})
    own = house.post({'name': 'Own', 'email': 'o@example.com'}, key=bound).json()

    def ask(path: str) -> Any:
        return house.ask('GET', f'/api/v1{path}', headers=bearer(bound))

    assert [row['name'] for row in ask('/leads').json()['items']] == ['Own']
    assert [row['name'] for row in ask('/locations').json()['items']] == ['Old Mill']
    assert ask('/quarantine').json()['items'] == []
    assert ask(f'/receipts/{own["receiptId"]}').status_code == 200
    for path in (f'/leads/{elsewhere["leadId"]}', f'/receipts/{elsewhere["receiptId"]}', f'/receipts/{receipt}'):
        problem(ask(path), 404)
    for path in (f'/leads/{elsewhere["leadId"]}/timeline', f'/leads/{elsewhere["receiptId"].partition(".")[0]}'):
        problem(ask(path), 404)
    assert 'canary' not in ask('/leads?search=canary').text
    problem(house.ask('POST', f'/api/v1/quarantine/{receipt}/release', json={'email': 'a@example.com'}, headers=bearer(bound)), 404)


def test_accounts_are_changed_over_http_by_those_who_may(house: House) -> None:
    for name, role in (('owner', Role.OWNER), ('agent', Role.AGENT)):
        house.person(f'{name}@example.com', role)
    ids = {row['email'].partition('@')[0]: row['id'] for row in house.get('/api/v1/users')['items']}
    assert 'password' not in str(house.get('/api/v1/users'))
    answer = house.ask('PATCH', f'/api/v1/users/{ids["agent"]}', json={'role': 'manager'}, headers=bearer(ADMIN_KEY))
    assert (answer.status_code, answer.json()['role'], answer.json()['disabledAt']) == (200, 'manager', None)
    answer = house.ask('PATCH', f'/api/v1/users/{ids["agent"]}', json={'disabled': True}, headers=bearer(ADMIN_KEY))
    assert answer.json()['disabledAt']
    for change in ({'role': 'agent'}, {'disabled': True}):  # a key is no owner
        problem(house.ask('PATCH', f'/api/v1/users/{ids["owner"]}', json=change, headers=bearer(ADMIN_KEY)), 403)
    problem(house.ask('PATCH', f'/api/v1/users/{ids["agent"]}', json={'role': 'owner'}, headers=bearer(ADMIN_KEY)), 403)
    problem(house.ask('PATCH', f'/api/v1/users/{ids["agent"]}', json={'role': 'king'}, headers=bearer(ADMIN_KEY)), 400)
    problem(house.ask('GET', '/api/v1/users', headers=bearer(house.api_key('leads'))), 403)


def test_a_link_leads_into_the_desk_and_works_once(desk: Callable[..., House]) -> None:
    house = desk()
    path = link(house)
    for _ in range(2):  # mail programs open links as well
        shown = house.ask('GET', path)
        assert (shown.status_code, shown.headers['cache-control']) == (200, 'no-store')
        assert 'rosa@example.com' in shown.text
    bad = house.ask('POST', path, data={'name': '<b>Rosa</b>', 'password': 'short'})
    assert (bad.status_code, 'at least 12 characters' in bad.text, '<b>Rosa' in bad.text) == (400, True, False)
    came = house.ask('POST', path, data={'name': 'Rosa Silva', 'password': NEW})
    assert (came.status_code, came.headers['location']) == (303, '/')
    cookie = {'Cookie': came.headers['set-cookie'].partition(';')[0]}
    assert house.ask('GET', '/api/v1/leads', headers=cookie).status_code == 200
    for again in (house.ask('GET', path), house.ask('POST', path, data={'name': 'Eve', 'password': NEW})):
        assert (again.status_code, 'used already' in again.text, 'set-cookie' in again.headers) == (409, True, False)
    unknown = house.ask('GET', '/invitation/join_nothing')
    assert (unknown.status_code, 'There is no such link' in unknown.text) == (404, True)
    assert house.sign_in('rosa@example.com', NEW).status_code == 303


def test_a_link_says_when_it_is_over_or_was_made_for_another_site(desk: Callable[..., House]) -> None:
    house = desk()
    path = link(house)
    assert house.ask('POST', path, data={'password': NEW}, headers={'Origin': 'https://evil.example'}).status_code == 403
    clock.advance(timedelta(days=8))
    over = house.ask('GET', path)
    assert (over.status_code, 'seven days' in over.text) == (409, True)
    assert house.count('users') == 0


def test_a_reset_link_asks_for_a_password_only(desk: Callable[..., House]) -> None:
    house = desk()
    house.person('rosa@example.com', Role.AGENT)
    with house.doors.db.transaction() as session:
        user = user_by_email(session, 'rosa@example.com')
        assert user
        path = f'/invitation/{reset_link(session, system(house.tenant_id), user.id)[1]}'
    shown = house.ask('GET', path).text
    assert ('Choose a new password' in shown, 'Your name' in shown) == (True, False)
    assert house.ask('POST', path, data={'password': NEW}).status_code == 303
    assert house.sign_in('rosa@example.com', PASSWORD).status_code == 401
    assert house.sign_in('rosa@example.com', NEW).status_code == 303


def test_links_cannot_be_guessed_for_long(desk: Callable[..., House]) -> None:
    house = desk(rate_limit_login='3/minute')
    assert [house.ask('GET', '/invitation/join_x').status_code for _ in range(4)] == [404, 404, 404, 429]


def test_only_failed_sign_ins_count_against_an_account(desk: Callable[..., House]) -> None:
    house = desk(rate_limit_login_account='3/minute')
    house.person()
    assert [house.sign_in().status_code for _ in range(6)] == [303] * 6
    assert [house.sign_in(password='wrong wrong wrong').status_code for _ in range(4)] == [401, 401, 401, 429]
    assert house.sign_in().status_code == 429


def test_who_works_by_the_api_alone_is_not_idle(desk: Callable[..., House]) -> None:
    house = desk(session_idle_minutes=30)
    house.person()
    mine = {'Cookie': house.sign_in().headers['set-cookie'].partition(';')[0]}
    for _ in range(4):
        clock.advance(timedelta(minutes=20))
        assert house.ask('GET', '/api/v1/leads', headers=mine).status_code == 200
    clock.advance(timedelta(minutes=31))
    problem(house.ask('GET', '/api/v1/leads', headers=mine), 401)


def test_behind_tls_the_cookie_belongs_to_this_host_alone_and_the_former_name_still_counts(desk: Callable[..., House]) -> None:
    house = desk(public_url='https://desk.example')
    house.person()
    signed_in = house.sign_in(headers={'Origin': 'https://desk.example'})
    set_cookie = signed_in.headers['set-cookie']
    assert re.match(r'__Host-lk_session=[\w-]+; .*Path=/; .*Secure', set_cookie)
    assert 'Domain' not in set_cookie
    token = set_cookie.partition(';')[0].partition('=')[2]
    for name in ('__Host-lk_session', 'lk_session'):
        assert house.ask('GET', '/api/v1/leads', headers={'Cookie': f'{name}={token}'}).status_code == 200
    out = house.ask('POST', '/logout', headers={'Cookie': f'__Host-lk_session={token}', 'Origin': 'https://desk.example'})
    assert out.status_code == 303
    problem(house.ask('GET', '/api/v1/leads', headers={'Cookie': f'__Host-lk_session={token}'}), 401)
