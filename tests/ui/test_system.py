"""The health page in a real browser: what is lost, how each service is, what needs somebody, and sample data that goes away again."""

import re
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ADMIN_KEY, COMMAND, Running, environment, request
from tests.receiver import Fault, Receiver
from tests.ui.conftest import PASSWORD, Desk

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks

SIGN_IN = re.compile(r'sign in +(\S+)\n +password +(\S+)')
PHONE = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}


def health(desk: Desk, **options: Any) -> Any:
    page = desk.come_in(**options)
    page.goto(f'{desk.server.url}/system')
    page.get_by_role('heading', name='System health', level=1).wait_for()
    return page


def service(page: Any, name: str) -> Any:
    return page.locator('.lk-sys-row', has=page.get_by_text(name, exact=True))


def by_hand(desk: Desk, statement: str) -> None:
    """Past the foreign keys, as a slip of the hand would; the pages of other processes hear of it."""
    with sqlite3.connect(desk.server.data_dir / 'leadkeeper.sqlite3', timeout=10) as connection:
        connection.execute(statement)
    connection.close()


def test_every_service_was_looked_at_and_can_be_looked_at_again(desk: Desk) -> None:
    page = health(desk)

    for name in ('Database', 'Intake', 'Workers', 'Queue', 'Housekeeping'):
        service(page, name).get_by_text('Healthy').wait_for()
    before = service(page, 'Database').locator('.lk-sys-bars').get_attribute('aria-label')
    page.get_by_role('button', name='Check now').click()

    page.wait_for_function(
        "text => [...document.querySelectorAll('.lk-sys-bars')][0].getAttribute('aria-label') !== text", arg=before, timeout=8000
    )
    assert re.search(r'Checked (just now|\d+ s ago)', page.locator('.lk-sys-age').inner_text())
    assert re.fullmatch(r'[\d.]+ (ms|s)', service(page, 'Database').locator('.lk-sys-value b').inner_text())


def test_a_loss_check_finds_nothing_and_then_what_was_planted(desk: Desk) -> None:
    answer = desk.lead('Priya Raman', message='hello', key=ADMIN_KEY)
    page = health(desk)
    page.get_by_role('button', name='Run a loss check').click()
    page.get_by_text(re.compile('0 lost at the last check')).wait_for()

    event = answer['eventId'].replace('-', '')
    by_hand(desk, f"update submissions set event_id = null where event_id = '{event}'")
    page.get_by_role('button', name='Run a loss check').click()

    page.get_by_text('1 row is missing at the last check').wait_for()
    loss = page.locator('.lk-sys-lost')
    assert f'lead {answer["leadId"]}' in loss.inner_text() and 'receipt' in loss.inner_text()
    assert page.locator('.lk-bar').get_by_text('Failing').is_visible()
    page.reload()
    page.get_by_text('1 row is missing at the last check').wait_for()

    by_hand(desk, f"update submissions set event_id = '{event}' where event_id is null and outcome = 'created'")
    page.get_by_role('button', name='Run a loss check').click()
    page.get_by_text(re.compile('0 lost at the last check')).wait_for()
    assert page.locator('.lk-sys-over', has_text='The loss check misses 1 row').count() == 1


def test_an_alert_is_acknowledged_by_name_and_ends_by_itself_when_it_is_mended(desk: Desk, outside: Receiver) -> None:
    page = health(desk)
    outside.faults.append(Fault(status=400, body='invalid_payload', path='/slack'))
    answer = desk.lead('Tomasz Wilk', message='Two vans, today', key=ADMIN_KEY)

    alert = page.locator('.lk-sys-alert:not(.lk-sys-over)', has_text='could not be delivered')
    alert.wait_for()
    alert.get_by_role('button', name=re.compile('Acknowledge')).click()
    alert.get_by_text('Acknowledged by Ines Navarro').wait_for()
    assert page.locator('.lk-sys-alerts h2 .lk-chip').count() == 0
    assert alert.get_by_role('link', name='Open deliveries').get_attribute('href').startswith('/deliveries?state=dead')

    headers = {'Authorization': f'Bearer {ADMIN_KEY}'}
    found = request('GET', f'{desk.server.url}/api/v1/deliveries?leadId={answer["leadId"]}&state=dead', headers=headers).json['items']
    request('POST', f'{desk.server.url}/api/v1/deliveries/{found[0]["id"]}/replay', {}, headers=headers)
    page.locator('.lk-sys-over', has_text='could not be delivered').wait_for(timeout=15000)
    assert alert.count() == 0


def test_on_a_phone_nothing_is_cut_off(desk: Desk) -> None:
    page = health(desk, **PHONE)
    service(page, 'Database').wait_for()

    assert page.evaluate('document.documentElement.scrollWidth') == 390
    box = page.get_by_role('button', name='Run a loss check').bounding_box()
    assert box['height'] >= 40 and box['x'] + box['width'] <= 390


def test_who_may_not_see_it_is_told_who_can_help(desk: Desk) -> None:
    add = ['user', 'add', 'rosa@example.com', '--name', 'Rosa', '--role', 'agent', '--password-stdin']
    folder = desk.server.data_dir
    subprocess.run([COMMAND, *add], input=PASSWORD, text=True, cwd=folder, env=environment(folder, {}), check=True, capture_output=True)
    page = desk.sign_in('rosa@example.com')
    assert page.locator('.lk-side').get_by_text('System health').count() == 0

    page.goto(f'{desk.server.url}/system')

    page.get_by_role('heading', name='System health is not for your role').wait_for()
    page.get_by_role('button', name='Ask for access').click()
    boss = health(desk)
    asked = boss.locator('.lk-sys-alert:not(.lk-sys-over)', has_text='asks for access to System health')
    asked.get_by_role('button', name=re.compile('Acknowledge')).click()
    boss.locator('.lk-sys-over', has_text='asks for access').wait_for()


@pytest.mark.long
def test_the_sample_week_says_what_it_is_and_goes_away(chromium: Any, app_process: Callable[..., Running], tmp_path: Path) -> None:
    loaded = subprocess.run(
        [COMMAND, 'demo', 'load'], cwd=tmp_path, env=environment(tmp_path, {}), capture_output=True, text=True, check=True
    )
    server = app_process('serve', '--demo', data_dir=tmp_path)
    email, password = SIGN_IN.search(server.log).groups()
    assert 'people wrote' in loaded.stderr and 'is there already' in server.log and SIGN_IN.search(loaded.stderr).group(2) == password
    desk = Desk(server, chromium)
    page = desk.sign_in(email, password)
    page.get_by_text('This desk shows sample data').wait_for()

    page.get_by_role('button', name='Remove sample data').click()
    page.get_by_role('button', name='Keep').click()
    page.get_by_role('button', name='Remove sample data').click()
    page.get_by_role('button', name='Remove', exact=True).click()

    page.get_by_role('heading', name='No leads yet').wait_for(timeout=20000)
    assert page.get_by_text('This desk shows sample data').count() == 0
    desk.look_over()
