"""The clock's arithmetic a second time, as simple as can be: minute by minute, looking at the clock on the location's wall.

It shares no line with `domain.sla.rules` and `domain.tenancy.calendars`: where the two disagree, one of them is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Wall:
    """A location as somebody sees it who stands in it. Holidays: first day, comes again each year, from and to in minutes."""

    zone: str
    week: Sequence[Sequence[tuple[int, int]]]
    holidays: Sequence[tuple[date, bool, int, int]] = ()

    def is_open(self, at: datetime) -> bool:
        there = at.astimezone(ZoneInfo(self.zone))
        minute, today = there.hour * 60 + there.minute, there.date()
        for first, yearly, begins, ends in self.holidays:
            again = yearly and today >= first and (today.month, today.day) == (first.month, first.day)
            if (today == first or again) and begins <= minute < ends:
                return False
        return any(opens <= minute < closes for opens, closes in self.week[there.weekday()])


def steps(wall: Wall | None, start: datetime, pauses: Sequence[Stretch]) -> Iterator[tuple[datetime, datetime, bool]]:
    """Time in steps of a minute at most: from, to, and whether it counts. A step ends where a pause begins or ends."""
    at = start
    edges = sorted(edge for pause in pauses for edge in pause)
    while True:
        end = at.replace(second=0, microsecond=0) + MINUTE
        end = min([end, *(edge for edge in edges if at < edge)])
        waits = any(begins <= at < ends for begins, ends in pauses)
        yield at, end, not waits and (wall is None or wall.is_open(at))
        at = end


def second_due(wall: Wall | None, start: datetime, seconds: float, pauses: Sequence[Stretch] = ()) -> datetime:
    """When the window is used up."""
    left = timedelta(seconds=seconds)
    for at, end, counts in steps(wall, start, pauses):
        if left <= timedelta(0):
            return at
        if counts and end - at >= left:
            return at + left
        left -= end - at if counts else timedelta(0)
    raise AssertionError('time has no end')


def second_elapsed(wall: Wall | None, start: datetime, now: datetime, pauses: Sequence[Stretch] = ()) -> float:
    """The seconds that count until now."""
    total = timedelta(0)
    for at, end, counts in steps(wall, start, pauses):
        if at >= now:
            return total.total_seconds()
        total += min(end, now) - at if counts else timedelta(0)
    raise AssertionError('time has no end')
