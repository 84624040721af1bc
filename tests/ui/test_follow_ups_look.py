"""How the follow-ups look in a real browser: day and week, on phones, for those who only look, with nothing to do, to axe-core."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain.base import clock
from tests.ui.agenda import DAY, HOUR, come, group, plan, row, stands_in
from tests.ui.axe_scenes import WIDTHS, Looked
from tests.ui.lead_desk import crowded, fresh, press

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium: Any) -> Iterator[Any]:
    yield from crowded(chromium)


def test_the_day_and_the_week_show_when(desk):
    lead = fresh(desk, 'Wendy Able')
    today = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    tomorrow = today + DAY
    plan(desk, lead, 'At noon tomorrow', tomorrow - clock.now(), kind='appointment')
    plan(desk, lead, 'At noon too', tomorrow - clock.now() + timedelta(minutes=5))
    page = come(desk)
    page.get_by_role('button', name='Day after').click()
    block = page.locator('.lk-fu-block', has_text='At noon tomorrow')
    block.wait_for()
    other = page.locator('.lk-fu-block', has_text='At noon too')

    assert block.get_attribute('data-tone') == 'green'
    assert other.get_attribute('data-tone') == 'blue'
    one, two = block.bounding_box(), other.bounding_box()
    assert one and two and (one['x'] + one['width'] <= two['x'] or two['x'] + two['width'] <= one['x'])  # beside, not on each other
    assert page.locator('.lk-fu-now').count() == 0  # tomorrow is not now
    page.get_by_role('button', name='Today').click()
    page.locator('.lk-fu-now').wait_for()

    page.get_by_role('button', name='Week', exact=True).click()
    page.wait_for_url('**/follow-ups?view=week')
    page.wait_for_function("document.querySelectorAll('.lk-fu-col').length === 7")
    if tomorrow.weekday() == 0:
        page.get_by_role('button', name='Week after').click()
    page.locator('.lk-fu-block', has_text='At noon tomorrow').click()
    page.get_by_role('menuitem', name='Open Wendy Able').click()
    page.wait_for_url(f'**/leads/{lead}')


def test_who_may_only_look_has_nothing_to_press(desk):
    lead = fresh(desk, 'Quiet Able')
    plan(desk, lead, 'Look at me', -HOUR)
    page = come(desk, '?owner=all', who='olga@example.com')
    row(page, 'Look at me').locator('.lk-fu-what').click()

    assert page.get_by_role('button', name='Follow-up', exact=True).count() == 0
    assert page.locator('.lk-fu-keys').count() == 0
    row(page, 'Look at me').get_by_role('checkbox').click(force=True)
    page.keyboard.press('e')
    assert group(page, 'Look at me') == 'Overdue'
    assert page.locator('.lk-toast').count() == 0


def test_nothing_to_do_says_so_and_leads_on(desk):
    page = come(desk, who='rosa@example.com')
    page.get_by_role('heading', name='Nothing here').wait_for()

    page.get_by_role('button', name="Show everybody's").click()

    page.wait_for_url('**/follow-ups?owner=all')
    page.locator('.lk-fu-row').first.wait_for()


def test_on_a_phone_the_day_is_behind_a_switch_and_a_row_opens_its_menu(desk):
    lead = fresh(desk, 'Phone Able')
    plan(desk, lead, 'Tap me', -HOUR)
    plan(desk, lead, 'Not me', 8 * DAY)
    page = come(desk, viewport={'width': 390, 'height': 844}, has_touch=True)
    assert not page.locator('.lk-fu-day').is_visible()
    row(page, 'Tap me').locator('.lk-fu-what').click()
    page.get_by_role('menuitem', name='Done').click()
    stands_in(page, 'Done today', 'Tap me')

    page.get_by_role('button', name='Day', exact=True).click()
    page.locator('.lk-fu-hours').wait_for()
    assert not page.locator('.lk-fu-list').is_visible()
    page.get_by_role('button', name='Week', exact=True).click()
    page.locator('.lk-fu-stack').wait_for()

    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')


@pytest.mark.parametrize('size', WIDTHS)
def test_nobody_is_kept_out(desk, size):
    width, height = WIDTHS[size]
    lead = fresh(desk, f'Axe {size}')
    plan(desk, lead, f'Late {size}', -HOUR)
    plan(desk, lead, f'Booked {size}', HOUR, kind='appointment')
    page = come(desk, '?owner=all', viewport={'width': width, 'height': height}, has_touch=size == 'phone', reduced_motion='reduce')
    looked = Looked()
    row(page, f'Late {size}').locator('.lk-fu-what').focus()
    looked.at(page, f'agenda {size}')
    press(page, 'follow-up')
    page.get_by_role('dialog', name='New follow-up').wait_for()
    looked.at(page, f'form {size}')
    page.keyboard.press('Escape')
    for view in ('day', 'week'):
        page.goto(f'{desk.server.url}/follow-ups?owner=all&view={view}')
        page.locator('.lk-fu-day').wait_for()
        looked.at(page, f'{view} {size}')

    print(looked)
    assert (looked.grave, looked.wide) == ({}, [])


def test_the_number_beside_the_place_counts_what_is_due_by_tonight(desk):
    page = come(desk, '?owner=all')
    number = page.locator('.lk-nav[href="/follow-ups"] .lk-num')
    lead = fresh(desk, 'Count Able')
    before = int(number.inner_text() or 0)

    plan(desk, lead, 'One more', -HOUR)

    page.wait_for_function('n => document.querySelector(\'.lk-nav[href="/follow-ups"] .lk-num\').textContent === String(n)', arg=before + 1)
