"""A working day without a mouse, and a web process that dies under an agent's hands."""

from typing import Any

import pytest

from tests.processes import ADMIN_KEY, Houses
from tests.receiver import Fault, Receiver
from tests.ui.conftest import PASSWORD, Desk


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.fixture
def day(chromium: Any) -> Any:
    """A desk with its owner, whose Slack is the receiver."""
    houses = Houses()
    with Receiver() as receiver:
        try:
            env = {'SLACK_WEBHOOK_URL': receiver.slack_url, 'SLACK_RATE': '100'}
            desk = Desk(houses.start('serve', env=env).ready(), chromium)
            desk.first_run()
            desk.look_over()
            yield desk, receiver
        finally:
            houses.close()


@pytest.mark.slow
def test_sign_in_hottest_lead_assign_note_snooze_replay_sign_out(day):
    desk, receiver = day
    receiver.faults.append(Fault(status=400, body='invalid_payload', path='/slack'))
    desk.lead('Cold Carl', message='Just looking, no hurry, next year')
    receiver.wait(lambda r: r.at('/slack'), seconds=5)
    hot = desk.lead('Hot Hanna', message='I need a price for ceramic tint today', phone='+1 312 555 0142', key=ADMIN_KEY)
    page = desk.visitor()
    page.goto(f'{desk.server.url}/login')

    _sign_in(page)
    _take_the_first_lead(page, hot['leadId'])
    _note_and_snooze(page)
    press(page, 'g', 'd')
    page.get_by_role('heading', name='Deliveries', level=1).wait_for()
    page.locator('.lk-chip', has_text='Dead letter').first.wait_for()
    sent = len(receiver.at('/slack'))
    _replay_by_keys(page)
    receiver.wait(lambda r: len(r.at('/slack')) > sent, seconds=5, what='the replayed delivery')
    _sign_out(page)

    desk.look_over()


def _sign_in(page: Any) -> None:
    """The first field has the focus."""
    page.keyboard.type('ines@example.com')
    press(page, 'Tab')
    page.keyboard.type(PASSWORD)
    press(page, 'Enter')
    page.locator('.lk-list').wait_for()


def _take_the_first_lead(page: Any, lead_id: str) -> None:
    """The hottest stands first; I makes it mine."""
    page.locator(f'.lk-lead[data-id="{lead_id}"]').wait_for()
    page.wait_for_function('window.did_handshake')  # the page is alive: its keys do something from here on
    press(page, 'j')
    page.locator(f'.lk-lead[data-id="{lead_id}"]:focus').wait_for()
    press(page, 'Enter')
    page.wait_for_url(f'**/leads/{lead_id}')
    page.get_by_role('heading', name='Hot Hanna').wait_for()
    press(page, 'i')
    page.locator('.lk-toast', has_text='Ines Navarro').wait_for()


def _note_and_snooze(page: Any) -> None:
    press(page, 'n')
    page.keyboard.type('Called, wants Friday')
    press(page, 'Control+Enter')
    page.locator('.lk-view').get_by_text('Called, wants Friday').first.wait_for()
    press(page, 'Escape', 's')
    page.get_by_role('menuitem').first.wait_for()
    press(page, 'Enter')
    page.locator('.lk-toast', has_text='nooze').wait_for()


def _sign_out(page: Any) -> None:
    press(page, 'Control+k')
    page.get_by_role('dialog').wait_for()
    page.keyboard.type('sign out')
    press(page, 'Enter')
    page.get_by_role('button', name='Sign in').wait_for()  # by the form or by the ended session, whichever was first


def _replay_by_keys(page: Any) -> None:
    """Down to the dead row, and Shift R."""
    for _ in range(10):
        press(page, 'j')
        page.wait_for_function("document.activeElement.closest('[data-id]')")
        if 'Dead letter' in page.evaluate("document.activeElement.closest('[data-id]').textContent"):
            press(page, 'Shift+R')
            return
    raise AssertionError('the dead letter cannot be reached by J')


@pytest.mark.slow
def test_a_killed_web_process_comes_back_under_the_open_page_with_the_draft_and_the_session(day):
    desk, _ = day
    answer = desk.lead('Dora Draft', key=ADMIN_KEY)
    page = desk.come_in()
    page.goto(f'{desk.server.url}/leads/{answer["leadId"]}')
    page.get_by_role('heading', name='Dora Draft').wait_for()
    press(page, 'n')
    page.keyboard.type('Half a thought')
    page.wait_for_function("JSON.stringify({...localStorage}).includes('Half a thought')")

    desk.server.kill()
    page.get_by_text('Connection lost').wait_for()
    desk.server.restart()
    desk.server.ready()

    page.locator('.lk-offline').wait_for(state='detached', timeout=15000)
    page.get_by_role('heading', name='Dora Draft').wait_for(timeout=15000)
    assert page.locator('textarea').first.input_value() == 'Half a thought'
    desk.lead('Back Again')
    page.locator('.lk-lead', has_text='Back Again').wait_for(timeout=15000)
    desk.complaints.clear()  # the browser says of each attempt that it failed: that is what was done to it
    desk.look_over()
