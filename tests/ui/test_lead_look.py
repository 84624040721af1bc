"""How the open lead looks and reads: on a phone, in both themes, by keyboard and by screen reader."""

import pytest

from tests.ui.lead_desk import crowded, field, fresh, opened, press

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks

PHONE = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}


@pytest.fixture(scope='module')
def shared(chromium):
    yield from crowded(chromium)


def test_a_phone_shows_one_pane_with_a_way_back(desk):
    page = opened(desk, fresh(desk, 'Phil Phone', phone='+1 312 555 0130'), **PHONE)

    assert not page.locator('.lk-list').is_visible()
    assert page.locator('.lk-view .lk-narrow [data-clock]').is_visible()
    page.get_by_role('tab', name='Details').click()
    field(page, 'phone').get_by_role('link').wait_for()
    small = page.evaluate(
        """() => [...document.querySelectorAll('.lk-view button, .lk-view a.lk-btn')].filter((el) => el.offsetParent)
        .map((el) => [el.textContent.trim(), Math.round(el.getBoundingClientRect().height)]).filter(([, height]) => height < 36)"""
    )
    assert small == []
    page.get_by_role('link', name='Back to the inbox').click()

    page.locator('.lk-list').wait_for()


def test_below_1280_the_details_are_a_tab_and_above_a_column(desk):
    lead = fresh(desk, 'Will Width')
    page = opened(desk, lead, viewport={'width': 1100, 'height': 800})

    assert page.get_by_role('tab', name='Details').count() == 1 and page.locator('.lk-aside').count() == 0
    page.get_by_role('tab', name='Details').click()
    page.set_viewport_size({'width': 1440, 'height': 900})
    page.locator('.lk-aside').wait_for()

    assert page.get_by_role('tab', selected=True).inner_text() == 'Timeline'


def test_the_tabs_are_walked_with_the_arrows(desk):
    page = opened(desk, fresh(desk, 'Tab Walker'))

    page.get_by_role('tab', name='Timeline').focus()
    page.keyboard.press('ArrowRight')
    page.keyboard.press('ArrowRight')

    assert page.evaluate('document.activeElement.textContent').startswith('Deliveries')
    assert page.get_by_role('tabpanel', name='Deliveries').is_visible()


def test_a_menu_takes_the_arrows_and_gives_the_focus_back(desk):
    page = opened(desk, fresh(desk, 'Menu Walker'))

    page.get_by_role('button', name='Snooze').click()
    page.get_by_role('menuitem', name='1 hour').wait_for()
    page.keyboard.press('ArrowUp')
    assert page.evaluate('document.activeElement.textContent').strip() == 'Pick date and time'
    page.keyboard.press('Escape')

    assert page.evaluate('document.activeElement.textContent').strip() == 'Snooze'
    assert page.get_by_role('menu').count() == 0


def test_the_page_of_a_lead_stays_small(desk):
    lead = fresh(desk, 'Max Small')
    for number in range(40):
        desk.lead(f'Filler {number}')
    page = opened(desk, lead)

    assert page.evaluate('document.querySelectorAll("*").length') <= 1500
    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')


def test_what_another_person_did_is_told_where_the_timeline_is_not_seen(desk):
    lead = fresh(desk, 'Nina News')
    page, other = opened(desk, lead), opened(desk, lead, 'dev@example.com')
    page.get_by_role('tab', name='Data').click()

    press(other, 'assign')
    other.get_by_role('combobox', name='Assign to').fill('Rosa')
    other.keyboard.press('Enter')

    page.locator('.lk-meanwhile', has_text='Dev Kapoor assigned this to Rosa Sanz').wait_for()
    assert page.get_by_role('tab', selected=True).inner_text() == 'Data'
    page.get_by_role('tab', name='Timeline').click()
    page.locator('.lk-meanwhile').wait_for(state='detached')
    page.locator('.lk-entry', has_text='Dev Kapoor assigned this to Rosa Sanz').wait_for()


def test_the_proof_that_it_is_kept_stays_on_one_line(desk):
    page = opened(desk, fresh(desk, 'Liv Line'))
    add = 'strip => { for (let n = 0; n < 5; n++) strip.insertBefore(strip.children[1].cloneNode(true), strip.lastElementChild); }'
    before = page.locator('.lk-kept').bounding_box()['height']

    page.locator('.lk-kept').evaluate(add)

    assert page.locator('.lk-kept').bounding_box()['height'] == before
    assert page.locator('.lk-kept').evaluate('strip => strip.scrollWidth <= strip.clientWidth')
