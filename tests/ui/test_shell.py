"""The shell: places without reloading, what stands in for them, the list's own deeds, and who else looks."""

import re
from typing import Any

import pytest

from tests.processes import ADMIN_KEY, request, run
from tests.ui.conftest import PASSWORD, Desk

NARROW = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}


def row(page: Any, name: str) -> Any:
    return page.locator('.lk-lead', has_text=name)


def person(desk: Desk, name: str, role: str) -> Any:
    """Another person's open inbox."""
    email = f'{name.lower()}@example.com'
    words = ('user', 'add', email, '--name', name, '--role', role, '--password-stdin')
    made = run(*words, data_dir=desk.server.data_dir, said=PASSWORD)
    assert made.returncode == 0 or 'already' in made.stderr + made.stdout, made.stderr
    return desk.sign_in(email)


def test_places_change_without_loading_the_page_anew(desk):
    page = desk.come_in()
    page.evaluate('window.here = true')

    page.get_by_role('link', name='Deliveries').click()
    page.get_by_role('heading', name='Deliveries', level=1).wait_for()
    assert page.title() == 'Deliveries · Leadkeeper' and page.url.endswith('/deliveries')
    page.go_back()

    page.locator('.lk-list').wait_for()
    page.wait_for_function("document.title === 'Inbox · Leadkeeper'")
    assert page.evaluate('window.here') is True
    assert page.locator('.lk-side [aria-current=page]').inner_text().startswith('Inbox')


@pytest.mark.slow
def test_every_place_of_the_navigation_opens_and_has_one_heading(desk):
    page = desk.come_in()
    paths = page.evaluate("[...document.querySelectorAll('.lk-side a.lk-nav')].map((a) => a.getAttribute('href'))")
    assert len(paths) >= 5

    for path in paths:
        page.goto(desk.server.url + path)
        page.locator('h1').first.wait_for()
        assert page.locator('h1').count() == 1, path


def test_a_place_that_is_not_there_is_asked_of_the_server(desk):
    page = desk.come_in()

    page.evaluate("window.lk.go('/nowhere')")

    page.get_by_text('There is no page at this address').wait_for()
    desk.complaints[:] = [text for text in desk.complaints if '404' not in text]


def test_a_lead_that_is_not_there_says_so_inside_the_desk(desk):
    page = desk.come_in()

    page.evaluate("window.lk.go('/leads/00000000-0000-0000-0000-000000000000')")

    page.get_by_role('heading', name='Nothing here').wait_for()
    page.get_by_role('link', name='Open the inbox').click()
    page.locator('.lk-list').wait_for()


def test_the_address_of_a_lead_that_is_not_there_opens_the_desk_and_answers_404(desk):
    page = desk.come_in()

    answer = page.goto(f'{desk.server.url}/leads/00000000-0000-0000-0000-000000000000')

    page.get_by_role('heading', name='Nothing here').wait_for()
    assert answer.status == 404 and page.title() == 'Inbox · Leadkeeper'
    page.locator('.lk-side').get_by_role('link', name='Deliveries').click()
    page.get_by_role('heading', name='Deliveries', level=1).wait_for()
    assert page.goto(f'{desk.server.url}/settings/nowhere').status == 404
    desk.complaints[:] = [text for text in desk.complaints if '404' not in text]


@pytest.mark.slow
def test_who_may_see_no_settings_can_ask_for_them(desk):
    page = person(desk, 'Sol', 'agent')

    page.goto(f'{desk.server.url}/settings')
    page.get_by_role('heading', name='The settings are not for your role').wait_for()
    page.get_by_role('button', name='Ask for access').click()

    page.get_by_text('Asked. An admin sees it').wait_for()
    alerts = request('GET', f'{desk.server.url}/api/v1/alerts', key=ADMIN_KEY).json['items']
    assert any(alert['title'] == 'Sol asks for access to Settings' for alert in alerts)


@pytest.mark.slow
def test_who_may_not_see_a_place_is_told_who_can_help_and_can_ask(desk):
    page = person(desk, 'Rosa', 'agent')
    assert page.get_by_role('link', name='System health').count() == 0

    page.goto(f'{desk.server.url}/system')
    page.get_by_role('heading', name='System health is not for your role').wait_for()
    page.get_by_role('button', name='Ask for access').click()

    page.get_by_text('Asked. An admin sees it').wait_for()
    alerts = request('GET', f'{desk.server.url}/api/v1/alerts', key=ADMIN_KEY).json['items']
    assert any('Rosa' in alert['title'] for alert in alerts)


