"""When a location is open: its weekly hours less its holidays, in its own time zone. Pure.

One law: a location is open when the clock on its wall shows a time that lies in one of the day's periods. So where that clock jumps ahead
the hours it skips are not there, and where it goes back the hours it shows twice count twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

Period = tuple[int, int]  # minutes after midnight: from, to; 1440 is midnight at the end of the day

NEVER_OPEN = 'this location is never open: nothing would ever be due'
OUTSIDE = 'outside opening hours'
_ONE, _HOUR = timedelta(days=1), timedelta(hours=1)
_EASTMOST = timedelta(hours=15)  # no zone is further ahead of UTC
_KEPT = 1000  # days that a calendar remembers: three years, many times what a month of clocks asks for


@dataclass(frozen=True, slots=True)
class Closed:
    """A holiday: the whole day, or from minute to minute of it; `yearly` ones come again, those of 29 February in leap years."""

    day: date
    yearly: bool = False
    part: Period | None = None
    name: str = ''

    def falls_on(self, day: date) -> bool:
        """Whether this day is one of its days; before its first day it is not known yet."""
        return day == self.day or (self.yearly and day > self.day and (day.month, day.day) == (self.day.month, self.day.day))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, open or not; `why` says what closes it, '' while it is open."""

    start: datetime
    end: datetime
    is_open: bool
    why: str = ''


