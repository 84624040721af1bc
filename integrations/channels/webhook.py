"""Signed outgoing webhooks after the Standard Webhooks specification: the receiver verifies them and drops repetitions by id."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import UTC

from standardwebhooks import Webhook as Signer

from domain.base import clock
from domain.base.events import Letter
from integrations.answers import judge
from integrations.errors import Permanent
from integrations.excerpts import secret_parts
from integrations.ports import Post, Proof

FIELDS = {'url': False, 'secret': True}
WORDS = {
    'url': ('Address', 'Where leads are posted to as JSON, for example https://example.com/leads'),
    'secret': ('Signing secret', 'Leave it empty and one is made for you. The receiver needs it to check the signature.'),
}
PREFIX = 'whsec_'
SHORTEST_SECRET, LONGEST_SECRET = 16, 128  # bytes


class SignedWebhook:
    """One receiver. The id is the letter's key, the same on every try and replay."""

    keyed = True
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        self._url = config['url']
        self._secrets = {*secret_parts(self._url), config['secret'], config['secret'].removeprefix(PREFIX)}
        self._signer = Signer(config['secret'])
        self._post = post

    def send(self, letter: Letter) -> Proof:
        """Sign the letter now and post it; raises Permanent when it cannot be written as JSON, otherwise what the status means."""
        content = body(letter)
        moment = clock.now()
        headers = {
            'Content-Type': 'application/json',
            'webhook-id': letter.key,
            'webhook-timestamp': str(int(moment.timestamp())),
            'webhook-signature': self._signer.sign(letter.key, moment, content),
        }
        answer = self._post(self._url, headers=headers, content=content.encode())
        return Proof(status=answer.status, excerpt=judge(answer, who='The webhook receiver', secrets=self._secrets))


def check(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """Raise ValueError with a sentence when the address or the signing secret is wrong."""
    address(config['url'])
    encoded = config['secret'].removeprefix(PREFIX)
    try:
        secret = base64.b64decode(encoded + '=' * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        secret = b''
    if not config['secret'].startswith(PREFIX) or not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        expected = f'{PREFIX} followed by {SHORTEST_SECRET} to {LONGEST_SECRET} random bytes in base64 (32 are a good choice)'
        raise ValueError(f'The signing secret is not valid; expected {expected}.')


def body(letter: Letter) -> str:
    """The compact JSON of `{type, timestamp, data}`, the same on every try; raises Permanent when the data is no JSON."""
    moment = letter.occurred_at.astimezone(UTC).isoformat().replace('+00:00', 'Z')
    content = {'type': letter.event_type, 'timestamp': moment, 'data': dict(letter.data)}
    try:
        text = json.dumps(content, ensure_ascii=False, separators=(',', ':'), allow_nan=False)
    except (TypeError, ValueError) as trouble:
        raise Permanent(f'The event {letter.event_type} cannot be written as JSON: {trouble}.') from trouble
    # Half a surrogate pair has no UTF-8 form: the signed text must be the very text that is sent.
    return text.encode('utf-8', 'replace').decode()
