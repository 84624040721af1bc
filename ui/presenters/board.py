"""The SLA board in words: what the address asks for, its cards and its numbers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.desk.board_values import Card, Column, Only, Tally, summed
from ui.presenters import words

QUALITIES = ('hot', 'warm', 'cold')


def wanted(query: Mapping[str, str]) -> Only:
    """What the address asks for; what it does not say, or says wrongly, does not narrow."""
    try:
        location_id = UUID(query['location'])
    except (KeyError, ValueError):
        location_id = None
    quality = query.get('quality', '')
    return Only(quality if quality in QUALITIES else '', location_id)


def asked(only: Only) -> dict[str, str]:
    """The same as the browser keeps it in the address."""
    return {'quality': only.quality, 'location': str(only.location_id or '')}


def card(each: Card) -> dict[str, Any]:
    """Plain JSON values: texts unescaped (the browser's template escapes), times as numbers.

    `place` is late, running, paused or done: which of the two middle columns a running one stands in, the browser's clock says.
    """
    owner = each.owner or ''
    places = {Column.BREACHED: 'late', Column.PAUSED: 'paused', Column.RESPONDED: 'done'}
    return {
        'id': str(each.lead_id),
        'place': places.get(each.column, 'running'),
        'name': each.name or each.email or each.phone or 'No name given',
        'quality': each.quality,
        'message': each.message or 'No message',
        'location': each.location,
        'call': 'tel:' + ''.join(c for c in each.phone if c in '+0123456789') if each.phone else '',
        'phone': each.phone,
        'mail': f'mailto:{each.email}' if each.email else '',
        'owner': owner,
        'ownerId': str(each.owner_id) if each.owner_id else '',
        'initials': words.initials(owner),
        'tint': words.tint(owner),
        'again': each.kind != 'first_reply',  # they wrote again, and wait for the next reply
        'due': words.seconds(each.due_at),
        'span': each.window_seconds,
        'done': words.ms(each.answered_at),
        'took': round((each.answered_at - each.started_at).total_seconds()) if each.answered_at else 0,
        'inTime': each.answered_at is not None and each.answered_at <= each.due_at,
        'until': words.ms(each.snoozed_until),
    }


def counts(tally: Tally, only: Only) -> dict[str, int]:
    """How many cards each of the four columns has; paused ones stand at the end of the third."""
    found = summed(tally, only)
    return {
        'late': found[Column.BREACHED],
        'soon': found[Column.DUE],
        'track': found[Column.TRACK] + found[Column.PAUSED],
        'done': found[Column.RESPONDED],
    }
