"""The phone book: which kinds of destination there are, how each is checked, built and imitated."""

import threading
from collections.abc import Iterable, Mapping
from functools import partial

from domain.base.settings import BadSettings, Settings
from integrations import environment
from integrations.addresses import check_address
from integrations.channels import email, sendgrid, slack, slack_bot, twilio, webhook
from integrations.ports import Channel, Client, Notifier, Post
from integrations.simulated import email as simulated_email
from integrations.simulated import sandbox
from integrations.simulated import sendgrid as simulated_sendgrid
from integrations.simulated import slack as simulated_slack
from integrations.simulated import slack_bot as simulated_slack_bot
from integrations.simulated import twilio as simulated_twilio
from integrations.simulated import webhook as simulated_webhook

CHANNELS: dict[str, Channel] = {
    'slack': Channel('slack', 'Slack', slack.FIELDS, slack.check, slack.Slack, simulated_slack.receiver),
    'webhook': Channel('webhook', 'Signed webhook', webhook.FIELDS, webhook.check, webhook.SignedWebhook, simulated_webhook.receiver),
    'email': Channel(
        'email', 'E-mail', email.FIELDS, email.check, email.Email, simulated_email.receiver, optional=email.OPTIONAL, mail=True
    ),
    'slack_bot': Channel(
        'slack_bot', 'Slack bot', slack_bot.FIELDS, slack_bot.check, slack_bot.SlackBot, simulated_slack_bot.receiver, slack_bot.OPTIONAL
    ),
    'sendgrid': Channel(
        'sendgrid', 'SendGrid', sendgrid.FIELDS, sendgrid.check, sendgrid.SendGrid, simulated_sendgrid.receiver, sendgrid.OPTIONAL
    ),
    'sms': Channel('sms', 'SMS', twilio.FIELDS, twilio.check_sms, twilio.Sms, simulated_twilio.receiver, twilio.OPTIONAL),
    'whatsapp': Channel(
        'whatsapp', 'WhatsApp', twilio.FIELDS, twilio.check_whatsapp, twilio.WhatsApp, simulated_twilio.receiver, twilio.OPTIONAL
    ),
    'sandbox': Channel('sandbox', 'Sandbox', webhook.FIELDS, sandbox.check, webhook.SignedWebhook, simulated_webhook.receiver),
}

# Which setting to name when a field from the environment is wrong.
_SETTINGS = {
    **environment.SETTINGS,
    'slack': {'url': 'SLACK_WEBHOOK_URL'},
    'email': {
        **{name: f'EMAIL_{name.upper()}' for name in ('host', 'port', 'user', 'from', 'to')},
        'password': 'EMAIL_PASS',
    },
}

SIMULATED = 'simulated:'
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
            raise ValueError(f'{line.label} needs the field "{name}".')
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
    if settings.slack_webhook_url is not None:
        found['slack'] = {'url': settings.slack_webhook_url.get_secret_value()}
    if settings.email_host is not None:
        found['email'] = _mail_account(settings)
    found |= environment.destinations(settings)
    if 'slack_bot' in found:
        found.pop('slack', None)  # one voice: its messages can be changed later
    for kind, config in found.items():
        names = _SETTINGS[kind]
        try:
            check(kind, config, trusted=True, allow=settings.outbound_allow)
        except ValueError as trouble:
            name = names[getattr(trouble, 'field', next(iter(names)))]
            raise BadSettings(f'Leadkeeper cannot start, these settings are wrong:\n  {name}: {trouble}') from None
    return found


def _mail_account(settings: Settings) -> dict[str, str]:
    user = settings.email_user or ''
    sender = settings.email_from or (user if '@' in user else '')
    if not sender:
        raise BadSettings(
            'Leadkeeper cannot start, these settings are wrong:\n  EMAIL_FROM: EMAIL_HOST needs the address that mail is sent from'
        )
    config = {
        'host': settings.email_host or '',
        'port': str(settings.email_port),
        'user': user,
        'password': settings.email_pass.get_secret_value() if settings.email_pass else '',
        'from': sender,
        'to': settings.email_to or '',
    }
    return {name: value for name, value in config.items() if value}


def build(kind: str, config: Mapping[str, str], http: Client | None, *, trusted: bool, smtp: Client | None = None) -> Notifier:
    """The adapter of a destination, on the real wire or, for `simulated:` addresses, on its imitated receiver.

    Without the client of its wire (demo mode) every destination is imitated. Raises ValueError for a kind that does not exist.
    """
    line = channel(kind)
    client = smtp if line.mail else http
    if client is None or (config.get('url') or config.get('host', '')).startswith(SIMULATED):
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
