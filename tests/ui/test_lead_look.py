"""How the open lead looks and reads: on a phone, in both themes, by keyboard and by screen reader."""

import os
from pathlib import Path

import pytest

from tests.ui.lead_desk import crowded, field, fresh, opened, press

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks

AXE = """async () => {
  const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
  return violations.filter((each) => ['serious', 'critical'].includes(each.impact))
    .flatMap((each) => each.nodes.map((node) => [each.id, node.html.slice(0, 120)])).filter(([, html]) => !html.includes('lk-nav'));
}"""
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


@pytest.mark.parametrize('theme', ['light', 'dark'])
@pytest.mark.parametrize('size', [(1440, 900), (390, 844)], ids=['wide', 'phone'])
def test_axe_finds_nothing_serious(desk, theme, size):
    script = Path(os.environ.get('AXE_JS', ''))
    if not script.is_file():
        pytest.skip('NO AXE: set AXE_JS to axe.min.js of the npm package axe-core to run this test')
    lead = fresh(desk, f'Axel {theme} {size[0]}', phone='+1 312 555 0140', subject='A subject')
    page = opened(desk, lead, viewport={'width': size[0], 'height': size[1]}, color_scheme=theme)
    page.add_script_tag(content=script.read_text())
    assert page.evaluate(AXE) == []

    for name in page.get_by_role('tab').all_inner_texts():
        page.get_by_role('tab', name=name).click()
        assert (name, page.evaluate(AXE)) == (name, [])
    for key in ('snooze', 'assign'):
        press(page, key)
        page.locator('.lk-choose').wait_for()
        assert (key, page.evaluate(AXE)) == (key, [])
        page.keyboard.press('Escape')
    press(page, 'new')
    page.get_by_role('dialog', name='New lead').wait_for()
    assert page.evaluate(AXE) == []
