"""The dashboard in words, over HTTP and in a browser, and the way of a lead on its page."""

from datetime import timedelta
from typing import Any

import pytest

from domain.base.clock import now
from domain.base.ids import uuid7
from domain.desk.lineage import Lineage, Step
from domain.desk.reports import Figures, FirstReplies, Part
from tests.processes import ADMIN_KEY, request
from ui.presenters import reports as shown
from ui.presenters.trend import trend


def figures(*times: float, met: int = 0, missed: int = 0, waiting: int = 0) -> Figures:
    return Figures(len(times) + waiting, len(times), met, missed, waiting, list(times))


def found(total: Figures, before: Figures | None = None, **more: Any) -> FirstReplies:
    nothing: dict[str, Any] = {
        'qualities': (),
        'places': (),
        'people': (),
        'hours': (),
        'hot_days': (),
        'hot_limit': 900,
        'business_hours': False,
        'location_id': None,
    }
    until = now()
    return FirstReplies(until - timedelta(days=30), until, 30, total=total, before=before or Figures(), **nothing | more)


@pytest.mark.parametrize(
    ('seconds', 'words'),
    [(None, '–'), (0, '0:00'), (228, '3:48'), (3599, '59:59'), (9600, '2:40 h'), (90000, '25:00 h'), (180000, '2 days')],
)
def test_times_read_as_on_the_clocks(seconds: float | None, words: str) -> None:
    assert shown.lasted(seconds) == words


@pytest.mark.parametrize(('share', 'words'), [(None, '–'), (0.942, '94.2%'), (1.0, '100%'), (0.99999, '99.9%'), (0.0, '0.0%')])
def test_nobody_is_told_of_a_hundred_percent_that_is_none(share: float | None, words: str) -> None:
    assert shown.percent(share) == words


def test_five_numbers_say_what_changed_and_lead_to_the_board() -> None:
    place = uuid7()
    numbers = shown.numbers(found(figures(60, 120, met=9, missed=1, waiting=3), figures(180, met=4, missed=1), location_id=place))

    assert [each['text'] for each in numbers] == ['90.0%', '1:00', '2:00', '5', '3']
    assert numbers[0]['note'] == '+10.0 points on the time before'
    assert (numbers[1]['note'], numbers[1]['tone']) == ('2:00 faster', 'green')
    assert numbers[4]['link'] == f'/sla?location={place}'


def test_without_leads_there_are_dashes_and_no_comparison() -> None:
    hours = tuple(Part(str(hour), f'{hour:02}:00', Figures()) for hour in range(24))
    report = shown.report(found(Figures(), hours=hours))

    assert [each['text'] for each in report['numbers']] == ['–', '–', '–', '0', '0']
    assert {each['note'] for each in report['numbers'][:4]} == {''}
    assert {each['share'] for each in report['hours']} == {0}


def test_hot_days_are_lines_under_a_scale_that_holds_them_and_the_limit() -> None:
    days = tuple(Part(f'2026-11-{day}', '', each) for day, each in ((19, figures(60, 1500)), (20, Figures()), (21, figures(300))))
    chart = trend(found(Figures(), hot_days=days))

    assert chart['scale'] == ['30:00', '15:00', '0'] and chart['limit'] == 0.5
    assert chart['median'] == [(0.0, round(1 - 60 / 1800, 4)), (1.0, round(1 - 300 / 1800, 4))]
    assert chart['p90'][0] == (0.0, round(1 - 1500 / 1800, 4))
    assert chart['days'][1] == {'name': 'Fri 20 Nov', 'told': '0 hot leads, median –, 90th percentile –'}
    assert trend(found(Figures()))['empty']


def test_the_rule_says_whether_closed_hours_count() -> None:
    assert 'day and night' in shown.rule(found(Figures()))
    assert 'opening hours' in shown.rule(found(Figures(), business_hours=True))


def test_the_address_is_read_as_far_as_it_makes_sense() -> None:
    place = uuid7()

    assert shown.wanted({'range': '7d', 'location': str(place)}) == (7, place)
    assert shown.wanted({'range': 'ever', 'location': 'x'}) == (30, None)
    assert shown.asked(30, None) == {'range': '', 'location': ''}


def test_the_slowest_link_is_marked_and_what_is_not_there_yet_has_no_time() -> None:
    at = now()
    steps = (Step('received', at, 0.0), Step('stored', at, 0.0), Step('assigned', at, 42.0), Step('replied', None, None))
    lines = shown.stations(Lineage(uuid7(), steps, 'assigned', 42.0, False, None))

    assert [(line['name'], line['took'], line['slowest']) for line in lines] == [
        ('Received', '', False),
        ('Stored', '+0:00', False),
        ('Given to somebody', '+0:42', True),
        ('First reply', '', False),
    ]
    assert shown.stations(None) == []


@pytest.mark.slow
def test_a_reply_is_in_the_report_and_on_the_way_of_its_lead(desk: Any) -> None:
    id_ = desk.lead('Lina Lineage', key=ADMIN_KEY, message='Please call')['leadId']
    page = desk.come_in()
    page.goto(f'{desk.server.url}/leads/{id_}')
    page.locator('.lk-way li', has_text='Opened').locator('time').wait_for()
    page.locator('.lk-way li', has_text='First reply').get_by_text('waiting').wait_for()
    page.get_by_role('button', name='More', exact=True).first.click()
    page.get_by_role('menuitem', name='Answered elsewhere').click()
    page.locator('.lk-way li', has_text='First reply').locator('time').wait_for()

    way = request('GET', f'{desk.server.url}/api/v1/leads/{id_}/lineage', key=ADMIN_KEY).json
    assert [step['name'] for step in way['steps']] == ['received', 'stored', 'assigned', 'alerted', 'seen', 'replied']
    assert way['total'] >= 0 and not way['waiting']
    report = request('GET', f'{desk.server.url}/api/v1/reports/first-reply?days=7', key=ADMIN_KEY).json
    assert report['total']['replied'] >= 1
    assert 'Ines Navarro' in [each['name'] for each in report['people']]
    assert request('GET', f'{desk.server.url}/api/v1/reports/first-reply?days=0', key=ADMIN_KEY).status == 400
    assert request('GET', f'{desk.server.url}/api/v1/leads/{uuid7()}/lineage', key=ADMIN_KEY).status == 404

    page.goto(f'{desk.server.url}/dashboard')
    page.locator('.lk-rcard', has_text='People').get_by_text('Ines Navarro').wait_for()
    page.get_by_role('link', name='7 days').click()
    page.wait_for_url('**/dashboard?range=7d')
    page.locator('.lk-tabs a[aria-current]', has_text='7 days').wait_for()
    page.keyboard.press('g')
    page.keyboard.press('s')
    page.locator('.lk-board').wait_for()
