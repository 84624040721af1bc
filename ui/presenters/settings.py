"""Destinations as the settings pages draw them: states in words, secrets only by their last four characters."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from domain.base import clock
from domain.base.secrets import SecretBox
from domain.desk.destinations import DestinationRow
from ui.presenters import words

LONG_ENOUGH = 12  # characters: of a shorter secret four would give away too much

_ICONS = {
    'slack': 'hash',
    'slack_bot': 'hash',
    'webhook': 'webhook',
    'email': 'mail',
    'sendgrid': 'mail',
    'telegram': 'send',
    'sms': 'smartphone',
    'whatsapp': 'smartphone',
}

# The setting that makes a destination "from environment", for those who want to change it.
_SETTINGS = {
    'slack': 'SLACK_WEBHOOK_URL',
    'slack_bot': 'SLACK_BOT_TOKEN',
    'email': 'EMAIL_HOST',
    'sendgrid': 'SENDGRID_API_KEY',
    'sms': 'TWILIO_TO',
    'whatsapp': 'TWILIO_TO',
}

# What a field is called, and what to put into it: by kind and field, else by field, else the field's own name.
_FIELDS: dict[str, tuple[str, str]] = {
    'slack.url': ('Webhook address', 'In Slack: Apps, Incoming webhooks, add one for the channel, copy its address.'),
    'webhook.url': ('Address', 'Where leads are posted to as JSON, for example https://example.com/leads'),
    'webhook.secret': ('Signing secret', 'Leave it empty and one is made for you. The receiver needs it to check the signature.'),
    'email.host': ('Mail server', 'The name of the SMTP server, for example smtp.example.com'),
    'email.port': ('Port', '587 for most servers, 465 for TLS from the start.'),
    'email.user': ('User name', 'If the server asks for one.'),
    'email.password': ('Password', 'As above.'),
    'email.from': ('From', 'The address leads are announced from.'),
    'email.to': (
        'To',
        'Who hears about leads; several addresses are separated by commas. Without one, only replies to customers go this way.',
    ),
    'sendgrid.to': ('To', 'Who hears about leads; several addresses are separated by commas. Without one, only replies go this way.'),
    'sendgrid.from': ('From', 'An address that SendGrid has verified; empty: EMAIL_FROM of this installation.'),
    'sendgrid.api_key': ('API key', 'In SendGrid: Settings, API keys, one with Mail Send; empty: the one of this installation.'),
    'slack_bot.token': ('Bot token', 'In your Slack app: OAuth & Permissions, it begins with xoxb-; empty: the one of this installation.'),
    'slack_bot.channel': ('Channel', 'The id of the channel, such as C0123ABCD. The bot has to be invited there.'),
    'to': ('To', 'One number with its country, such as +15550142000.'),
    'account_sid': ('Account SID', 'On the first page of the Twilio console; empty: the account of this installation.'),
    'auth_token': ('Auth token', 'Beside it.'),
    'from': ('From', 'A number of that account, or a messaging service (MG…).'),
    'daily_cap': ('Most messages in 24 hours', 'When it is reached, the destination is paused and you are told; empty: any number.'),
    'url': ('Address', 'Of the provider, where a gateway of your own stands in for it; leave it empty otherwise.'),
}

_WHERE = ('host', 'channel', 'to')  # what of a configuration says where it leads

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


def destination(row: DestinationRow, box: SecretBox, label: str, fields: Mapping[str, bool], names: Mapping[UUID, str]) -> dict[str, Any]:
    """One row of the list and of its form. `fields` says which are secret; `names` are the tenant's locations."""
    config: dict[str, str] = json.loads(box.open(row.config_sealed))
    chip, tone = _chip(row, connected=bool(config))
    where = next((config[name] for name in _WHERE if config.get(name)), '') or hint(config.get('url', ''))
    trouble = row.paused_reason if row.paused else row.last_error
    return {
        'id': str(row.id),
        'kind': row.kind,
        'icon': _ICONS.get(row.kind, 'plug'),
        'name': row.name,
        'about': f'{label}, {where}' if config else f'{label}, no address',
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
        'env': _SETTINGS.get(row.kind, row.kind.upper()) if row.from_environment else '',
        'shown': {name: hint(config[name]) if fields.get(name, True) or name == 'url' else config[name] for name in config},
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


def kind(name: str, label: str, fields: Mapping[str, bool], optional: Collection[str] = ()) -> dict[str, Any]:
    """One kind of destination that can be added, with its form; `optional` are the fields that may stay empty."""
    form = [_field(name, each, fields[each], each in optional) for each in fields]
    return {'kind': name, 'label': label, 'icon': _ICONS.get(name, 'plug'), 'fields': form}


def _field(kind: str, name: str, secret: bool, optional: bool) -> dict[str, Any]:
    label, help_ = _FIELDS.get(f'{kind}.{name}') or _FIELDS.get(name) or (words.sentence(name), '')
    label = f'{label} (optional)' if optional else label
    hidden = secret and name != 'url'  # an address is typed and checked by eye once, and never shown again
    return {'name': name, 'label': label, 'help': help_, 'secret': secret, 'hidden': hidden, 'made': f'{kind}.{name}' == 'webhook.secret'}


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
