"""An imitated receiver of signed webhooks: verifies, drops repetitions by id, and remembers what had its effect."""

import hmac
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from domain.base import clock
from integrations.ports import Answer
from integrations.simulated.memory import Memory

_TOLERANCE = timedelta(minutes=5)
_IDS = 10_000


class Receiver(Memory):
    """A receiver with one secret; `effects` holds each id once, with the body that came first, oldest first."""

    def __init__(self, secret: str, keep: int = 1000) -> None:
        super().__init__(self._judge, keep)
        self._verifier = Webhook(secret)
        self.effects: OrderedDict[str, bytes] = OrderedDict()

    def _judge(self, headers: Mapping[str, str], content: bytes) -> Answer:
        key, moment, signatures = (headers.get(f'webhook-{name}', '') for name in ('id', 'timestamp', 'signature'))
        if not (key and moment and signatures):
            return Answer(400, {}, 'missing webhook headers')
        if not self._fresh(moment) or not self._signed(key, moment, content, signatures):
            return Answer(401, {}, 'the signature does not match')
        if key in self.effects:
            return Answer(200, {}, '{"duplicate":true}')
        self.effects[key] = content
        if len(self.effects) > _IDS:
            self.effects.popitem(last=False)
        return Answer(200, {}, '{"duplicate":false}')

    def _fresh(self, moment: str) -> bool:
        # Against the desk's clock, not the library's: a test that moves time moves both sides.
        return moment.isdecimal() and abs(clock.now() - datetime.fromtimestamp(int(moment), UTC)) <= _TOLERANCE

    def _signed(self, key: str, moment: str, content: bytes, signatures: str) -> bool:
        try:
            expected = self._verifier.sign(key, datetime.fromtimestamp(int(moment), UTC), content.decode())
        except UnicodeDecodeError:
            return False
        return any(hmac.compare_digest(expected, signature) for signature in signatures.split(' '))


def receiver(config: Mapping[str, str]) -> Receiver:
    """A receiver that knows the destination's secret."""
    return Receiver(config['secret'])
