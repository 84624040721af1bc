"""Opening hours and holidays as the settings page draws them."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from domain.desk.hours import Opening
from domain.tenancy.calendars import Period
from domain.tenancy.feeds import Feed
from domain.tenancy.holidays import Day
from domain.tenancy.hours import DAYS, MIDNIGHT, clock_time
from ui.presenters import words

_NAMES = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')


def location(row: Opening) -> dict[str, Any]:
    """One place of the list, and the values of its form."""
    days = words.count(len(row.holidays), 'holiday') if row.holidays else 'no holidays'
    return {
        'id': str(row.id),
        'name': row.name,
        'about': f'{opening(row)}, {days}' if row.week is not None else opening(row),
        'zone': row.time_zone,
        'chip': 'Default' if row.is_default else '',
        'form': sent(row),
    }


def opening(row: Opening) -> str:
    """The week in few words: Mon to Fri 08:00–12:00 and 13:00–18:00, Sat 10:00–14:00."""
    if row.week is None:
        return 'Always open'
    said = []
    for periods, group in groupby(range(7), key=lambda weekday: row.week[weekday] if row.week else ()):
        weekdays = list(group)
        if periods:
            first, last = _NAMES[weekdays[0]], _NAMES[weekdays[-1]]
            said.append(f'{first if first == last else f"{first} to {last}"} {_periods(periods)}')
    return ', '.join(said)


def sent(row: Opening) -> dict[str, Any]:
    """The place as PATCH /api/v1/locations takes it: what the form begins with, and what an undo sends."""
    hours = None if row.week is None else {name: _texts(day) for name, day in zip(DAYS, row.week, strict=True)}
    return {'name': row.name, 'timeZone': row.time_zone, 'hours': hours, 'holidays': [_holiday(day) for day in row.holidays]}


def feed(found: Feed) -> dict[str, Any]:
    """What was taken of a feed, and the lines that were not."""
    taken = f'{words.count(len(found.days), "day")} taken'
    if found.passed:
        taken += f', {found.passed} too far away to matter'
    bad = f'{words.count(len(found.bad), "line")} could not be read' if found.bad else ''
    return {
        'text': f'{taken}. {bad}.' if bad else f'{taken}.',
        'bad': [{'number': line.number, 'text': line.text, 'why': line.why} for line in found.bad],
    }


def _holiday(day: Day) -> dict[str, Any]:
    out: dict[str, Any] = {'date': day.day.isoformat(), 'name': day.name, 'yearly': day.yearly, 'uid': day.uid}
    if day.part:
        out |= {'from': clock_time(day.part[0]), 'to': clock_time(day.part[1])}
    return out


def _texts(periods: Iterable[Period]) -> list[list[str]]:
    return [[clock_time(at) for at in period] for period in periods]


def _periods(periods: Iterable[Period]) -> str:
    return ' and '.join('all day' if period == (0, MIDNIGHT) else '–'.join(clock_time(at) for at in period) for period in periods)
