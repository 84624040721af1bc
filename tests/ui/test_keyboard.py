"""The keyboard in a real browser: which keys speak, when they are silent, and the switch that turns them off."""

import pytest

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks

LISTEN = """() => { window.heard = []; window.addEventListener('lk:key', (event) => window.heard.push(event.detail.name)); }"""
TYPED = """(strokes) => { for (const stroke of strokes)
    document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...stroke })); }"""
NAMES = {
    'j': 'next', 'k': 'previous', 'ArrowDown': 'next', 'ArrowUp': 'previous', 'Enter': 'open', 'x': 'select', 'Shift+X': 'extend',
    'f': 'filter', 'i': 'assign-me', 'e': 'close', 'z': 'undo', 'r': 'reply', 'n': 'note', 'p': 'call', 'Shift+R': 'retry',
    '[': 'prev-lead', ']': 'next-lead', 'Escape': 'back',
}  # fmt: skip


@pytest.fixture
def page(desk):
    page = desk.come_in()
    page.evaluate(LISTEN)
    return page


def heard(page):
    return page.evaluate('window.heard.splice(0)')


def free(page):
    page.evaluate('document.activeElement.blur()')


def test_every_key_has_its_name(page):
    told = {}
    for key in NAMES:
        free(page)
        page.keyboard.press(key)
        told[key] = heard(page)
        if key == 'f':
            page.keyboard.press('f')  # closes what it opened
            heard(page)
    assert told == {key: [name] for key, name in NAMES.items()}


@pytest.mark.parametrize(('key', 'name'), [('/', 'search'), ('?', 'sheet'), ('Control+k', 'palette')])
def test_the_keys_of_dialogs_open_them_and_escape_closes_only_them(page, key, name):
    free(page)
    page.keyboard.press(key)
    dialog = page.locator('.lk-veil [role="dialog"]')
    dialog.wait_for()
    page.keyboard.press('Escape')
    dialog.wait_for(state='detached')
    assert heard(page) == [name]


def test_fields_modifiers_and_dialogs_keep_their_letters(page):
    for key in ('Control+j', 'Alt+j', 'Meta+j', 'Control+Shift+k', 'y', '1', ' '):
        page.keyboard.press(key)
    assert heard(page) == []

    page.keyboard.press('/')
    page.get_by_role('combobox').wait_for()
    page.keyboard.type('jk?exz')
    assert page.get_by_role('combobox').input_value() == 'jk?exz'
    free(page)
    page.keyboard.press('j')  # nowhere near a field, and the dialog is still open
    assert heard(page) == ['search']


def test_a_field_is_left_before_the_lead(desk, page):
    desk.lead('Emmeline Ward')
    page.locator('.lk-lead', has_text='Emmeline Ward').click()
    page.get_by_role('heading', name='Emmeline Ward', exact=True).wait_for()
    free(page)
    page.keyboard.press('n')
    page.locator('textarea:focus').wait_for()
    page.keyboard.type('jx')
    assert page.locator('textarea:focus').input_value() == 'jx'  # and not the n that led here
    heard(page)

    page.keyboard.press('Escape')
    assert heard(page) == []
    assert page.evaluate('document.activeElement.tagName') != 'TEXTAREA' and '/leads/' in page.url
    page.keyboard.press('Escape')
    page.wait_for_url(desk.server.url + '/')


def test_g_and_a_letter_go_to_a_place_within_a_second(page, desk):
    page.keyboard.press('g')
    page.keyboard.press('h')
    page.wait_for_url('**/system')
    page.keyboard.press('g')
    page.keyboard.press('i')
    page.wait_for_url(desk.server.url + '/')
    assert heard(page) == ['go', 'go']

    page.keyboard.press('g')
    page.evaluate('Date.now = ((real) => () => real.call(Date) + 1500)(Date.now)')
    page.keyboard.press('h')
    page.keyboard.press('g')
    page.keyboard.press('y')  # no such place
    assert heard(page) == [] and page.url == desk.server.url + '/'


def test_a_held_key_moves_on_but_does_not_act_again(page):
    free(page)
    page.evaluate(TYPED, [{'key': key, 'repeat': repeat} for key in 'jz' for repeat in (False, True, True)])
    assert heard(page) == ['next', 'next', 'next', 'undo']


def test_other_scripts_and_caps_lock_mean_the_same_keys(page):
    page.evaluate(TYPED, [{'key': key, 'code': code} for key, code in (('о', 'KeyJ'), ('л', 'KeyK'), ('J', 'KeyJ'))])
    assert heard(page) == ['next', 'previous', 'next']


def test_single_keys_can_be_turned_off_for_good_and_on_again(desk, page):
    page.keyboard.press('?')
    sheet = page.get_by_role('dialog', name='Keyboard shortcuts')
    switch = sheet.get_by_role('switch', name='Single-key shortcuts')
    switch.click()
    sheet.get_by_text('Letters do nothing').wait_for()
    page.keyboard.press('Escape')
    sheet.wait_for(state='detached')
    heard(page)
    for key in ('j', 'e', '?', '/', 'g'):
        page.keyboard.press(key)
    assert heard(page) == []

    elsewhere = desk.come_in()  # a browser that remembers nothing: the server knows
    elsewhere.wait_for_function('window.lk.keys.on === false')
    elsewhere.evaluate(LISTEN)
    elsewhere.keyboard.press('j')
    assert heard(elsewhere) == []

    elsewhere.keyboard.press('Control+k')
    elsewhere.get_by_role('combobox').fill('single-key')
    elsewhere.get_by_role('option').filter(has_text='Turn single-key shortcuts on').wait_for()
    elsewhere.keyboard.press('Enter')
    elsewhere.wait_for_function('window.lk.keys.on === true')
    heard(elsewhere)
    elsewhere.keyboard.press('j')
    assert heard(elsewhere) == ['next']
    page.reload()
    page.wait_for_function('window.lk.keys.on === true')


def test_the_sheet_lists_the_keys_of_this_desk_and_keeps_the_focus(page):
    page.keyboard.press('?')
    sheet = page.get_by_role('dialog', name='Keyboard shortcuts')
    sheet.wait_for()
    assert [head.inner_text() for head in sheet.get_by_role('heading', level=3).all()] == ['Anywhere', 'Go to', 'List', 'Lead']
    there = page.evaluate("[...document.querySelectorAll('.lk-side > a.lk-nav')].map((link) => link.querySelector('span').textContent)")
    assert sheet.locator('section').nth(1).locator('dt').all_inner_texts() == [
        name for name in there if name != 'Quiet hours'
    ]  # it has no key
    for _ in range(7):
        page.keyboard.press('Tab')
        assert page.evaluate("!!document.activeElement.closest('[role=dialog]')")
    page.keyboard.press('Escape')
    sheet.wait_for(state='detached')
