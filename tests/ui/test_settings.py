"""Settings in a real browser: destinations added, tested, paused and disconnected, flags switched, and who may do none of that."""

import subprocess

import pytest

from domain.base.events import DEFAULT_SUBSCRIPTION, EventType
from domain.flags.models import Flag
from tests.processes import COMMAND, environment
from tests.receiver import SECRET, Fault
from ui.presenters.flags import flag_name
from ui.presenters.settings import events, hint, outcome

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks

NARROW = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}


def come_to(desk, path, **options):
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.frames_in = []
    page.on('websocket', lambda socket: socket.on('framereceived', lambda frame: page.frames_in.append(str(frame))))
    page.goto(desk.server.url + path)
    page.locator('h1').first.wait_for()
    return page


def row(page, name):
    return page.locator('.lk-set-rows > li', has_text=name)


def add(page, kind, name, **fields):
    page.get_by_role('button', name='Add', exact=True).click()
    form = page.get_by_role('region', name='New destination')
    form.get_by_role('button', name=kind, exact=True).click()
    form.get_by_label('Name', exact=True).fill(name)
    for label, value in fields.items():
        form.get_by_label(label.replace('_', ' '), exact=True).fill(value)
    form.get_by_role('button', name='Save').click()


def person(desk, role):
    folder, email = desk.server.data_dir, f'{role}@example.com'
    command = [COMMAND, 'user', 'add', email, '--name', role, '--role', role, '--password-stdin']
    subprocess.run(command, input=b'another long lighthouse\n', cwd=folder, env=environment(folder, {}), check=True, capture_output=True)
    page = desk.visitor()
    page.goto(f'{desk.server.url}/login?next=/settings/destinations')
    page.get_by_label('E-mail').fill(email)
    page.get_by_label('Password').fill('another long lighthouse')
    page.get_by_role('button', name='Sign in').click()
    page.wait_for_url('**/settings/destinations')
    return page


@pytest.mark.parametrize(
    ('value', 'seen'),
    [
        ('https://hooks.slack.com/services/T0/B0/abcd1234', 'hooks.slack.com …1234'),
        ('whsec_MfKQ9r8GKYqrTwjU', '…TwjU'),
        ('short.secret', '…cret'),
        ('abc.def', '…'),
        ('https://[', '…'),
        ('', '…'),
    ],
)
def test_a_secret_is_known_by_its_end_only(value, seen):
    assert hint(value) == seen


@pytest.mark.parametrize(
    ('state', 'last_class', 'tone'),
    [('sent', 'sent', 'green'), ('dead', 'misconfigured', 'red'), ('dead', 'temporary', 'red'), ('pending', None, 'amber')],
)
def test_the_end_of_a_test_says_what_to_do(state, last_class, tone):
    told = outcome('Slack', state, last_class, 'Slack answered 500.')

    assert told['tone'] == tone and bool(told['fix']) == (tone != 'green')


def test_every_flag_and_every_event_of_a_new_destination_has_its_words():
    assert {flag_name(each) for each in Flag} == {'CRM sync', 'Text messages', 'WhatsApp'}
    assert {str(each) for each in DEFAULT_SUBSCRIPTION} <= {each['key'] for each in events()} <= {str(each) for each in EventType}


def test_a_webhook_is_added_and_tested_and_its_secret_never_comes_back(desk, outside):
    page = come_to(desk, '/settings/destinations')

    add(page, 'Signed webhook', 'Our own system', Address=outside.hook_url, Signing_secret=SECRET)
    row(page, 'Our own system').get_by_text('Ready').wait_for()
    page.get_by_role('button', name='Close').click()
    row(page, 'Our own system').get_by_role('button', name='Test').click()
    row(page, 'Our own system').get_by_text('Test delivered.').wait_for()
    row(page, 'Our own system').get_by_text('Working').wait_for()
    page.reload()
    row(page, 'Our own system').get_by_role('button', name='Our own system', exact=True).click()
    page.get_by_label('Signing secret', exact=True).wait_for()

    assert outside.at('/hook')[-1].json['data'] == {'test': True}
    assert page.get_by_label('Signing secret', exact=True).input_value() == ''
    seen = page.content() + ''.join(page.frames_in)
    assert SECRET not in seen and outside.hook_url not in seen and f'…{SECRET[-4:]}' in seen


