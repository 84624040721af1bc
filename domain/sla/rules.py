"""Windows, deadlines and what a clock shows. Pure: rules take the moment, the calendar and the clock, and say what its columns become."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.sla.models import ClockKind, CountedTime, SlaClock
from domain.tenancy.calendars import Calendar

# Seconds until somebody must have answered, round the clock, where the tenant has no policy of its own.
DEFAULT_WINDOWS: Mapping[str, int] = {'hot': 15 * 60, 'warm': 60 * 60, 'cold': 24 * 60 * 60}
SHORT = 60 * 60  # seconds: a window under this is warned of by its share, not by a fixed time before its end

Pause = tuple[datetime, datetime]  # from, to


class State(StrEnum):
    """What a clock shows."""

    ON_TRACK = 'on_track'
    WARNING = 'warning'
    BREACHED = 'breached'  # and still unanswered
    MET = 'met'
    LATE = 'late'  # answered after the deadline
    PAUSED = 'paused'
    STOPPED = 'stopped'  # closed without an answer


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says of the clock of one quality; all times in seconds."""

    first_reply: int
    clock: CountedTime = CountedTime.ALWAYS
    next_reply: int | None = None
    resolution: int | None = None
    pausing: tuple[str, ...] = ('waiting',)
    warn: int = 30 * 60
    warn_share: float = 0.5
    escalate: int = 15 * 60
    assistant_counts: bool = False

    def window(self, kind: ClockKind) -> int | None:
        """The seconds that a clock of this kind gives; None: there is no such clock."""
        return {ClockKind.FIRST_REPLY: self.first_reply, ClockKind.NEXT_REPLY: self.next_reply, ClockKind.RESOLUTION: self.resolution}[kind]

    def calendar(self, calendar: Calendar | None) -> Calendar | None:
        """The calendar that this policy counts by: the location's in business hours, else none."""
        return counting(self.clock, calendar)


DEFAULT_TERMS: Mapping[str, Terms] = {quality: Terms(window) for quality, window in DEFAULT_WINDOWS.items()}


def counting(clock: CountedTime, calendar: Calendar | None) -> Calendar | None:
    """The calendar to count by. One that is never open is refused where it is entered; were one here, the clock would run round the
    clock: better due too early than never.
    """
    return calendar if clock is CountedTime.BUSINESS and calendar is not None and not calendar.never_open else None


def due_at(started_at: datetime, window_seconds: float, calendar: Calendar | None = None, pauses: Iterable[Pause] = ()) -> datetime:
    """When so many seconds have passed; with a calendar only those count in which it is open, and none of a pause does."""
    at, left = started_at, window_seconds
    for begins, ends in sorted(pauses):
        if ends <= at:
            continue
        begin = max(begins, at)
        due = _after(at, left, calendar)
        if due <= begin:
            return due
        left -= counted(at, begin, calendar)
        at = ends
    return _after(at, left, calendar)


def elapsed(started_at: datetime, now: datetime, calendar: Calendar | None = None, pauses: Iterable[Pause] = ()) -> float:
    """How many seconds count between the two: those of pauses do not, nor those in which the calendar is closed."""
    at, total = started_at, 0.0
    for begins, ends in sorted(pauses):
        if begins >= now:
            break
        total += counted(at, max(begins, at), calendar)
        at = max(at, min(ends, now))
    return total + counted(at, now, calendar)


def counted(start: datetime, end: datetime, calendar: Calendar | None = None) -> float:
    """The seconds between the two, with a calendar only its open ones; 0 where the end is not after the start."""
    if end <= start:
        return 0.0
    return (end - start).total_seconds() if calendar is None else calendar.counted(start, end)


def _after(start: datetime, seconds: float, calendar: Calendar | None) -> datetime:
    return start + timedelta(seconds=seconds) if calendar is None else calendar.after(start, seconds)


def warn_at(
    started_at: datetime, window_seconds: int, terms: Terms, calendar: Calendar | None = None, pauses: Iterable[Pause] = ()
) -> datetime:
    """When to warn: half an hour before the deadline, for windows under an hour at half of it, unless the policy says otherwise."""
    before = window_seconds * terms.warn_share if window_seconds < SHORT else terms.warn
    return due_at(started_at, max(0, int(window_seconds - before)), calendar, pauses)


def moved(due: datetime, fresh: datetime, now: datetime) -> datetime:
    """The deadline after something changed that it is counted by: `fresh`, as if it had been so from arrival on; where that is past,
    now and never before it. One that was past already stays.
    """
    return fresh if fresh > now else min(due, now)