@pytest.mark.slow
def test_several_leads_are_marked_and_assigned_at_once_and_taken_back(desk):
    page = desk.come_in()
    for name in ('Mark One', 'Mark Two', 'Mark Three'):
        desk.lead(name)
        row(page, name).wait_for()

    row(page, 'Mark Three').focus()
    page.keyboard.press('x')
    row(page, 'Mark One').click(modifiers=['Shift'])
    assert re.match(r'\d', page.locator('.lk-marked :is(h1, h2)').inner_text())
    page.get_by_role('toolbar').get_by_role('button', name='Assign').click()
    page.get_by_role('menuitem', name='Ines Navarro (you)').click()

    row(page, 'Mark One').get_by_text('Owner Ines Navarro').wait_for(state='attached')
    row(page, 'Mark Three').get_by_text('Owner Ines Navarro').wait_for(state='attached')
    page.locator('.lk-undo').click()
    row(page, 'Mark One').get_by_text('No owner').wait_for(state='attached')


def test_a_snoozed_lead_leaves_the_top_and_a_closed_one_goes_to_the_fold(desk):
    page = desk.come_in()
    desk.lead('Still Open')  # where nothing else is open, the closed ones are not folded away
    desk.lead('Snooze Me')
    row(page, 'Snooze Me').focus()

    page.keyboard.press('s')
    page.keyboard.press('Enter')
    row(page, 'Snooze Me').get_by_text('until').wait_for()
    row(page, 'Snooze Me').focus()
    page.keyboard.press('e')

    row(page, 'Snooze Me').wait_for(state='detached')
    page.get_by_role('button', name=re.compile('Closed')).click()
    row(page, 'Snooze Me').wait_for()


def test_a_filter_is_asked_of_the_server_and_cleared(desk):
    page = desk.come_in()
    answer = desk.lead('Cold Fish', message='Just looking, no hurry, next year')
    assert answer['quality'] == 'cold'
    desk.lead('Hot Potato', message='Price for ceramic tint today please', phone='+1 312 555 0188')
    row(page, 'Hot Potato').wait_for()

    page.get_by_role('button', name='Filter').click()
    page.get_by_label('cold').check()
    row(page, 'Hot Potato').wait_for(state='detached')
    row(page, 'Cold Fish').wait_for()
    page.get_by_role('button', name='Clear filters').click()

    row(page, 'Hot Potato').wait_for()


@pytest.mark.slow
def test_two_people_at_one_lead_see_each_other(desk):
    answer = desk.lead('Shared Interest', key=ADMIN_KEY)
    ines, dev = desk.come_in(), person(desk, 'Dev', 'manager')

    for page in (ines, dev):
        page.goto(f'{desk.server.url}/leads/{answer["leadId"]}')
        page.locator('[data-lead]').wait_for()

    ines.locator('.lk-others').wait_for()
    assert 'Dev' in ines.locator('.lk-others').get_attribute('title')
    dev.locator('.lk-side a[href="/deliveries"]').click()
    ines.locator('.lk-others').wait_for(state='detached')


def test_the_numbers_beside_the_places_are_live(desk):
    page = desk.come_in()
    page.get_by_role('link', name='Quarantine').click()
    page.get_by_role('heading', name='Quarantine', level=1).wait_for()

    assert request('POST', f'{desk.server.url}/api/submit-contact', {'name': 'Nobody', 'email': 'not an address'}).status == 202

    page.locator('.lk-side a[href="/quarantine"] .lk-num', has_text=re.compile(r'^[1-9]')).wait_for()


@pytest.mark.parametrize('path', ['/', '/deliveries', '/settings'])
def test_on_a_phone_the_places_are_at_the_bottom_and_the_rest_under_more(desk, path):
    page = desk.come_in(**NARROW)
    page.goto(desk.server.url + path)

    page.get_by_role('button', name='More').click()
    page.get_by_role('menuitem', name='Settings').click()

    page.wait_for_url('**/settings**')
    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')
