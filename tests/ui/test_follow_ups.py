"""The follow-ups in a real browser: every deed by mouse and keyboard, what others see of it, and the next steps of a lead."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest

from tests.ui.agenda import DAY, HOUR, come, group, more, plan, row, stands_in, walk_to
from tests.ui.lead_desk import crowded, fresh, opened, press, toast, undo

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium: Any) -> Iterator[Any]:
    yield from crowded(chromium)


def test_the_agenda_groups_by_the_clock_and_becomes_overdue_by_itself(desk):
    lead = fresh(desk, 'Agatha Able')
    plan(desk, lead, 'Long past', -26 * HOUR)
    plan(desk, lead, 'In ten days', 10 * DAY)
    plan(desk, lead, 'Any moment', timedelta(seconds=3))
    page = come(desk)

    assert group(page, 'Long past') == 'Overdue'
    assert group(page, 'In ten days') == 'Upcoming'
    stands_in(page, 'Overdue', 'Any moment')

    assert row(page, 'Any moment').locator('time').get_attribute('data-tone') == 'red'
    page.locator('.lk-fu-block[data-tone=red]', has_text='Any moment, Agatha').wait_for()


def test_e_completes_the_focus_goes_on_and_z_takes_it_back(desk):
    lead = fresh(desk, 'Emil Able')
    for title, ahead in (('First of Emil', -2 * HOUR), ('Second of Emil', -HOUR), ('Last of Emil', 5 * DAY)):
        plan(desk, lead, title, ahead)
    page = come(desk)
    row(page, 'Second of Emil').wait_for()
    page.keyboard.press('j')
    walk_to(page, 'First of Emil')

    page.keyboard.press('e')
    stands_in(page, 'Done today', 'First of Emil')
    page.wait_for_function("document.activeElement.closest('.lk-fu-row')?.textContent.includes('Second of Emil')")
    toast(page, 'First of Emil done')
    page.keyboard.press('z')
    toast(page, 'Undone')

    stands_in(page, 'Overdue', 'First of Emil')


def test_s_puts_off_until_tomorrow_and_the_past_is_refused(desk):
    lead = fresh(desk, 'Sara Able')
    plan(desk, lead, 'Ask Sara', -HOUR)
    page = come(desk)
    row(page, 'Ask Sara').locator('.lk-fu-what').click()
    row(page, 'Ask Sara').get_by_role('button', name='snooze').click()
    page.get_by_role('menuitem', name='Tomorrow').click()
    stands_in(page, 'Upcoming', 'Ask Sara')
    assert row(page, 'Ask Sara').locator('time').inner_text().endswith('09:00')
    undo(page, 'Follow-up snoozed')
    stands_in(page, 'Overdue', 'Ask Sara')

    walk_to(page, 'Ask Sara')
    page.keyboard.press('s')
    page.get_by_role('menuitem', name='Pick date and time').click()
    ask = page.get_by_role('dialog', name='Snooze until')
    ask.get_by_label('Date and time').fill('2020-01-01T09:00')
    ask.get_by_role('button', name='Snooze').click()

    assert 'future' in ask.get_by_role('alert').inner_text()
    assert group(page, 'Ask Sara') == 'Overdue'


def test_the_last_follow_up_of_an_open_lead_asks_what_comes_next(desk):
    lead = fresh(desk, 'Olaf Able')
    answered(desk, lead)
    plan(desk, lead, 'The only one', -HOUR)
    page = come(desk)

    row(page, 'The only one').get_by_role('checkbox').click()
    ask = page.get_by_role('dialog', name='What comes next with Olaf Able?')
    ask.get_by_label('What', exact=True).fill('Call Olaf again')
    ask.get_by_role('button', name='Done', exact=True).click()
    stands_in(page, 'Upcoming', 'Call Olaf again')
    stands_in(page, 'Done today', 'The only one')

    row(page, 'Call Olaf again').get_by_role('checkbox').click()
    ask.get_by_label('Lost').check()
    ask.get_by_label('Reason').select_option('Something else')
    ask.get_by_role('button', name='Done', exact=True).click()
    ask.get_by_text('Say in a few words why').wait_for()
    ask.get_by_label('In your own words').fill('Moved away')
    ask.get_by_role('button', name='Done', exact=True).click()
    stands_in(page, 'Done today', 'Call Olaf again')
    page.goto(f'{desk.server.url}/leads/{lead}')
    page.locator('.lk-details', has_text='Moved away').wait_for()


def answered(desk: Any, lead_id: str) -> None:
    """The first reply is done: nothing but follow-ups brings anybody back to this lead."""
    page = opened(desk, lead_id)
    page.locator('.lk-view').get_by_role('button', name='More', exact=True).click()
    page.get_by_role('menuitem', name='Answered elsewhere').click()
    toast(page, 'Noted as answered elsewhere')
    page.close()


def test_t_adds_one_for_a_lead_that_is_found_by_name(desk):
    fresh(desk, 'Tilda Unlikely')
    page = come(desk)

    page.keyboard.press('t')
    form = page.get_by_role('dialog', name='New follow-up')
    form.get_by_role('button', name='Add follow-up').click()
    form.get_by_text('Choose the lead it is about').wait_for()
    form.get_by_role('combobox', name='Lead').fill('unlikely')
    form.get_by_role('option', name='Tilda Unlikely').wait_for()
    page.keyboard.press('Enter')
    form.get_by_label('What').fill('Send the quote to Tilda')
    form.get_by_label('Kind').select_option('Document')
    form.get_by_role('button', name='Tomorrow').click()
    form.get_by_label('Reminder').select_option('1 hour before')
    form.get_by_label('Note').fill('With the fleet price')
    form.get_by_role('button', name='Add follow-up').click()

    stands_in(page, 'Upcoming', 'Send the quote to Tilda')
    assert row(page, 'Send the quote').locator('time').inner_text().endswith('09:00')
    undo(page, 'Follow-up added')
    row(page, 'Send the quote to Tilda').wait_for(state='detached')


def test_a_follow_up_is_changed_given_to_somebody_and_removed(desk):
    lead = fresh(desk, 'Chris Able')
    plan(desk, lead, 'Rename me', 3 * DAY)
    plan(desk, lead, 'Another', 4 * DAY)
    page = come(desk)
    more(page, 'Rename me', 'Change')
    form = page.get_by_role('dialog', name='Change the follow-up')
    form.get_by_label('What').fill('Renamed')
    form.get_by_role('button', name='Save').click()
    row(page, 'Renamed').wait_for()

    more(page, 'Renamed', 'Assign to')
    page.get_by_role('combobox', name='Assign to').fill('dev')
    page.keyboard.press('Enter')
    row(page, 'Renamed').wait_for(state='detached')  # these are mine
    page.get_by_role('button', name='Mine').click()
    page.get_by_role('menuitemradio', name='Everybody').click()
    page.wait_for_url('**/follow-ups?owner=all')
    row(page, 'Renamed').get_by_text('Owner Dev Kapoor').wait_for(state='attached')

    more(page, 'Renamed', 'Remove')
    row(page, 'Renamed').wait_for(state='detached')
    undo(page, 'Follow-up cancelled')
    row(page, 'Renamed').wait_for()


def test_what_another_does_shows_within_a_second_and_idle_pages_hear_nothing(desk):
    lead = fresh(desk, 'Live Able')
    plan(desk, lead, 'Done by Dev', -HOUR)
    plan(desk, lead, 'Stays', 9 * DAY)
    mine, frames = desk.visitor(timezone_id='UTC'), []
    mine.on('websocket', lambda socket: socket.on('framereceived', lambda frame: frames.append(str(frame))))
    mine.context.add_cookies(desk.cookies)
    mine.goto(f'{desk.server.url}/follow-ups')
    mine.wait_for_function('window.socket && window.socket.connected')
    row(mine, 'Done by Dev').wait_for()
    devs = come(desk, '?owner=all', who='dev@example.com')
    mine.wait_for_timeout(3000)  # nothing happens, and nothing may be heard: there is no event to wait for
    said = [frame for frame in frames[-20:] if 'patch' in frame]
    frames.clear()
    mine.wait_for_timeout(2000)
    assert [frame for frame in frames if frame.startswith('42')] == [], said

    row(devs, 'Done by Dev').get_by_role('checkbox').click()
    stands_in(devs, 'Done today', 'Done by Dev')
    began = monotonic()
    stands_in(mine, 'Done today', 'Done by Dev')

    assert monotonic() - began < 1


def test_enter_opens_the_lead_and_its_next_steps_are_done_there(desk):
    lead = fresh(desk, 'Nora Able')
    plan(desk, lead, 'Ring Nora', -HOUR)
    page = come(desk)
    row(page, 'Ring Nora').wait_for()
    page.keyboard.press('j')
    walk_to(page, 'Ring Nora')
    page.keyboard.press('Enter')
    page.wait_for_url(f'**/leads/{lead}')
    steps = page.locator('.lk-fu-steps')
    steps.locator('li', has_text='Ring Nora').locator('time[data-tone=red]').wait_for()

    page.locator(f'.lk-view[data-lead="{lead}"] .lk-entry').first.wait_for()
    press(page, 'follow-up')
    form = page.get_by_role('dialog', name='New follow-up')
    form.get_by_text('For Nora Able').wait_for()
    form.get_by_label('What').fill('Ask for photos')
    form.get_by_role('button', name='Add follow-up').click()
    steps.locator('li', has_text='Ask for photos').wait_for()
    page.locator('.lk-entry', has_text='Follow-up planned: Ask for photos').wait_for()

    steps.get_by_role('checkbox', name='Done: Ring Nora').click()
    steps.locator('li', has_text='Ring Nora').wait_for(state='detached')
    undo(page, 'Ring Nora done')
    steps.get_by_role('button', name='More about Ring Nora').click()
    page.get_by_role('menuitem', name='Tomorrow').click()
    toast(page, 'Follow-up snoozed')
