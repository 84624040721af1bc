"""What the environment gives to channels: whole destinations, and the accounts and addresses that destinations of the desk may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from domain.base.settings import BadSettings, Settings
from integrations.channels import sendgrid, slack_bot, twilio

# Which setting to name when a field from the environment is wrong or missing; the first is the one that sets the kind up.
SETTINGS: dict[str, Mapping[str, str]] = {
    'slack_bot': slack_bot.SETTINGS,
    'sendgrid': sendgrid.SETTINGS,
    'sms': twilio.SETTINGS,
    'whatsapp': twilio.SETTINGS,
}


@dataclass(frozen=True, slots=True)
class _Account:
    """The fields of a kind that the environment may fill in, the secret that makes an account one's own, and all that is given."""

    fields: tuple[str, ...]
    secret: str
    given: Callable[[Settings], dict[str, str | None]]


def _slack(settings: Settings) -> dict[str, str | None]:
    return {'token': _open(settings.slack_bot_token), 'channel': settings.slack_channel, 'url': settings.slack_api_url}


def _sendgrid(settings: Settings) -> dict[str, str | None]:
    user = settings.email_user or ''
    sender = settings.email_from or (user if '@' in user else None)
    return {'api_key': _open(settings.sendgrid_api_key), 'from': sender, 'to': settings.email_to, 'url': settings.sendgrid_api_url}


def _twilio(settings: Settings) -> dict[str, str | None]:
    return {
        'account_sid': settings.twilio_account_sid,
        'auth_token': _open(settings.twilio_auth_token),
        'from': settings.twilio_from,
        'to': settings.twilio_to,
        'url': settings.twilio_api_url,
    }


_ACCOUNTS = {
    'slack_bot': _Account(slack_bot.ACCOUNT, 'token', _slack),
    'sendgrid': _Account(sendgrid.ACCOUNT, 'api_key', _sendgrid),
    'sms': _Account(twilio.ACCOUNT, 'auth_token', _twilio),
    'whatsapp': _Account(twilio.ACCOUNT, 'auth_token', _twilio),
}


KINDS = frozenset(_ACCOUNTS)  # the channels with accounts that destinations may share; the phone book leaves them to this file


def destinations(settings: Settings) -> dict[str, dict[str, str]]:
    """The destinations that the environment sets up with these channels, by kind; raises BadSettings where half of one is missing."""
    found = {}
    if settings.slack_channel:
        found['slack_bot'] = _whole('slack_bot', settings)
    if settings.sendgrid_api_key and not settings.email_host:
        found['sendgrid'] = _whole('sendgrid', settings)
    if settings.twilio_to:
        kind = 'whatsapp' if settings.twilio_to.startswith(twilio.WHATSAPP) else 'sms'
        found[kind] = _whole(kind, settings)
    return found


def complete(kind: str, config: Mapping[str, str], settings: Settings) -> tuple[dict[str, str], bool]:
    """A destination's configuration with what the environment adds to it, and whether its address is the environment's.

    An account of the environment is lent as a whole, to destinations that bring none, and is never sent to an address from the desk.
    Raises ValueError with a sentence when a part of the account is in neither.
    """
    made = dict(config)
    account = _ACCOUNTS.get(kind)
    if account is None:
        return made, False
    given = account.given(settings)
    ours = not made.get('url')
    if ours:
        made['url'] = given['url'] or ''
        if not made.get(account.secret):
            made |= {name: value for name in account.fields if not made.get(name) and (value := given[name])}
    for name in account.fields:
        if not made.get(name):
            raise ValueError(f'It needs the field "{name}"; or an account for all such destinations in {SETTINGS[kind][name]}.')
    return made, ours


def _whole(kind: str, settings: Settings) -> dict[str, str]:
    account = _ACCOUNTS[kind]
    given = account.given(settings)
    for name in account.fields:
        if not given[name]:
            others = 'SLACK_CHANNEL' if kind == 'slack_bot' else next(iter(SETTINGS[kind].values()))
            missing = SETTINGS[kind][name]
            raise BadSettings(f'Leadkeeper cannot start, these settings are wrong:\n  {missing}: {others} is of no use without it')
    return {name: value for name, value in given.items() if value}


def _open(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
