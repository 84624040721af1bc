"""Writing to and about a lead: nothing typed is ever lost, whatever happens to the page, the connection or the server."""

import pytest

from tests.ui.lead_desk import MAIL, crowded, field, fresh, opened, press, says

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium):
    yield from crowded(chromium, **MAIL)


def text(page):
    return page.locator('.lk-write textarea')


def drafts(page):
    return page.evaluate('Object.keys(localStorage).filter((name) => name.startsWith("lk.draft.")).length')


def test_n_and_control_enter_keep_a_note(desk):
    page = opened(desk, fresh(desk, 'Ann Note'))

    press(page, 'note')
    page.keyboard.type('Wants it before Friday')
    page.keyboard.press('Control+Enter')

    page.locator('.lk-entry[data-kind=note]', has_text='Wants it before Friday').wait_for()
    assert text(page).input_value() == '' and drafts(page) == 0


def test_r_writes_a_mail_and_the_timeline_says_how_far_it_has_come(desk):
    page = opened(desk, fresh(desk, 'Ben Reply', email='ben@example.com'))

    press(page, 'reply')
    page.keyboard.type('We can do Thursday.')
    page.get_by_role('button', name='Send').click()

    sent = page.locator('.lk-said[data-by=agent]', has_text='We can do Thursday.')
    sent.locator('.lk-chip').wait_for()
    page.locator('.lk-details').get_by_text('Replied in time').wait_for()
    page.get_by_role('tab', name='Messages').click()
    assert page.locator('.lk-bubble[data-by=agent]').inner_text().startswith('Ines Navarro by e-mail')


def test_a_draft_survives_a_reload_and_each_lead_and_kind_has_its_own(desk):
    one, two = fresh(desk, 'Cora Draft', email='cora@example.com'), fresh(desk, 'Dora Draft', email='dora@example.com')
    page = opened(desk, one)
    press(page, 'reply')
    page.keyboard.type('half an answer')
    press(page, 'note')
    page.keyboard.type('a note too')

    page.reload()
    text(page).wait_for()
    assert text(page).input_value() == 'a note too'
    page.locator('.lk-modes').get_by_role('button', name='E-mail').click()
    assert text(page).input_value() == 'half an answer'
    page.goto(f'{desk.server.url}/leads/{two}')
    page.get_by_role('heading', name='Dora Draft').wait_for()

    assert text(page).input_value() == ''


def test_a_reply_that_is_refused_keeps_its_text_and_says_why(desk):
    lead = fresh(desk, 'Eli Refused', email='eli@example.com', phone='+1 312 555 0160')
    page = opened(desk, lead)
    press(page, 'reply')
    page.keyboard.type('will this go out')
    page.wait_for_function('window.socket.connected')
    page.evaluate('window.socket.io.engine.close()')  # it does not hear of what the other one does
    other = opened(desk, lead)
    field(other, 'email').hover()
    other.get_by_role('button', name='Edit e-mail').click()
    other.get_by_label('E-mail', exact=True).fill('')
    other.keyboard.press('Enter')
    says(other, 'email', 'Not known')

    page.locator('.lk-cannot').wait_for()
    assert text(page).input_value() == 'will this go out'
    assert page.get_by_role('button', name='Send').is_disabled()


def test_an_empty_or_blank_text_cannot_be_sent(desk):
    page = opened(desk, fresh(desk, 'Fay Blank'))

    press(page, 'note')
    page.keyboard.type('   ')
    page.keyboard.press('Control+Enter')

    assert page.get_by_role('button', name='Add note').is_disabled()


def test_escape_leaves_the_text_field_first(desk):
    page = opened(desk, fresh(desk, 'Gil Field'))
    press(page, 'note')
    page.keyboard.type('j and k are only letters here')

    page.keyboard.press('Escape')

    assert page.evaluate('document.activeElement.tagName') != 'TEXTAREA' and '/leads/' in page.url


def test_a_channel_that_is_not_there_says_why_and_leads_to_the_settings(open_desk):
    desk = open_desk()
    desk.first_run()
    page = opened(desk, fresh(desk, 'Hugo Mail', email='hugo@example.com'))

    page.locator('.lk-modes').get_by_role('button', name='E-mail').click()

    assert page.locator('.lk-cannot').inner_text().strip()
    assert page.get_by_role('link', name='Open settings').get_attribute('href').startswith('/settings')
    assert text(page).is_disabled()


def test_a_killed_server_takes_nothing_that_was_typed(open_desk):
    desk = open_desk()
    desk.first_run()
    lead = fresh(desk, 'Ivo Killed')
    page = opened(desk, lead)
    press(page, 'note')
    page.keyboard.type('before the end')

    desk.server.kill()
    page.get_by_role('button', name='Waiting for the connection').wait_for()
    page.keyboard.type(', and after it')
    desk.server.restart()
    desk.server.ready()
    page.get_by_role('button', name='Add note').wait_for(timeout=20000)
    assert text(page).input_value() == 'before the end, and after it'
    page.get_by_role('button', name='Add note').click()

    page.locator('.lk-entry[data-kind=note]', has_text='before the end, and after it').wait_for()
    desk.complaints[:] = [said for said in desk.complaints if 'ERR_' not in said and 'WebSocket' not in said]


def test_signing_out_takes_the_drafts_along(desk):
    page = opened(desk, fresh(desk, 'Jo Leaves'), 'dev@example.com')
    press(page, 'note')
    page.keyboard.type('for nobody')
    assert drafts(page) == 1

    page.evaluate('window.dispatchEvent(new CustomEvent("lk:signout"))')

    assert drafts(page) == 0
