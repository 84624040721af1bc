"""An imitated Twilio account: takes what its Messages take, and refuses with Twilio's codes what it would refuse."""

import base64
import json
import re
from collections.abc import Mapping
from itertools import count
from urllib.parse import parse_qs

from integrations.ports import Answer
from integrations.simulated.memory import Memory

_LONGEST = 1600
_ADDRESS = re.compile(r'(whatsapp:)?\+[1-9][0-9]{6,14}')
# Twilio's own numbers for tests, by what they answer.
_KNOWN = {'+15005550001': 21211, '+15005550004': 21610, '+15005550009': 21614}
_STATUS = {20003: 401, 20429: 429}


def receiver(config: Mapping[str, str]) -> Memory:
    """An account that remembers the messages ordered from it; its numbers for tests refuse as Twilio's do."""
    numbers = count(1)
    expected = base64.b64encode(f'{config["account_sid"]}:{config["auth_token"]}'.encode()).decode()

    def respond(headers: Mapping[str, str], content: bytes) -> Answer:
        if headers.get('authorization') != f'Basic {expected}':
            return refusal(20003, 'Authenticate')
        if not headers.get('content-type', '').startswith('application/x-www-form-urlencoded'):
            return refusal(21602, 'A text message body or media urls must be specified.')
        form = {name: values[-1] for name, values in parse_qs(content.decode('utf-8', 'replace')).items()}
        to, body = form.get('To', ''), form.get('Body', '')
        if not _ADDRESS.fullmatch(to):
            return refusal(21211, "The 'To' number is not a valid phone number.")
        if code := _KNOWN.get(to.removeprefix('whatsapp:')):
            return refusal(code, 'refused for a test')
        if not (form.get('From') or form.get('MessagingServiceSid')):
            return refusal(21603, "A 'From' phone number is required.")
        if form.get('From', to).startswith('whatsapp:') != to.startswith('whatsapp:'):
            return refusal(21910, "'From' and 'To' pair contains an invalid channel.")
        if not body.strip():
            return refusal(21602, 'Message body is required.')
        if len(body) > _LONGEST:
            return refusal(21617, 'The concatenated message body exceeds the 1600 character limit.')
        return _taken(next(numbers), to, body)

    return Memory(respond)


def refusal(code: int, message: str) -> Answer:
    """Twilio's answer to a request it does not take, with one of its error codes."""
    status = _STATUS.get(code, 400)
    more = f'https://www.twilio.com/docs/errors/{code}'
    return Answer(
        status, {'content-type': 'application/json'}, json.dumps({'code': code, 'message': message, 'more_info': more, 'status': status})
    )


def _taken(number: int, to: str, body: str) -> Answer:
    told = {'sid': f'SM{number:032x}', 'status': 'queued', 'to': to, 'body': body, 'error_code': None, 'error_message': None}
    return Answer(201, {'content-type': 'application/json'}, json.dumps(told))
