"""The desk in a real browser, on the real process: what an agent sees, does, and what happens when something breaks."""

import gzip
import re
import subprocess
from typing import Any

import pytest

from tests.processes import ADMIN_KEY, COMMAND, environment, request, run
from tests.receiver import Fault

EVIL = '<img src=x onerror="window.pwned=1">{{ 7*7 }}<script>window.pwned=1</script>'
NARROW = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}


def row(page: Any, name: str) -> Any:
    return page.locator('.lk-lead', has_text=name)


def test_a_lead_appears_in_open_inboxes_without_reloading(open_desk):
    desk = open_desk()
    page = desk.first_run()
    other = desk.come_in(**NARROW)

    desk.lead('Priya Raman', message='Can you quote ceramic tint before Friday?', phone='+1 312 555 0142')

    for each in (page, other):
        row(each, 'Priya Raman').wait_for()
    assert page.get_by_text('1 open').is_visible()
    assert re.fullmatch(r'\d+:\d\d', row(page, 'Priya Raman').locator('[data-clock]').inner_text())


def test_what_a_visitor_typed_is_shown_as_text_everywhere(desk):
    page = desk.come_in()

    answer = desk.lead(EVIL[:200], email='evil@example.com', message=EVIL, key=ADMIN_KEY)
    row(page, '<img src=x').click()

    page.locator('.lk-said', has_text='{{ 7*7 }}').wait_for()
    assert page.locator('h1', has_text='<img').is_visible()
    assert page.evaluate('window.pwned') is None and '<img' not in page.title()
    assert page.url.endswith(answer['leadId'])


def test_a_dead_letter_says_why_and_is_sent_again_by_one_press(desk, outside):
    page = desk.come_in()
    outside.faults.append(Fault(status=400, body='invalid_payload', path='/slack'))

    desk.lead('Tomasz Wilk', message='Two vans, today')
    row(page, 'Tomasz Wilk').click()
    page.get_by_role('tab', name='Deliveries').click()
    page.get_by_text('Dead letter').wait_for()
    assert page.locator('.lk-table .lk-why').inner_text().strip()
    page.get_by_role('button', name='Retry').click()

    page.locator('.lk-table').get_by_text('Sent', exact=True).wait_for()
    assert page.get_by_role('button', name='Retry').count() == 0


def test_the_keyboard_is_enough(desk):
    page = desk.come_in()
    for name in ('Ann Able', 'Ben Baker', 'Cleo Cole'):
        desk.lead(name, message='Please call')
        row(page, name).wait_for()

    page.keyboard.press('j')
    page.keyboard.press('j')
    second = page.locator('.lk-lead:focus .lk-name').inner_text()
    page.keyboard.press('Enter')
    page.get_by_role('heading', name=second).wait_for()
    page.keyboard.press('Escape')

    page.get_by_text('Pick a lead').wait_for()


def test_the_filters_work_in_the_browser(desk):
    page = desk.come_in()
    desk.lead('Ann Able')
    row(page, 'Ann Able').wait_for()

    page.get_by_role('button', name='Mine').click()
    page.get_by_text('Nothing is assigned to you').wait_for()
    page.get_by_role('button', name='Show all').click()

    row(page, 'Ann Able').wait_for()


@pytest.mark.slow
def test_signing_out_ends_every_open_page(desk):
    page = desk.sign_in()
    twin = page.context.new_page()
    twin.goto(desk.server.url)
    twin.locator('.lk-list').wait_for()

    page.get_by_role('button', name='Sign out').click()

    page.get_by_role('button', name='Sign in').wait_for()  # by the form or by the ended session, whichever was first
    twin.wait_for_url('**/login', timeout=5000)


@pytest.mark.slow
def test_a_disabled_person_is_out_within_five_seconds(desk):
    folder = desk.server.data_dir
    add = ['user', 'add', 'dev@example.com', '--name', 'Dev', '--password-stdin']
    subprocess.run(
        [COMMAND, *add], input=b'another long lighthouse\n', cwd=folder, env=environment(folder, {}), check=True, capture_output=True
    )
    page = desk.sign_in('dev@example.com', 'another long lighthouse')

    assert run('user', 'disable', 'dev@example.com', data_dir=folder).returncode == 0

    page.wait_for_url('**/login', timeout=5000)


def test_no_page_without_a_session_and_the_way_back_is_kept(desk):
    page = desk.visitor()

    page.goto(f'{desk.server.url}/leads/00000000-0000-0000-0000-000000000001')

    assert page.url.endswith('/login?next=/leads/00000000-0000-0000-0000-000000000001')


def test_an_unknown_lead_is_a_page_that_says_so(desk):
    page = desk.come_in()

    for path in ('/leads/xyz', '/leads/00000000-0000-0000-0000-000000000001'):
        answer = page.goto(desk.server.url + path)
        assert answer.status == 404 and page.get_by_role('heading', name='Nothing here').is_visible()
    desk.complaints.clear()  # the browser itself notes each 404


def test_a_visitors_receipt_leads_to_the_lead(desk):
    page = desk.come_in()

    answer = desk.lead('Dora Dahl')  # a stranger is told the receipt's id
    page.goto(f'{desk.server.url}/leads/{answer["leadId"]}')

    page.get_by_role('heading', name='Dora Dahl').wait_for()
    assert page.url.endswith(row(page, 'Dora Dahl').get_attribute('data-id'))


