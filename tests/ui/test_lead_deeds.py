"""What can be done about an open lead, in a real browser: each deed, its undo, and what others see of it."""

from datetime import datetime, timedelta

import pytest

from tests.processes import ADMIN_KEY, request
from tests.receiver import Fault
from tests.ui.lead_desk import crowded, field, fresh, opened, press, says, toast, undo

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium):
    yield from crowded(chromium)


def test_a_lead_is_given_to_somebody_found_by_name_and_taken_back(desk):
    page = opened(desk, fresh(desk, 'Ada Able'))

    press(page, 'assign')
    page.get_by_role('combobox', name='Assign to').fill('ros')
    page.keyboard.press('Enter')
    says(page, 'owner', 'Rosa Sanz')
    page.locator('.lk-entry', has_text='Ines Navarro assigned this to Rosa Sanz').wait_for()
    undo(page, 'Assigned to Rosa Sanz')

    says(page, 'owner', 'Nobody yet')


def test_i_takes_the_lead(desk):
    page = opened(desk, fresh(desk, 'Bea Able'))

    press(page, 'assign-me')

    page.locator('.lk-entry', has_text='Ines Navarro took this lead').wait_for()
    assert field(page, 'owner').inner_text().startswith('IN') or 'Ines Navarro' in field(page, 'owner').inner_text()


def test_s_and_enter_snooze_one_hour(desk):
    page = opened(desk, fresh(desk, 'Cem Able'))

    press(page, 'snooze')
    page.get_by_role('menuitem', name='1 hour').wait_for()
    page.keyboard.press('Enter')

    says(page, 'status', 'Snoozed until')
    undo(page, 'Snoozed')
    says(page, 'status', 'Open')


def test_a_moment_to_come_back_at_can_be_picked_and_must_be_ahead(desk):
    page = opened(desk, fresh(desk, 'Dan Able'))
    page.get_by_role('button', name='Snooze').click()
    page.get_by_role('menuitem', name='Pick date and time').click()
    ask = page.get_by_role('dialog', name='Snooze until')

    ask.get_by_label('Date and time').fill('2020-01-01T09:00')
    ask.get_by_role('button', name='Snooze').click()
    ask.get_by_role('alert').wait_for()
    ahead = (datetime.now().astimezone() + timedelta(days=9)).strftime('%Y-%m-%dT09:00')
    ask.get_by_label('Date and time').fill(ahead)
    ask.get_by_role('button', name='Snooze').click()

    says(page, 'status', 'Snoozed until')
    assert ask.count() == 0


def test_closing_as_lost_wants_a_reason_and_reopening_forgets_it(desk):
    page = opened(desk, fresh(desk, 'Eva Able'))
    page.get_by_role('button', name='More').click()
    page.get_by_role('menuitem', name='Close as lost').click()
    ask = page.get_by_role('dialog', name='Why was it lost?')

    ask.get_by_label('Reason').select_option('Something else')
    ask.get_by_role('button', name='Save').click()
    ask.get_by_text('Say in a few words why.').wait_for()
    ask.get_by_label('In your own words').fill('Moved to the coast')
    ask.get_by_role('button', name='Save').click()

    page.get_by_text('Moved to the coast', exact=True).wait_for()
    assert field(page, 'stage').inner_text().startswith('Lost')
    page.get_by_role('button', name='Reopen').click()
    page.get_by_text('Moved to the coast', exact=True).wait_for(state='detached')


@pytest.mark.long
def test_a_meeting_is_asked_for_once_more_and_ends_the_clock(desk):
    page = opened(desk, fresh(desk, 'Mia Able'))
    bar = page.get_by_role('group', name='The meeting')

    page.keyboard.press('m')
    bar.get_by_text('It counts as the first reply.').wait_for()
    page.wait_for_function("document.activeElement.textContent === 'Log the meeting'")
    page.keyboard.press('Escape')
    bar.wait_for(state='detached')
    page.wait_for_function("document.activeElement.textContent === 'Met'")
    assert page.locator('.lk-entry', has_text='met in person').count() == 0
    page.keyboard.press('Enter')
    page.wait_for_function("document.activeElement.textContent === 'Log the meeting'")
    page.keyboard.press('Enter')

    page.locator('.lk-entry', has_text='met in person').wait_for()
    toast(page, 'Meeting noted')
    bar.wait_for(state='detached')
    page.locator('.lk-details').get_by_text('Replied in time').wait_for()


