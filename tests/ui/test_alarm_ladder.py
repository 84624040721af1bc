"""The alarm ladder on the destinations page, in a real browser: its order by keyboard, taken back, and seen by others at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.axe_scenes import WIDTHS, Looked
from tests.ui.lead_desk import crowded, fresh, opened, toast

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium: Any) -> Iterator[Any]:
    for desk in crowded(chromium):
        page = come(desk)
        for name in ('Night shift', 'Front desk'):
            add(page, name, desk.outside.slack_url)
        yield desk


def come(desk: Any, **options: Any) -> Any:
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/settings/destinations')
    page.locator('.lk-ladder').wait_for()
    page.wait_for_function('window.socket && window.socket.connected')
    return page


def add(page: Any, name: str, address: str) -> None:
    """A channel that hears of late replies only."""
    page.get_by_role('button', name='Add', exact=True).click()
    form = page.get_by_role('region', name='New destination')
    form.get_by_role('button', name='Slack', exact=True).click()
    form.get_by_label('Name', exact=True).fill(name)
    form.get_by_label('Webhook address').fill(address)
    for event in ('A new lead', 'A known person writes again'):
        form.get_by_label(event).uncheck()
    form.get_by_role('button', name='Save').click()
    page.locator('[data-rung]', has_text=name).wait_for()
    page.get_by_role('button', name='Close').click()


def placed(page: Any, *names: str) -> None:
    """Wait until the ladder is these."""
    page.wait_for_function(
        "names => [...document.querySelectorAll('.lk-ladder ol [data-rung] b')].map((each) => each.textContent).join() === names",
        arg=','.join(names),
    )


def moment(page: Any, when: str) -> str:
    return str(page.locator('.lk-ladder-when div', has_text=when).locator('dd').inner_text())


def test_the_order_is_made_by_keyboard_seen_elsewhere_and_taken_back(desk):
    page, other = come(desk), come(desk)
    assert moment(page, 'At once') == 'Slack (from environment)'
    assert moment(page, 'After 2 minutes') == 'Night shift'
    assert 'red banner and sound' in moment(page, 'After 5 minutes')

    for name in ('Night shift', 'Front desk'):
        page.get_by_role('button', name=f'Give it a place {name}').press('Enter')
        page.wait_for_function('name => document.activeElement.textContent.trim() === `Move up ${name}`', arg=name)
        other.locator('.lk-ladder ol [data-rung]', has_text=name).wait_for()
    page.keyboard.press('Enter')

    placed(page, 'Front desk', 'Night shift')
    placed(other, 'Front desk', 'Night shift')
    page.wait_for_function("document.activeElement.textContent.trim() === 'Move up Front desk'")
    other.locator('.lk-ladder-when div', has_text='After 2 minutes').get_by_text('Front desk').wait_for()
    page.get_by_text('Front desk is now number 1 of 2').wait_for()
    toast(page, 'Alarm ladder changed').get_by_role('button', name='Undo').click()
    placed(other, 'Night shift', 'Front desk')
    page.get_by_role('button', name='Take out Night shift').click()
    placed(other, 'Front desk')
    page.get_by_role('button', name='Take out Front desk').click()
    placed(other)


def test_a_manager_sees_the_ladder_and_has_nothing_to_press(desk):
    looker = desk.sign_in('rosa@example.com')
    looker.goto(f'{desk.server.url}/settings/destinations')
    looker.locator('.lk-ladder [data-rung]').first.wait_for()

    assert looker.locator('.lk-ladder button').count() == 0


@pytest.mark.parametrize('size', WIDTHS)
def test_nobody_is_kept_out(desk, size):
    width, height = WIDTHS[size]
    page = come(desk, viewport={'width': width, 'height': height}, has_touch=size == 'phone', reduced_motion='reduce')
    page.get_by_role('button', name='Give it a place Night shift').click()
    placed(page, 'Night shift')
    looked = Looked()
    looked.at(page, f'ladder {size}')
    page.get_by_role('button', name='Take out Night shift').click()
    placed(page)

    print(looked)
    assert (looked.grave, looked.wide) == ({}, [])


def test_on_a_phone_the_tabs_are_short_and_the_full_names_are_read_out(desk):
    page = opened(desk, fresh(desk, 'Tess Able'), viewport={'width': 390, 'height': 844})

    for short, full in (('SLA', 'SLA board'), ('Tasks', 'Follow-ups')):
        tab = page.get_by_role('navigation', name='Desk').get_by_role('link', name=full)
        assert tab.locator('.lk-short').is_visible() and tab.locator('.lk-short').inner_text() == short
        assert tab.locator('.lk-full').bounding_box()['width'] <= 1
    page.set_viewport_size({'width': 1280, 'height': 800})
    tab = page.get_by_role('navigation', name='Desk').get_by_role('link', name='Follow-ups')
    tab.locator('.lk-short').wait_for(state='hidden')
    assert tab.locator('.lk-full').bounding_box()['width'] > 40
