"""Destinations as the settings pages draw them: states in words, secrets only by their last four characters."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from domain.base import clock
from domain.base.secrets import SecretBox
from domain.desk.destinations import DestinationRow
from ui.presenters import words

LONG_ENOUGH = 12  # characters: of a shorter secret four would give away too much

_WHERE = ('host', 'channel', 'to')  # what of a configuration says alone where it leads

# What can be told of, in the order of a lead's life.
EVENTS = (
    ('lead.created', 'A new lead', 'The moment it is stored'),
    ('lead.resubmitted', 'A known person writes again', 'Added to the lead that is there'),
    ('lead.assigned', 'A lead gets an owner', 'Or a different one'),
    ('lead.status_changed', 'A lead is closed, snoozed or opened again', ''),
    ('lead.merged', 'Two leads become one', ''),
    ('message.sent', 'A reply is sent', ''),
    ('sla.warning', 'A first reply is due soon', ''),
    ('sla.breached', 'A first reply is late', ''),
    ('alert.opened', 'Something needs attention', 'For example a destination that stopped working'),
    ('alert.closed', 'What needed attention is over', ''),
)

_FIXES = {
    'misconfigured': 'It is paused until then; what waits for it is kept.',
    'permanent': 'Check the address and what the receiver accepts, then test again.',
    'temporary': 'The other side has trouble or cannot be reached. Try again in a moment; leads are kept and sent later.',
    'throttled': 'The other side asks to slow down. Try again in a minute; leads are kept and sent later.',
    'unknown': 'No answer came, so it may have arrived. Look there before you test again.',
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of destination as it is shown. `fields` says which are secret, `optional` which may stay empty; `words` are label and help of
    a field, `settings` the environment's settings it may come from.
    """

    name: str
    label: str
    icon: str = words.ANY_PLACE
    fields: Mapping[str, bool] = field(default_factory=dict)
    optional: Collection[str] = ()
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


def destination(row: DestinationRow, box: SecretBox, kind: Kind, names: Mapping[UUID, str]) -> dict[str, Any]:
    """One row of the list and of its form; `names` are the tenant's locations."""
    config: dict[str, str] = json.loads(box.open(row.config_sealed))
    chip, tone = _chip(row, connected=bool(config))
    trouble = row.paused_reason if row.paused else row.last_error
    return {
        'id': str(row.id),
        'kind': row.kind,
        'icon': kind.icon,
        'name': row.name,
        'about': f'{kind.label}, {_where(config, kind.fields)}' if config else f'{kind.label}, no address',
        'trouble': trouble or '',
        'chip': chip,
        'tone': tone,
        'at': words.ms(row.delivered_at),
        'dead': row.dead,
        'waiting': row.waiting,
        'enabled': row.enabled,
        'paused': row.paused,
        'byPerson': row.paused and (row.paused_reason or '').startswith('Paused by '),
        'connected': bool(config),
        'env': _setting(config, kind) if row.from_environment else '',
        'shown': {name: hint(config[name]) if kind.fields.get(name, True) or name == 'url' else config[name] for name in config},
        'events': list(row.events),
        'quality': row.least_quality or '',
        'locations': [str(place) for place in row.location_ids if place in names],
    }


def hint(value: str) -> str:
    """As much of an address or a secret as is needed to recognise it: its host, and its last four characters if it is long enough."""
    try:
        host = urlsplit(value).hostname if '://' in value else None
    except ValueError:
        host = None
    end = f'…{value[-4:]}' if len(value) >= LONG_ENOUGH else '…'
    return f'{host} {end}' if host else end


def _chip(row: DestinationRow, *, connected: bool) -> tuple[str, words.Tone]:
    if not connected:
        return 'Disconnected', ''
    if not row.enabled:
        return 'Off', ''
    resting = row.breaker_until is not None and row.breaker_until > clock.now()
    return words.destination(paused=row.paused, resting=resting, recent=row.recent, dead=row.dead)


def form(kind: Kind) -> dict[str, Any]:
    """One kind of destination that can be added, with its form."""
    fields = [_field(kind, name, secret) for name, secret in kind.fields.items()]
    return {'kind': kind.name, 'label': kind.label, 'icon': kind.icon, 'fields': fields}


def _field(kind: Kind, name: str, secret: bool) -> dict[str, Any]:
    label, help_ = kind.words.get(name) or ('Address' if name == 'url' else words.sentence(name), '')
    label = f'{label} (optional)' if name in kind.optional else label
    hidden = secret and name != 'url'  # an address is typed and checked by eye once, and never shown again
    made = (kind.name, name) == ('webhook', 'secret')
    return {'name': name, 'label': label, 'help': help_, 'secret': secret, 'hidden': hidden, 'made': made}


def _where(config: Mapping[str, str], fields: Mapping[str, bool]) -> str:
    """Where it leads, without a secret: its server, what may be told of its address, or what it has instead, as a chat."""
    told = [value for name, value in config.items() if not fields.get(name, True) and name != 'url']
    alone = next((config[name] for name in _WHERE if config.get(name)), '')
    return alone or ', '.join(told) or hint(config.get('url', ''))


def _setting(config: Mapping[str, str], kind: Kind) -> str:
    """The setting that makes a destination "from environment", for those who want to change it."""
    return next((setting for name, setting in kind.settings.items() if name in config), kind.name.upper())


def events() -> list[dict[str, str]]:
    """What a destination can subscribe to."""
    return [{'key': key, 'label': label, 'note': note} for key, label, note in EVENTS]


def outcome(label: str, state: str, last_class: str | None, error: str | None) -> dict[str, str]:
    """How a test ended: a title, what was answered, and what to do."""
    if state == 'sent':
        return {'tone': 'green', 'title': 'Test delivered.', 'text': f'{label} took it.', 'fix': ''}
    if last_class is None:
        return {
            'tone': 'amber',
            'title': 'No answer yet.',
            'text': 'The test waits to be sent.',
            'fix': 'Look whether the worker runs, then test again.',
        }
    return {'tone': 'red', 'title': 'Test failed.', 'text': error or 'No reason was given.', 'fix': _FIXES.get(last_class, '')}