def test_e_closes_and_undo_brings_the_clock_back(desk):
    page = opened(desk, fresh(desk, 'Finn Able'))

    press(page, 'close')
    page.get_by_role('heading', name='Closed without a reply').wait_for()
    undo(page, 'Closed')

    page.locator('.lk-details [data-clock]').wait_for()


def test_stage_and_quality_are_chosen_and_a_quality_says_by_whom_and_why(desk):
    page = opened(desk, fresh(desk, 'Gus Able'))

    field(page, 'stage').get_by_role('button').click()
    page.get_by_role('menuitemradio', name='Qualified').click()
    says(page, 'stage', 'Qualified')
    field(page, 'quality').get_by_role('button').click()
    page.get_by_role('menuitemradio', name='Hot').click()
    page.get_by_role('dialog').get_by_label('Why').fill('called twice')
    page.keyboard.press('Enter')

    page.locator('.lk-details').get_by_text('Set by Ines Navarro: called twice').wait_for()
    undo(page, '')


def test_tags_and_the_vehicle_are_edited_in_place(desk):
    page = opened(desk, fresh(desk, 'Hal Able'))

    page.get_by_label('Add a tag').fill('fleet')
    page.keyboard.press('Enter')
    says(page, 'tags', 'fleet')
    page.get_by_role('button', name='Remove fleet').click()
    field(page, 'tags').filter(has_text='fleet').wait_for(state='detached')
    field(page, 'vehicle').get_by_role('button').click()
    page.get_by_role('dialog', name='Vehicle').get_by_label('Make').fill('Skoda')
    page.keyboard.press('Enter')

    says(page, 'vehicle', 'Skoda')


def test_a_refused_edit_keeps_what_was_typed_and_says_why_under_the_field(desk):
    page = opened(desk, fresh(desk, 'Ida Able', email='ida@example.com'))

    field(page, 'email').hover()
    page.get_by_role('button', name='Edit e-mail').click()
    page.get_by_label('E-mail', exact=True).fill('not an address')
    page.keyboard.press('Enter')
    field(page, 'email').get_by_role('alert').wait_for()
    assert page.get_by_label('E-mail', exact=True).input_value() == 'not an address'
    page.get_by_label('E-mail', exact=True).fill('ida.new@example.com')
    page.keyboard.press('Enter')

    field(page, 'email').get_by_role('link', name='ida.new@example.com').wait_for()


def test_escape_leaves_a_field_before_it_leaves_the_lead(desk):
    page = opened(desk, fresh(desk, 'Jan Able', phone='+1 312 555 0100'))

    field(page, 'phone').hover()
    page.get_by_role('button', name='Edit phone').click()
    page.get_by_label('Phone', exact=True).fill('1')
    page.keyboard.press('Escape')
    field(page, 'phone').get_by_role('link').wait_for()
    assert '/leads/' in page.url
    page.keyboard.press('Escape')

    page.get_by_text('Pick a lead').wait_for()


