"""People and roles in a browser: invited, let in, given another role, shut out; and who may not look."""

import json
import re
from typing import Any

import pytest

from tests.processes import ADMIN_KEY, request
from tests.ui.conftest import Desk

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks

SECRET = 'a tall green windmill'


@pytest.fixture
def page(desk: Desk) -> Any:
    return opened(desk)


def opened(desk: Desk, **options: Any) -> Any:
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/settings/people')
    page.get_by_role('heading', name='People and roles').wait_for()
    return page


def invited(page: Any, email: str, role: str = 'Agent') -> str:
    """Make a link in the dialog; its address."""
    page.get_by_role('button', name='Invite').click()
    page.get_by_label('E-mail').fill(email)
    page.get_by_label('Role', exact=True).select_option(label=role)
    page.get_by_role('button', name='Make a link').click()
    page.locator('.lk-once code').wait_for()
    return str(page.locator('.lk-once code').inner_text())


def joined(desk: Desk, link: str, name: str) -> Any:
    """Open the link in a browser of its own and come in."""
    page = desk.visitor()
    page.goto(link)
    page.get_by_label('Your name').fill(name)
    page.get_by_label('Password').fill(SECRET)
    page.get_by_role('button', name='Create account').click()
    page.locator('.lk-list').wait_for()
    return page


def account(desk: Desk, page: Any, email: str, name: str, role: str = 'Agent') -> Any:
    """Somebody new, signed in; the owner's page shows them."""
    link = invited(page, email, role)
    page.get_by_role('button', name='Done').click()
    theirs = joined(desk, link, name)
    line(page, email).wait_for()
    return theirs


def line(page: Any, email: str) -> Any:
    return page.locator('tr[data-row]', has_text=email)


def menu(page: Any, email: str, item: str) -> None:
    line(page, email).get_by_role('button', name=re.compile('More for')).click()
    page.get_by_role('menuitem', name=item).click()


def test_a_link_is_shown_once_and_lets_one_person_in(desk: Desk) -> None:
    frames: list[str] = []
    page = desk.visitor()
    page.on('websocket', lambda socket: socket.on('framereceived', lambda frame: frames.append(str(frame))))
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/settings/people')
    link = invited(page, 'rosa@example.com')
    token = link.rpartition('/')[2]
    assert sum(token in frame for frame in frames) == 1
    page.keyboard.press('Escape')
    page.locator('.lk-ask').wait_for(state='hidden')
    page.locator('tr', has_text='Agent account').get_by_text('rosa@example.com', exact=True).wait_for()
    assert token not in page.content()
    page.reload()
    page.locator('tr', has_text='Agent account').get_by_text('rosa@example.com', exact=True).wait_for()
    assert token not in page.content()
    joined(desk, link, 'Rosa Silva')
    line(page, 'rosa@example.com').get_by_text('Signed in').wait_for()
    assert sum(token in frame for frame in frames) == 1
    used = request('GET', link)
    assert used.status == 409


def test_a_wrong_address_is_said_at_the_field(page: Any) -> None:
    page.get_by_role('button', name='Invite').click()
    page.get_by_label('E-mail').fill('ines@example.com')
    page.get_by_role('button', name='Make a link').click()
    page.get_by_text('There is an account for ines@example.com already').wait_for()
    assert page.evaluate('document.activeElement.id') == 'lk-p-email'


def test_another_role_and_a_closed_account_send_the_person_away(desk: Desk, page: Any) -> None:
    theirs = account(desk, page, 'theo@example.com', 'Theo Lind')
    line(page, 'theo@example.com').get_by_role('combobox').select_option(label='Manager')
    theirs.wait_for_url(re.compile('/login'), timeout=5000)
    page.get_by_role('button', name='Undo').click()
    page.wait_for_function(
        "[...document.querySelectorAll('tr')].some(r => r.textContent.includes('theo@') && r.querySelector('select')?.value === 'agent')"
    )
    theirs = desk.sign_in('theo@example.com', SECRET)
    menu(page, 'theo@example.com', 'Disable')
    theirs.wait_for_url(re.compile('/login'), timeout=5000)
    line(page, 'theo@example.com').get_by_text('Disabled').wait_for()
    menu(page, 'theo@example.com', 'Enable')
    line(page, 'theo@example.com').get_by_text('Signed out').wait_for()
    theirs = desk.sign_in('theo@example.com', SECRET)
    menu(page, 'theo@example.com', 'Sign out everywhere')
    theirs.wait_for_url(re.compile('/login'), timeout=5000)


