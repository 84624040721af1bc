"""Policies and opening hours in a real browser: the example that follows what is typed, what is refused and where, feeds, trying."""

from typing import Any

import pytest

from domain.sla.models import SlaPolicy
from tests.processes import ADMIN_KEY, request
from tests.ui.axe_scenes import grave
from ui.presenters.sla_policies import policy, span

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks

NARROW = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}
SMALLEST = {'viewport': {'width': 320, 'height': 700}}
WORKING = {day: [['08:00', '18:00']] for day in ('mon', 'tue', 'wed', 'thu', 'fri')}
FEED = '\n'.join(
    (
        *('BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:1', 'SUMMARY:Founders Day', 'DTSTART;VALUE=DATE:20210704', 'RRULE:FREQ=YEARLY'),
        *('END:VEVENT', 'BEGIN:VEVENT', 'UID:2', 'SUMMARY:Stocktaking', 'DTSTART:someday', 'END:VEVENT', 'what is this', 'END:VCALENDAR'),
    )
)


def api(desk, method: str, path: str, body: Any = None) -> Any:
    answer = request(method, f'{desk.server.url}/api/v1{path}', body, key=ADMIN_KEY)
    assert answer.status in (200, 201), answer.body
    return answer.json


def place(desk) -> str:
    return f'/locations/{api(desk, "GET", "/locations")["items"][0]["id"]}'


def deadlines(desk) -> list[Any]:
    return [(row['id'], row['slaDeadline'], row['firstResponseAt']) for row in api(desk, 'GET', '/leads')['items']]


def come_to(desk, path, name, **options):
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.goto(desk.server.url + path)
    page.get_by_role('button', name=name, exact=True).click()
    return page, page.get_by_role('region', name=name, exact=True)


@pytest.fixture
def fresh(desk):
    api(desk, 'PATCH', place(desk), {'hours': WORKING, 'holidays': [], 'timeZone': 'Europe/Berlin'})
    for quality, seconds in (('hot', 900), ('warm', 3600), ('cold', 86400)):
        api(desk, 'POST', '/sla/policies', {'quality': quality, 'firstReplySeconds': seconds})
    return desk


@pytest.mark.parametrize(
    ('seconds', 'said'), [(900, '15 min'), (3600, '1 h'), (86400, '24 h'), (172800, '2 days'), (90, '90 s'), (5400, '90 min')]
)
def test_windows_in_words(seconds, said):
    assert span(seconds) == said
    row = SlaPolicy(quality='hot', first_reply_seconds=seconds, next_reply_seconds=60, version=0)
    assert policy(row)['about'] == f'First reply in {said}, next reply in 1 min, round the clock'


def test_the_example_follows_what_is_typed_and_nothing_is_kept_by_that(fresh):
    _page, form = come_to(fresh, '/settings/sla', 'Hot leads')
    form.get_by_text('A hot lead at Fri 17:50 is due Fri 18:05.').wait_for()

    form.get_by_role('button', name='Opening hours').click()
    form.get_by_text('A hot lead at Fri 17:50 is due Mon 08:05.').wait_for()
    form.get_by_text('Warned Fri 17:57:30, escalated Mon 08:20.').wait_for()
    form.get_by_label('First reply', exact=True).fill('2')
    form.get_by_label('Unit of first reply').select_option('hours')
    form.get_by_text('A hot lead at Fri 17:50 is due Mon 09:50.').wait_for()
    form.get_by_label('Weekday').select_option('Saturday')
    form.get_by_label('Time', exact=True).fill('03:00')
    form.get_by_label('Time', exact=True).press('Tab')
    form.get_by_text('A hot lead at Sat 03:00 is due Mon 10:00.').wait_for()

    assert [row['firstReplySeconds'] for row in api(fresh, 'GET', '/sla/policies')['items']] == [900, 3600, 86400]


