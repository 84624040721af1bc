"""When a location is open: its weekly hours less its holidays, in its own time zone. Pure.

One law: a location is open when the clock on its wall shows a time that lies in one of the day's periods. So where that clock jumps ahead
the hours it skips are not there, and where it goes back the hours it shows twice count twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

Period = tuple[int, int]  # minutes after midnight: from, to; 1440 is midnight at the end of the day

NEVER_OPEN = 'this location is never open: nothing would ever be due'
OUTSIDE = 'outside opening hours'
_ONE, _SEVEN, _HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)
_EASTMOST = timedelta(hours=15)  # no zone is further ahead of UTC
_KEPT = 1000  # days, and weeks, that a calendar remembers: three years of days, many times what a month of clocks asks for
FAR = timedelta(days=3653)  # no deadline is further ahead than ten years: one that would be is due then


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


class _Known:
    """What a calendar has worked out so far: pieces by day, open time by week, and its holidays by month and day."""

    def __init__(self) -> None:
        self.days: dict[date, tuple[_Piece, ...]] = {}
        self.weeks: dict[date, timedelta] = {}
        self.feasts: dict[tuple[int, int], list[Closed]] | None = None
        self.never: bool | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of one location. `week` holds the periods of each weekday, Monday first; where periods overlap, they are one."""

    time_zone: str
    week: tuple[tuple[Period, ...], ...]
    holidays: tuple[Closed, ...] = ()
    _known: _Known = field(default_factory=_Known, compare=False, repr=False)

    @property
    def never_open(self) -> bool:
        """No day of any year has an open minute."""
        if self._known.never is None:
            self._known.never = not any(self.week) or self._closed_for_good()
        return self._known.never

    def _closed_for_good(self) -> bool:
        every = [holiday for holiday in self.holidays if holiday.yearly]  # all others are over one day
        leap_year = (date(2028, 1, 1) + _ONE * count for count in range(366))
        return all(_all_closed(periods, _closed(every, day, yearly=True)) for day in leap_year for periods in self.week)

    def after(self, start: datetime, seconds: float) -> datetime:
        """The first moment when this many open seconds have passed since `start`; `start` itself for none.

        At the latest ten years after `start`. Raises ValueError for a calendar that is never open: there is no such moment.
        """
        left = timedelta(seconds=seconds)
        if left <= timedelta(0):
            return start
        if self.never_open:
            raise ValueError(NEVER_OPEN)
        day, left = self._whole_weeks(start, left)
        for opens, closes, why in self._from(start, day):
            if opens - start >= FAR:
                return start + FAR
            if why:
                continue
            begin = max(opens, start)
            if closes - begin >= left:
                return min(begin + left, start + FAR)
            left -= closes - begin
        raise AssertionError('a calendar has no last day')

    def _whole_weeks(self, start: datetime, left: timedelta) -> tuple[date, timedelta]:
        """The day to look on from, and how much of the open time is left there: long windows pass by weeks, whose sums are remembered.

        A week is passed only if the one after it is used up too. So the moment looked for is far from where the looking begins, and it
        does not matter where clocks that go back over midnight mix the days of two weeks.
        """
        today = self._there(start)
        day = first = today - _ONE  # a day before: where a zone's date was turned back, the local day began again
        monday = today + timedelta(days=9 - (today.weekday() + 2) % 7)
        head = sum(
            (closes - max(opens, start) for opens, closes, why in self._days(first, monday) if closes > start and not why), timedelta(0)
        )
        if left <= head + self._week(monday):
            return day, left
        left, day = left - head, monday
        while left > self._week(day) + self._week(day + _SEVEN) and day - first < FAR:
            left, day = left - self._week(day), day + _SEVEN
        return day, left

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

    def _from(self, start: datetime, day: date | None = None) -> Iterator[_Piece]:
        """The pieces of this day and later ones that end after this moment (of no day: all that do), in order, without end: an endless
        calendar is asked for as far as somebody needs it.
        """
        day = day or self._there(start) - _ONE
        held: list[_Piece] = []
        while True:
            held = sorted([*held, *(piece for piece in self._day(day) if piece[1] > start)])
            day += _ONE
            # Clocks that go back over midnight mix two days: a piece is next when no part of a later day can begin before it.
            sure = datetime.combine(day, time(), UTC) - _EASTMOST
            yield from (piece for piece in held if piece[0] < sure)
            held = [piece for piece in held if piece[0] >= sure]

    def _days(self, first: date, end: date) -> Iterator[_Piece]:
        """The pieces of these days, the last one not included; each piece is of one day only."""
        return (piece for count in range((end - first).days) for piece in self._day(first + count * _ONE))

    def _week(self, monday: date) -> timedelta:
        """How long it is open in the seven days from this one on."""
        known = self._known.weeks
        found = known.get(monday)
        if found is None:
            if len(known) >= _KEPT:
                known.clear()
            pieces = self._days(monday, monday + _SEVEN)
            found = known[monday] = sum((closes - opens for opens, closes, why in pieces if not why), timedelta(0))
        return found

    def _there(self, at: datetime) -> date:
        """The day that the location's calendar shows at this moment."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def _feasts(self, day: date) -> Sequence[Closed]:
        """The holidays of this month and day, in whatever year."""
        if (found := self._known.feasts) is None:
            found = {}
            for each in self.holidays:
                found.setdefault((each.day.month, each.day.day), []).append(each)
            self._known.feasts = found
        return found.get((day.month, day.day), ())

    def _day(self, day: date) -> tuple[_Piece, ...]:
        known = self._known.days
        found = known.get(day)
        if found is None:
            if len(known) >= _KEPT:
                known.clear()
            closed = _closed(self._feasts(day), day)
            minutes = [piece for period in _merged(self.week[day.weekday()]) for piece in _cut(period, closed)]
            found = known[day] = tuple(_instants(ZoneInfo(self.time_zone), day, minutes)) if minutes else ()
        return found


@lru_cache(maxsize=256)
def calendar_of(time_zone: str, week: tuple[tuple[Period, ...], ...], holidays: tuple[Closed, ...] = ()) -> Calendar:
    """The calendar with these hours; the same one each time, so that what it has worked out is not worked out again."""
    return Calendar(time_zone, week, holidays)


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
