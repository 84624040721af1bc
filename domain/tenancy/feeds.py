"""Holidays out of an .ics feed: what can be read is taken, and every line that cannot is named. Pure; the icalendar library reads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from domain.base.errors import FieldError, Invalid
from domain.tenancy.holidays import NAME_LONGEST, Day
from domain.tenancy.hours import MIDNIGHT

LONGEST = 2_000_000  # characters of one feed
AHEAD, BACK = timedelta(days=3 * 366), timedelta(days=366)  # single days beyond these are left out: no clock asks for them
_DAYS_MOST = 366  # of one entry: a longer one is no holiday
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BadLine:
    """What could not be read: its line in the feed, the line itself (shortened) and why."""

    number: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Feed:
    """What was understood of a feed. `passed` counts days that lie too far back or ahead to matter."""

    days: tuple[Day, ...]
    bad: tuple[BadLine, ...]
    passed: int = 0


@dataclass(slots=True)
class _Block:
    """The lines of one entry, with where it begins."""

    number: int
    lines: list[str]


def read(text: str, time_zone: str, today: date) -> Feed:
    """The holidays of a feed, timed ones in the location's own zone. Raises Invalid for what is no feed at all, or is too long."""
    if len(text) > LONGEST:
        raise Invalid(f'The feed is too long: at most {LONGEST:,} characters.', errors=[FieldError('ics', 'is too long')])
    bad: list[BadLine] = []
    events, zones = _blocks(text, bad)
    if not events:
        raise Invalid('There is no holiday in this: an .ics feed has entries that begin with BEGIN:VEVENT.', errors=[
            FieldError('ics', 'has no entry'),
        ])  # fmt: skip
    days: dict[tuple[Any, ...], Day] = {}
    passed = 0
    for block in events:
        try:
            for day in _days(_event(block, zones), ZoneInfo(time_zone), today):
                if day.yearly or today - BACK <= day.day <= today + AHEAD:
                    days[day.uid, day.day, day.part] = day
                else:
                    passed += 1
        except (ValueError, OverflowError) as trouble:
            bad.append(BadLine(block.number, _summary(block), _sentence(trouble)))
    return Feed(tuple(days.values()), tuple(sorted(bad, key=lambda line: line.number)), passed)


def _blocks(text: str, bad: list[BadLine]) -> tuple[list[_Block], list[str]]:
    """The entries, and the lines that describe time zones; lines that are none go to `bad`."""
    from icalendar.parser import Contentline  # here, because each start of the desk would wait for it

    events: list[_Block] = []
    zones: list[str] = []
    inside, block = '', _Block(0, [])
    for number, line in _unfolded(text):
        try:
            name, _, value = Contentline(line).parts()  # type: ignore[no-untyped-call]  # the library annotates it half
        except ValueError:
            bad.append(BadLine(number, line[:120], 'is not a line of an .ics feed: NAME:value'))
            continue
        mark = f'{name.upper()}:{value.upper().strip()}'
        if mark in ('BEGIN:VEVENT', 'BEGIN:VTIMEZONE'):
            if inside:
                bad.append(BadLine(block.number, _summary(block), 'has no end'))
            inside, block = value.upper().strip(), _Block(number, [])
        if inside:
            block.lines.append(line)
        if inside and mark == f'END:{inside}':
            if inside == 'VEVENT':
                events.append(block)
            else:
                zones += block.lines
            inside = ''
    if inside:
        bad.append(BadLine(block.number, _summary(block), 'has no end'))
    return events, zones


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; one that begins with a blank goes on with the line before (RFC 5545, 3.1)."""
    held, begun = '', 0
    for number, line in enumerate(text.removeprefix('\ufeff').replace('\r\n', '\n').replace('\r', '\n').split('\n'), 1):
        if held and line[:1] in (' ', '\t'):
            held += line[1:]
            continue
        if held.strip():
            yield begun, held
        held, begun = line, number
    if held.strip():
        yield begun, held


def _event(block: _Block, zones: list[str]) -> Any:
    from icalendar import Calendar

    named = zones if any('TZID' in line for line in block.lines) else []
    lines = ['BEGIN:VCALENDAR', *named, *block.lines, 'END:VCALENDAR']
    event: Any
    (event,) = Calendar.from_ical('\r\n'.join(lines)).walk('VEVENT')
    if event.errors:
        name, why = event.errors[0]
        raise ValueError(f'{name or "a line"} cannot be read: {why}')
    return event


def _days(event: Any, zone: ZoneInfo, today: date) -> Iterator[Day]:
    """The days and parts of days on which this entry closes the location."""
    if str(event.get('STATUS', '')).upper() == 'CANCELLED':
        return
    if 'DTSTART' not in event:
        raise ValueError('it has no DTSTART: on which day is it?')
    start, length = _start(event, zone)
    name = ' '.join(str(event.get('SUMMARY', '')).split())[:NAME_LONGEST]
    uid = str(event.get('UID', ''))[:300]
    rule = event.get('RRULE')
    if _each_year(rule, start) and 'EXDATE' not in event:
        yield from (Day(day, name, True, part, uid) for day, part in _parts(start, length))
        return
    for begins in _repeated(event, start, zone, today) if rule is not None else [start]:
        yield from (Day(day, name, False, part, uid) for day, part in _parts(begins, length))


def _start(event: Any, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """When it begins on the location's wall clock, without zone, and how long it is."""
    start, end = _local(event['DTSTART'].dt, zone), None
    if 'DTEND' in event:
        end = _local(event['DTEND'].dt, zone)
    elif 'DURATION' in event:
        end = start + event['DURATION'].dt
    elif not isinstance(event['DTSTART'].dt, datetime):
        end = start + _ONE
    if end is None or end <= start:
        raise ValueError('it ends before it starts' if end is not None and end < start else 'it has no length: nothing would be closed')
    if end - start > _DAYS_MOST * _ONE:
        raise ValueError('it is longer than a year')
    return start, end - start


