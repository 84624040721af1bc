"""First replies in words: what the address asks for, five numbers, and the bars below them; the stations of one lead."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.desk.lineage import Lineage
from domain.desk.reports import Figures, FirstReplies, Part
from ui.presenters import words

RANGES = {'7d': 7, '30d': 30, '90d': 90}
DEFAULT_RANGE = '30d'

_STATIONS = {
    'received': 'Received',
    'stored': 'Stored',
    'assigned': 'Given to somebody',
    'alerted': 'Team told',
    'seen': 'Opened',
    'replied': 'First reply',
}


def wanted(query: Mapping[str, str]) -> tuple[int, UUID | None]:
    """Days and location that the address asks for; what it does not say, or says wrongly, is the default."""
    try:
        location_id = UUID(query['location'])
    except (KeyError, ValueError):
        location_id = None
    return RANGES.get(query.get('range', ''), RANGES[DEFAULT_RANGE]), location_id


def asked(days: int, location_id: UUID | None) -> dict[str, str]:
    """The same as the browser keeps it in the address; what is the default is left empty."""
    span = next((key for key, number in RANGES.items() if number == days), DEFAULT_RANGE)
    return {'range': '' if span == DEFAULT_RANGE else span, 'location': str(location_id or '')}


def report(found: FirstReplies) -> dict[str, Any]:
    """Plain JSON values: shares and times as words, bars as shares from 0 to 1."""
    most = max((part.figures.leads for part in found.hours), default=0)
    return {
        'asked': asked(found.days, found.location_id),
        'at': words.ms(found.until),
        'rule': rule(found),
        'numbers': numbers(found),
        'qualities': [{**part(each), 'link': _board(found, quality=each.key)} for each in found.qualities],
        'places': [{**part(each), 'link': _board(found, location=each.key)} for each in found.places],
        'people': [{**part(each), 'initials': words.initials(each.name), 'tint': words.tint(each.name)} for each in found.people],
        'hours': [{**part(each), 'share': each.figures.leads / most if most else 0} for each in found.hours],
    }


def rule(found: FirstReplies) -> str:
    """How it was counted, in a sentence."""
    counts = (
        'Where the policy counts business hours, only the opening hours of the location count. '
        if found.business_hours
        else 'The clock runs day and night. '
    )
    return (
        'From arrival to the first message, call or meeting of a person; assistant, sequences and notes do not count. '
        f'{counts}In time is the share of the leads whose deadline was met, of those that were answered or are past it.'
    )


def numbers(found: FirstReplies) -> list[dict[str, str]]:
    """The five numbers on top, each with what it was in as many days before; `link` leads to the leads behind it, where a list has them."""
    total, before = found.total, found.before
    return [
        _number('Replied in time', percent(total.in_time), *_points(total.in_time, before.in_time)),
        _number('Median first reply', lasted(total.median), *_faster(total.median, before.median)),
        _number('90th percentile', lasted(total.p90), *_faster(total.p90, before.p90)),
        _number('Leads', f'{total.leads:,}', f'{before.leads:,} before' if before.leads else ''),
        _number('Waiting for a reply', f'{total.waiting:,}', 'on the board now', '', _board(found)),
    ]


def part(each: Part) -> dict[str, Any]:
    """One line: name, share in time and median in words, and the share for its bar."""
    figures = each.figures
    return {
        'key': each.key,
        'name': words.sentence(each.name),
        'leads': f'{figures.leads:,}',
        'count': figures.leads,
        'inTime': percent(figures.in_time),
        'met': figures.in_time or 0,
        'median': lasted(figures.median),
        'tone': tone(figures),
        'told': f'{words.count(figures.leads, "lead")}, {figures.replied:,} answered, {figures.missed:,} late, p90 {lasted(figures.p90)}',
    }


def tone(figures: Figures) -> words.Tone:
    """Green from nine of ten in time, amber from three of four, else red."""
    share = figures.in_time
    if share is None:
        return ''
    return 'green' if share >= 0.9 else 'amber' if share >= 0.75 else 'red'


def percent(share: float | None) -> str:
    """94.2%; a dash for nothing."""
    if share is None:
        return '–'
    return '100%' if share == 1 else f'{min(share, 0.999):.1%}'


def lasted(seconds: float | None) -> str:
    """3:48, 2:40 h, 3 days; a dash for nothing."""
    if seconds is None:
        return '–'
    whole = round(seconds)
    if whole < 3600:
        return f'{whole // 60}:{whole % 60:02}'
    return f'{whole // 3600}:{whole % 3600 // 60:02} h' if whole < 172800 else f'{whole // 86400} days'


def stations(found: Lineage | None) -> list[dict[str, Any]]:
    """The way of one lead: each station with the time since the one before, and the slowest link marked."""
    if found is None:
        return []
    return [
        {
            'name': _STATIONS[step.name],
            'at': words.ms(step.at),
            'took': '' if step.seconds is None or step.name == 'received' else f'+{lasted(step.seconds)}',
            'slowest': step.name == found.slowest and found.seconds >= 1,
            'waiting': found.waiting and step.name == 'replied',
        }
        for step in found.steps
    ]


def _number(name: str, text: str, note: str = '', tone_: str = '', link: str = '') -> dict[str, str]:
    return {'name': name, 'text': text, 'note': note, 'tone': tone_, 'link': link}


def _points(now: float | None, before: float | None) -> tuple[str, str]:
    if now is None or before is None:
        return '', ''
    change = (now - before) * 100
    return f'{change:+.1f} points on the time before'.replace('-', '−'), 'green' if change > 0 else 'red' if change < 0 else ''


def _faster(now: float | None, before: float | None) -> tuple[str, str]:
    if now is None or before is None:
        return '', ''
    if round(now) == round(before):
        return 'as before', ''
    return f'{lasted(abs(now - before))} {"faster" if now < before else "slower"}', 'green' if now < before else 'red'


def _board(found: FirstReplies, **narrow: str) -> str:
    """The board with the leads that wait now."""
    asks = {'location': str(found.location_id or ''), **narrow}
    query = '&'.join(f'{name}={value}' for name, value in asks.items() if value)
    return f'/sla?{query}' if query else '/sla'
