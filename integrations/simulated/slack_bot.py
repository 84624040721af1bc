"""An imitated Slack workspace: takes what chat.postMessage takes, and answers 200 with Slack's own word where it would refuse."""

import json
from collections.abc import Mapping
from itertools import count

from integrations.ports import Answer
from integrations.simulated.memory import Memory
from integrations.simulated.slack import fault_of

_JSON = {'content-type': 'application/json; charset=utf-8'}


def receiver(config: Mapping[str, str]) -> Memory:
    """A workspace with this bot and this channel; it remembers the messages posted there."""
    numbers = count(1)

    def respond(headers: Mapping[str, str], content: bytes) -> Answer:
        scheme, _, token = headers.get('authorization', '').partition(' ')
        if scheme != 'Bearer' or not token:
            return _no('not_authed')
        if token != config['token']:
            return _no('invalid_auth')
        if word := fault_of(headers, content, invalid='invalid_json'):
            return _no(word)
        body = json.loads(content)
        if body.get('channel') != config['channel']:
            return _no('channel_not_found')
        stamp = f'1795291200.{next(numbers):06}'
        told = {'type': 'message', 'text': body.get('text', ''), 'ts': stamp}
        return Answer(200, _JSON, json.dumps({'ok': True, 'channel': config['channel'], 'ts': stamp, 'message': told}))

    return Memory(respond)


def _no(word: str) -> Answer:
    return Answer(200, _JSON, json.dumps({'ok': False, 'error': word}))
