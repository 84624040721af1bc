"""A lead in the list, as the browser draws it."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.desk.messages import InboxRow, Pip
from ui.presenters import words


def row(lead: InboxRow) -> dict[str, Any]:
    """Plain JSON values: texts unescaped (the browser's template escapes), times as numbers, pips with their words."""
    owner = lead.owner or ''
    return {
        'id': str(lead.id),
        'name': lead.name or 'No name given',
        'quality': lead.quality,
        'message': lead.message or 'No message',
        'source': words.sentence(lead.source),
        'icon': words.source_icon(lead.source),
        'location': lead.location,
        'group': lead.group,
        'unread': lead.unread,
        'at': words.ms(lead.changed_at),
        'due': words.seconds(lead.due_at),
        'span': lead.window_seconds,
        'until': words.ms(lead.snoozed_until),
        'owner': owner,
        'initials': words.initials(owner),
        'tint': words.tint(owner),
        'ownerId': str(lead.owner_id) if lead.owner_id else None,
        'pips': pips(lead.pips),
    }


def packed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Many rows for the first paint: each name once, each pip once and then by its number; static/js/lead_rows.js unpacks them."""
    known: dict[str, int] = {}
    found: list[dict[str, str]] = []
    lines = []
    for each in rows:
        numbers = []
        for pip in each['pips']:
            key = '\n'.join(pip.values())
            if key not in known:
                known[key] = len(found)
                found.append(pip)
            numbers.append(known[key])
        lines.append([numbers if name == 'pips' else value for name, value in each.items()])
    return {'names': list(rows[0]) if rows else [], 'pips': found, 'rows': lines}


def pips(marks: Iterable[Pip]) -> list[dict[str, str]]:
    """One mark per destination, in the order given."""
    shown = ((pip, words.state(pip.state, pip.paused)) for pip in marks)
    return [{'name': pip.destination, 'mark': look.mark, 'word': look.word} for pip, look in shown]
