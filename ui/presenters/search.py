"""What the palette shows of a lead that was found."""

from collections.abc import Sequence
from typing import Any

from domain.search.messages import Found, Hit
from ui.presenters.words import sentence

_STATES = {'snoozed': 'Snoozed', 'closed': 'Closed'}


def row(hit: Hit) -> dict[str, Any]:
    """One line: texts as [text, found] pieces, so that the page marks without counting characters of its own."""
    return {
        'id': str(hit.lead_id),
        'name': pieces(hit.name, hit.name_marks) if hit.name else [['No name given', False]],
        'plain': hit.name or 'No name given',
        'hint': pieces(hit.snippet, hit.marks) if hit.snippet else [[f'{hit.location}, {hit.quality}', False]],
        'exact': hit.field is Found.REFERENCE,
        'due': hit.due_at.timestamp() if hit.due_at else None,
        'span': hit.window_seconds,
        'state': '' if hit.due_at else _STATES.get(hit.group, 'Replied' if hit.answered else sentence(hit.status)),
    }


def pieces(text: str, marks: Sequence[tuple[int, int]]) -> list[list[Any]]:
    """The text cut at its marks."""
    out: list[list[Any]] = []
    at = 0
    for start, end in marks:
        out += [[text[at:start], False], [text[start:end], True]]
        at = end
    out.append([text[at:], False])
    return [piece for piece in out if piece[0]]
