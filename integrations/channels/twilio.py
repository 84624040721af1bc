"""Text messages and WhatsApp by Twilio: alerts to one telephone, each of which costs money, so none is sent twice by guess."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from domain.base import clock
from domain.base.events import Letter
from integrations.answers import judge
from integrations.channels import texting
from integrations.channels.fields import check_url
from integrations.errors import Permanent, Unknown
from integrations.excerpts import excerpt, secret_parts
from integrations.ports import Answer, BadField, Channel, Post, Proof
from integrations.simulated.twilio import receiver

FIELDS = {'to': False, 'account_sid': False, 'auth_token': True, 'from': False, 'daily_cap': False, 'url': False}
WORDS = {
    'to': ('To', 'One number with its country, such as +15550142000.'),
    'account_sid': ('Account SID', 'On the first page of the Twilio console; empty: the account of this installation.'),
    'auth_token': ('Auth token', 'Beside it.'),
    'from': ('From', 'A number of that account, or a messaging service (MG…).'),
    'daily_cap': ('Most messages in 24 hours', 'When it is reached, the destination is paused and you are told; empty: any number.'),
    'url': ('Address', 'Of the provider, where a gateway of your own stands in for it; leave it empty otherwise.'),
}
SETTINGS = {
    'to': 'TWILIO_TO',
    'account_sid': 'TWILIO_ACCOUNT_SID',
    'auth_token': 'TWILIO_AUTH_TOKEN',
    'from': 'TWILIO_FROM',
    'url': 'TWILIO_API_URL',
}
OPTIONAL = frozenset({'account_sid', 'auth_token', 'from', 'daily_cap', 'url'})
ACCOUNT = ('account_sid', 'auth_token', 'from')  # may come from the environment
API = 'https://api.twilio.com'
WHATSAPP = 'whatsapp:'
MOST_A_DAY = 100_000

_SID = re.compile(r'AC[0-9a-fA-F]{32}')
_SERVICE = re.compile(r'MG[0-9a-fA-F]{32}')
_PHONE = re.compile(r'\+[1-9][0-9]{6,14}')
_SENDER = re.compile(r'\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}')  # a number, a short code, or a name

# Twilio's error codes that a person can do something about.
MEANINGS = {
    20003: 'the account or its token is not valid, or the account is suspended',
    20404: 'there is no such account',
    20429: 'too many requests at once',
    21211: 'the number in "to" is not a valid one',
    21212: 'the number in "from" is not a valid one',
    21266: '"to" and "from" are the same number',
    21408: 'the account may not send to this country; allow it under Messaging, Geo permissions',
    21602: 'the message is empty',
    21606: 'the number in "from" cannot send messages, or is not yours',
    21608: 'a trial account sends only to numbers that were verified; verify it, or upgrade the account',
    21610: 'the recipient has opted out by answering STOP; only they can undo that, by answering START',
    21612: 'Twilio cannot send from this number to that one',
    21614: 'the number in "to" is not a mobile one and takes no text messages',
    21617: 'the message is too long',
    21659: 'the number in "from" is not one of your account',
    21703: 'the messaging service in "from" has no number to send with',
    30003: 'the telephone could not be reached',
    30004: 'the recipient or their network blocks such messages',
    30005: 'the number is not in use',
    30006: 'the number is a landline, or its network takes no such messages',
    30007: "the network's filter took it for spam",
    30034: 'the sending number is not registered for messages of a business (A2P 10DLC)',
    63003: 'WhatsApp does not know the number in "to"',
    63007: 'the number in "from" is not set up for WhatsApp',
    63015: 'the sandbox reaches only telephones that have joined it',
    63016: 'WhatsApp takes free text only within 24 hours after the recipient wrote; ask them to write to your number first',
    63018: 'WhatsApp asks to send more slowly',
}


class Sms:
    """One telephone. Twilio has no key by which it would drop a twin: what may have gone out is held for a person."""

    keyed = False
    costly = True
    prefix = ''

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        account, token = config['account_sid'], config['auth_token']
        self._url = f'{(config.get("url") or API).rstrip("/")}/2010-04-01/Accounts/{account}/Messages.json'
        basic = base64.b64encode(f'{account}:{token}'.encode()).decode()
        self._headers = {'Authorization': f'Basic {basic}', 'Content-Type': 'application/x-www-form-urlencoded'}
        self._secrets = {token, basic, *secret_parts(config.get('url', ''))}
        self._to = self._addressed(config['to'])
        sender = config['from']
        service = _SERVICE.fullmatch(sender)
        self._sender = {'MessagingServiceSid': sender} if service else {'From': self._addressed(sender)}
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Order one message; the proof's reference is Twilio's sid. Raises what the status, or Twilio's error code, means."""
        form = {'To': self._to, **self._sender, 'Body': self._text(letter, clock.now())}
        content = urlencode(form, errors='replace').encode()
        answer = self._post(self._url, headers=self._headers, content=content)
        said = _read(answer)
        words = self._words(said)
        kept = judge(answer, who='Twilio', secrets=self._secrets, meanings={answer.text.strip(): words} if words else None)
        if said.get('status') in ('failed', 'undelivered'):
            raise Permanent(
                f'Twilio took the message and could not send it: {words or "no reason given"}.', status=answer.status, excerpt=kept
            )
        if not said.get('sid'):
            detail = f'Twilio answered {answer.status}, but named no message: whether it took this one is not known.'
            raise Unknown(detail, status=answer.status, excerpt=kept)
        return Proof(reference=str(said['sid']), status=answer.status, excerpt=kept)

    def _words(self, said: Mapping[str, Any]) -> str:
        """What Twilio says is wrong: its code in our words, or in its own; empty where nothing is."""
        code = said.get('code') or said.get('error_code')
        meaning = MEANINGS.get(code, '') if isinstance(code, int) else ''
        meaning = meaning or excerpt(str(said.get('message') or said.get('error_message') or ''), self._secrets).rstrip('.')
        return ' '.join(part for part in (meaning, f'({code})' if code else '') if part)

    def _addressed(self, number: str) -> str:
        return f'{self.prefix}{number.removeprefix(WHATSAPP)}'

    def _text(self, letter: Letter, now: datetime) -> str:
        return texting.sms(letter, now)


