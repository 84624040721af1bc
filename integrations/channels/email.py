"""E-mail over SMTP: notifications to the people of the desk, and their replies to customers, as letters that stay one thread."""

from collections.abc import Callable, Mapping
from email import policy

from domain.base.events import Letter
from integrations.answers import DEFAULT_WAIT
from integrations.channels.mail import PLAIN, message, message_id, recipients
from integrations.channels.mailbox import address, addresses, check_addresses
from integrations.errors import Misconfigured, Permanent, Temporary, Throttled
from integrations.excerpts import excerpt
from integrations.ports import Answer, BadField, Post, Proof

FIELDS = {'host': False, 'port': False, 'user': False, 'password': True, 'from': False, 'to': False}
WORDS = {
    'host': ('Mail server', 'The name of the SMTP server, for example smtp.example.com'),
    'port': ('Port', '587 for most servers, 465 for TLS from the start.'),
    'user': ('User name', 'If the server asks for one.'),
    'password': ('Password', 'As above.'),
    'from': ('From', 'The address leads are announced from.'),
    'to': (
        'To',
        'Who hears about leads; several addresses are separated by commas. Without one, only replies to customers go this way.',
    ),
}
SETTINGS = {**{name: f'EMAIL_{name.upper()}' for name in ('host', 'port', 'user', 'from', 'to')}, 'password': 'EMAIL_PASS'}
OPTIONAL = frozenset({'port', 'user', 'password', 'to'})
DEFAULT_PORT = '587'
_BEYOND_ASCII = policy.SMTPUTF8.clone(cte_type='7bit')  # for addresses that have no other form

_THROTTLES = (421, 452)
_SIGN_IN = (530, 534, 535, 538)
_AT = {
    'greeting': 'the connection',
    'login': 'the sign-in',
    'mail': 'the sender',
    'rcpt': 'the recipient',
    'data': 'the message',
    'end': 'the message',
}


class Email:
    """One mail account. Servers know no key of ours: a second handing over may be a second letter, with the same Message-ID."""

    keyed = False
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        self._from = address(config['from'])
        self._to = addresses(config.get('to', ''))
        self._url = f'smtp://{_host(config["host"])}:{config.get("port") or DEFAULT_PORT}'
        self._login = {name: config[name] for name in ('user', 'password') if config.get(name)}
        self._secrets = [value for value in (config.get('password'),) if value]
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Write and hand over the letter: a reply to the customer, all else to the configured readers; raises what the reply code means."""
        to = recipients(letter, self._to)
        beyond = any(not each.username.isascii() for each in (*to, self._from))
        content = message(letter, self._from, to).as_bytes(policy=_BEYOND_ASCII if beyond else PLAIN)
        envelope = {
            'mail-from': self._from.addr_spec,
            'rcpt-to': ','.join(each.addr_spec for each in to),
            **self._login,
            **({'smtputf8': '1'} if beyond else {}),
        }
        answer = self._post(self._url, headers=envelope, content=content)
        said = excerpt(answer.text, self._secrets)
        judge(answer, said)
        partly = answer.headers.get('refused', '')
        kept = f'{said} (not taken for {excerpt(partly, self._secrets)})' if partly else said
        return Proof(reference=message_id(letter.key, self._from.domain), status=answer.status, excerpt=kept)


def check(config: Mapping[str, str], judge_address: Callable[[str], None]) -> None:
    """Raise BadField with a sentence when host, port, sign-in or an address is wrong."""
    host, port = config['host'], config.get('port') or DEFAULT_PORT
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise BadField('port', f'The port must be a number from 1 to 65535, not "{port[:20]}"; 587 is usual.')
    if any(char in host for char in '/@?#\\') or ' ' in host:
        raise BadField('host', 'The host is the bare name of a mail server, such as smtp.example.com.')
    if not host.startswith('simulated:'):
        try:
            judge_address(f'https://{_host(host)}/')  # where it leads is judged as for a web address
        except ValueError as refused:
            raise BadField('host', str(refused)) from None
    if bool(config.get('user')) != bool(config.get('password')):
        missing = 'password' if config.get('user') else 'user'
        raise BadField(missing, f'A mail account needs both user and password, or neither; the {missing} is missing.')
    check_addresses(config)


def judge(answer: Answer, said: str) -> None:
    """Raise what a reply code means at its step: Throttled, Misconfigured, Temporary or Permanent; nothing for a taken message."""
    code, stage = answer.status, answer.headers.get('stage', 'end')
    if 200 <= code < 300:
        return
    words = f'The mail server answered {code} to {_AT.get(stage, "the message")}' + (f': {said.rstrip(".")}.' if said else '.')
    if code in _THROTTLES:
        detail = f'{words} It is tried again in {DEFAULT_WAIT:g} s.'
        raise Throttled(detail, retry_after=DEFAULT_WAIT, status=code, excerpt=said)
    if 400 <= code < 500:
        raise Temporary(words, status=code, excerpt=said)
    if code in _SIGN_IN or stage in ('greeting', 'login'):
        detail = f'{words} Check the server, its user and its password, then resume this destination.'
        raise Misconfigured(detail, status=code, excerpt=said)
    raise Permanent(f'{words} The same message will not be taken later either.', status=code, excerpt=said)


def _host(host: str) -> str:
    return f'[{host}]' if ':' in host and not host.startswith(('[', 'simulated:')) else host