def fires_at(clock: SlaClock) -> datetime | None:
    """When its next alarm is due: the warning, then the breach, then once more; None while it stands, waits or has nothing left to say."""
    if not clock.runs:
        return None
    if clock.breached_at is not None:
        planned = None if clock.escalated_at else max(clock.breached_at, clock.due_at) + timedelta(seconds=clock.escalate_seconds)
    elif clock.warned_at is None and clock.warn_at is not None:
        planned = min(clock.warn_at, clock.due_at)
    else:
        planned = clock.due_at
    # A pause holds back only what was not due when it began: nobody escapes a breach by setting the status a second later.
    return None if planned is not None and clock.paused_at is not None and planned > clock.paused_at else planned


def state(clock: SlaClock, now: datetime) -> State:
    """What the clock shows at this moment."""
    if clock.answered_at is not None:
        return State.LATE if clock.breached_at is not None or clock.answered_at > clock.due_at else State.MET
    if clock.stopped_at is not None:
        return State.STOPPED
    if clock.breached_at is not None or (clock.paused_at or now) >= clock.due_at:
        return State.BREACHED
    if clock.paused_at is not None:
        return State.PAUSED
    return State.WARNING if clock.warn_at is not None and now >= clock.warn_at else State.ON_TRACK


def pauses_of(clock: SlaClock) -> tuple[Pause, ...]:
    """The pauses that are over."""
    return tuple((_instant(begins), _instant(ends)) for begins, ends in clock.pauses)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def resumed(clock: SlaClock, now: datetime, calendar: Calendar | None = None) -> dict[str, Any]:
    """The columns of a paused clock that runs again: what was left when it was paused is left now. A deadline that was past stays."""
    since = clock.paused_at
    if since is None:
        return {}
    by = counting(clock.clock, calendar)
    # Due at the moment of the pause: either the window was used up then, or a change made during the pause would have it due at once.
    at_once = elapsed(clock.started_at, since, by, pauses_of(clock)) > clock.window_seconds

    def later(at: datetime) -> datetime:
        return at if at < since or (at == since and not at_once) else _after(now, counted(since, at, by), by)

    return {
        'paused_at': None,
        'pauses': [*clock.pauses, [since.isoformat(), now.isoformat()]],
        'due_at': later(clock.due_at),
        'warn_at': later(clock.warn_at) if clock.warn_at is not None else None,
    }


def answered(clock: SlaClock, at: datetime, calendar: Calendar | None = None) -> dict[str, Any]:
    """The columns of a running clock that is answered at this moment: a pause is over, and a late answer is a breach."""
    columns = {'answered_at': at, **resumed(clock, at, calendar)}
    due = columns.get('due_at', clock.due_at)
    return columns if clock.breached_at is not None or at <= due else {**columns, 'breached_at': due}


def restated(clock: SlaClock, terms: Terms, now: datetime, calendar: Calendar | None = None) -> dict[str, Any]:
    """The columns of a running clock that other terms or another calendar hold for, counted from where it began.

    Terms without such a clock leave it its window. A breach that happened is none of these columns: it stays.
    """
    window = terms.window(ClockKind(clock.kind)) or clock.window_seconds
    return {'window_seconds': window, 'clock': terms.clock, 'escalate_seconds': terms.escalate} | _times(
        clock, window, terms, now, terms.calendar(calendar)
    )


def recounted(clock: SlaClock, terms: Terms, now: datetime, calendar: Calendar | None = None) -> dict[str, Any]:
    """The columns of a running clock whose location has other hours now: the same window, counted by them from where it began.

    Empty for one that runs round the clock, and for one whose deadline is past: what was missed stays missed.
    """
    present = clock.paused_at or now
    if clock.clock is CountedTime.ALWAYS or clock.breached_at is not None or clock.due_at <= present:
        return {}
    return _times(clock, clock.window_seconds, terms, now, counting(clock.clock, calendar))


def _times(clock: SlaClock, window: int, terms: Terms, now: datetime, calendar: Calendar | None) -> dict[str, Any]:
    pauses = pauses_of(clock)
    due = moved(clock.due_at, due_at(clock.started_at, window, calendar, pauses), clock.paused_at or now)
    return {'due_at': due, 'warn_at': min(warn_at(clock.started_at, window, terms, calendar, pauses), due)}


def begun(kind: ClockKind, terms: Terms, now: datetime, calendar: Calendar | None = None) -> dict[str, Any]:
    """The columns of a clock of this kind that begins at this moment, whatever it measured before; empty: there is no such clock."""
    window = terms.window(kind)
    if window is None:
        return {}
    by = terms.calendar(calendar)
    return {
        'started_at': now,
        'due_at': due_at(now, window, by),
        'window_seconds': window,
        'clock': terms.clock,
        'warn_at': warn_at(now, window, terms, by),
        'escalate_seconds': terms.escalate,
        'pauses': [],
        **dict.fromkeys(('answered_at', 'stopped_at', 'paused_at', 'breached_at', 'warned_at', 'escalated_at')),
    }
