"""Feature flags as the settings page draws them: what each is called and what it does."""

from typing import Any

from domain.flags.messages import FlagState
from domain.flags.models import Flag
from ui.presenters import words

_FLAGS = {
    Flag.CRM: ('CRM sync', 'Leads are copied to the connected CRM. Off, nothing is sent there and a stored token stays unused.'),
    Flag.SMS: ('Text messages', 'The desk may send text messages. Off, none leaves it, even when a number is set up.'),
    Flag.WHATSAPP: ('WhatsApp', 'The desk may send WhatsApp messages. Off, none leaves it, even when a number is set up.'),
}


def flag(row: FlagState) -> dict[str, Any]:
    """One switch of the flags page."""
    name, effect = _FLAGS[row.name]
    return {
        'key': row.name.value,
        'name': name,
        'effect': effect,
        'on': row.enabled,
        'at': words.ms(row.changed_at),
        'by': row.changed_by,
    }


def flag_name(name: Flag) -> str:
    """What a flag is called."""
    return _FLAGS[name][0]