def test_a_secret_that_was_made_is_shown_once(desk, outside):
    page = come_to(desk, '/settings/destinations', permissions=['clipboard-read', 'clipboard-write'])

    add(page, 'Signed webhook', 'Made for me', Address=outside.hook_url)
    page.get_by_text('It is not shown again.').wait_for()
    secret = page.locator('.lk-once code').inner_text()
    page.locator('.lk-once').get_by_role('button', name='Copy').click()
    page.locator('.lk-once').get_by_role('button', name='Copied').wait_for()
    copied = page.evaluate('navigator.clipboard.readText()')
    page.get_by_role('button', name='Close').click()
    row(page, 'Made for me').get_by_role('button', name='Made for me', exact=True).click()
    page.get_by_label('Signing secret', exact=True).wait_for()

    assert secret.startswith('whsec_') and copied == secret
    assert secret not in page.content()
    page.frames_in.clear()
    page.reload()
    row(page, 'Made for me').wait_for()
    assert secret not in page.content() + ''.join(page.frames_in)


def test_a_refused_test_says_why_and_a_new_address_puts_it_right(desk, outside):
    page = come_to(desk, '/settings/destinations')
    add(page, 'Slack', 'Sales channel', Webhook_address=outside.slack_url)
    row(page, 'Sales channel').get_by_text('Ready').wait_for()
    form = page.get_by_role('region', name='Sales channel')

    outside.faults.append(Fault(status=404, body='no_service', path='/slack'))
    form.get_by_role('button', name='Send a test message').click()
    form.get_by_text('the webhook was removed or switched off').wait_for()
    row(page, 'Sales channel').get_by_text('Paused').wait_for()
    form.get_by_label('Webhook address').fill('ftp://example.com')
    form.get_by_role('button', name='Save').click()
    form.get_by_text('The address must begin with https://.').wait_for()
    form.get_by_label('Webhook address').fill(outside.slack_url)
    form.get_by_role('button', name='Save').click()

    row(page, 'Sales channel').get_by_text('Ready').wait_for()
    form.get_by_role('button', name='Send a test message').click()
    form.get_by_text('Test delivered.').wait_for()
    assert outside.slack_url not in page.content() + ''.join(page.frames_in)


def test_pausing_shows_on_the_leads_that_wait_in_other_pages_and_resuming_sends_them(desk, outside):
    page, inbox = come_to(desk, '/settings/destinations'), desk.come_in()
    name = 'Slack (from environment)'
    word = f"""(word) => [...document.querySelectorAll('.lk-lead .lk-pips')].some((each) => each.title.includes('{name}: ' + word))"""
    outside.faults.extend(Fault(status=500, path='/slack') for _ in range(20))
    desk.lead('Vera Lind', message='Two windows')
    row(page, name).get_by_text('Failing').wait_for()

    row(page, name).get_by_role('button', name=name, exact=True).click()
    page.get_by_role('region', name=name).get_by_role('button', name='Pause').click()
    row(page, name).get_by_text('Paused by Ines Navarro.').wait_for()
    inbox.wait_for_function(word, arg='Waiting')
    outside.faults.clear()
    row(page, name).get_by_role('button', name='Resume').click()

    inbox.wait_for_function(word, arg='Sent', timeout=20000)  # it waits for the time of its next try
    row(page, name).get_by_text('Working').wait_for()


def test_what_comes_from_the_environment_names_its_setting_and_cannot_be_changed_here(desk):
    page = come_to(desk, '/settings/destinations')

    row(page, 'from environment').get_by_role('button', name='Slack (from environment)', exact=True).click()
    form = page.get_by_role('region', name='Slack (from environment)')
    form.get_by_text('SLACK_WEBHOOK_URL').wait_for()

    assert form.get_by_label('Webhook address').count() == form.get_by_role('button', name='Disconnect').count() == 0
    assert row(page, 'from environment').get_by_role('switch').is_disabled()


