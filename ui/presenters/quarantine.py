"""How what waits in the quarantine is shown."""

from typing import Any

from domain.desk.quarantine import HeldRow, HeldWhole
from ui.presenters import words

_ROUTES = {'chatbot': 'Website chat', 'contact': 'Contact form', 'property': 'Property inquiry', 'desk': 'Desk'}
_FIELDS = {'email': 'E-mail', 'phone': 'Phone', 'name': 'Name', 'message': 'Message'}


def held_row(row: HeldRow) -> dict[str, Any]:
    """One submission in the list of the quarantine."""
    read = row.read
    return {
        'id': str(row.id),
        'at': words.ms(row.received_at),
        'from': _from(row),
        'key': row.key,
        'what': '; '.join(_problem(field, text) for field, text in row.problems) or 'Could not be understood',
        'name': _visible(read.name),
        'email': _visible(read.email),
        'phone': _visible(read.phone),
        'message': _visible(read.message)[:300],
    }


def held_whole(whole: HeldWhole) -> dict[str, Any]:
    """The open one: the fields to mend, and everything that came."""
    read = whole.row.read
    cut = [_FIELDS[name].lower() for name in read.cut]
    hints = [f'The {name} was shortened to what a lead can hold.' for name in cut]
    if read.left_out:
        hints.append(f'Left out because it cannot be read: {", ".join(read.left_out)[:300]}.')
    return held_row(whole.row) | {
        'fields': {'name': read.name, 'email': read.email, 'phone': read.phone, 'message': read.message},
        'wrong': {field.partition('.')[0]: _problem('', text) for field, text in whole.row.problems},
        'hints': hints,
        'type': whole.content_type,
        'raw': _visible(whole.raw),
        'headers': [[name, _visible(text)] for name, text in whole.headers],
        'receipt': str(whole.row.id),
    }


def _from(row: HeldRow) -> str:
    return row.form or _ROUTES.get(row.route) or f'Form {row.route.removeprefix("form:")}'


def _problem(field: str, text: str) -> str:
    """A sentence: some are one already, the others begin with the verb."""
    if text[:1].isupper() or text.startswith(('give ', 'this ')):
        return words.sentence(text).rstrip('.')
    label = _FIELDS.get(field, words.label(field)) if field else ''
    return words.sentence(f'{label} {text}').rstrip('.')


def _visible(text: str) -> str:
    return text.replace('\x00', '\u2400')
