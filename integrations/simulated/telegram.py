"""An imitated Telegram: takes what sendMessage takes, and refuses in Telegram's own form what it would refuse."""

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from integrations.ports import Answer
from integrations.simulated.memory import Memory

_TEXT = 4096
_DARK = ('code', 'pre')  # inside these nothing is looked for
_KINDS = {*_DARK, 'bold', 'italic', 'text_link'}
# What Telegram makes a link, and for a name with @ a notification, of.
_FOUND = re.compile(
    r'@\w{3,}|#\w+|\$[A-Z]{3,}|(?<!\w)/\w+|https?://\S+|[\w.+-]+@[\w-]+\.\w+|\b[\w-]+\.(?:com|net|org|example|io|ru)\b|\+\d[\d -]{6,}'
)


def receiver(_config: Mapping[str, str]) -> Memory:
    """A chat that remembers the messages sent to it."""
    ids = itertools.count(1)
    return Memory(lambda headers, content: _respond(headers, content, ids))


def found(body: Mapping[str, Any]) -> list[str]:
    """What Telegram would find in a message by itself and act on, links that we put there included."""
    data = str(body['text']).encode('utf-16-le')
    for entity in body.get('entities', []):
        if entity['type'] in _DARK:
            start, length = 2 * entity['offset'], 2 * entity['length']
            data = data[:start] + '\n'.encode('utf-16-le') * entity['length'] + data[start + length :]
    return [each.group() for each in _FOUND.finditer(data.decode('utf-16-le'))]


def _respond(headers: Mapping[str, str], content: bytes, ids: 'itertools.count[int]') -> Answer:
    try:
        body = json.loads(content)
    except ValueError:
        return _no("can't parse JSON object")
    if not headers.get('content-type', '').startswith('application/json') or not isinstance(body, dict):
        return _no('message text is empty')
    chat, text = body.get('chat_id'), body.get('text')
    if not (isinstance(chat, int) or (isinstance(chat, str) and chat.startswith('@'))):
        return _no('chat not found')
    if not isinstance(text, str) or not text.strip():
        return _no('message text is empty')
    if _length(text) > _TEXT:
        return _no('message is too long')
    if not _entities_fit(body.get('entities', []), _length(text)):
        return _no("can't parse entities")
    for row in body.get('reply_markup', {}).get('inline_keyboard', []):
        for button in row:
            if not button.get('text') or '.' not in (urlsplit(button.get('url', '')).hostname or ''):
                return _no('BUTTON_URL_INVALID')
    result = {'message_id': next(ids), 'date': 1_800_000_000, 'chat': {'id': chat}, 'text': text}
    return Answer(200, {'content-type': 'application/json'}, json.dumps({'ok': True, 'result': result}))


def _entities_fit(entities: Any, length: int) -> bool:
    """Known kinds, inside the text, one after the other: ours never overlap."""
    end = 0
    for entity in entities if isinstance(entities, list) else [{}]:
        start = entity.get('offset', -1)
        if entity.get('type') not in _KINDS or start < end or entity.get('length', 0) < 1:
            return False
        end = start + entity['length']
    return end <= length


def _length(text: str) -> int:
    return len(text.encode('utf-16-le')) // 2


def _no(words: str) -> Answer:
    return Answer(
        400, {'content-type': 'application/json'}, json.dumps({'ok': False, 'error_code': 400, 'description': f'Bad Request: {words}'})
    )