def test_what_another_person_changed_is_told_beside_what_is_being_typed(desk):
    lead = fresh(desk, 'Kai Able')
    page, other = opened(desk, lead), opened(desk, lead, 'dev@example.com')
    page.get_by_text('Dev Kapoor is looking at this too').wait_for()
    page.locator('.lk-write textarea').fill('half a thought')
    field(page, 'name').hover()
    page.get_by_role('button', name='Edit name').click()
    page.get_by_label('Name', exact=True).fill('Kai Mine')

    press(other, 'assign')
    other.get_by_role('combobox', name='Assign to').fill('Rosa')
    other.keyboard.press('Enter')
    field(other, 'name').hover()
    other.get_by_role('button', name='Edit name').click()
    other.get_by_label('Name', exact=True).fill('Kai Theirs')
    other.keyboard.press('Enter')

    page.locator('.lk-entry', has_text='Dev Kapoor assigned this to Rosa Sanz').wait_for()
    page.get_by_text('Changed meanwhile to Kai Theirs').wait_for()
    assert page.get_by_label('Name', exact=True).input_value() == 'Kai Mine'
    assert page.locator('.lk-write textarea').input_value() == 'half a thought'


def test_an_undo_after_a_change_by_another_person_says_whose_and_undoes_nothing(desk):
    lead = fresh(desk, 'Lea Able')
    page, other = opened(desk, lead), opened(desk, lead, 'dev@example.com')
    press(page, 'assign-me')
    offer = toast(page, 'Assigned to Ines Navarro')

    press(other, 'assign-me')
    says(page, 'owner', 'Dev Kapoor')
    offer.get_by_role('button', name='Undo').click()

    toast(page, 'Dev Kapoor changed this since')
    assert 'Dev Kapoor' in field(page, 'owner').inner_text()


def test_a_call_is_noted_and_answers_the_clock(desk):
    page = opened(desk, fresh(desk, 'Mia Able', phone='+1 312 555 0101'))
    page.evaluate('document.querySelector(".lk-head a[href^=tel]").addEventListener("click", (e) => e.preventDefault())')

    press(page, 'call')
    page.get_by_text('Reached them?').wait_for()
    page.get_by_role('button', name='Yes').click()

    page.locator('.lk-details').get_by_text('Replied in time').wait_for()
    page.get_by_text('Reached them?').wait_for(state='detached')


def test_answered_elsewhere_and_unread_are_in_the_menu(desk):
    page = opened(desk, fresh(desk, 'Nia Able'))

    page.get_by_role('button', name='More').click()
    page.get_by_role('menuitem', name='Answered elsewhere').click()
    page.locator('.lk-details').get_by_text('Replied in time').wait_for()
    page.get_by_role('button', name='More').click()
    page.get_by_role('menuitem', name='Mark as unread').click()

    toast(page, 'Marked as unread')


def test_a_failed_delivery_is_ordered_again_from_the_timeline(desk):
    desk.outside.faults.append(Fault(status=400, body='invalid_payload', path='/slack'))
    page = opened(desk, fresh(desk, 'Otto Able'))
    page.locator('.lk-fail').wait_for()
    assert page.locator('.lk-bad').inner_text().startswith('1')

    page.locator('.lk-fail').get_by_role('button', name='Retry').click()

    page.locator('.lk-entry', has_text='Delivered to Slack').wait_for()
    assert page.locator('.lk-fail').get_by_role('button').count() == 0


def test_who_may_only_look_sees_no_controls(desk):
    page = opened(desk, fresh(desk, 'Pam Able', phone='+1 312 555 0102'), 'olga@example.com')

    press(page, 'snooze')
    press(page, 'assign-me')

    assert page.locator('.lk-composer, .lk-pencil, .lk-lead-pick, .lk-choose, .lk-head button').count() == 0
    assert page.locator('.lk-details input').count() == 0


def test_a_long_timeline_shows_its_end_and_the_rest_when_asked(desk):
    lead = fresh(desk, 'Quin Able')
    for number in range(104):
        note = request('POST', f'{desk.server.url}/api/v1/leads/{lead}/notes', {'text': f'Note {number}.'}, key=ADMIN_KEY)
        assert note.status == 201
    page = opened(desk, lead)

    page.locator('.lk-said', has_text='Note 103.').wait_for()
    shown = page.locator('.lk-entry').count()
    page.get_by_role('button', name='earlier').click()
    page.locator('.lk-said', has_text='Note 0.').wait_for()

    assert shown == 60
    assert page.locator('.lk-entry').count() > 100
