"""The first steps on a fresh desk, in a real browser: from the owner's account to a test lead that arrived."""

import re

import pytest

from tests.processes import request
from tests.receiver import Fault
from tests.ui.conftest import PASSWORD

pytestmark = pytest.mark.slow

NARROW = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}


def begin(desk, **options):
    page = desk.visitor(**options)
    page.goto(desk.server.url)
    for label, text in (('Your name', 'Ines Navarro'), ('E-mail', 'ines@example.com'), ('Password', PASSWORD)):
        page.get_by_label(label).fill(text)
    page.get_by_label('Company').fill('Brightwater Tint')
    page.get_by_label('First location').fill('Riverside')
    page.get_by_role('button', name='Create account').click()
    page.get_by_role('heading', name='Where do you work?').wait_for()
    return page


def done(page):
    return page.locator('.lk-wiz-steps [data-ok] > :is(span, button)').all_text_contents()


@pytest.mark.parametrize('size', [{}, NARROW], ids=['wide', 'phone'])
def test_from_the_account_to_a_test_lead(open_desk, receiver, size):
    desk = open_desk()
    page = begin(desk, **size)

    assert page.get_by_label('Location name').input_value() == 'Riverside'
    page.get_by_label('Location name').fill('')
    page.get_by_role('button', name='Continue').click()
    page.get_by_text('Give it a name').wait_for()
    page.get_by_label('Location name').fill('Harbour')
    page.get_by_label('Time zone').select_option('Europe/Berlin')
    page.get_by_label('Phone numbers').select_option(label='Germany')
    page.get_by_role('button', name='Continue').click()

    hear_of_leads(page, receiver)
    key = put_the_form_on_the_site(page, desk)

    page.get_by_role('button', name='Send a test lead').last.click()
    story = page.locator('.lk-wiz-story')
    story.get_by_text('Lead kept from contact form').wait_for()
    story.get_by_text('Delivered to Slack').wait_for()
    receiver.wait(lambda r: any('Test lead' in call.body for call in r.at('/slack')))
    page.get_by_role('link', name='Open the lead').click()
    page.get_by_role('heading', name='Test lead').wait_for()

    page.goto(f'{desk.server.url}/welcome')
    page.get_by_role('heading', name='Send a test lead').wait_for()
    assert len(page.locator('.lk-wiz-steps [data-ok]').all()) == 6
    assert key not in page.content() and receiver.slack_url not in page.content()


def hear_of_leads(page, receiver):
    page.get_by_role('heading', name='Where do you hear about leads?').wait_for()
    page.get_by_label('Webhook address').fill('nonsense')
    page.get_by_role('button', name='Save and test').click()
    page.get_by_text('The address must begin with https://.').wait_for()
    receiver.faults.append(Fault(status=403, body='action_prohibited', path='/slack'))
    page.get_by_label('Webhook address').fill(receiver.slack_url)
    page.get_by_role('button', name='Save and test').click()
    page.get_by_text('an administrator restricts posting here').wait_for()
    assert page.get_by_role('button', name='Continue').count() == 0
    page.get_by_label('Webhook address').fill(receiver.slack_url)
    page.get_by_role('button', name='Save and test').click()
    page.get_by_text('Test delivered.').wait_for()
    page.get_by_role('button', name='Continue').click()


def put_the_form_on_the_site(page, desk):
    """Make the key and send what the snippet would; the key."""
    page.get_by_label('Address of your site').fill('not a site')
    page.get_by_role('button', name='Make the snippet').click()
    page.get_by_text('for example https://www.example.com').wait_for()
    page.get_by_label('Address of your site').fill('www.brightwater.example/contact')
    page.get_by_role('button', name='Make the snippet').click()
    html = page.get_by_role('region', name='HTML form').inner_text()
    found = re.search(r'action="(\S+)\?key=(lkw_\S+)"', html)
    assert found and found[1] == f'{desk.server.url}/api/submit-contact'
    for origin, status in (('https://www.brightwater.example', 201), ('https://evil.example', 403)):
        headers = {'Origin': origin, 'X-Widget-Key': found[2]}
        body = {'name': 'Otto', 'email': 'otto@example.com', 'phone': '030 901820'}
        assert request('POST', found[1], body, headers=headers).status == status
    page.get_by_role('button', name='Continue').click()
    return found[2]


def test_every_step_can_wait_and_a_test_lead_needs_none_of_them(open_desk):
    page = begin(open_desk())

    for heading in ('Where do you hear about leads?', 'Put the form on your site', 'Send a test lead'):
        page.get_by_role('button', name='Do this later').click()
        page.get_by_role('heading', name=heading).wait_for()
    assert done(page) == ['Database', 'Your account', 'First location, done']
    page.get_by_role('button', name='Send a test lead').last.click()
    page.locator('.lk-wiz-story').get_by_text('Lead kept').wait_for()
    page.get_by_role('button', name='Send another').click()
    page.locator('.lk-wiz-story li').nth(1).wait_for()

    assert 'Send a test lead, done' in done(page)
    page.get_by_role('link', name='Open the inbox').last.click()
    page.locator('.lk-lead', has_text='Test lead').wait_for()
