"""Opening hours as people send them in: checked, and made the values that rows hold. Pure."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from domain.base.errors import FieldError, Invalid
from domain.tenancy.calendars import Period

DAYS = ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')
MIDNIGHT = 24 * 60  # the minute at which a day ends
PERIODS_MOST = 12

Week = tuple[tuple[Period, ...], ...]  # the periods of each weekday, Monday first

_TIME = re.compile(r'([01]\d|2[0-3]):([0-5]\d)|24:00')


def minutes(text: str) -> int:
    """Minutes after midnight of a time such as 08:30; 24:00 is the end of the day. Raises ValueError."""
    if not text:
        raise ValueError('a time is missing; write it as 08:30, and the end of a day as 24:00')
    if not _TIME.fullmatch(text):
        raise ValueError(f'"{text[:20]}" is not a time of day; write it as 08:30, and the end of a day as 24:00')
    hour, minute = text.split(':')
    return int(hour) * 60 + int(minute)


def clock_time(minute: int) -> str:
    """08:30 for 510."""
    return f'{minute // 60:02}:{minute % 60:02}'


def week_of(hours: Mapping[str, Sequence[Sequence[str]]]) -> Week:
    """The periods of each weekday, sorted; days that are not named are closed. Raises Invalid that names the day and what is wrong."""
    wrong = [FieldError(f'hours.{name}', f'is not a weekday; they are {", ".join(DAYS)}') for name in hours if name not in DAYS]
    week = []
    for name in DAYS:
        try:
            week.append(_periods(hours.get(name, ())))
        except ValueError as trouble:
            wrong.append(FieldError(f'hours.{name}', str(trouble)))
    if wrong:
        raise Invalid('; '.join(f'{error.field}: {error.message}' for error in wrong) + '.', errors=wrong)
    return tuple(week)


def part_of(start: str | None, end: str | None) -> Period | None:
    """The part of a day that a holiday closes; None: all of it. Raises ValueError."""
    if start is None and end is None:
        return None
    part = _period((start or '00:00', end or '24:00'))
    return None if part == (0, MIDNIGHT) else part


def _periods(texts: Sequence[Sequence[str]]) -> tuple[Period, ...]:
    if len(texts) > PERIODS_MOST:
        raise ValueError(f'has {len(texts)} periods, and {PERIODS_MOST} is the most')
    found = sorted(_period(text) for text in texts)
    for one, two in pairwise(found):
        if two[0] < one[1]:
            raise ValueError(f'{_shown(one)} and {_shown(two)} overlap; make one period of them')
    return tuple(found)


def _period(texts: Sequence[str]) -> Period:
    if len(texts) != 2:
        raise ValueError('a period has two times: when it opens and when it closes')
    opens, closes = minutes(texts[0]), minutes(texts[1])
    if closes <= opens:
        why = 'ends before it starts' if closes < opens else 'ends as it starts'
        raise ValueError(f'{texts[0]} to {texts[1]} {why}; hours over midnight are two periods, one of which ends at 24:00')
    return opens, closes


def _shown(period: Period) -> str:
    return f'{clock_time(period[0])} to {clock_time(period[1])}'
