"""The phone book: which kinds of destination there are, how each is checked, built and imitated."""

import threading
from collections.abc import Iterable, Mapping
from functools import partial

from pydantic import SecretStr

from domain.base.settings import BadSettings, Settings
from integrations import environment
from integrations.addresses import check_address
from integrations.channels import discord, email, sendgrid, slack, slack_bot, telegram, twilio, webhook
from integrations.ports import BadField, Channel, Client, Notifier, Post
from integrations.simulated import email as simulated_email
from integrations.simulated import sandbox
from integrations.simulated import slack as simulated_slack
from integrations.simulated import webhook as simulated_webhook

CHANNELS: dict[str, Channel] = {
    'slack': Channel(
        'slack',
        'Slack',
        slack.FIELDS,
        slack.check,
        slack.Slack,
        simulated_slack.receiver,
        icon='hash',
        words=slack.WORDS,
        settings=slack.SETTINGS,
    ),
    'webhook': Channel(
        'webhook',
        'Signed webhook',
        webhook.FIELDS,
        webhook.check,
        webhook.SignedWebhook,
        simulated_webhook.receiver,
        icon='webhook',
        words=webhook.WORDS,
    ),
    'email': Channel(
        'email',
        'E-mail',
        email.FIELDS,
        email.check,
        email.Email,
        simulated_email.receiver,
        optional=email.OPTIONAL,
        mail=True,
        icon='mail',
        words=email.WORDS,
        settings=email.SETTINGS,
    ),
    'discord': discord.CHANNEL,
    'telegram': telegram.CHANNEL,
    'slack_bot': slack_bot.CHANNEL,
    'sendgrid': sendgrid.CHANNEL,
    'sms': twilio.SMS,
    'whatsapp': twilio.WHATS_APP,
    'sandbox': Channel(
        'sandbox', 'Sandbox', webhook.FIELDS, sandbox.check, webhook.SignedWebhook, simulated_webhook.receiver, icon='test-tube-diagonal'
    ),
}

SIMULATED = 'simulated:'
_ADDRESSES = ('url', 'host', 'token')  # the fields that may say so
_WRONG = 'Leadkeeper cannot start, these settings are wrong:\n  '
_LONGEST_VALUE = 4000
_MOST_TWINS = 256

_twins: dict[tuple[str, tuple[tuple[str, str], ...]], Post] = {}
_lock = threading.Lock()


def channel(kind: str) -> Channel:
    """The line of this kind; raises ValueError that lists the kinds there are."""
    if kind not in CHANNELS:
        raise ValueError(f'There is no channel "{kind}"; the kinds are {", ".join(CHANNELS)}.')
    return CHANNELS[kind]


def check(
    kind: str, config: Mapping[str, str], *, trusted: bool, allow: Iterable[str] = (), settings: Settings | None = None
) -> dict[str, bool]:
    """Judge a destination's configuration before it is saved; gives back its fields and whether each is secret.

    `trusted` says that it comes from the environment, `allow` is OUTBOUND_ALLOW. With `settings` what the environment adds must make
    it whole. Raises ValueError with a sentence.
    """
    line = channel(kind)
    if unknown := sorted(config.keys() - line.fields.keys()):
        raise ValueError(f'{line.label} has no field "{unknown[0]}"; its fields are {", ".join(line.fields)}.')
    for name in line.fields:
        value = config.get(name, '')
        if not value and name in line.optional:
            continue
        if not value.strip():
            raise BadField(name, f'{line.label} needs the field "{name}".')
        if len(value) > _LONGEST_VALUE or not value.isprintable() or value != value.strip():
            raise ValueError(f'The field "{name}" must be one line of at most {_LONGEST_VALUE} characters without spaces around it.')

    def address(url: str) -> None:
        if not url.startswith(SIMULATED):
            check_address(url, trusted=trusted, allow=allow)

    line.check(config, address)
    if settings is not None:
        environment.complete(kind, config, settings)
    return dict(line.fields)


def from_environment(settings: Settings) -> dict[str, dict[str, str]]:
    """The channels that the environment sets up, by kind; raises BadSettings that names the setting which cannot be used."""
    found: dict[str, dict[str, str]] = {}
    for kind, line in CHANNELS.items():
        if kind in environment.KINDS:
            continue
        config = _mail_account(settings) if line.mail else _given(line, settings)
        if config:
            found[kind] = config
    found |= environment.destinations(settings)
    if 'slack_bot' in found:
        found.pop('slack', None)  # one voice: its messages can be changed later
    for kind, config in found.items():
        line = CHANNELS[kind]
        try:
            check(kind, config, trusted=True, allow=settings.outbound_allow)
        except ValueError as trouble:
            name = line.settings[getattr(trouble, 'field', next(iter(line.settings)))]
            raise BadSettings(f'{_WRONG}{name}: {trouble}') from None
    for origin, address in stand_ins(settings).items():
        try:
            check_address(address, trusted=True, allow=settings.outbound_allow)
        except ValueError as trouble:
            raise BadSettings(f'{_WRONG}{_api_setting(origin)}: {trouble}') from None
    return found


def stand_ins(settings: Settings) -> dict[str, str]:
    """The addresses that the settings put in the place of providers' own ones, by the origin they replace."""
    lines = [line for line in CHANNELS.values() if line.origin]
    given = {line.origin: getattr(settings, f'{line.kind}_api_url', None) for line in lines}
    return {origin: address for origin, address in given.items() if address}


def _api_setting(origin: str) -> str:
    return next(f'{kind.upper()}_API_URL' for kind, line in CHANNELS.items() if line.origin == origin)


def _given(line: Channel, settings: Settings) -> dict[str, str]:
    """The fields of a channel that the environment gives."""
    values = {name: getattr(settings, setting.lower(), None) for name, setting in line.settings.items()}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _mail_account(settings: Settings) -> dict[str, str]:
    if settings.email_host is None:
        return {}
    user = settings.email_user or ''
    sender = settings.email_from or (user if '@' in user else '')
    if not sender:
        raise BadSettings(f'{_WRONG}EMAIL_FROM: EMAIL_HOST needs the address that mail is sent from')
    return {**_given(CHANNELS['email'], settings), 'from': sender}


def build(kind: str, config: Mapping[str, str], http: Client | None, *, trusted: bool, smtp: Client | None = None) -> Notifier:
    """The adapter of a destination, on the real wire or, for `simulated:` addresses, on its imitated receiver.

    Without the client of its wire (demo mode) every destination is imitated. Raises ValueError for a kind that does not exist.
    """
    line = channel(kind)
    client = smtp if line.mail else http
    if client is None or any(config.get(name, '').startswith(SIMULATED) for name in _ADDRESSES):
        return line.make(config, twin(kind, config))
    return line.make(config, partial(client.post, trusted=trusted))


def twin(kind: str, config: Mapping[str, str]) -> Post:
    """The imitated receiver of this very destination, the same one each time as long as the process lives."""
    key = (kind, tuple(sorted(config.items())))
    with _lock:
        if key not in _twins:
            if len(_twins) >= _MOST_TWINS:
                _twins.pop(next(iter(_twins)))
            _twins[key] = channel(kind).twin(config)
        return _twins[key]


def forget_twins() -> None:
    """Empty the memory of all imitated receivers (tests)."""
    with _lock:
        _twins.clear()
