"""Policies as the settings page draws them: windows in words, the example of a lead, and what a simulation found."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.desk.simulation import Line, Simulation
from domain.sla.models import CountedTime, SlaPolicy
from ui.presenters import words

_UNITS = ((86_400, 'day'), (3600, 'h'), (60, 'min'), (1, 's'))
_CLOCKS = {CountedTime.ALWAYS: 'round the clock', CountedTime.BUSINESS: 'in opening hours'}
_WEEK = 7 * 86_400  # seconds: for less than this a weekday says which day is meant


def span(seconds: int) -> str:
    """A window in its largest whole unit: 15 min, 24 h, 2 days."""
    if seconds == 86_400:
        return '24 h'
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return words.count(seconds // size, unit) if unit == 'day' else f'{seconds // size} {unit}'


def policy(row: SlaPolicy) -> dict[str, Any]:
    """One row of the page, and the values of its form."""
    windows = [('First reply', row.first_reply_seconds), ('next reply', row.next_reply_seconds), ('resolution', row.resolution_seconds)]
    said = ', '.join(f'{name} in {span(seconds)}' for name, seconds in windows if seconds)
    return {
        'id': str(row.id),
        'quality': row.quality,
        'name': f'{row.quality.capitalize()} leads',
        'about': f'{said}, {_CLOCKS[row.clock]}',
        'chip': 'Default' if row.version == 0 else '',
        'form': {
            'quality': row.quality,
            'firstReplySeconds': row.first_reply_seconds,
            'nextReplySeconds': row.next_reply_seconds,
            'resolutionSeconds': row.resolution_seconds,
            'clock': row.clock.value,
            'pausing': list(row.pausing),
            'warnSeconds': row.warn_seconds,
            'warnShare': row.warn_share,
            'escalateSeconds': row.escalate_seconds,
            'assistantCounts': row.assistant_counts,
        },
    }


def example(quality: str, at: datetime, warned: datetime, due: datetime, escalated: datetime, *, hourless: str) -> dict[str, str]:
    """What becomes of a lead that comes at this moment; all moments in the location's zone. `hourless` names a place without hours."""
    note = f'Warned {_moment(at, warned)}, escalated {_moment(at, escalated)}.'
    if hourless:
        note += f' {hourless} has no opening hours: it counts as always open.'
    return {'text': f'A {quality} lead at {at:%a %H:%M} is due {_moment(at, due)}.', 'note': note}


def simulation(found: Simulation) -> dict[str, Any]:
    """What was simulated, as a sentence and a table."""
    if not found.leads:
        said = f'No lead came in the last {words.count(found.days, "day")}.'
    elif not found.differ:
        said = f'{words.count(found.leads, "lead")} in {words.count(found.days, "day")}: all would have ended the same.'
    else:
        said = f'{words.count(found.leads, "lead")} in {words.count(found.days, "day")}: {found.differ} would have ended otherwise.'
    groups = [('', (found.total,)), ('Locations', found.locations), ('People', found.agents)]
    return {'text': said, 'groups': [{'name': name, 'lines': _lines(lines)} for name, lines in groups if found.leads and lines]}


def _lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {
            'name': line.name,
            'met': [line.before.met, line.after.met],
            'missed': [line.before.missed, line.after.missed],
            'open': [line.before.open, line.after.open],
            'closed': [line.before.closed, line.after.closed],
        }
        for line in lines
    ]


def _moment(start: datetime, at: datetime) -> str:
    """Mon 08:05 within a week of the start, else 30 Nov 08:05; seconds only where there are some."""
    there = at.astimezone(start.tzinfo if isinstance(start.tzinfo, ZoneInfo) else None)
    clock = f'{there:%H:%M:%S}' if there.second else f'{there:%H:%M}'
    return f'{there:%a} {clock}' if (at - start).total_seconds() < _WEEK else f'{there.day} {there:%b} {clock}'