class WhatsApp(Sms):
    """The same for a telephone with WhatsApp."""

    prefix = WHATSAPP

    def _text(self, letter: Letter, now: datetime) -> str:
        return texting.whatsapp(letter, now)


def check_sms(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """Raise BadField with a sentence when a number, the account, the cap or the address is wrong."""
    _check(
        config, address, _SENDER, 'a number such as +15550142000, a short code, a name of up to 11 letters, or a messaging service (MG…)'
    )


def check_whatsapp(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """The same; WhatsApp knows only numbers."""
    plain = {name: value.removeprefix(WHATSAPP) if name in ('to', 'from') else value for name, value in config.items()}
    _check(plain, address, _PHONE, 'a number such as +15550142000, or a messaging service (MG…)')


def _check(config: Mapping[str, str], address: Callable[[str], None], senders: re.Pattern[str], expected: str) -> None:
    if not _PHONE.fullmatch(config['to']):
        raise BadField(
            'to', 'The field "to" must be one number with its country, such as +15550142000; add a destination for each telephone.'
        )
    sid, token, sender = (config.get(name, '') for name in ACCOUNT)
    if sid and not _SID.fullmatch(sid):
        raise BadField('account_sid', 'The account SID is not valid; it is AC and 32 digits or letters a to f.')
    if bool(sid) != bool(token):
        missing = 'auth_token' if sid else 'account_sid'
        raise BadField(missing, f'An account needs both its SID and its token; the field "{missing}" is missing.')
    if sender and not (senders.fullmatch(sender) or _SERVICE.fullmatch(sender)):
        raise BadField('from', f'The field "from" must be {expected}.')
    cap = config.get('daily_cap') or '1'
    if not (cap.isascii() and cap.isdecimal() and 1 <= int(cap) <= MOST_A_DAY):
        raise BadField('daily_cap', f'The daily cap must be a number from 1 to {MOST_A_DAY}.')
    check_url(config, 'auth_token', address)


def _read(answer: Answer) -> dict[str, Any]:
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _line(kind: str, label: str, check: Callable[[Mapping[str, str], Callable[[str], None]], None], make: type[Sms]) -> Channel:
    return Channel(kind, label, FIELDS, check, make, receiver, optional=OPTIONAL, icon='smartphone', words=WORDS, settings=SETTINGS)


SMS = _line('sms', 'SMS', check_sms, Sms)
WHATS_APP = _line('whatsapp', 'WhatsApp', check_whatsapp, WhatsApp)