def test_a_policy_is_saved_shown_elsewhere_and_undone(fresh):
    page, form = come_to(fresh, '/settings/sla', 'Warm leads')
    other, _ = come_to(fresh, '/settings/sla', 'Cold leads')

    form.get_by_label('First reply', exact=True).fill('45')
    form.get_by_label('Unit of first reply').select_option('minutes')
    form.get_by_label('Next reply', exact=True).fill('3')
    form.get_by_label('Unit of next reply').select_option('hours')
    form.get_by_label('Snoozed').check()
    form.get_by_label('Its reply counts').check()
    form.get_by_role('button', name='Save').click()
    for each in (page, other):
        each.get_by_text('First reply in 45 min, next reply in 3 h, round the clock').wait_for()
    warm = api(fresh, 'GET', '/sla/policies')['items'][1]
    page.get_by_role('button', name='Undo').click()

    other.get_by_text('First reply in 1 h, round the clock').wait_for()
    assert (warm['firstReplySeconds'], warm['nextReplySeconds'], warm['pausing'], warm['assistantCounts']) == (
        2700, 10800, ['waiting', 'snoozed'], True,
    )  # fmt: skip
    assert api(fresh, 'GET', '/sla/policies')['items'][1]['nextReplySeconds'] is None


def test_a_window_of_nothing_is_refused_at_its_field(fresh):
    page, form = come_to(fresh, '/settings/sla', 'Hot leads')

    for text in ('0', '-5', ''):
        form.get_by_label('First reply', exact=True).fill(text)
        form.get_by_role('button', name='Save').click()
        form.locator('#lk-spe-firstReplySeconds.lk-wrong').wait_for()
        assert page.evaluate('document.activeElement.id') == 'lk-sp-firstReplySeconds'
        form.get_by_label('First reply', exact=True).fill('15')
        form.get_by_role('button', name='Save').click()
        form.locator('#lk-spe-firstReplySeconds.lk-hint').wait_for()

    assert api(fresh, 'GET', '/sla/policies')['items'][0]['firstReplySeconds'] == 900


def test_trying_counts_the_last_month_twice_and_changes_nothing(fresh):
    fresh.lead('Vera Lind', message='Just comparing')
    before = deadlines(fresh)
    _page, form = come_to(fresh, '/settings/sla', 'Cold leads')

    form.get_by_role('button', name='Try on the last 30 days').click()
    found = form.get_by_role('group', name='Simulation')
    found.get_by_text('all would have ended the same').wait_for()
    assert found.get_by_role('row', name='Riverside').locator('td').nth(3).inner_text() == str(len(before))

    form.get_by_label('First reply', exact=True).fill('1')
    found.wait_for(state='detached')
    assert deadlines(fresh) == before


def test_hours_are_refused_at_their_day_and_kept_when_they_make_sense(fresh):
    page, form = come_to(fresh, '/settings/hours', 'Riverside')

    form.get_by_role('button', name='Add a period on Monday').click()
    form.get_by_label('Monday opens').nth(1).fill('17:00')
    form.get_by_label('Monday closes').nth(1).fill('20')
    form.get_by_role('button', name='Save').click()
    form.locator('[data-day=mon]').get_by_text('08:00 to 18:00 and 17:00 to 20:00 overlap').wait_for()
    form.get_by_label('Monday opens').nth(1).fill('19.30')
    form.get_by_label('Monday closes').nth(1).fill('24')
    form.get_by_role('button', name='Copy to Tuesday to Friday').click()
    form.get_by_role('button', name='Add a holiday').click()
    form.get_by_label('Date of holiday 1').fill('2027-12-24')
    form.get_by_label('Name of holiday 1').fill('Christmas Eve')
    form.get_by_label('Part').check()
    form.get_by_label('Every year').check()
    form.get_by_role('button', name='Save').click()

    page.get_by_text('Mon to Fri 08:00–18:00 and 19:30–24:00, 1 holiday').wait_for()
    kept = api(fresh, 'GET', '/locations')['items'][0]
    assert kept['hours']['fri'] == [['08:00', '18:00'], ['19:30', '24:00']] and 'sat' not in kept['hours']
    assert kept['holidays'] == [{'date': '2027-12-24', 'name': 'Christmas Eve', 'yearly': True, 'from': '12:00', 'to': '24:00'}]
    page.get_by_role('button', name='Undo').click()
    page.get_by_text('Mon to Fri 08:00–18:00, no holidays').wait_for()
    assert form.get_by_label('Monday opens').count() == 1