def test_a_link_that_was_taken_back_opens_nothing(desk: Desk, page: Any) -> None:
    link = invited(page, 'gone@example.com')
    page.get_by_role('button', name='Done').click()
    page.get_by_role('button', name='Revoke the link for gone@example.com').click()
    page.get_by_text('The link works no longer').wait_for()
    visitor = desk.visitor()
    answer = visitor.goto(link)
    assert answer.status == 409
    visitor.get_by_text('This link was taken back').wait_for()
    desk.complaints[:] = [text for text in desk.complaints if '409' not in text]  # the browser notes the status it was given


def test_an_admin_touches_no_owner_and_an_agent_sees_no_settings(desk: Desk, page: Any) -> None:
    admin = account(desk, page, 'dev@example.com', 'Dev Kapoor', 'Admin')
    admin.goto(f'{desk.server.url}/settings/people')
    own = line(admin, 'ines@example.com')
    own.wait_for()
    assert own.get_by_role('combobox').count() == own.get_by_role('button').count() == 0
    admin.get_by_role('button', name='Invite').click()
    assert 'Owner' not in admin.get_by_label('Role', exact=True).inner_text()
    agent = account(desk, page, 'ada@example.com', 'Ada Agent')
    for place in ('people', 'keys'):
        agent.goto(f'{desk.server.url}/settings/{place}')
        agent.get_by_role('button', name='Ask for access').wait_for()


def test_a_new_password_by_link(desk: Desk, page: Any) -> None:
    theirs = account(desk, page, 'mo@example.com', 'Mo')
    menu(page, 'mo@example.com', 'Make a link for a new password')
    link = page.locator('.lk-once code').inner_text()
    page.get_by_role('button', name='Done').click()
    visitor = desk.visitor()
    visitor.goto(link)
    visitor.get_by_label('Password').fill('another tall windmill')
    visitor.get_by_role('button', name='Save password').click()
    visitor.locator('.lk-list').wait_for()
    theirs.wait_for_url(re.compile('/login'), timeout=5000)
    assert [row['name'] for row in users(desk) if row['email'] == 'mo@example.com'] == ['Mo']


def users(desk: Desk) -> list[dict[str, Any]]:
    return list(json.loads(request('GET', f'{desk.server.url}/api/v1/users', key=ADMIN_KEY).body)['items'])


def test_menu_and_dialog_give_the_focus_back(page: Any) -> None:
    page.get_by_role('button', name='Invite').focus()
    page.keyboard.press('Enter')
    page.wait_for_function("document.activeElement.id === 'lk-p-email'")
    page.keyboard.press('Escape')
    page.wait_for_function("document.activeElement.textContent.trim() === 'Invite'")
    more = page.get_by_role('button', name='More for Ines Navarro')
    more.focus()
    page.keyboard.press('Enter')
    page.get_by_role('menuitem').first.wait_for()
    page.keyboard.press('Escape')
    page.get_by_role('menuitem').first.wait_for(state='detached')
    assert more.evaluate('(el) => el === document.activeElement')


def test_on_a_phone_nothing_is_cut_off(desk: Desk) -> None:
    page = opened(desk, viewport={'width': 390, 'height': 844}, has_touch=True, reduced_motion='reduce')
    assert page.evaluate('document.documentElement.scrollWidth') <= 390
    page.get_by_role('button', name='Invite').click()
    box = page.locator('.lk-ask').bounding_box()
    assert (box['x'], box['width'], round(box['y'] + box['height'])) == (0, 390, 844)
