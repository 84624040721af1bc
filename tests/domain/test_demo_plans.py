"""The promises of the sample week: at whatever time of day it is loaded, each lies where its name says."""

from datetime import datetime, timedelta

import pytest

from domain.desk.demo_follow_ups import chosen
from domain.desk.demo_plans import PROMISES, moments
from domain.desk.demo_script import visitors

NOWS = ['2026-11-18T09:12+00:00', '2026-11-21T16:55+00:00', '2026-11-22T23:40+00:00', '2026-11-20T00:10-05:00']


@pytest.mark.parametrize('now', NOWS)
def test_what_is_promised_lies_where_its_name_says_at_any_time_of_day(now: str) -> None:
    at = datetime.fromisoformat(now)
    times = moments(at)
    for name, moment in times.items():
        match name.partition(' ')[0]:
            case 'today':
                assert at < moment and moment.date() == at.date()
            case 'done' | 'late' | 'past':
                assert moment < at
            case 'tomorrow':
                assert moment.date() == at.date() + timedelta(days=1)
            case 'later':
                assert timedelta(days=1) < moment.date() - at.date() < timedelta(days=7) and moment.weekday() < 6
    assert {promise.due for promise in PROMISES} <= times.keys() and {
        promise.then[2] for promise in PROMISES if promise.said
    } <= times.keys()


@pytest.mark.parametrize('now', NOWS)
def test_every_promise_is_made_to_somebody_of_its_own_and_in_time(now: str) -> None:
    at = datetime.fromisoformat(now)
    times, week = moments(at), visitors(at)
    found = list(chosen(week, times, at))
    assert [promise for _, promise in found] == list(PROMISES) and len({number for number, _ in found}) == len(found)
    mine = [number for number, promise in found if week[number].acts[0].who == promise.who]
    assert len(mine) >= len(found) // 2, 'most of them by the one who looks after the lead'