def test_a_place_that_would_never_open_is_refused_in_a_sentence_and_may_be_open_always(fresh):
    page, form = come_to(fresh, '/settings/hours', 'Riverside')

    for day in ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'):
        form.get_by_role('button', name=f'Remove this period of {day}').click()
    form.get_by_role('button', name='Save').click()
    form.get_by_text('This location is never open: nothing would ever be due.').wait_for()
    assert api(fresh, 'GET', '/locations')['items'][0]['hours'] == WORKING
    form.get_by_role('button', name='Always', exact=True).click()
    form.get_by_role('button', name='Save').click()

    page.get_by_text('Always open', exact=True).wait_for()
    assert api(fresh, 'GET', '/locations')['items'][0]['hours'] is None


def test_a_feed_gives_its_good_days_lists_its_bad_lines_and_is_undone(fresh, tmp_path):
    page, form = come_to(fresh, '/settings/hours', 'Riverside')

    form.get_by_label('Text of an .ics calendar').fill('hello')
    form.get_by_role('button', name='Take what is pasted').click()
    form.get_by_text('Has no entry.').wait_for()
    (tmp_path / 'days.ics').write_text(FEED)
    form.locator('input[type=file]').set_input_files(tmp_path / 'days.ics')
    form.get_by_text('1 day taken. 2 lines could not be read.').wait_for()
    form.get_by_text('Line 8: Stocktaking DTSTART cannot be read').wait_for()
    form.get_by_text('Line 13: what is this is not a line').wait_for()

    assert form.get_by_label('Name of holiday 1').input_value() == 'Founders Day'
    assert [day['date'] for day in api(fresh, 'GET', '/locations')['items'][0]['holidays']] == ['2021-07-04']
    page.get_by_role('button', name='Undo').click()
    form.get_by_label('Name of holiday 1').wait_for(state='detached')
    assert api(fresh, 'GET', '/locations')['items'][0]['holidays'] == []


def test_what_is_typed_stays_when_somebody_else_changes_the_hours(fresh):
    page, form = come_to(fresh, '/settings/hours', 'Riverside')
    form.get_by_label('Monday opens').fill('07:00')

    api(fresh, 'PATCH', place(fresh), {'hours': {'sun': [['10:00', '12:00']]}})
    page.get_by_text('Sun 10:00–12:00, no holidays').wait_for()

    assert form.get_by_label('Monday opens').input_value() == '07:00'


@pytest.mark.parametrize('size', [{}, NARROW, SMALLEST], ids=['wide', 'phone', 'smallest'])
@pytest.mark.parametrize(('path', 'name'), [('/settings/sla', 'Hot leads'), ('/settings/hours', 'Riverside')])
def test_nothing_runs_over_the_edge(fresh, path, name, size):
    api(fresh, 'PATCH', place(fresh), {'holidays': [{'date': '2027-12-24', 'name': 'Christmas Eve', 'from': '12:00'}]})
    page, form = come_to(fresh, path, name, **size)
    if name == 'Hot leads':
        form.get_by_role('button', name='Try on').click()
        form.get_by_role('group', name='Simulation').wait_for()

    boxes = page.evaluate(
        "['html', '.lk-set-scroll'].map((each) => document.querySelector(each)).map((e) => e.scrollWidth - e.clientWidth)"
    )
    assert boxes == [0, 0]


@pytest.mark.parametrize('theme', ['light', 'dark'])
@pytest.mark.parametrize('size', [{}, NARROW], ids=['wide', 'phone'])
def test_axe_finds_nothing_serious(fresh, theme, size):
    api(fresh, 'PATCH', place(fresh), {'holidays': [{'date': '2027-12-24', 'name': 'Christmas Eve', 'from': '12:00'}]})
    page, form = come_to(fresh, '/settings/hours', 'Riverside', color_scheme=theme, **size)
    form.get_by_label('Text of an .ics calendar').fill(FEED)
    form.get_by_role('button', name='Take what is pasted').click()
    form.get_by_text('could not be read').wait_for()
    assert grave(page) == []

    page, form = come_to(fresh, '/settings/sla', 'Hot leads', color_scheme=theme, **size)
    form.get_by_label('First reply', exact=True).fill('0')
    form.get_by_role('button', name='Save').click()
    form.locator('#lk-spe-firstReplySeconds.lk-wrong').wait_for()
    form.get_by_label('First reply', exact=True).fill('1')
    form.get_by_role('button', name='Try on').click()
    form.get_by_role('group', name='Simulation').wait_for()
    assert grave(page) == []
