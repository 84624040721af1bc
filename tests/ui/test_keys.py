"""Keys in a browser: made once, shown once, revoked after a question."""

from typing import Any

import pytest

from tests.processes import request
from tests.ui.conftest import Desk

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


@pytest.fixture
def page(desk: Desk) -> Any:
    return opened(desk)


def opened(desk: Desk, **options: Any) -> Any:
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/settings/keys')
    page.get_by_role('heading', name='API keys').wait_for()
    return page


def made(page: Any, kind: str, name: str, **fields: str) -> str:
    """Fill in the form; the new key's text."""
    page.get_by_role('button', name=f'Make {kind}').click()
    page.get_by_label('Name').fill(name)
    if origins := fields.get('origins'):
        page.get_by_label('Web origins').fill(origins)
    page.get_by_role('button', name='Make it').click()
    page.locator('.lk-once code').wait_for()
    return str(page.locator('.lk-once code').inner_text())


def row(page: Any, name: str) -> Any:
    return page.locator('tr[data-key]', has_text=name)


def test_a_key_is_shown_once_works_and_ends(desk: Desk) -> None:
    frames: list[str] = []
    page = desk.visitor()
    page.on('websocket', lambda socket: socket.on('framereceived', lambda frame: frames.append(str(frame))))
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/settings/keys')
    key = made(page, 'an API key', 'Website forms')
    assert key in page.locator('.lk-snip pre').inner_text()
    page.get_by_role('button', name='Done').click()
    row(page, 'Website forms').get_by_text(f'lk_…{key[-4:]}').wait_for()
    page.locator('.lk-ask').wait_for(state='hidden')
    assert key not in page.content()
    page.reload()
    row(page, 'Website forms').get_by_text('Hand in leads').wait_for()
    assert key not in page.content()
    assert sum(key in frame for frame in frames) == 1
    lead = {'name': 'By key', 'email': 'by.key@example.com'}
    assert request('POST', f'{desk.server.url}/api/submit-contact', lead, key=key).status == 201
    assert request('GET', f'{desk.server.url}/api/v1/leads', key=key).status == 403
    row(page, 'Website forms').get_by_role('button', name='Revoke').click()
    page.get_by_role('button', name='Keep it').click()
    row(page, 'Website forms').get_by_role('button', name='Revoke').click()
    page.locator('.lk-ask').get_by_role('button', name='Revoke').click()
    row(page, 'Website forms').get_by_text('Revoked').wait_for()
    assert request('POST', f'{desk.server.url}/api/submit-contact', lead, key=key).status == 401


def test_a_widget_key_comes_with_a_form_that_works(desk: Desk, page: Any) -> None:
    site = 'https://shop.example'
    key = made(page, 'a widget key', 'Shop site', origins=f'{site}\nhttps://www.shop.example/')
    snippet = page.locator('.lk-snip pre').inner_text()
    action = f'{desk.server.url}/api/intake/contact?key={key}'
    assert f'action="{action}"' in snippet
    page.get_by_role('button', name='Done').click()
    row(page, 'Shop site').get_by_text('https://shop.example, https://www.shop.example').wait_for()
    fields = {'name': 'From the form', 'email': 'form@example.com'}
    assert request('POST', action, fields, headers={'Origin': site}).status == 201
    assert request('POST', action, fields, headers={'Origin': 'https://evil.example'}).status == 403


def test_what_is_wrong_is_said_at_its_field(page: Any) -> None:
    page.get_by_role('button', name='Make an API key').click()
    page.get_by_label('Hand in leads').uncheck()
    page.get_by_label('Name').fill('x')
    page.get_by_label('Rate limit').fill('often')
    page.get_by_role('button', name='Make it').click()
    page.get_by_text('Choose at least one').wait_for()
    page.get_by_label('Only read leads').check()
    page.get_by_role('button', name='Make it').click()
    page.get_by_text('Must be a count per time such as 60/minute').wait_for()
    page.keyboard.press('Escape')
    page.get_by_role('button', name='Make a widget key').click()
    page.get_by_label('Name').fill('x')
    page.get_by_label('Web origins').fill('shop.example')
    page.get_by_role('button', name='Make it').click()
    page.get_by_text('"shop.example" is not a web origin').wait_for()


def test_the_key_of_the_environment_is_read_only(page: Any) -> None:
    line = row(page, 'ADMIN_API_KEY')
    line.get_by_text('From environment').wait_for()
    assert line.get_by_role('button').count() == 0


def test_on_a_phone_the_form_is_a_sheet(desk: Desk) -> None:
    page = opened(desk, viewport={'width': 390, 'height': 844}, has_touch=True, reduced_motion='reduce')
    assert page.evaluate('document.documentElement.scrollWidth') <= 390
    page.get_by_role('button', name='Make an API key').click()
    page.get_by_role('button', name='Make it').wait_for()
    box = page.locator('.lk-ask').bounding_box()
    assert (box['x'], box['width'], round(box['y'] + box['height'])) == (0, 390, 844)
