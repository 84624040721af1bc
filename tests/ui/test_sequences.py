"""Sequences in the settings, in a real browser: words first, then steps, switched on, and what is wrong said where it stands."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.axe_scenes import WIDTHS, Looked
from tests.ui.lead_desk import MAIL, crowded, fresh, opened, toast

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium: Any) -> Iterator[Any]:
    yield from crowded(chromium, **MAIL)


def come(desk: Any, **options: Any) -> Any:
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/settings/sequences')
    page.locator('.lk-seq').wait_for()
    page.wait_for_function('window.socket && window.socket.connected')
    return page


def write_words(page: Any, name: str, body: str, subject: str = 'Thank you') -> Any:
    page.get_by_role('button', name='New template').click()
    form = page.get_by_role('dialog', name='New template')
    form.get_by_label('Name').fill(name)
    form.get_by_label('Subject').fill(subject)
    form.get_by_label('Text').fill(body)
    form.get_by_role('button', name='Save').click()
    page.locator('[data-template]', has_text=name).wait_for()
    return page


def test_words_are_previewed_and_an_unknown_variable_is_refused(desk):
    page = come(desk)
    page.get_by_role('button', name='New template').click()
    form = page.get_by_role('dialog', name='New template')
    form.get_by_label('Name').fill('Welcome')
    form.get_by_label('Text').fill('Hello ')
    form.get_by_role('button', name='First name').click()
    form.get_by_text('Hello Priya').wait_for()

    form.get_by_label('Text').fill('Hello {{ lead.shoe_size }}')
    form.get_by_role('alert').filter(has_text='lead.shoe_size').wait_for()
    form.get_by_role('button', name='Save').click()
    form.get_by_role('alert').filter(has_text='lead.shoe_size').wait_for()
    assert page.locator('[data-template]', has_text='Welcome').count() == 0
    form.get_by_label('Text').fill('Hello {{ lead.first_name }}, thank you.')
    form.get_by_role('button', name='Save').click()

    page.locator('[data-template]', has_text='Welcome').wait_for()


def test_a_sequence_is_made_switched_on_changed_and_switched_off_again(desk):
    page = write_words(come(desk), 'First words', 'Hello {{ lead.first_name }}')
    page.get_by_role('button', name='New sequence').click()
    page.get_by_role('button', name='Save').click()
    page.get_by_text('Give it a name.').wait_for()
    page.get_by_label('Name').fill('New leads')
    page.get_by_label('Hot').check()
    page.get_by_role('group', name='Step 1').get_by_label('Words', exact=True).select_option('First words')
    page.get_by_role('button', name='Add a step').click()
    second = page.get_by_role('group', name='Step 2')
    second.get_by_label('By').select_option('sms')
    second.get_by_label('Words', exact=True).select_option('First words')
    second.get_by_label('Wait until the location is open').check()
    page.get_by_role('button', name='Save').click()

    row = page.locator('[data-sequence]', has_text='New leads')
    row.wait_for()
    steps = row.locator('.lk-seq-steps li').all_inner_texts()
    assert [' '.join(step.split()) for step in steps] == ['At once: E-mail', 'After 1 day: SMS channel not connected']
    assert 'Hot leads' in row.inner_text()
    row.get_by_role('switch').click()
    row.locator('[role=switch][aria-checked=true]').wait_for()
    toast(page, 'New leads is on').get_by_role('button', name='Undo').click()
    row.locator('[role=switch][aria-checked=false]').wait_for()

    row.get_by_role('button', name='New leads').click()
    page.get_by_label('Name').fill('Fresh leads')
    page.get_by_role('button', name='Remove step 2').click()
    page.get_by_role('button', name='Save').click()
    changed = page.locator('[data-sequence]', has_text='Fresh leads')
    changed.wait_for()
    assert changed.locator('.lk-seq-steps li').count() == 1


def test_a_sequence_takes_a_new_lead_up_and_shows_on_it(desk):
    page = write_words(come(desk), 'Call words', 'They asked for {{ service or "nothing" }}.', 'Call {{ lead.first_name }}')
    page.get_by_role('button', name='New sequence').click()
    page.get_by_label('Name').fill('Welcome calls')
    first = page.get_by_role('group', name='Step 1')
    first.get_by_label('By').select_option('task')
    first.get_by_label('Words', exact=True).select_option('Call words')
    page.get_by_role('button', name='Add a step').click()
    page.get_by_role('group', name='Step 2').get_by_label('Words', exact=True).select_option('Call words')
    page.get_by_role('button', name='Save').click()
    row = page.locator('[data-sequence]', has_text='Welcome calls')
    row.get_by_role('switch').click()
    row.locator('[role=switch][aria-checked=true]').wait_for()

    lead = opened(desk, fresh(desk, 'Wanda Able'))

    lead.locator('[data-run]', has_text='Step 2 of 2').wait_for()
    lead.locator('[data-step]', has_text='Call Wanda').wait_for()
    row.get_by_text('1 under way').wait_for()
    row.get_by_role('switch').click()
    row.locator('[role=switch][aria-checked=false]').wait_for()


def test_steps_out_of_order_are_told_at_the_step(desk):
    page = write_words(come(desk), 'Order words', 'Hello')
    page.get_by_role('button', name='New sequence').click()
    page.get_by_label('Name').fill('Upside down')
    page.get_by_role('group', name='Step 1').get_by_label('After').fill('30')
    page.get_by_role('button', name='Add a step').click()
    page.get_by_role('group', name='Step 2').get_by_label('After').fill('1')
    page.get_by_label('Unit of step 2').select_option('hours')
    page.get_by_role('button', name='Save').click()

    page.get_by_role('group', name='Step 2').get_by_role('alert').wait_for()
    assert page.get_by_label('Name').input_value() == 'Upside down'


def simple(page: Any, name: str, words: str, *, on: bool = False) -> Any:
    """A sequence of one task with these words; its row."""
    page.get_by_role('button', name='New sequence').click()
    page.get_by_label('Name').fill(name)
    page.get_by_role('group', name='Step 1').get_by_label('By').select_option('task')
    page.get_by_role('group', name='Step 1').get_by_label('Words', exact=True).select_option(words)
    page.get_by_label('Unit of step 1').select_option('days')
    page.get_by_role('group', name='Step 1').get_by_label('After').fill('2')
    page.get_by_role('button', name='Save').click()
    row = page.locator('[data-sequence]', has_text=name)
    row.wait_for()
    if on:
        row.get_by_role('switch').click()
        row.locator('[role=switch][aria-checked=true]').wait_for()
    return row


def drop_words(page: Any, name: str) -> Any:
    page.locator('[data-template]', has_text=name).get_by_role('button', name=name).click()
    form = page.get_by_role('dialog', name='Template')
    form.get_by_role('button', name='Delete').click()
    return form


def test_words_and_a_sequence_nobody_was_in_are_deleted_and_taken_back(desk):
    page = write_words(come(desk), 'Words to go', 'Hello')
    row = simple(page, 'Going soon', 'Words to go')

    form = drop_words(page, 'Words to go')
    form.get_by_role('alert').filter(has_text='"Going soon" uses it. Take it out there first.').wait_for()
    page.keyboard.press('Escape')
    row.get_by_role('button', name='Going soon').click()
    page.get_by_role('button', name='Delete').press('Enter')
    row.wait_for(state='detached')
    toast(page, 'Going soon deleted').get_by_role('button', name='Undo').click()
    row.wait_for()
    row.get_by_role('button', name='Going soon').click()
    page.get_by_role('button', name='Delete').click()
    row.wait_for(state='detached')

    drop_words(page, 'Words to go')
    page.locator('[data-template]', has_text='Words to go').wait_for(state='detached')
    page.wait_for_function("document.activeElement.textContent.includes('New template')")
    toast(page, 'Words to go deleted').get_by_role('button', name='Undo').click()
    page.locator('[data-template]', has_text='Words to go').wait_for()


def test_a_sequence_with_leads_says_how_many_stop_before_it_goes(desk):
    page = write_words(come(desk), 'Stopping words', 'Hello')
    row = simple(page, 'Stopping soon', 'Stopping words', on=True)
    lead = opened(desk, fresh(desk, 'Stan Able'))
    row.get_by_text('1 under way').wait_for()

    row.get_by_role('button', name='Stopping soon').click()
    page.get_by_role('button', name='Delete').click()
    ask = page.get_by_role('dialog', name='Delete Stopping soon?')
    ask.get_by_text('1 lead is under way in it and stops here').wait_for()
    ask.get_by_role('button', name='Keep it').click()
    page.get_by_role('button', name='Delete').click()
    ask.get_by_role('button', name='Delete').click()

    row.wait_for(state='detached')
    toast(page, 'Stopping soon deleted')
    lead.locator('.lk-entry', has_text='stopped: Ines Navarro deleted it').wait_for()


def test_an_agent_is_told_who_can_change_them(desk):
    page = desk.sign_in('dev@example.com')
    page.goto(f'{desk.server.url}/settings/sequences')

    page.get_by_role('heading', name='Sequences is not for your role').wait_for()


@pytest.mark.parametrize('size', WIDTHS)
def test_nobody_is_kept_out(desk, size):
    width, height = WIDTHS[size]
    page = come(desk, viewport={'width': width, 'height': height}, has_touch=size == 'phone', reduced_motion='reduce')
    looked = Looked()
    looked.at(page, f'lists {size}')
    page.get_by_role('button', name='New template').click()
    page.get_by_role('dialog', name='New template').wait_for()
    looked.at(page, f'template {size}')
    page.keyboard.press('Escape')
    page.get_by_role('button', name='New sequence').click()
    page.get_by_role('group', name='Step 1').wait_for()
    looked.at(page, f'editor {size}')

    print(looked)
    assert (looked.grave, looked.wide) == ({}, [])