def test_disconnecting_asks_first_and_forgets_the_address(desk, outside):
    page = come_to(desk, '/settings/destinations')
    add(page, 'Slack', 'Old channel', Webhook_address=outside.slack_url)
    row(page, 'Old channel').get_by_text('Ready').wait_for()
    cut = page.get_by_role('region', name='Old channel').get_by_role('button', name='Disconnect')

    cut.click()
    page.get_by_role('dialog', name='Disconnect Old channel?').wait_for()
    page.keyboard.press('Escape')
    page.get_by_role('dialog').wait_for(state='hidden')
    assert page.evaluate('document.activeElement.innerText') == 'Disconnect'
    cut.click()
    page.get_by_role('dialog').get_by_role('button', name='Disconnect').click()

    row(page, 'Old channel').get_by_text('Disconnected').wait_for()
    assert row(page, 'Old channel').get_by_role('switch').count() == 0


def test_switching_off_can_be_undone(desk, outside):
    page = come_to(desk, '/settings/destinations')
    add(page, 'Slack', 'Night channel', Webhook_address=outside.slack_url)
    switch = row(page, 'Night channel').get_by_role('switch')
    switch.wait_for()

    switch.click()
    row(page, 'Night channel').get_by_text('Off', exact=True).wait_for()
    assert row(page, 'Night channel').get_by_role('button', name='Test').is_disabled()
    page.get_by_role('button', name='Undo').click()

    row(page, 'Night channel').get_by_text('Ready').wait_for()
    assert switch.get_attribute('aria-checked') == 'true'


def test_a_flag_is_switched_says_by_whom_and_is_undone_in_another_page_too(desk):
    page, other = come_to(desk, '/settings/flags'), come_to(desk, '/settings/flags')
    switch = page.get_by_role('switch', name='Text messages')

    switch.click()
    for each in (page, other):
        row(each, 'Text messages').get_by_text('Ines Navarro').wait_for()
        assert each.get_by_role('switch', name='Text messages').get_attribute('aria-checked') == 'true'
    page.get_by_role('button', name='Undo').click()

    for each in (page, other):
        each.locator('[role=switch][aria-checked=false][aria-labelledby=lk-flag-feature_sms_enabled]').wait_for()


def test_an_agent_has_no_settings_and_a_manager_only_looks(desk):
    page = person(desk, 'agent')
    page.get_by_role('heading', name='Destinations is not for your role').wait_for()
    for path in ('/settings/flags', '/welcome', '/settings'):
        page.goto(desk.server.url + path)
        page.get_by_role('heading', name='not for your role').wait_for()

    looker = person(desk, 'manager')
    row(looker, 'from environment').wait_for()

    switches = looker.get_by_role('main').get_by_role('switch')
    assert switches.count() == looker.get_by_role('button', name='Test').count() == 0
    assert looker.get_by_role('navigation', name='Settings').get_by_role('link').all_inner_texts() == ['Destinations']


def test_settings_lead_to_the_first_page_and_on_a_phone_to_the_list(desk):
    wide, phone = come_to(desk, '/settings'), come_to(desk, '/settings', **NARROW)

    wide.wait_for_url('**/settings/hours')
    phone.get_by_role('link', name='Feature flags').click()
    phone.wait_for_url('**/settings/flags')
    phone.get_by_role('link', name='All settings').click()

    phone.wait_for_url('**/settings')
    phone.get_by_role('link', name='Destinations').wait_for()


@pytest.mark.parametrize('size', [{}, NARROW, {'viewport': {'width': 320, 'height': 700}}], ids=['wide', 'phone', 'smallest'])
def test_nothing_runs_over_the_edge(desk, size):
    page = come_to(desk, '/settings/destinations', **size)
    row(page, 'from environment').get_by_role('button', name='Slack (from environment)', exact=True).click()
    page.get_by_role('region', name='Slack (from environment)').wait_for()

    boxes = page.evaluate(
        "['html', '.lk-set-scroll'].map((each) => document.querySelector(each)).map((e) => e.scrollWidth - e.clientWidth)"
    )
    assert boxes == [0, 0]
