"""An imitated Discord: takes what webhooks and bots may post, refuses with Discord's own codes, and drops a nonce it saw lately."""

import itertools
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.base import clock
from integrations.ports import Answer
from integrations.simulated.memory import Memory

NONCE_LASTS = timedelta(minutes=5)
_CONTENT, _WHOLE, _EMBEDS, _FIELDS, _NONCE = 2000, 6000, 10, 25, 25
_LIMITS = {'title': 256, 'description': 4096}
_FIRST_ID = 1_300_000_000_000_000_000
# What is left of a text once each escaped character is gone, and would still be acted on.
_ACTS = re.compile(r'[*_~`|<>@\[\]]|https?://|discord\.gg|^\s*(#{1,3}|-#|[-+]|\d+\.)\s|:\w+:', re.MULTILINE)


class Discord(Memory):
    """One channel; `messages` are the posts that people see in it, oldest first."""

    def __init__(self, keep: int = 1000) -> None:
        super().__init__(self._judge, keep)
        self.messages: list[dict[str, Any]] = []
        self._ids = itertools.count(_FIRST_ID)
        self._nonces: dict[str, tuple[datetime, str]] = {}

    def _judge(self, headers: Mapping[str, str], content: bytes) -> Answer:
        try:
            body = json.loads(content)
        except ValueError:
            return _no(400, 50109, 'The request body contains invalid JSON.')
        if not isinstance(body, dict) or not headers.get('content-type', '').startswith('application/json') or not _fits(body):
            return _no(400, 50035, 'Invalid Form Body')
        if not (body.get('content') or body.get('embeds')):
            return _no(400, 50006, 'Cannot send an empty message')
        # Only a bot has one that counts; webhooks do not know the field.
        nonce = str(body.get('nonce') or '') if body.get('enforce_nonce') and headers.get('authorization', '').startswith('Bot ') else ''
        if nonce in self._nonces and clock.now() - self._nonces[nonce][0] <= NONCE_LASTS:
            return _yes(self._nonces[nonce][1])
        id_ = str(next(self._ids))
        self.messages.append(body)
        if nonce:
            self._nonces[nonce] = clock.now(), id_
        return _yes(id_)


def receiver(_config: Mapping[str, str]) -> Discord:
    """A channel that remembers the messages posted to it."""
    return Discord()


def acts(text: str) -> list[str]:
    """What Discord would act on in a text, instead of showing it."""
    return [found.group() for found in _ACTS.finditer(re.sub(r'\\[^0-9A-Za-z\s]', '·', text))]


def shown(text: str) -> str:
    """The text as people read it, where nothing in it is acted on."""
    return re.sub(r'\\([^0-9A-Za-z\s])', r'\1', text)


def _fits(body: Mapping[str, Any]) -> bool:
    embeds = body.get('embeds', [])
    if not isinstance(embeds, list) or len(embeds) > _EMBEDS or len(str(body.get('nonce', ''))) > _NONCE:
        return False
    texts = [text for embed in embeds for text in _texts(embed)]
    return _length(body.get('content', '')) <= _CONTENT and all(map(_embed_fits, embeds)) and sum(map(_length, texts)) <= _WHOLE


def _embed_fits(embed: Mapping[str, Any]) -> bool:
    fields = embed.get('fields', [])
    return (
        all(1 <= _length(embed[name]) <= most for name, most in _LIMITS.items() if name in embed)
        and len(fields) <= _FIELDS
        and all(1 <= _length(each['name']) <= 256 and 1 <= _length(each['value']) <= 1024 for each in fields)
        and (str(embed.get('url', 'https://')).startswith(('https://', 'http://')))
    )


def _texts(embed: Mapping[str, Any]) -> list[str]:
    parts = [
        embed.get('title', ''),
        embed.get('description', ''),
        embed.get('author', {}).get('name', ''),
        embed.get('footer', {}).get('text', ''),
    ]
    return [*parts, *(each[name] for each in embed.get('fields', []) for name in ('name', 'value'))]


def _length(text: str) -> int:
    return len(text.strip().encode('utf-16-le')) // 2


def _yes(id_: str) -> Answer:
    return Answer(200, {'content-type': 'application/json'}, json.dumps({'id': id_, 'type': 0, 'content': ''}))


def _no(status: int, code: int, words: str) -> Answer:
    return Answer(status, {'content-type': 'application/json'}, json.dumps({'message': words, 'code': code}))
