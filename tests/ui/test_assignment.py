"""Assignment in a real browser: one's own switch, the rule, what others take, and who would get a lead."""

from uuid import UUID

import pytest

from domain.assignment.messages import Candidate, Decision, Rule, Verdict
from tests.processes import ADMIN_KEY, request, run
from tests.servers import until
from tests.ui.conftest import PASSWORD
from ui.presenters import assignment as shown

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


def api(desk, method, path, body=None):
    answer = request(method, desk.server.url + path, body, key=ADMIN_KEY)
    assert answer.status in (200, 201), answer.body
    return answer.json


def agent(desk, name):
    """An account; the row that the API shows of it."""
    email = f'{name.lower()}@example.com'
    command = ('user', 'add', email, '--name', name, '--role', 'agent', '--password-stdin')
    assert run(*command, data_dir=desk.server.data_dir, said=f'{PASSWORD}\n').returncode == 0
    (row,) = [row for row in api(desk, 'GET', '/api/v1/users')['items'] if row['email'] == email]
    return row


def come_to(desk, **options):
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/settings/assignment')
    page.get_by_role('heading', name='Who would get it').wait_for()
    return page


def owner_of(desk, lead_id):
    return api(desk, 'GET', f'/api/v1/leads/{lead_id}')['ownerId']


def own_switch(page):
    return page.locator('.lk-person').get_by_role('switch')


@pytest.fixture
def own(open_desk):
    """A desk whose owner is the only one."""
    desk = open_desk()
    desk.first_run()
    desk.look_over()
    return desk


def test_who_goes_online_is_given_what_waits_and_sees_why(own):
    first = own.lead('Waits Already')['leadId']
    page, other = own.come_in(), own.come_in()
    assert own_switch(page).get_attribute('aria-checked') == 'false'

    own_switch(page).click()
    other.locator('.lk-person [role=switch][aria-checked=true]').wait_for()
    until(lambda: owner_of(own, first), seconds=10, what='the lead that waited has an owner')
    page.get_by_text('You are online: new leads are given to you').wait_for()
    page.goto(f'{own.server.url}/leads/{first}')
    page.get_by_text('Assigned to Ines Navarro').first.wait_for()
    page.get_by_text('Ines Navarro works for all locations, is online with 0 of 50 waiting leads').wait_for()

    own_switch(page).click()
    page.get_by_text('You are away').wait_for()
    other.locator('.lk-person [role=switch][aria-checked=false]').wait_for()
    second = own.lead('Comes Too Late')['leadId']
    row = api(own, 'GET', f'/api/v1/leads/{second}')
    assert (row['ownerId'], row['queue']) == (None, 'Arrivals')
    page.get_by_role('button', name='Undo').click()
    other.locator('.lk-person [role=switch][aria-checked=true]').wait_for()
    until(lambda: owner_of(own, second), seconds=10, what='undone, the next lead has an owner too')


def test_what_somebody_takes_is_edited_and_tried_without_writing(own):
    dev = agent(own, 'Dev')
    lead = own.lead('Tint Wanted', key=ADMIN_KEY)['leadId']
    page = come_to(own)

    page.get_by_role('button', name='Change what Dev takes').click()
    dialog = page.get_by_role('dialog')
    dialog.get_by_label('Waiting leads at once').fill('many')
    dialog.get_by_role('button', name='Save').click()
    dialog.get_by_text('Must be a whole number, or empty').wait_for()
    dialog.get_by_label('Waiting leads at once').fill('0')
    dialog.get_by_label('Skills').fill('ceramic tint, German, german')
    dialog.get_by_role('button', name='Save').click()
    dialog.wait_for(state='hidden')
    row = page.locator('tr', has_text='Dev')
    row.get_by_text('ceramic tint').wait_for()
    assert row.locator('.lk-chip').all_inner_texts() == ['ceramic tint', 'German']

    row.get_by_role('switch').click()
    page.get_by_label('Service or tags').fill('Ceramic tint of a van')
    page.get_by_role('button', name='Try it').click()
    page.get_by_text('It would wait in the queue Arrivals').wait_for()
    page.get_by_text('Ines Navarro does not know ceramic tint').wait_for()
    api(own, 'PATCH', f'/api/v1/users/{dev["id"]}', {'capacity': None, 'skills': []})
    row.get_by_text('ceramic tint').wait_for(state='detached')  # changed elsewhere, shown here
    page.get_by_role('button', name='Try it').click()
    page.get_by_text('Dev would get it').wait_for()
    until(lambda: owner_of(own, lead) == dev['id'], seconds=10, what='and Dev has the one that waited')


def test_the_rule_is_changed_switched_off_and_back(own):
    page = come_to(own)

    page.get_by_label('Take back after').fill('soon')
    page.get_by_role('button', name='Save', exact=True).click()
    page.get_by_text('Must be a number of minutes, or empty').wait_for()
    page.get_by_label('Take back after').fill('7.5')
    page.get_by_label('Queue').fill('Front desk')
    page.get_by_role('button', name='Save', exact=True).click()
    page.get_by_text('Saved.').wait_for()
    wanted = {'enabled': True, 'queue': 'Front desk', 'takeBackSeconds': 450, 'defaultCapacity': 50}
    assert api(own, 'GET', '/api/v1/assignment') == wanted

    page.get_by_role('switch', name='Give leads to people who are online').click()
    page.get_by_text('Assignment is off').wait_for()
    assert api(own, 'GET', '/api/v1/assignment') == wanted | {'enabled': False}
    page.get_by_role('button', name='Undo').click()
    until(lambda: api(own, 'GET', '/api/v1/assignment') == wanted, seconds=10, what='it is on again')


def test_an_agent_has_the_switch_but_not_the_settings(own):
    agent(own, 'Rosa')
    page = own.sign_in('rosa@example.com')
    own_switch(page).click()
    page.get_by_text('You are online').wait_for()
    assert not page.get_by_text('Assignment', exact=True).count()
    page.goto(f'{own.server.url}/settings/assignment')
    page.get_by_text('Assignment is not for your role').wait_for()


def test_on_a_phone_the_switch_is_under_more(own):
    page = own.visitor(viewport={'width': 390, 'height': 844}, has_touch=True)
    page.context.add_cookies(own.cookies)
    page.goto(own.server.url)
    page.get_by_role('button', name='More', exact=True).click()
    page.get_by_role('menuitemcheckbox', name='Away: takes no leads').click()
    page.get_by_role('menuitemcheckbox', name='Online: takes new leads').wait_for()
    assert [row['present'] for row in api(own, 'GET', '/api/v1/users')['items']] == [True]


def test_a_decision_in_words():
    dev = Candidate(UUID(int=1), 'Dev')
    assert shown.decision(Decision(dev, 'Because.', (Verdict(dev, True, 'can take it'),)), 'Arrivals') == {
        'title': 'Dev would get it',
        'good': True,
        'why': 'Because.',
        'people': [{'name': 'Dev', 'can': True, 'why': 'can take it'}],
    }
    assert shown.decision(Decision(None, 'No.', ()), 'Arrivals')['title'] == 'It would wait in the queue Arrivals'
    assert shown.rule(Rule(take_back_seconds=450, default_capacity=None)) == {
        'on': True,
        'queue': 'Arrivals',
        'takeBack': '7.5',
        'capacity': '',
    }