def _local(value: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value


def _each_year(rule: Any, start: datetime) -> bool:
    """The same month and day every year, for ever."""
    if rule is None:
        return False
    said = {name: [str(each).upper() for each in values] for name, values in rule.items() if name != 'WKST'}
    plain = {'FREQ': ['YEARLY'], 'INTERVAL': ['1'], 'BYMONTH': [str(start.month)], 'BYMONTHDAY': [str(start.day)]}
    return said.get('FREQ') == plain['FREQ'] and all(plain.get(name) == values for name, values in said.items())


def _repeated(event: Any, start: datetime, zone: ZoneInfo, today: date) -> Iterator[datetime]:
    """When an entry with a rule begins, as far as it matters."""
    text = event['RRULE'].to_ical().decode()
    if re.search('(SECOND|MINUTE|HOUR)LY', text.upper()):
        raise ValueError('it comes again more than once a day')
    first, last = (datetime.combine(today + by, time()) for by in (-BACK, AHEAD))
    parts = [
        part for part in text.split(';') if not part.upper().startswith('UNTIL=')
    ]  # the library wants its zone to match: seen to below
    until = event['RRULE'].get('UNTIL')
    if until:
        last = min(last, _local(until[0], zone))
    rule = rrulestr(';'.join(parts), dtstart=start)
    assert isinstance(rule, rrule)  # one line is one rule
    skipped = {_local(each.dt, zone) for each in _exceptions(event)}
    yield from (begins for begins in rule.between(first, last, inc=True) if begins not in skipped)


def _exceptions(event: Any) -> list[Any]:
    found = event.get('EXDATE', [])
    return [each for group in (found if isinstance(found, list) else [found]) for each in group.dts]


def _parts(start: datetime, length: timedelta) -> Iterator[tuple[date, tuple[int, int] | None]]:
    """Day by day what is closed: from minute to minute, None for the whole day. Begun minutes count whole."""
    end, day = start + length, start.date()
    while datetime.combine(day, time()) < end:
        midnight = datetime.combine(day, time())
        begins = max(0, int((start - midnight) // timedelta(minutes=1)))
        over = min(MIDNIGHT, -int((midnight - end) // timedelta(minutes=1)))
        yield day, None if (begins, over) == (0, MIDNIGHT) else (begins, over)
        day += _ONE


def _summary(block: _Block) -> str:
    found = next((line for line in block.lines if line.upper().startswith('SUMMARY')), block.lines[0])
    return found.partition(':')[2][:120] or found[:120]


def _sentence(trouble: Exception) -> str:
    return str(trouble).splitlines()[0][:200] or type(trouble).__name__
