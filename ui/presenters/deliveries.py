"""Deliveries in words: what the address asks for, counters, and the lines of the table."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.desk.delivery_values import GROUPS, Counters, Group, Line, Place, Wanted
from domain.outbox.rules import LADDER
from ui.presenters import words

RANGES = {
    '24h': ('Last 24 hours', timedelta(hours=24)),
    '7d': ('Last 7 days', timedelta(days=7)),
    '30d': ('Last 30 days', timedelta(days=30)),
}
DEFAULT_RANGE = '24h'
MOST_TRIES = len(LADDER) + 1


def wanted(query: Mapping[str, str]) -> Wanted:
    """What the address asks for; what it does not say, or says wrongly, is the default."""
    group: Group = next((group for group in GROUPS if group == query.get('state', '')), '')
    span = RANGES.get(query.get('range', ''), RANGES[DEFAULT_RANGE])[1]
    try:
        destination = UUID(query['destination'])
    except (KeyError, ValueError):
        destination = None
    return Wanted(span, group, destination)


def asked(wanted: Wanted) -> dict[str, str]:
    """The same as the browser keeps it in the address; what is the default is left empty."""
    span = next(key for key, (_, span) in RANGES.items() if span == wanted.span)
    return {
        'range': '' if span == DEFAULT_RANGE else span,
        'state': wanted.group,
        'destination': str(wanted.destination_id or ''),
    }


def counters(counted: Counters) -> list[dict[str, str]]:
    """The numbers on top, each a filter but for the median."""
    tones = {'sent': '', 'queued': '', 'retrying': 'amber', 'held': 'amber', 'dead': 'red', 'waiting': 'amber'}
    names = {
        'sent': 'Sent',
        'queued': 'Queued',
        'retrying': 'Retrying',
        'held': 'Needs a decision',
        'dead': 'Dead letter',
        'waiting': 'Waiting',
    }
    more = {*(('queued', 'retrying', 'waiting') if counted.more_open else ()), *(('sent',) if counted.more_sent else ())}
    rows = [
        {
            'key': key,
            'name': name,
            'text': f'{number:,}' + ('+' if number and key in more else ''),
            'tone': tones[key] if number else '',
        }
        for key, name in names.items()
        for number in (getattr(counted, key),)
    ]
    median = '–' if counted.median is None else lasted(counted.median)
    return [*rows, {'key': '', 'name': 'Median time', 'text': median, 'tone': ''}]


def places(rows: tuple[Place, ...]) -> list[dict[str, str]]:
    """All destinations, for the filter."""
    return [{'id': str(row.id), 'name': row.name} for row in rows]


def troubles(rows: tuple[Place, ...]) -> list[dict[str, Any]]:
    """The destinations that send nothing at present, and why."""
    found = []
    for row in rows:
        if not row.enabled or (row.paused_at is None and row.breaker_until is None):
            continue
        paused = row.paused_at is not None
        found.append(
            {
                'id': str(row.id),
                'name': row.name,
                'paused': paused,
                'why': (row.paused_reason or '') if paused else 'It failed several times in a row and gets a rest.',
                'until': None if paused else words.ms(row.breaker_until),
            }
        )
    return found


def line(each: Line, icons: Mapping[str, str]) -> dict[str, Any]:
    """One row of the table: texts unescaped (the browser's template escapes), times as numbers; `icons` by kind of destination."""
    shown = words.state(each.state, each.paused, each.attempts)
    return {
        'id': str(each.id),
        'word': shown.word,
        'tone': shown.tone,
        'mark': shown.mark,
        'event': each.event_type,
        'lead': each.lead or ('No name given' if each.lead_id else '–'),
        'leadId': str(each.lead_id) if each.lead_id else '',
        'name': each.destination,
        'icon': icons.get(each.kind, words.ANY_PLACE),
        'tries': tries(each),
        'detail': said(each),
        'next': words.ms(each.next_at) if each.state == 'pending' and not each.paused and each.attempts else None,
        'at': words.ms(each.created_at),
        'open': each.state in ('pending', 'leased', 'held', 'dead'),
        'can': each.state != 'leased',
        'decide': each.state == 'held',
        'end': each.state in ('dead', 'held', 'pending'),
        'test': each.event_type == 'test',
    }


def tries(each: Line) -> str:
    """How often it was tried, of how often it is tried at most; a row that is through needs only the number."""
    return (
        f'{each.attempts} of {MOST_TRIES}' if each.attempts and each.state in ('pending', 'leased', 'dead', 'held') else str(each.attempts)
    )


def said(each: Line) -> str:
    """What there is to say of it, in one line."""
    match each.state:
        case 'leased':
            return 'Being sent now'
        case 'pending' if each.paused:
            return 'Goes out when its destination is resumed'
        case 'pending' if not each.attempts:
            return 'Waiting for a worker'
        case 'held':
            return 'May have arrived'
        case 'sent' if each.last_class == 'arrived':
            return each.last_error or ''
        case 'sent':
            took = lasted((each.settled_at - each.created_at).total_seconds()) if each.settled_at else ''
            parts = (f'in {took}' if took else '', each.provider_ref or '', 'possible duplicate' if each.uncertain else '')
            return ', '.join(part for part in parts if part)
    return each.last_error or ''


def lasted(seconds: float) -> str:
    """A length of time: 88 ms, 0.9 s, 42 s, 3 min, 5 h, 2 days."""
    if seconds < 0.0995:
        return f'{max(1, round(seconds * 1000))} ms'
    if seconds < 9.95:
        return f'{seconds:.1f} s'
    for size, name in ((86_400, 'days'), (3600, 'h'), (60, 'min')):
        if seconds >= 2 * size:
            return f'{round(seconds / size)} {name}'
    return f'{round(seconds)} s'
