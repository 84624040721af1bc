"""E-mail over SMTP: notifications to the people of the desk, and their replies to customers, as plain text that stays one thread."""

from collections.abc import Callable, Mapping
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import httpx

from domain.base import clock
from domain.base.events import Letter, Reply
from integrations.answers import DEFAULT_WAIT
from integrations.channels.wording import DUPLICATE, TEST, clean, facts, headline, one_line, origin
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
MOST_RECIPIENTS = 20
SUBJECT_LIMIT = 200
NAME_LIMIT = 100
MESSAGE_LIMIT = 20_000  # characters of a person's own words; more than the desk takes

# Seven bits, whatever is in it: no server on the way has anything to convert, or to refuse for want of it.
_PLAIN = policy.SMTP.clone(cte_type='7bit')
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
        self._from = _address(config['from'])
        self._to = _addresses(config.get('to', ''))
        self._url = f'smtp://{_host(config["host"])}:{config.get("port") or DEFAULT_PORT}'
        self._login = {name: config[name] for name in ('user', 'password') if config.get(name)}
        self._secrets = [value for value in (config.get('password'),) if value]
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Write and hand over the letter: a reply to the customer, all else to the configured readers; raises what the reply code means."""
        to = [_address(letter.reply.to)] if letter.reply else self._to
        if not to:
            raise Permanent('This destination only carries replies to customers: it has no address to notify. Enter one in the field "to".')
        beyond = any(not address.username.isascii() for address in (*to, self._from))
        content = message(letter, self._from, to).as_bytes(policy=_BEYOND_ASCII if beyond else _PLAIN)
        envelope = {
            'mail-from': self._from.addr_spec,
            'rcpt-to': ','.join(address.addr_spec for address in to),
            **self._login,
            **({'smtputf8': '1'} if beyond else {}),
        }
        answer = self._post(self._url, headers=envelope, content=content)
        said = excerpt(answer.text, self._secrets)
        judge(answer, said)
        partly = answer.headers.get('refused', '')
        kept = f'{said} (not taken for {excerpt(partly, self._secrets)})' if partly else said
        return Proof(reference=message_id(letter.key, self._from.domain), status=answer.status, excerpt=kept)


def check(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """Raise BadField with a sentence when host, port, sign-in or an address is wrong."""
    host, port = config['host'], config.get('port') or DEFAULT_PORT
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise BadField('port', f'The port must be a number from 1 to 65535, not "{port[:20]}"; 587 is usual.')
    if any(char in host for char in '/@?#\\') or ' ' in host:
        raise BadField('host', 'The host is the bare name of a mail server, such as smtp.example.com.')
    if not host.startswith('simulated:'):
        try:
            address(f'https://{_host(host)}/')  # where it leads is judged as for a web address
        except ValueError as refused:
            raise BadField('host', str(refused)) from None
    if bool(config.get('user')) != bool(config.get('password')):
        missing = 'password' if config.get('user') else 'user'
        raise BadField(missing, f'A mail account needs both user and password, or neither; the {missing} is missing.')
    for name in ('from', 'to'):
        try:
            found = _addresses(config.get(name, ''))
        except ValueError as wrong:
            raise BadField(name, f'The field "{name}" is not an e-mail address: {wrong}.') from None
        if len(found) > (1 if name == 'from' else MOST_RECIPIENTS):
            raise BadField(name, f'The field "{name}" names too many addresses.')


def message(letter: Letter, sender: Address, to: list[Address]) -> EmailMessage:
    """The whole message, headers and text; line breaks and control characters in names and subjects are gone."""
    mail = EmailMessage(policy=_PLAIN)
    domain = sender.domain
    reply = letter.reply
    mail['Message-ID'] = message_id(letter.key, domain)
    mail['Date'] = format_datetime(letter.occurred_at)
    mail['To'] = to
    if reply:
        mail['From'] = _named(reply.sender or sender.display_name, sender)
        mail['Reply-To'] = sender
        mail['Subject'] = _subject(reply.subject)
        earlier = [message_id(key, domain) for key in reply.thread]
        if earlier:
            mail['In-Reply-To'] = earlier[-1]
            mail['References'] = ' '.join(earlier)
        if reply.automatic:
            mail['Auto-Submitted'] = 'auto-generated'
        mail.set_content(_body(reply))
        return mail
    mail['From'] = _named(sender.display_name or 'Leadkeeper', sender)
    if back := _reply_to(letter):
        mail['Reply-To'] = back
    mail['Subject'] = _subject(headline(letter))
    mail['Auto-Submitted'] = 'auto-generated'
    mail.set_content(notice(letter))
    return mail


def notice(letter: Letter) -> str:
    """What a notification says, in paragraphs."""
    marks = [mark for mark, on in ((TEST, letter.test), (DUPLICATE, letter.possible_duplicate)) if on]
    link = clean(letter.link).strip() if letter.link.startswith(('https://', 'http://')) else ''
    parts = [
        headline(letter),
        '\n'.join([*marks, *facts(letter, clock.now())]),
        clean(letter.message).strip()[:MESSAGE_LIMIT],
        f'Open in Leadkeeper: {link}' if link else '',
        '\n'.join(origin(letter)),
    ]
    return '\n\n'.join(part for part in parts if part) + '\n'


def message_id(key: str, domain: str) -> str:
    """The same for every try of a delivery, so that mail programs recognise twins and threads."""
    return f'<lk.{key}@{domain}>'


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


def _body(reply: Reply) -> str:
    return clean(reply.text).strip()[:MESSAGE_LIMIT] + '\n'


def _subject(text: str) -> str:
    line = one_line(text) or 'Leadkeeper'
    return line if len(line) <= SUBJECT_LIMIT else f'{line[: SUBJECT_LIMIT - 1].rstrip()}…'


def _named(name: str, address: Address) -> Address:
    return Address(one_line(name)[:NAME_LIMIT], address.username, address.domain)


def _reply_to(letter: Letter) -> Address | None:
    """The customer, so that answering the notification answers them; nobody when their address is none."""
    try:
        customer = _address(letter.email)
    except ValueError:
        return None
    # Such an address would ask more of every server on the way, only for our convenience.
    return _named(letter.name, customer) if customer.username.isascii() else None


def _addresses(text: str) -> list[Address]:
    return [_address(part) for part in text.split(',') if part.strip()]


def _address(text: str) -> Address:
    """One address, `name@host` or `Name <name@host>`, its domain in ASCII; raises ValueError with a few words."""
    name, spec = parseaddr(one_line(text))
    local, at, domain = spec.rpartition('@')
    if not (local and at and domain) or any(char.isspace() or char in '",;<>()[]\\:' for char in spec):
        raise ValueError('expected something like sales@example.com')
    try:
        host = domain if domain.isascii() else httpx.URL(f'https://{domain}/').raw_host.decode()  # IDNA 2008, as registries have it
        return Address(name, local, host)
    except (ValueError, IndexError, httpx.InvalidURL):
        raise ValueError('expected something like sales@example.com') from None


def _host(host: str) -> str:
    return f'[{host}]' if ':' in host and not host.startswith(('[', 'simulated:')) else host
