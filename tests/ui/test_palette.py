"""The command palette in a real browser: what it finds, what it does, and how it is left."""

import re

import pytest

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks

HOSTILE = '<img src=x onerror="window.hurt=1"> Bobby'

AXE = """async () => {
  const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
  const { violations } = await axe.run(document.querySelector('.lk-veil [role=dialog]'), { runOnly });
  return violations.map((each) => [each.impact, each.id, each.nodes[0].html]);
}"""


@pytest.fixture
def page(desk):
    return desk.come_in()


def opened(page):
    page.keyboard.press('Control+k')
    field = page.get_by_role('combobox', name='Search or jump to')
    field.wait_for()
    return field


def options(page):
    return page.get_by_role('option')


def open_lead(desk, page, name):
    lead = desk.lead(name)
    page.locator('.lk-lead', has_text=name).click()
    page.get_by_role('heading', name=name, exact=True).wait_for()
    return lead


def test_it_opens_with_the_field_ready_and_gives_the_focus_back(page):
    page.get_by_role('button', name='Mine').focus()
    field = opened(page)
    assert field.evaluate('el => el === document.activeElement')
    assert page.get_by_role('dialog', name='Search or jump to').get_attribute('aria-modal') == 'true'

    page.keyboard.press('Escape')

    field.wait_for(state='detached')
    assert page.evaluate('document.activeElement.textContent') == 'Mine'


def test_a_lead_stored_a_moment_ago_is_found_and_opened_by_enter(desk, page):
    desk.lead('Wilhelmina Quist', message='Ceramic film for the rear window')
    opened(page).fill('wilhelm')
    page.keyboard.press('Enter')  # before the server has answered

    page.get_by_role('heading', name='Wilhelmina Quist', exact=True).wait_for()
    assert '/leads/' in page.url


def test_words_of_messages_and_digits_of_numbers_are_found_and_marked(desk, page):
    desk.lead('Octavia Bloom', message='The sunroof rattles in the wind', phone='+1 (555) 018-7731')
    field = opened(page)
    for typed, name, marked in (('sunroof rat', 'Octavia Bloom', ['sunroof', 'rat']), ('555 0187731', 'Octavia Bloom', ['555) 018-7731'])):
        field.fill(typed)
        row = options(page).filter(has_text=name)
        row.locator('b', has_text=marked[-1]).wait_for()
        assert row.locator('b').all_inner_texts() == marked


def test_show_all_takes_the_question_to_the_inbox(desk, page):
    desk.lead('Perpetua Vance')
    desk.lead('Perpetua Lowe')
    opened(page).fill('perpetua')
    options(page).filter(has_text='Show all in the inbox').click()

    page.wait_for_url(re.compile(r'/\?q=perpetua$'))
    page.locator('.lk-lead', has_text='Perpetua Lowe').wait_for()


def test_within_a_lead_it_acts_on_that_lead_and_backspace_leaves_it(desk, page):
    open_lead(desk, page, 'Ottilie Frank')
    field = opened(page)
    scope = page.locator('.lk-scope', has_text='Ottilie Frank')
    scope.wait_for()
    assert page.locator('.lk-hits-head').first.inner_text() == 'This lead'

    field.fill('assign to me')
    page.keyboard.press('Enter')
    page.locator('.lk-lead', has_text='Ottilie Frank').get_by_text('Owner Ines Navarro').wait_for(state='attached')

    opened(page)
    scope.wait_for()
    page.keyboard.press('Backspace')
    scope.wait_for(state='detached')
    assert 'This lead' not in page.locator('.lk-hits-head').all_inner_texts()


def test_snoozing_by_the_palette_needs_no_second_choice(desk, page):
    open_lead(desk, page, 'Hedda Strand')
    opened(page).fill('snooze for 1')
    page.keyboard.press('Enter')

    page.locator('.lk-toast', has_text='nooze').wait_for()


def test_what_is_plainly_meant_comes_first(desk, page):
    desk.lead('Sign Out', message='sign out of the old contract')
    field = opened(page)
    field.fill('sign out')
    options(page).filter(has_text='Show all in the inbox').wait_for()

    assert options(page).first.inner_text().strip() == 'Sign out'
    page.keyboard.press('ArrowDown')
    assert page.locator('[role="option"][aria-selected="true"]').inner_text().startswith('Sign Out')
    assert field.get_attribute('aria-activedescendant') == 'lk-palette-1'


def test_commands_answer_without_the_server(page):
    page.evaluate('window.socket.disconnect()')
    opened(page).fill('dark')
    page.keyboard.press('Enter')
    page.locator('html.lk-dark').wait_for(state='attached')


def test_going_to_a_place_keeps_the_page(page):
    page.evaluate('window.same = true')
    opened(page).fill('syst')
    page.keyboard.press('Enter')

    page.wait_for_url('**/system')
    assert page.evaluate('window.same') is True


def test_an_empty_palette_shows_the_last_leads_until_the_sign_out(desk):
    page = desk.sign_in()
    open_lead(desk, page, 'Lotte Brandt')
    page.goto(desk.server.url)
    page.locator('.lk-list').wait_for()
    field = opened(page)
    assert page.locator('.lk-hits-head').first.inner_text() == 'Recent leads'
    assert options(page).first.inner_text().startswith('Lotte Brandt')

    field.fill('sign out')
    page.keyboard.press('Enter')
    page.get_by_role('button', name='Sign in').wait_for()  # the page and the ended session both lead there
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('lk.recent'))") == []
    page.goto(desk.server.url)
    assert '/login' in page.url


def test_what_visitors_type_stays_text(desk, page):
    desk.lead(HOSTILE, message=HOSTILE)
    opened(page).fill('bobby')
    row = options(page).filter(has_text=HOSTILE)
    row.wait_for()

    assert row.locator('img').count() == 0 and page.evaluate('window.hurt') is None


def test_nothing_found_says_what_to_try(page):
    opened(page).fill('zzzzqqqq')
    page.get_by_text('Nothing was found').wait_for()
    assert options(page).count() == 0
