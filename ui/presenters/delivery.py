"""One delivery in words: its reason, what to do about it, and its tries."""

import json
from collections.abc import Mapping
from typing import Any

from domain.desk.delivery_values import Detail, Try
from ui.presenters import words
from ui.presenters.deliveries import lasted, line

_PAYLOAD = 60_000  # characters shown; more would only make the page slow


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


def detail(each: Detail, icons: Mapping[str, str]) -> dict[str, Any]:
    """All that the pane shows; the payload is one text, never parsed again. `icons` are those of the kinds of destination."""
    payload = json.dumps(each.payload, indent=2, ensure_ascii=False, sort_keys=True)
    return {
        **line(each.line, icons),
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