_Piece = tuple[datetime, datetime, str]  # from, to, and the holiday that closes it; '': open


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of one location. `week` holds the periods of each weekday, Monday first; where periods overlap, they are one."""

    time_zone: str
    week: tuple[tuple[Period, ...], ...]
    holidays: tuple[Closed, ...] = ()
    _days: dict[date, tuple[_Piece, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def never_open(self) -> bool:
        """No day of any year has an open minute."""
        if not any(self.week):
            return True
        every = [holiday for holiday in self.holidays if holiday.yearly]  # all others are over one day
        leap_year = (date(2028, 1, 1) + _ONE * count for count in range(366))
        return all(_all_closed(periods, _closed(every, day, yearly=True)) for day in leap_year for periods in self.week)

    def after(self, start: datetime, seconds: float) -> datetime:
        """The first moment when this many open seconds have passed since `start`; `start` itself for none.

        Raises ValueError for a calendar that is never open: there is no such moment.
        """
        left = timedelta(seconds=seconds)
        if left <= timedelta(0):
            return start
        if self.never_open:
            raise ValueError(NEVER_OPEN)
        for opens, closes, why in self._from(start):
            if why:
                continue
            begin = max(opens, start)
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        raise AssertionError('a calendar has no last day')

    def counted(self, start: datetime, end: datetime) -> float:
        """How many seconds between the two it is open; 0 where the end is not after the start."""
        return sum(((min(piece[1], end) - max(piece[0], start)).total_seconds() for piece in self._until(start, end) if not piece[2]), 0.0)

    def spans(self, start: datetime, end: datetime) -> tuple[Span, ...]:
        """All the time between the two, open and closed stretches in order, without gaps. A holiday closes what its hours would open."""
        found: list[Span] = []
        at = start
        for opens, closes, why in self._until(start, end):
            if opens > at:
                found.append(Span(at, opens, is_open=False, why=OUTSIDE))
            found.append(Span(max(opens, at), min(closes, end), not why, why))
            at = found[-1].end
        if at < end:
            found.append(Span(at, end, is_open=False, why=OUTSIDE))
        return tuple(_joined(found))

    def _until(self, start: datetime, end: datetime) -> Iterator[_Piece]:
        """The pieces that have a part between the two."""
        for piece in self._from(start) if start < end and any(self.week) else ():
            if piece[0] >= end:
                return
            yield piece

    def _from(self, start: datetime) -> Iterator[_Piece]:
        """The pieces that end after this moment, in order, without end: an endless calendar is asked for as far as somebody needs it."""
        # A day before: where a zone's date was turned back, the local day began again.
        day = start.astimezone(ZoneInfo(self.time_zone)).date() - _ONE
        held: list[_Piece] = []
        while True:
            held = sorted([*held, *(piece for piece in self._day(day) if piece[1] > start)])
            day += _ONE
            # Clocks that go back over midnight mix two days: a piece is next when no part of a later day can begin before it.
            sure = datetime.combine(day, time(), UTC) - _EASTMOST
            yield from (piece for piece in held if piece[0] < sure)
            held = [piece for piece in held if piece[0] >= sure]

    def _day(self, day: date) -> tuple[_Piece, ...]:
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _KEPT:
                self._days.clear()
            closed = _closed(self.holidays, day)
            minutes = [piece for period in _merged(self.week[day.weekday()]) for piece in _cut(period, closed)]
            found = self._days[day] = tuple(_instants(ZoneInfo(self.time_zone), day, minutes)) if minutes else ()
        return found


def _closed(holidays: Iterable[Closed], day: date, *, yearly: bool = False) -> list[tuple[Period, str]]:
    """What holidays close of a day, and which; `yearly`: in any year."""
    hits = (each for each in holidays if (yearly and (each.day.month, each.day.day) == (day.month, day.day)) or each.falls_on(day))
    return sorted((each.part or (0, 1440), f'holiday: {each.name}' if each.name else 'holiday') for each in hits)


def _all_closed(periods: Iterable[Period], closed: list[tuple[Period, str]]) -> bool:
    return all(why for period in periods for _, why in _cut(period, closed))


def _merged(periods: Iterable[Period]) -> list[Period]:
    out: list[Period] = []
    for opens, closes in sorted(periods):
        if out and opens <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], closes))
        else:
            out.append((opens, closes))
    return out


def _cut(period: Period, closed: list[tuple[Period, str]]) -> Iterator[tuple[Period, str]]:
    """A period in pieces: open, or closed by a holiday."""
    at, end = period
    for (begins, ends), why in closed:
        begin, over = max(begins, at), min(ends, end)
        if begin >= over:
            continue
        if begin > at:
            yield (at, begin), ''
        yield (begin, over), why
        at = over
    if at < end:
        yield (at, end), ''


def _instants(zone: ZoneInfo, day: date, minutes: list[tuple[Period, str]]) -> list[_Piece]:
    """The pieces of a local day in UTC. While its offset stays the same, a day is a plain shift; one that changes is cut where it does."""
    midnight = datetime.combine(day, time())
    parts = _parts(zone, midnight)
    found = []
    for (begins, ends), why in minutes:
        first, last = ((midnight + timedelta(minutes=at)).replace(tzinfo=UTC) for at in (begins, ends))
        for start, end, offset in parts:
            begin, over = max(first - offset, start), min(last - offset, end)
            if begin < over:
                found.append((begin, over, why))
    return sorted(found)


def _parts(zone: ZoneInfo, midnight: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """The stretches (UTC) of constant offset that this local day may lie in."""
    ends = [at.replace(tzinfo=zone, fold=fold) for at in (midnight, midnight + _ONE) for fold in (0, 1)]
    offsets = {at.utcoffset() or timedelta(0) for at in ends}
    low, high = ((at.replace(tzinfo=UTC)) for at in (midnight - max(offsets), midnight + _ONE - min(offsets)))
    if len(offsets) == 1:
        return [(low, high, offsets.pop())]
    cuts = [low, *_turns(zone, low - _HOUR, high + _HOUR), high]
    return [(start, end, _offset(zone, start)) for start, end in pairwise(cuts) if start < end]


def _turns(zone: ZoneInfo, low: datetime, high: datetime) -> Iterator[datetime]:
    """The moments, to the second, when the zone's offset changes; it does so at most once an hour."""
    while low < high:
        step = min(low + _HOUR, high)
        if _offset(zone, low) != _offset(zone, step):
            before, after = low, step
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
                before, after = (middle, after) if _offset(zone, middle) == _offset(zone, low) else (before, middle)
            yield after
        low = step


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Stretches that touch and say the same become one: a day that ends at midnight goes on in the next."""
    held: Span | None = None
    for span in spans:
        if held is not None and (held.is_open, held.why) == (span.is_open, span.why):
            held = Span(held.start, span.end, held.is_open, held.why)
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held
