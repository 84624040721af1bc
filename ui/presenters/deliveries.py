"""Deliveries in words: what the address asks for, counters, lines of the table, and one delivery with its reason and what to do."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.desk.delivery_values import GROUPS, Counters, Detail, Group, Line, Place, Try, Wanted
from domain.outbox.rules import LADDER
from ui.presenters import words

RANGES = {
    '24h': ('Last 24 hours', timedelta(hours=24)),
    '7d': ('Last 7 days', timedelta(days=7)),
    '30d': ('Last 30 days', timedelta(days=30)),
}
DEFAULT_RANGE = '24h'
MOST_TRIES = len(LADDER) + 1
_PAYLOAD = 60_000  # characters shown; more would only make the page slow

_KINDS = {'slack': 'hash', 'discord': 'hash', 'email': 'mail', 'telegram': 'send', 'sms': 'smartphone', 'whatsapp': 'smartphone'}
_MORE_KINDS = {'webhook': 'webhook', 'sandbox': 'test-tube-diagonal'}

_ADVICE = {
    'permanent': 'Trying again would get the same answer. Mend what it refuses, then replay.',
    'misconfigured': 'Correct its address or its key under Settings, then resume it.',
    'throttled': 'It asked for a slower pace. The next try follows by itself.',
    'temporary': 'Look whether the destination is up, then replay.',
    'unknown': 'Nobody knows whether the last try arrived.',
    'expired': 'It was tried for as long as it made sense. Replay gives it another 72 hours.',
    'poison': 'It may be what stops the workers: look at the log before you replay it.',
}
_SAFE = 'The lead itself is safe.'


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


def line(each: Line) -> dict[str, Any]:
    """One row of the table: texts unescaped (the browser's template escapes), times as numbers."""
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
        'icon': icon(each.kind),
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


def icon(kind: str) -> str:
    """The icon of a kind of destination."""
    return _KINDS.get(kind) or _MORE_KINDS.get(kind, 'plug')


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


def detail(each: Detail) -> dict[str, Any]:
    """All that the pane shows; the payload is one text, never parsed again."""
    payload = json.dumps(each.payload, indent=2, ensure_ascii=False, sort_keys=True)
    return {
        **line(each.line),
        'reason': reason(each),
        'advice': advice(each),
        'log': [attempt(one) for one in each.tries],
        'eventId': str(each.event_id or ''),
        'key': each.provider_key,
        'generation': each.generation,
        'kept': words.ms(each.kept_at),
        'settled': words.ms(each.line.settled_at),
        'expires': words.ms(each.expires_at) if each.line.state == 'pending' else None,
        'reference': each.line.provider_ref or '',
        'payload': payload if len(payload) <= _PAYLOAD else payload[:_PAYLOAD] + '\n…',
    }


def reason(each: Detail) -> str:
    """Why it stands where it stands."""
    row = each.line
    match row.state:
        case 'pending' if row.paused:
            return each.paused_reason or 'Its destination is off.'
        case 'pending' if not row.attempts:
            return 'It goes out as soon as a worker has a hand free.'
        case 'leased':
            return 'A worker has it in hand.'
        case 'sent' if row.last_class == 'arrived':
            return row.last_error or ''
        case 'sent':
            return f'{row.destination} took it.' + (' One try before got no answer, so it may have arrived twice.' if row.uncertain else '')
        case 'held':
            return (row.last_error or 'One try got no answer.') + ' It may have arrived, and a second one would cost money.'
    return row.last_error or ''


def advice(each: Detail) -> str:
    """What a person can do about it."""
    row = each.line
    if row.state == 'held':
        return f'Look at {row.destination}, then decide. {_SAFE}'
    if row.state == 'dead':
        return f'{_ADVICE.get(row.last_class or "", "Mend the cause, then replay.")} {_SAFE}'
    if row.state == 'pending' and row.paused:
        return f'{_ADVICE["misconfigured"]} {_SAFE}'
    return ''


def attempt(one: Try) -> dict[str, Any]:
    """One try."""
    kind = {'sent': 'Sent', 'late': 'Answered late, another worker had taken over'}.get(one.status, one.said or 'Failed')
    return {
        'at': words.ms(one.at),
        'good': one.status == 'sent',
        'text': f'{one.http_status} {kind}' if one.http_status and str(one.http_status) not in kind else kind,
        'excerpt': one.excerpt,
        'took': lasted(one.seconds),
    }
