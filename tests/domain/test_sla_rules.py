"""What a clock shows, when its next alarm is due, and how a deadline explains itself."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from domain.sla.explaining import CLAMPED, FORMER, explain
from domain.sla.models import ClockKind, CountedTime, SlaClock
from domain.sla.rules import State, Terms, begun, fires_at, moved, restated, resumed, state
from domain.tenancy.calendars import Calendar
from tests.domain.test_sla_cases import BERLIN, HOT, WARM, at, weekdays

NOON = at('2026-11-20T12:00:00+00:00')


def running(window: int = WARM, **more: object) -> SlaClock:
    clock = SlaClock(tenant_id=uuid4(), lead_id=uuid4(), window_seconds=window, started_at=NOON, due_at=NOON + timedelta(seconds=window))
    clock.warn_at = clock.due_at - timedelta(minutes=30)
    for name, value in more.items():
        setattr(clock, name, value)
    return clock


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ('columns', 'minute', 'shown'),
    [
        ({}, 29.9, State.ON_TRACK),
        ({}, 30, State.WARNING),
        ({}, 59.9, State.WARNING),
        ({}, 60, State.BREACHED),
        ({'breached_at': after(60), 'due_at': after(600)}, 61, State.BREACHED),
        ({'answered_at': after(60)}, 61, State.MET),
        ({'answered_at': after(60.1)}, 61, State.LATE),
        ({'answered_at': after(70), 'breached_at': after(60), 'due_at': after(600)}, 71, State.LATE),
        ({'stopped_at': after(50)}, 70, State.STOPPED),
        ({'paused_at': after(10)}, 90, State.PAUSED),
        ({'paused_at': after(61)}, 90, State.BREACHED),
    ],
)
def test_what_a_clock_shows(columns: dict[str, object], minute: float, shown: State) -> None:
    assert state(running(**columns), after(minute)) is shown


@pytest.mark.parametrize(
    ('columns', 'minute'),
    [
        ({}, 30),
        ({'warned_at': after(30)}, 60),
        ({'warned_at': after(30), 'breached_at': after(60)}, 75),
        ({'warned_at': after(30), 'breached_at': after(60), 'escalated_at': after(75)}, None),
        ({'answered_at': after(10)}, None),
        ({'stopped_at': after(10)}, None),
        ({'paused_at': after(10)}, None),
        ({'paused_at': after(40)}, 30),
        ({'warned_at': after(30), 'paused_at': after(61)}, 60),
        ({'breached_at': after(60), 'due_at': after(120)}, 135),
    ],
)
def test_when_the_next_alarm_is_due(columns: dict[str, object], minute: float | None) -> None:
    assert fires_at(running(**columns)) == (None if minute is None else after(minute))


@pytest.mark.parametrize(
    ('due', 'fresh', 'now', 'expected'),
    [(60, 15, 5, 15), (60, 15, 20, 20), (15, 60, 20, 60), (15, 60, 70, 15), (60, 15, 15, 15), (15, 5, 20, 15), (60, 120, 30, 120)],
)
def test_a_deadline_that_changes(due: float, fresh: float, now: float, expected: float) -> None:
    assert moved(after(due), after(fresh), after(now)) == after(expected)


def test_hotter_and_already_past_is_due_now_also_after_a_pause() -> None:
    clock = running(paused_at=after(20))
    columns = restated(clock, Terms(HOT), after(40))
    assert columns['due_at'] == after(20), 'the clock stands at 20 minutes'
    for name, value in columns.items():
        setattr(clock, name, value)
    assert resumed(clock, after(50))['due_at'] == after(50)


def test_terms_without_a_window_begin_no_clock() -> None:
    assert begun(ClockKind.NEXT_REPLY, Terms(HOT), NOON) == {} == begun(ClockKind.RESOLUTION, Terms(HOT), NOON)
    assert begun(ClockKind.RESOLUTION, Terms(HOT, resolution=WARM), NOON)['due_at'] == after(60)


def test_an_explanation_names_each_step() -> None:
    clock = running(started_at=at('2026-11-20T17:30:00+01:00'), clock=CountedTime.BUSINESS)
    clock.pauses = [['2026-11-20T17:40:00+01:00', '2026-11-20T17:50:00+01:00']]
    clock.due_at = at('2026-11-23T08:40:00+01:00')
    told = explain(clock, BERLIN)
    assert [(f'{step.start:%d %H:%M}', f'{step.end:%d %H:%M}', step.counted_seconds, step.why) for step in told.steps] == [
        ('20 16:30', '20 16:40', 600, 'counts'),
        ('20 16:40', '20 16:50', 0, 'paused: waiting for the customer'),
        ('20 16:50', '20 17:00', 600, 'counts'),
        ('20 17:00', '23 07:00', 0, 'outside opening hours'),
        ('23 07:00', '23 07:40', 2400, 'counts'),
    ]


def test_an_explanation_of_a_deadline_that_a_change_made_due_at_once() -> None:
    told = explain(running(HOT, due_at=after(40)))
    assert [(step.counted_seconds, step.why) for step in told.steps] == [(900, 'counts'), (0, CLAMPED)]
    assert told.steps[-1].end == told.due_at == after(40)


def test_an_explanation_owns_up_to_hours_that_held_then() -> None:
    told = explain(running(clock=CountedTime.BUSINESS), Calendar('UTC', weekdays((780, 1080))))
    assert sum(step.counted_seconds for step in told.steps) == WARM
    assert told.steps[-1].why == FORMER and told.steps[-1].end == told.due_at


def test_an_explanation_of_a_clock_that_waits_keeps_its_deadline() -> None:
    told = explain(running(paused_at=after(20)))
    assert [step.counted_seconds for step in told.steps] == [1200, 0, 2400] and told.steps[-1].end == after(60)
    assert told.paused_at == after(20) and 'the deadline moves on' in told.steps[1].why