@pytest.mark.slow
def test_a_lost_connection_is_told_and_the_page_recovers_by_itself(open_desk):
    desk = open_desk()
    page = desk.first_run()

    desk.server.kill()
    page.get_by_text('Connection lost').wait_for()
    desk.server.restart()
    desk.server.ready()
    desk.lead('Ann Able')

    row(page, 'Ann Able').wait_for(timeout=15000)
    assert page.locator('.lk-offline').count() == 0
    desk.complaints[:] = [text for text in desk.complaints if 'ERR_' not in text and 'WebSocket' not in text]


def test_what_came_while_the_socket_was_down_is_caught_up(desk):
    page = desk.come_in()
    page.evaluate('window.here = true')
    page.wait_for_function('window.socket.connected')  # a socket that is closed while it opens never tries again: only a test can do that

    page.evaluate('window.socket.io.engine.close()')
    desk.lead('Fay Falk')

    row(page, 'Fay Falk').wait_for(timeout=15000)
    assert page.evaluate('window.here') is True  # the page was not loaded anew


@pytest.mark.slow
def test_an_idle_page_sends_and_gets_nothing_of_ours(desk):
    page = desk.come_in()
    frames: list[str] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send('Network.enable')
    devtools.on('Network.webSocketFrameReceived', lambda frame: frames.append(frame['response']['payloadData']))
    page.reload()
    page.locator('.lk-list').wait_for()
    page.wait_for_timeout(1000)
    frames.clear()

    page.wait_for_timeout(2500)

    assert [text for text in frames if text.startswith('42')] == []


@pytest.mark.parametrize('options', [{}, NARROW, {'viewport': {'width': 320, 'height': 640}}], ids=['1440', '390', '320'])
def test_no_page_scrolls_sideways(desk, options):
    page = desk.come_in(**options)
    answer = desk.lead('W' * 120, email='w@example.com', message='x' * 400, key=ADMIN_KEY)

    for path in ('/', f'/leads/{answer["leadId"]}'):
        page.goto(desk.server.url + path)
        page.locator('.lk-cols').wait_for()
        assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')


def test_the_dark_theme_is_there_before_the_first_paint_and_is_remembered(desk):
    page = desk.come_in()

    page.get_by_role('button', name='Theme').click()
    page.reload(wait_until='commit')
    page.wait_for_function('document.documentElement.classList.contains("lk-dark")')

    page.locator('.lk-list').wait_for()
    assert page.evaluate('getComputedStyle(document.body).backgroundColor') == 'rgb(13, 14, 16)'


@pytest.mark.slow
def test_more_rows_come_when_the_end_is_near(open_desk):
    desk = open_desk()
    page = desk.first_run()
    for number in range(230):
        answer = request('POST', f'{desk.server.url}/api/submit-contact', {'name': f'Lead {number}', 'email': f'l{number}@example.com'})
        assert answer.status == 201
    page.reload()
    page.get_by_text('230 open').wait_for()
    assert page.locator('.lk-group').inner_text().split()[-1] == '200+'

    page.evaluate('document.querySelector(".lk-scroll").scrollTop = 1e6')

    page.wait_for_function('document.querySelector(".lk-scroll").scrollHeight > 17000')
    assert page.evaluate('document.querySelectorAll("*").length') < 1500


def test_every_page_answers_what_is_not_there(desk):

    page = request('GET', f'{desk.server.url}/nowhere', headers={'Accept': 'text/html'})
    data = request('GET', f'{desk.server.url}/api/nowhere', headers={'Accept': 'application/json'})

    assert page.status == data.status == 404
    assert b'There is no page at this address' in page.body and data.json['status'] == 404


def test_the_look_is_cached_for_ever_under_its_own_version(desk):
    look = re.search(rb'/static/\w{12}/', request('GET', f'{desk.server.url}/login').body)[0].decode()

    for name in ('all.css', 'fonts/geist-latin.woff2'):
        answer = request('GET', f'{desk.server.url}{look}{name}')
        assert answer.status == 200 and 'immutable' in answer.headers['cache-control']


def test_texts_are_sent_packed_to_browsers_that_can_unpack_them(desk):
    look = re.search(rb'/static/\w{12}/', request('GET', f'{desk.server.url}/login').body)[0].decode()

    for name in ('all.css', 'all.js', 'lead_parts.js', 'icons.svg'):
        plain = request('GET', f'{desk.server.url}{look}{name}')
        packed = request('GET', f'{desk.server.url}{look}{name}', headers={'Accept-Encoding': 'gzip, br'})
        assert 'content-encoding' not in plain.headers and packed.headers['content-encoding'] == 'gzip'
        assert packed.headers['vary'] == plain.headers['vary'] == 'Accept-Encoding' and 'immutable' in packed.headers['cache-control']
        assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body) / 2
    assert request('GET', f'{desk.server.url}{look}nothing.js').status == 404


def test_the_first_visit_of_a_lead_costs_few_requests_and_bytes(desk):
    lead = desk.lead('Fay First', key=ADMIN_KEY)['leadId']
    page = desk.visitor()
    page.context.add_cookies(desk.cookies)
    sizes: list[int] = []
    cdp = page.context.new_cdp_session(page)
    cdp.send('Network.enable')
    cdp.on('Network.loadingFinished', lambda event: sizes.append(event['encodedDataLength']))

    page.goto(f'{desk.server.url}/leads/{lead}')
    page.locator(f'.lk-view[data-lead="{lead}"]').wait_for()
    page.wait_for_load_state('networkidle')

    print(f'first visit: {len(sizes)} requests, {sum(sizes) / 1000:.0f} kB')
    assert len(sizes) <= 28 and sum(sizes) <= 460_000
