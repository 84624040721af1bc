"""axe-core over every place, state, menu and dialog, in both themes and at three widths: nothing that keeps somebody out."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from domain.access.actions import add_user
from domain.base.db import Database
from domain.base.scope import Role, system
from domain.tenancy.queries import first_tenant
from tests.processes import Houses, run
from tests.ui.axe_scenes import WALKS, WIDTHS, Looked, addresses, walk_lead, walk_openers
from tests.ui.conftest import PASSWORD, Desk

pytestmark = pytest.mark.long  # some hundred looks of most of a second each

SIGN_IN = re.compile(r'sign in +(\S+)\n +password +(\S+)')
HURT = "select l.id from leads l join deliveries d on d.lead_id = l.id where d.state = 'dead' and l.status = 'open' limit 1"


@pytest.fixture(scope='module')
def shop(chromium: Any) -> Iterator[Desk]:
    """The sample week: every place has something to show. An agent works there too."""
    houses = Houses()
    try:
        folder = houses.folder()
        loaded = run('demo', 'load', data_dir=folder, seconds=120)
        found = SIGN_IN.search(loaded.stderr)
        assert found, loaded.stderr
        desk = Desk(houses.start('serve', data_dir=folder).ready(seconds=60), chromium)
        desk.cookies = desk.sign_in(*found.groups()).context.cookies()
        database = Database(f'sqlite:///{desk.server.data_dir / "leadkeeper.sqlite3"}')
        with database.transaction() as session:
            tenant = first_tenant(session)
            assert tenant is not None
            add_user(session, system(tenant.id), 'rosa@example.com', 'Rosa', PASSWORD, Role.AGENT)
        database.close()
        desk.look_over()
        yield desk
    finally:
        houses.close()


def visitor(desk: Desk, size: str, cookies: list[Any]) -> Any:
    width, height = WIDTHS[size]
    page = desk.visitor(viewport={'width': width, 'height': height}, has_touch=size == 'phone', reduced_motion='reduce')
    page.context.add_cookies(cookies)
    return page


def settle(looked: Looked) -> None:
    """Say what was found; nothing grave may be among it."""
    print(looked)
    assert looked.grave == {}
    assert looked.wide == []


@pytest.mark.parametrize('size', WIDTHS)
def test_every_place_and_what_opens_in_it(shop, size):
    page = visitor(shop, size, shop.cookies)
    looked = Looked()
    lead = hurt(shop)
    for path in [*addresses(), f'/leads/{lead}']:
        page.goto(shop.server.url + path)
        page.locator('h1').first.wait_for()
        page.locator('.lk-bones').wait_for(state='detached')
        looked.at(page, f'{path} {size}')
        for scene in walk_openers(page):
            looked.at(page, f'{path} {scene} {size}')

    for path, walk in [(f'/leads/{lead}', walk_lead), *WALKS]:
        page.goto(shop.server.url + path)
        for scene in walk(page):
            looked.at(page, f'{path} {scene} {size}')

    settle(looked)
    assert looked.checks >= 2 * (len(addresses()) + 20)
    shop.complaints[:] = [text for text in shop.complaints if 'net::ERR_FAILED' not in text]  # the socket that was cut on purpose
    shop.look_over()


@pytest.mark.parametrize('size', WIDTHS)
def test_who_may_not_look_and_what_is_not_there(shop, size):
    agent = visitor(shop, size, shop.sign_in('rosa@example.com').context.cookies())
    owner = visitor(shop, size, shop.cookies)
    looked = Looked()
    for path in ('/system', '/settings', '/settings/people'):
        agent.goto(shop.server.url + path)
        agent.locator('.lk-state[data-kind=denied]').wait_for()
        looked.at(agent, f'{path} denied {size}')

    for path in ('/leads/00000000-0000-0000-0000-000000000000', '/settings/nowhere', '/nowhere'):
        owner.goto(shop.server.url + path)
        owner.locator('h1').wait_for()
        looked.at(owner, f'{path} {size}')

    settle(looked)
    shop.complaints[:] = [text for text in shop.complaints if '404' not in text]
    shop.look_over()


@pytest.mark.parametrize('size', WIDTHS)
def test_an_empty_desk_from_the_first_run_to_a_broken_place(open_desk, size):
    desk = open_desk()
    desk.server.ready()
    looked = Looked()
    page = visitor(desk, size, [])
    page.goto(desk.server.url)
    page.get_by_label('Your name').wait_for()
    looked.at(page, f'first run {size}')
    page.locator('form').evaluate('form => { form.noValidate = true; form.requestSubmit(); }')
    page.locator('.lk-alert').wait_for()
    looked.at(page, f'first run refused {size}')

    owner = desk.first_run(viewport=dict(zip(('width', 'height'), WIDTHS[size], strict=True)))
    looked.at(owner, f'empty inbox {size}')
    for path in [*addresses(), *(f'/welcome?step={step}' for step in ('place', 'hear', 'form'))]:
        owner.goto(desk.server.url + path)
        owner.locator('h1').first.wait_for()
        looked.at(owner, f'{path} empty {size}')
    page.goto(f'{desk.server.url}/login')
    looked.at(page, f'sign-in {size}')
    page.get_by_label('E-mail').fill('ines@example.com')
    page.get_by_label('Password').fill('not this one at all')
    page.get_by_role('button', name='Sign in').click()
    page.locator('.lk-alert').wait_for()
    looked.at(page, f'sign-in refused {size}')
    owner.goto(f'{desk.server.url}/settings/people')
    page.goto(link(owner))
    page.get_by_label('Your name').wait_for()
    looked.at(page, f'invitation {size}')
    page.goto(f'{desk.server.url}/invitation/nothing')
    looked.at(page, f'an invitation that is over {size}')

    owner.goto(desk.server.url)
    owner.locator('.lk-list').wait_for()
    owner.wait_for_function('window.socket && window.socket.connected')
    with sqlite3.connect(desk.server.data_dir / 'leadkeeper.sqlite3') as connection:
        connection.execute('alter table deliveries rename to away')
    connection.close()
    owner.evaluate("window.lk.go('/deliveries')")
    owner.locator('.lk-state[data-kind=error]').wait_for()
    looked.at(owner, f'a place that cannot be read {size}')

    settle(looked)
    desk.complaints[:] = [text for text in desk.complaints if not re.search(r'status of 4\d\d', text)]


def hurt(desk: Desk) -> str:
    """A lead that somebody was not told of."""
    with sqlite3.connect(desk.server.data_dir / 'leadkeeper.sqlite3') as connection:
        found = connection.execute(HURT).fetchone()
    connection.close()
    text = found[0] if isinstance(found[0], str) else found[0].hex()
    return str(text)


def link(page: Any) -> str:
    """An invitation's address."""
    page.get_by_role('button', name='Invite').click()
    page.get_by_label('E-mail').fill('new@example.com')
    page.get_by_role('button', name='Make a link').click()
    page.locator('.lk-once code').wait_for()
    return str(page.locator('.lk-once code').inner_text())
