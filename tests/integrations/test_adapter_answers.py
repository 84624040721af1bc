"""The class table once more, through the adapters that read more of an answer than its status."""

import time
from collections.abc import Callable, Iterator

import pytest

from domain.base import clock
from domain.base.events import Letter
from integrations.errors import ProviderError, Unknown
from integrations.http import Http
from integrations.ports import Answer
from integrations.registry import build, twin
from integrations.simulated.memory import Memory
from tests.integrations.standin import CLOSE, RESET, Asked, StandIn
from tests.integrations.test_http_answers import DEADLINE, meaning

ACCOUNT = {'account_sid': 'AC' + '0' * 32, 'auth_token': 'canary-token', 'from': '+15550142000', 'to': '+15550143000'}
CONFIGS = {
    'slack_bot': {'token': 'xoxb-canary-token', 'channel': 'C1'},
    'sendgrid': {'api_key': 'SG.canary-token', 'from': 'a@example.com', 'to': 'b@example.com'},
    'sms': ACCOUNT,
    'whatsapp': ACCOUNT,
}
GOOD = {'slack_bot': '{"ok":true,"channel":"C1","ts":"1.000001"}', 'sms': '{"sid":"SM1"}', 'whatsapp': '{"sid":"SM1"}', 'sendgrid': ''}


def letter() -> Letter:
    return Letter(key='k', event_type='lead.created', occurred_at=clock.now(), title='New lead')


@pytest.mark.parametrize('kind', CONFIGS)
@pytest.mark.parametrize('text', ['', 'SECRET', '{"errors":[{"message":"SECRET"}],"message":"SECRET","ok":false}'])
def test_every_status_means_what_the_table_says_whatever_stands_beside_it(kind: str, text: str) -> None:
    config = {**CONFIGS[kind], 'url': 'simulated:'}
    memory, notifier = twin(kind, config), build(kind, config, None, trusted=True)
    assert isinstance(memory, Memory)
    said = text.replace('SECRET', next(value for value in config.values() if 'canary' in value))
    wrong = []
    for status in range(200, 600):
        memory.fail(Answer(status, {'location': 'http://127.0.0.1:9/', 'retry-after': 'soon'}, said if status >= 300 else GOOD[kind]))
        try:
            notifier.send(letter())
            got = None
        except ProviderError as error:
            got = type(error)
            assert 'canary' not in error.detail + error.excerpt
        expected = Unknown if kind == 'sendgrid' and 200 <= status < 300 and status != 202 else meaning(status)
        if got is not expected:
            wrong.append((status, got))
    assert wrong == []


BROKEN = {
    'reset before the answer': [RESET],
    'garbage': [b'\x16\x03\x01 what is this\r\n\r\n', CLOSE],
    'garbage in the headers': [b'HTTP/1.1 202 OK\r\nno colon here\r\n\r\n', CLOSE],
    'reset within the body': [b'HTTP/1.1 202 OK\r\ncontent-length: 99\r\n\r\n{"ok":true,"sid":"SM1"', RESET],
}


@pytest.mark.parametrize('kind', CONFIGS)
@pytest.mark.parametrize('pieces', BROKEN.values(), ids=BROKEN)
def test_half_an_answer_is_an_unknown_outcome(
    kind: str, pieces: list[bytes], http: Callable[..., Http], stand_in: Callable[..., StandIn]
) -> None:
    server = stand_in(lambda _asked: pieces)
    with pytest.raises(Unknown):
        build(kind, {**CONFIGS[kind], 'url': server.url}, http(), trusted=True).send(letter())
    assert len(server.asked) == 1


@pytest.mark.parametrize('kind', CONFIGS)
def test_a_dripping_answer_ends_at_the_deadline(kind: str, http: Callable[..., Http], stand_in: Callable[..., StandIn]) -> None:
    def drip(_asked: Asked) -> Iterator[bytes]:
        yield from server.drip(bytes([byte]) for byte in b'HTTP/1.1 202 OK\r\ncontent-length: 2\r\nx: ' + b'a' * 1000)

    server = stand_in(drip)
    started = time.monotonic()
    with pytest.raises(Unknown, match='longer than'):
        build(kind, {**CONFIGS[kind], 'url': server.url}, http(), trusted=True).send(letter())
    assert time.monotonic() - started < DEADLINE + 0.9


def test_a_huge_answer_is_read_as_far_as_it_is_needed(http: Callable[..., Http], stand_in: Callable[..., StandIn]) -> None:
    body = GOOD['slack_bot'][:-1].encode() + b',"message":{"text":"' + b'a' * 1_000_000
    server = stand_in(lambda _asked: [b'HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n' + body])
    proof = build('slack_bot', {**CONFIGS['slack_bot'], 'url': server.url}, http(), trusted=True).send(letter())
    assert (proof.reference, len(proof.excerpt)) == ('C1:1.000001', 2000)
