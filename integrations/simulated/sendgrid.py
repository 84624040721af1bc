"""An imitated SendGrid account: takes what mail/send takes, and refuses with SendGrid's sentences what it would refuse."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from integrations.ports import Answer
from integrations.simulated.memory import Memory

_JSON = {'content-type': 'application/json'}
_RESERVED = frozenset(
    {'to', 'from', 'subject', 'reply-to', 'cc', 'bcc', 'content-type', 'content-transfer-encoding', 'received', 'x-sg-id'}
)


def receiver(config: Mapping[str, str]) -> Memory:
    """An account that remembers the letters handed to it."""

    def respond(headers: Mapping[str, str], content: bytes) -> Answer:
        if headers.get('authorization') != f'Bearer {config["api_key"]}':
            return _no(401, 'The provided authorization grant is invalid, expired, or revoked')
        if not headers.get('content-type', '').startswith('application/json'):
            return _no(415, 'Content-Type should be application/json.')
        try:
            body = json.loads(content)
        except ValueError:
            return _no(400, 'Bad Request')
        if field := _at_fault(body):
            return _no(400, f'The {field} is missing or not valid.', field)
        return Answer(202, {'x-message-id': hashlib.sha256(content).hexdigest()[:22]}, '')

    return Memory(respond)


def _at_fault(body: Any) -> str:
    """The first field that is missing or wrong, as SendGrid names it; empty: none."""
    if not isinstance(body, dict):
        return 'body'
    people = body.get('personalizations')
    if not isinstance(people, list) or not people or not all(_mailboxes(each.get('to')) for each in people):
        return 'personalizations.0.to'
    if not _mailboxes([body.get('from')]):
        return 'from.email'
    if 'reply_to' in body and not _mailboxes([body['reply_to']]):
        return 'reply_to.email'
    if not str(body.get('subject') or '').strip():
        return 'subject'
    parts = body.get('content')
    if not isinstance(parts, list) or not parts or not all(str(part.get('value') or '').strip() for part in parts):
        return 'content.0.value'
    if [part.get('type') for part in parts] not in (['text/plain'], ['text/html'], ['text/plain', 'text/html']):
        return 'content'
    wrong = [name for name, value in body.get('headers', {}).items() if name.lower() in _RESERVED or not value.isascii() or '\n' in value]
    return f'headers.{wrong[0]}' if wrong else ''


def _mailboxes(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(each, dict) and _address(each.get('email')) for each in given)


def _address(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.count('@') == 1 and not any(char.isspace() for char in text)


def _no(status: int, message: str, field: str | None = None) -> Answer:
    return Answer(status, _JSON, json.dumps({'errors': [{'message': message, 'field': field, 'help': None}]}))
