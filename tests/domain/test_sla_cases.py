"""Deadlines by name: each case is a sentence somebody could say, with the answer worked out by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.sla.models import CountedTime
from domain.sla.rules import Terms, counting, due_at, elapsed, warn_at
from domain.tenancy.calendars import Calendar, Closed, Period
from tests.domain.second_calculator import Wall, second_due

MIN, HOUR = 60, 3600
HOT, WARM, COLD = 15 * MIN, HOUR, 24 * HOUR


def weekdays(*periods: Period, saturday: Sequence[Period] = (), sunday: Sequence[Period] = ()) -> tuple[tuple[Period, ...], ...]:
    return (tuple(periods),) * 5 + (tuple(saturday), tuple(sunday))


OFFICE = weekdays((8 * 60, 18 * 60))
LUNCH = weekdays((8 * 60, 12 * 60), (13 * 60, 17 * 60))
SHOP = weekdays((9 * 60, 17 * 60), saturday=[(10 * 60, 14 * 60)])
NIGHT = tuple(((0, 6 * 60), (22 * 60, 1440)) for _ in range(7))
EVERY = tuple(((0, 1440),) for _ in range(7))
EARLY = tuple(((60, 4 * 60),) for _ in range(7))  # 01:00 to 04:00: where clocks jump
SUNDAY = ((),) * 6 + (((2 * 60, 3 * 60),),)

XMAS = Closed(date(2024, 12, 25), True, None, 'Christmas')
EVE = Closed(date(2026, 12, 24), False, (12 * 60, 1440), 'Christmas Eve')
NEW_YEAR = Closed(date(2025, 1, 1), True, None, 'New Year')
LEAP = Closed(date(2024, 2, 29), True, None, 'Leap day')
STOCK = Closed(date(2026, 11, 23), False, (8 * 60, 10 * 60), 'Stocktaking')

BERLIN = Calendar('Europe/Berlin', OFFICE)


@dataclass(frozen=True)
class Case:
    """Times as ISO text with their offset; pauses as pairs of them."""

    name: str
    hours: Calendar | None
    start: str
    seconds: int
    due: str
    pauses: tuple[tuple[str, str], ...] = ()


CASES = (
    Case('round the clock, hot', None, '2026-11-20T17:50:00+01:00', HOT, '2026-11-20T18:05:00+01:00'),
    Case('round the clock over midnight', None, '2026-11-20T23:55:30+01:00', HOT, '2026-11-21T00:10:30+01:00'),
    Case('round the clock over the night that clocks go back: an hour is an hour', None, '2026-10-25T00:30:00+02:00', 3 * HOUR,
         '2026-10-25T02:30:00+01:00'),
    Case('a hot lead at Friday 17:50 is due Monday 08:05', BERLIN, '2026-11-20T17:50:00+01:00', HOT, '2026-11-23T08:05:00+01:00'),
    Case('ends exactly when the office closes', BERLIN, '2026-11-20T17:45:00+01:00', HOT, '2026-11-20T18:00:00+01:00'),
    Case('one second more goes over the weekend', BERLIN, '2026-11-20T17:45:01+01:00', HOT, '2026-11-23T08:00:01+01:00'),
    Case('arrives exactly when the office closes', BERLIN, '2026-11-20T18:00:00+01:00', HOT, '2026-11-23T08:15:00+01:00'),
    Case('arrives exactly when it opens', BERLIN, '2026-11-23T08:00:00+01:00', HOT, '2026-11-23T08:15:00+01:00'),
    Case('arrives a second before it opens', BERLIN, '2026-11-23T07:59:59+01:00', HOT, '2026-11-23T08:15:00+01:00'),
    Case('arrives on Saturday', BERLIN, '2026-11-21T12:00:00+01:00', WARM, '2026-11-23T09:00:00+01:00'),
    Case('arrives at night between two open days', BERLIN, '2026-11-18T23:00:00+01:00', WARM, '2026-11-19T09:00:00+01:00'),
    Case('24 open hours are two days and four hours', BERLIN, '2026-11-16T08:00:00+01:00', COLD, '2026-11-18T12:00:00+01:00'),
    Case('24 open hours over a weekend', BERLIN, '2026-11-19T12:00:00+01:00', COLD, '2026-11-23T16:00:00+01:00'),
    Case('over a lunch break', Calendar('Europe/Berlin', LUNCH), '2026-11-18T11:50:00+01:00', HOT, '2026-11-18T13:05:00+01:00'),
    Case('arrives during lunch', Calendar('Europe/Berlin', LUNCH), '2026-11-18T12:30:00+01:00', HOT, '2026-11-18T13:15:00+01:00'),
    Case('ends exactly at lunch', Calendar('Europe/Berlin', LUNCH), '2026-11-18T11:00:00+01:00', WARM, '2026-11-18T12:00:00+01:00'),
    Case('eight hours with lunch are a day', Calendar('Europe/Berlin', LUNCH), '2026-11-18T08:00:00+01:00', 8 * HOUR,
         '2026-11-18T17:00:00+01:00'),
    Case('a Saturday morning counts', Calendar('Europe/Berlin', SHOP), '2026-11-20T16:30:00+01:00', WARM, '2026-11-21T10:30:00+01:00'),
    Case('a night shift over midnight is one stretch', Calendar('Europe/Berlin', NIGHT), '2026-11-20T23:30:00+01:00', WARM,
         '2026-11-21T00:30:00+01:00'),
    Case('open day and night is round the clock', Calendar('Europe/Berlin', EVERY), '2026-11-20T23:55:00+01:00', HOT,
         '2026-11-21T00:10:00+01:00'),
    Case('a holiday of a whole day is skipped', Calendar('Europe/Berlin', OFFICE, (XMAS,)), '2026-12-24T17:30:00+01:00', WARM,
         '2026-12-28T08:30:00+01:00'),
    Case('a yearly holiday comes again', Calendar('Europe/Berlin', OFFICE, (NEW_YEAR,)), '2027-12-31T17:30:00+01:00', WARM,
         '2028-01-03T08:30:00+01:00'),
    Case('a holiday of one year does not come again', Calendar('Europe/Berlin', OFFICE, (EVE,)), '2027-12-24T11:30:00+01:00', WARM,
         '2027-12-24T12:30:00+01:00'),
    Case('a yearly holiday is none before its first year', Calendar('Europe/Berlin', OFFICE, (XMAS,)), '2023-12-25T10:00:00+01:00', WARM,
         '2023-12-25T11:00:00+01:00'),
    Case('half a holiday closes the afternoon', Calendar('Europe/Berlin', OFFICE, (EVE, XMAS)), '2026-12-24T11:30:00+01:00', WARM,
         '2026-12-28T08:30:00+01:00'),
    Case('two hours of stocktaking on Monday', Calendar('Europe/Berlin', OFFICE, (STOCK,)), '2026-11-20T17:50:00+01:00', HOT,
         '2026-11-23T10:05:00+01:00'),
    Case('29 February comes in a leap year', Calendar('Europe/Berlin', EVERY, (LEAP,)), '2028-02-28T23:30:00+01:00', WARM,
         '2028-03-01T00:30:00+01:00'),
    Case('29 February does not come in another year', Calendar('Europe/Berlin', EVERY, (LEAP,)), '2027-02-28T23:30:00+01:00', WARM,
         '2027-03-01T00:30:00+01:00'),
    Case('a holiday in a row with a weekend', Calendar('Europe/Berlin', OFFICE, (Closed(date(2026, 11, 23)),)),
         '2026-11-20T17:50:00+01:00', HOT, '2026-11-24T08:05:00+01:00'),
    Case('a holiday on a day that is closed anyway', Calendar('Europe/Berlin', OFFICE, (Closed(date(2026, 11, 22)),)),
         '2026-11-20T17:50:00+01:00', HOT, '2026-11-23T08:05:00+01:00'),
    Case('overlapping periods are one', Calendar('Europe/Berlin', weekdays((480, 720), (600, 1080))), '2026-11-18T11:00:00+01:00',
         2 * HOUR, '2026-11-18T13:00:00+01:00'),
    Case('over the weekend that clocks go forward: Friday to Monday at the same wall time', BERLIN, '2026-03-27T17:50:00+01:00', HOT,
         '2026-03-30T08:05:00+02:00'),
    Case('over the weekend that clocks go back', BERLIN, '2026-10-23T17:50:00+02:00', HOT, '2026-10-26T08:05:00+01:00'),
    Case('the hour that clocks skip is not there', Calendar('Europe/Berlin', EARLY), '2026-03-29T01:30:00+01:00', WARM,
         '2026-03-29T03:30:00+02:00'),
    Case('a period inside the skipped hour opens a week later', Calendar('Europe/Berlin', SUNDAY), '2026-03-28T12:00:00+01:00', HOT,
         '2026-04-05T02:15:00+02:00'),
    Case('the hour that clocks show twice counts twice', Calendar('Europe/Berlin', SUNDAY), '2026-10-24T12:00:00+02:00', 2 * HOUR,
         '2026-10-25T03:00:00+01:00'),
    Case('arrives in the second of the two hours', Calendar('Europe/Berlin', EARLY), '2026-10-25T02:30:00+01:00', WARM,
         '2026-10-25T03:30:00+01:00'),
    Case('a day of 23 hours', Calendar('Europe/Berlin', EVERY), '2026-03-29T00:00:00+01:00', 23 * HOUR, '2026-03-30T00:00:00+02:00'),
    Case('New York goes forward on another Sunday', Calendar('America/New_York', OFFICE), '2026-03-06T17:50:00-05:00', HOT,
         '2026-03-09T08:05:00-04:00'),
    Case('São Paulo skipped midnight itself', Calendar('America/Sao_Paulo', EVERY), '2018-11-03T23:30:00-03:00', WARM,
         '2018-11-04T01:30:00-02:00'),
    Case('Newfoundland went back over midnight', Calendar('America/St_Johns', EVERY), '2010-11-07T00:00:30-02:30', HOT,
         '2010-11-06T23:15:30-03:30'),
    Case('Lord Howe goes back by half an hour', Calendar('Australia/Lord_Howe', EARLY), '2026-04-05T01:00:00+11:00', 3 * HOUR,
         '2026-04-05T03:30:00+10:30'),
    Case('Samoa left out a Friday', Calendar('Pacific/Apia', OFFICE), '2011-12-29T17:50:00-10:00', HOT, '2012-01-02T08:05:00+14:00'),
    Case('Kathmandu is a quarter of an hour off', Calendar('Asia/Kathmandu', OFFICE), '2026-11-20T17:50:00+05:45', HOT,
         '2026-11-23T08:05:00+05:45'),
    Case('a pause is not counted', None, '2026-11-20T10:00:00+01:00', WARM, '2026-11-20T12:00:00+01:00',
         (('2026-11-20T10:30:00+01:00', '2026-11-20T11:30:00+01:00'),)),
    Case('a pause from the first second', None, '2026-11-20T10:00:00+01:00', WARM, '2026-11-20T12:00:00+01:00',
         (('2026-11-20T10:00:00+01:00', '2026-11-20T11:00:00+01:00'),)),
    Case('a pause after the deadline moves nothing', None, '2026-11-20T10:00:00+01:00', WARM, '2026-11-20T11:00:00+01:00',
         (('2026-11-20T11:00:01+01:00', '2026-11-20T15:00:00+01:00'),)),
    Case('a pause while it is closed moves nothing', BERLIN, '2026-11-20T17:30:00+01:00', WARM, '2026-11-23T08:30:00+01:00',
         (('2026-11-20T19:00:00+01:00', '2026-11-22T12:00:00+01:00'),)),
    Case('a pause over the weekend costs its open time only', BERLIN, '2026-11-20T17:00:00+01:00', 2 * HOUR, '2026-11-23T10:30:00+01:00',
         (('2026-11-20T17:30:00+01:00', '2026-11-23T09:00:00+01:00'),)),
    Case('two pauses add up', None, '2026-11-20T10:00:00+01:00', WARM, '2026-11-20T11:30:00+01:00',
         (('2026-11-20T10:10:00+01:00', '2026-11-20T10:20:00+01:00'), ('2026-11-20T10:30:00+01:00', '2026-11-20T10:50:00+01:00'))),
)  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)
def test_deadlines_by_name(case: Case) -> None:
    stops = [(at(begins), at(ends)) for begins, ends in case.pauses]
    due = due_at(at(case.start), case.seconds, case.hours, stops)
    assert due == at(case.due)
    assert elapsed(at(case.start), due, case.hours, stops) == case.seconds
    wall = None
    if case.hours is not None:
        closed = [(each.day, each.yearly, *(each.part or (0, 1440))) for each in case.hours.holidays]
        wall = Wall(case.hours.time_zone, case.hours.week, closed)
    assert second_due(wall, at(case.start), case.seconds, stops) == due, 'the second calculator disagrees'


def test_there_are_at_least_forty_cases_and_none_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize(
    ('seconds', 'warned'),
    [(HOT, '12:07:30'), (30 * MIN, '12:15:00'), (59 * MIN, '12:29:30'), (HOUR, '12:30:00'), (2 * HOUR, '13:30:00'), (1, '12:00:00')],
)
def test_warnings_come_half_an_hour_before_or_at_half_of_a_short_window(seconds: int, warned: str) -> None:
    assert f'{warn_at(at("2026-11-20T12:00:00+00:00"), seconds, Terms(seconds)):%H:%M:%S}' == warned


def test_a_warning_is_counted_in_open_hours_too() -> None:
    assert warn_at(at('2026-11-20T17:50:00+01:00'), WARM, Terms(WARM), BERLIN) == at('2026-11-23T08:20:00+01:00')


def test_a_calendar_that_is_never_open_is_known_and_never_counted_by() -> None:
    every_day = tuple(Closed(date(2024, 1, 1) + timedelta(days=count), True) for count in range(366))
    for hours in (Calendar('UTC', ((),) * 7), Calendar('UTC', OFFICE, every_day)):
        assert hours.never_open and counting(CountedTime.BUSINESS, hours) is None
        with pytest.raises(ValueError, match='this location is never open: nothing would ever be due'):
            hours.after(at('2026-11-20T12:00:00+00:00'), 1)
        assert hours.counted(at('2026-11-20T12:00:00+00:00'), at('2027-11-20T12:00:00+00:00')) == 0
    for hours in (BERLIN, Calendar('UTC', OFFICE, every_day[1:]), Calendar('UTC', OFFICE, tuple(Closed(c.day) for c in every_day))):
        assert not hours.never_open
    half = Calendar('UTC', ((((0, 720),),) * 7), tuple(Closed(c.day, True, (0, 720)) for c in every_day))
    assert half.never_open and not Calendar('UTC', ((((0, 721),),) * 7), half.holidays).never_open


def test_the_stretches_of_a_calendar_name_what_closes_it() -> None:
    hours = Calendar('Europe/Berlin', OFFICE, (XMAS, EVE))
    spans = hours.spans(at('2026-12-24T10:00:00+01:00'), at('2026-12-28T09:00:00+01:00'))
    assert [(f'{span.start:%d %H}', span.is_open, span.why) for span in spans] == [
        ('24 09', True, ''),
        ('24 11', False, 'holiday: Christmas Eve'),
        ('24 17', False, 'outside opening hours'),
        ('25 07', False, 'holiday: Christmas'),
        ('25 17', False, 'outside opening hours'),
        ('28 07', True, ''),
    ]
