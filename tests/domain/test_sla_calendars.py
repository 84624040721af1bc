"""Two calculators of deadlines, written apart, agree on random calendars: changes of the clock, of zones, and pauses included."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.sla.explaining import explain
from domain.sla.models import CountedTime, SlaClock
from domain.sla.rules import DEFAULT_TERMS, due_at, elapsed, recounted, resumed
from domain.tenancy.calendars import FAR, Calendar, Closed
from tests.domain.second_calculator import Stretch, Wall, second_due, second_elapsed

# Zones with days of 23 and 25 hours, of 23½, half and quarter hours, clocks that change at midnight, by two hours, or for good.
ZONES = (
    'UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Los_Angeles', 'America/St_Johns', 'Australia/Lord_Howe',
    'Asia/Kathmandu', 'Asia/Kolkata', 'America/Sao_Paulo', 'America/Havana', 'Asia/Beirut', 'Africa/Cairo', 'Africa/Casablanca',
    'Pacific/Apia', 'Asia/Pyongyang', 'Europe/Istanbul', 'America/Caracas', 'Antarctica/Troll', 'Pacific/Chatham', 'Asia/Tehran',
    'Europe/Volgograd', 'Pacific/Kiritimati', 'America/Asuncion', 'Africa/Juba',
)  # fmt: skip
FIRST, LAST = datetime(2005, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)


@cache
def turns(zone: str) -> list[datetime]:
    """The days on which the zone's clock jumps, and one on which a year ends or a leap day begins."""
    days = [FIRST + timedelta(days=count) for count in range((LAST - FIRST).days)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    jumps = [day for day, (before, after) in zip(days[1:], pairwise(offsets), strict=True) if before != after]
    return [*jumps, datetime(2027, 12, 31, 20, tzinfo=UTC), datetime(2028, 2, 28, 20, tzinfo=UTC)]


@st.composite
def walls(draw: st.DrawFn, zone: str, near: datetime) -> Wall:
    """A location that is open at least once a week, with holidays around that time."""
    minute = st.integers(0, 96).map(lambda quarter: quarter * 15) | st.integers(0, 1440)

    def day() -> list[tuple[int, int]]:
        edges = sorted(draw(st.sets(minute, min_size=2, max_size=6)))
        return list(zip(edges[::2], edges[1::2], strict=False))

    opened = draw(st.lists(st.booleans(), min_size=7, max_size=7).filter(any))
    week = [day() if is_open else [] for is_open in opened]
    holidays: list[tuple[date, bool, int, int]] = []
    for _ in range(draw(st.integers(0, 3))):
        begins, ends = draw(st.sampled_from([(0, 1440), (0, 720), (720, 1440), (600, 905)]))
        first = (near + timedelta(days=draw(st.integers(-2, 12)))).date()
        yearly = draw(st.booleans()) and (first.month, first.day) != (2, 29)
        holidays.append((first.replace(year=first.year - draw(st.integers(0, 2))) if yearly else first, yearly, begins, ends))
    return Wall(zone, week, holidays)


@st.composite
def pauses(draw: st.DrawFn, start: datetime) -> list[Stretch]:
    """Up to three, one after the other."""
    found, at = [], start
    for _ in range(draw(st.integers(0, 3))):
        begins = at + timedelta(seconds=draw(st.integers(0, 40_000)))
        at = begins + timedelta(seconds=draw(st.integers(0, 90_000)))
        found.append((begins, at))
    return found


@st.composite
def situations(draw: st.DrawFn) -> tuple[Wall | None, datetime, int, list[Stretch], int]:
    """A location (or none), an arrival to the microsecond, a window in seconds, pauses, and where to look, in seconds after arrival."""
    zone = draw(st.sampled_from(ZONES))
    near = draw(
        st.sampled_from(turns(zone))
        | st.sampled_from(turns(zone))
        | st.integers(0, (LAST - FIRST).days).map(lambda days: FIRST + timedelta(days=days))
    )
    start = near + timedelta(seconds=draw(st.integers(-90_000, 40_000)), microseconds=draw(st.sampled_from([0, 1, 250_000, 999_999])))
    wall = draw(st.none() | walls(zone, near) | walls(zone, near))
    weekly = 60 * sum(closes - opens for day in wall.week for opens, closes in day) if wall else 700_000
    window = draw(st.sampled_from([900, 3600, 86_400]) | st.integers(1, 100_000))
    return wall, start, min(window, weekly), draw(pauses(start)), draw(st.integers(0, 400_000))


def calendar_of(wall: Wall) -> Calendar:
    closed = tuple(
        Closed(day, yearly, None if (begins, ends) == (0, 1440) else (begins, ends), 'Feast') for day, yearly, begins, ends in wall.holidays
    )
    return Calendar(wall.zone, tuple(tuple(day) for day in wall.week), closed)


def clock_of(wall: Wall | None, start: datetime, window: int, due: datetime) -> SlaClock:
    counted = CountedTime.BUSINESS if wall else CountedTime.ALWAYS
    return SlaClock(tenant_id=uuid4(), lead_id=uuid4(), started_at=start, due_at=due, warn_at=due, window_seconds=window, clock=counted)


def agree(drawn: tuple[Wall | None, datetime, int, list[Stretch], int]) -> None:
    """Deadline, time passed, the stretches of the calendar, the explanation, and pausing step by step: all say the same."""
    wall, start, window, stops, seconds = drawn
    calendar, look = calendar_of(wall) if wall else None, start + timedelta(seconds=seconds)
    due = second_due(wall, start, window, stops)
    assert due_at(start, window, calendar, stops) == due
    assert elapsed(start, look, calendar, stops) == pytest.approx(second_elapsed(wall, start, look, stops), abs=1e-6)
    clock = clock_of(wall, start, window, second_due(wall, start, window))
    for begins, ends in stops:
        clock.paused_at = begins
        for name, value in resumed(clock, ends, calendar).items():
            setattr(clock, name, value)
    assert clock.due_at == due, 'paused and resumed one by one'
    told = explain(clock, calendar)
    assert sum(step.counted_seconds for step in told.steps) == window
    assert (told.steps[0].start, told.steps[-1].end) == (start, due)
    assert all(one.end == two.start for one, two in pairwise(told.steps))
    if calendar is not None:
        spans = calendar.spans(start, look)
        assert sum((span.end - span.start).total_seconds() for span in spans if span.is_open) == pytest.approx(
            calendar.counted(start, look)
        )
        assert not spans or (spans[0].start, spans[-1].end) == (start, look)


def zone_changes(drawn: tuple[Wall | None, datetime, int, list[Stretch], int], zone: str) -> None:
    """The location's zone is changed while the clock runs: counted anew from arrival; what would be past is due now."""
    wall, start, window, _, seconds = drawn
    if wall is None:
        return
    due, now = second_due(wall, start, window), start + timedelta(seconds=seconds % 90_000)
    moved = Wall(zone, wall.week, wall.holidays)
    clock = clock_of(wall, start, window, due)
    columns = recounted(clock, DEFAULT_TERMS['hot'], now, calendar_of(moved))
    fresh = second_due(moved, start, window)
    assert columns.get('due_at', due) == (due if due <= now else max(fresh, now))


def run(examples: int, check: Callable[..., None], *drawn: st.SearchStrategy[Any]) -> float:
    """So many comparisons; gives back the seconds they took."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.tuples(*drawn))
    def compare(values: tuple[Any, ...]) -> None:
        check(*values)

    before = time.perf_counter()
    compare()
    return time.perf_counter() - before


def test_two_calculators_agree_on_random_calendars() -> None:
    run(120, agree, situations())


def test_two_calculators_agree_when_a_location_changes_its_zone() -> None:
    run(60, zone_changes, situations(), st.sampled_from(ZONES))


@pytest.mark.long
def test_two_calculators_agree_on_ten_thousand_calendars(capsys: pytest.CaptureFixture[str]) -> None:
    took = run(8000, agree, situations()) + run(2000, zone_changes, situations(), st.sampled_from(ZONES))
    with capsys.disabled():
        print(f'\n10,000 random calendars: the two calculators agree, in {took:.0f} s')


@pytest.mark.parametrize('examples', [pytest.param(150, id='some'), pytest.param(3_000, id='many', marks=pytest.mark.slow)])
def test_a_long_window_that_passes_by_weeks_ends_where_counting_day_by_day_says(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(situations(), st.integers(1, 90 * 86_400))
    def agree(found: Any, window: int) -> None:
        wall, start, *_ = found
        if wall is None:
            return
        hours = calendar_of(wall)
        due = hours.after(start, window)
        if due < start + FAR:
            assert hours.counted(start, due) == pytest.approx(window, rel=0, abs=1e-3)
            assert hours.counted(start, due - timedelta(seconds=1)) < window, 'and not a second before'

    agree()


def test_a_window_of_a_year_is_found_at_once_and_none_ends_later_than_in_ten_years() -> None:
    feasts = tuple(Closed(date(2020, 1, 1) + timedelta(days=7 * count), yearly=count % 3 == 0) for count in range(1000))
    shop = Calendar('Europe/Berlin', (((480, 720), (780, 1080)),) * 5 + ((),) * 2, feasts)
    start, year = datetime(2026, 11, 20, 9, tzinfo=UTC), 366 * 86_400
    began = time.process_time()
    due = shop.after(start, year)
    first, again = time.process_time() - began, time.process_time()
    for count in range(100):
        shop.after(start + timedelta(minutes=count), year)
    each = (time.process_time() - again) / 100
    print(f'a year of business hours: {first * 1000:.1f} ms, then {each * 1000:.2f} ms')
    assert shop.counted(start, due) == year and due > start + timedelta(days=1000)
    assert first < 0.5 and each < 0.01
    rare = Calendar('UTC', (((600, 601),),) + ((),) * 6)
    assert rare.after(start, year) == start + FAR and rare.after(start, 61) == datetime(2026, 11, 30, 10, 0, 1, tzinfo=UTC)
