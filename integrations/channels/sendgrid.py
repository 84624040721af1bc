"""E-mail by SendGrid: the letters of the e-mail channel, handed over as JSON to its mail/send."""

import json
from collections.abc import Callable, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from domain.base.events import Letter
from integrations.answers import judge
from integrations.channels.fields import check_url
from integrations.channels.mail import message, recipients
from integrations.channels.mailbox import address, addresses, check_addresses
from integrations.errors import Unknown
from integrations.excerpts import excerpt, secret_parts
from integrations.ports import Answer, BadField, Channel, Post, Proof
from integrations.simulated.sendgrid import receiver

FIELDS = {'api_key': True, 'from': False, 'to': False, 'url': False}
WORDS = {
    'api_key': ('API key', 'In SendGrid: Settings, API keys, one with Mail Send; empty: the one of this installation.'),
    'from': ('From', 'An address that SendGrid has verified; empty: EMAIL_FROM of this installation.'),
    'to': ('To', 'Who hears about leads; several addresses are separated by commas. Without one, only replies go this way.'),
    'url': ('Address', 'Of the provider, where a gateway of your own stands in for it; leave it empty otherwise.'),
}
SETTINGS = {'api_key': 'SENDGRID_API_KEY', 'from': 'EMAIL_FROM', 'to': 'EMAIL_TO', 'url': 'SENDGRID_API_URL'}
OPTIONAL = frozenset({'api_key', 'from', 'to', 'url'})
ACCOUNT = ('api_key', 'from')  # may come from the environment
API = 'https://api.sendgrid.com'
PATH = '/v3/mail/send'

# SendGrid sets all other headers itself, and refuses some by name.
_HEADERS = ('Message-ID', 'In-Reply-To', 'References', 'Auto-Submitted')
_NO_TRACKING = {'click_tracking': {'enable': False, 'enable_text': False}, 'open_tracking': {'enable': False}}


class SendGrid:
    """One account. SendGrid knows no key of ours for dropping twins: a second call is a second letter with the same Message-ID."""

    keyed = False
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        self._url = (config.get('url') or API).rstrip('/') + PATH
        self._key = config['api_key']
        self._from = address(config['from'])
        self._to = addresses(config.get('to', ''))
        self._secrets = {self._key, *secret_parts(config.get('url', ''))}
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Write and hand over the letter: a reply to the customer, all else to the configured readers; raises what the status means."""
        mail = message(letter, self._from, to := recipients(letter, self._to))
        content = json.dumps(body(mail, self._from, to, letter.key), ensure_ascii=False).encode()
        headers = {'Authorization': f'Bearer {self._key}', 'Content-Type': 'application/json; charset=utf-8'}
        answer = self._post(self._url, headers=headers, content=content)
        kept = judge(answer, who='SendGrid', secrets=self._secrets, meanings=self._meanings(answer))
        if answer.status != 202:  # 200 is its answer to a dry run, or somebody else's altogether
            raise Unknown(
                f'SendGrid answered {answer.status} instead of 202: whether it took the letter is not known.', status=answer.status
            )
        return Proof(reference=answer.headers.get('x-message-id', ''), status=answer.status, excerpt=kept)

    def _meanings(self, answer: Answer) -> dict[str, str]:
        """SendGrid's own sentences, which name the field at fault."""
        try:
            said = '; '.join(str(each['message']) for each in json.loads(answer.text)['errors'][:3])
        except (ValueError, TypeError, KeyError, RecursionError):
            return {}
        return {answer.text.strip(): excerpt(said, self._secrets).rstrip('.')} if said else {}


def check(config: Mapping[str, str], judge_address: Callable[[str], None]) -> None:
    """Raise BadField with a sentence when the key or an address is wrong."""
    key = config.get('api_key', '')
    if key and (not key.isascii() or ' ' in key):
        raise BadField('api_key', 'The API key is not valid; SendGrid makes it, and it begins with SG.')
    check_url(config, 'api_key', judge_address)
    check_addresses(config)


def body(mail: EmailMessage, sender: Address, to: list[Address], key: str) -> dict[str, Any]:
    """The request for this message: the same words, the same Message-ID, and the delivery's key for the events that come back."""
    parts = [part for part in mail.walk() if part.get_content_maintype() == 'text']
    back = mail['Reply-To']
    return {
        'personalizations': [{'to': [_mailbox(each) for each in to], 'custom_args': {'leadkeeper_key': key}}],
        'from': {**_mailbox(sender), 'name': mail['From'].addresses[0].display_name or sender.addr_spec},
        **({'reply_to': _mailbox(back.addresses[0])} if back else {}),
        'subject': str(mail['Subject']),
        'content': [{'type': part.get_content_type(), 'value': part.get_content().replace('\r\n', '\n')} for part in parts],
        'headers': {name: str(mail[name]) for name in _HEADERS if mail[name]},
        'tracking_settings': _NO_TRACKING,
    }


def _mailbox(whom: Address) -> dict[str, str]:
    return {'email': whom.addr_spec, **({'name': whom.display_name} if whom.display_name else {})}


CHANNEL = Channel(
    'sendgrid',
    'SendGrid',
    FIELDS,
    check,
    SendGrid,
    receiver,
    optional=OPTIONAL,
    icon='mail',
    words=WORDS,
    settings=SETTINGS,
)
