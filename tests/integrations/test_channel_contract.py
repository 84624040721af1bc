"""One contract for every channel that speaks HTTP, over the real adapter and over its twin: what Notifier promises holds on both wires."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import pytest
from standardwebhooks import Webhook

from domain.base import clock
from domain.base.events import Letter
from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Throttled, Unknown
from integrations.gateways import Gateways
from integrations.http import Http
from integrations.ports import Answer, Notifier
from integrations.registry import CHANNELS, build, twin
from integrations.simulated.discord import Discord
from integrations.simulated.memory import Memory
from integrations.simulated.webhook import Receiver
from tests.integrations.standin import CLOSE, Asked, StandIn, reply

SECRET = 'whsec_' + base64.b64encode(bytes(range(32))).decode()
BOT = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.verysecretpart_of_a_discord_bot'
TELEGRAM = '123456789:AAEverysecretpart-of_a_telegram_bot'
ACCOUNT = {'account_sid': 'AC' + '0' * 31 + '1', 'auth_token': 'canary-of-the-token', 'from': '+15550142000', 'to': '+15550143000'}
PATH = '/services/T000/B111/verysecretpart'
CONFIGS: dict[str, dict[str, str]] = {
    'slack': {'url': PATH},
    'webhook': {'url': PATH, 'secret': SECRET},
    'sandbox': {'url': PATH, 'secret': SECRET},
    'discord': {'url': PATH},
    'discord bot': {'token': BOT, 'channel': '1300000000000000001'},
    'telegram': {'token': TELEGRAM, 'chat': '-1001234567890', 'thread': '7'},
    'slack_bot': {'url': PATH, 'token': 'xoxb-1-canary', 'channel': 'C0G9QF9GW'},
    'sendgrid': {'url': PATH, 'api_key': 'SG.canary-of-the-key', 'from': 'leads@northside.example', 'to': 'sales@northside.example'},
    'sms': {'url': PATH, **ACCOUNT},
    'whatsapp': {'url': PATH, **ACCOUNT},
}
TAKEN = {'sendgrid': 202, 'sms': 201, 'whatsapp': 201}
KEPT = ('secret', 'api_key', 'auth_token')  # what stays secret of a configuration although its provider is imitated
Make = Callable[..., Http]


@dataclass(frozen=True)
class Line:
    """One channel on one wire, with the memory of whoever is at its other end, and the secrets of its configuration."""

    way: str
    notifier: Notifier
    memory: Memory
    secrets: list[str]


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': 'AZqx3k0fVt2b7QmT4nJ1sA',
        'event_type': 'lead.created',
        'occurred_at': datetime(2026, 11, 21, 20, 15, 0, 250_000, tzinfo=UTC),
        'title': 'New lead',
        'name': 'Dana Reed',
        'message': 'Could you tint my car? <!channel>',
        'reference': 'L-1A2B3C4D',
        'data': {'leadId': '0197', 'eventId': '0198', 'message': 'tint <!channel> ü 💥'},
    }
    return Letter(**{**given, **fields})


@pytest.fixture(params=[(name, wire) for name in CONFIGS for wire in ('real', 'twin')], ids=lambda pair: '-'.join(pair))
def line(request: pytest.FixtureRequest, http: Make, stand_in: Callable[..., StandIn]) -> Line:
    name, wire = request.param
    kind = name.split()[0]
    phone = CHANNELS[kind]
    config = dict(CONFIGS[name])
    if wire == 'twin':
        config |= {each: 'simulated:somewhere' for each in ('url', 'token') if each in config}
        memory = twin(kind, config)
        assert isinstance(memory, Memory)
        return Line(name, build(kind, config, http(), trusted=False), memory, [config[each] for each in KEPT if each in config])
    memory = phone.twin(config)  # type: ignore[assignment]  # every twin is a Memory

    def play(asked: Asked) -> Iterator[bytes]:
        try:
            answer = memory(asked.path, headers=asked.headers, content=asked.content)
        except ProviderError:
            yield CLOSE  # the answer is lost
            return
        yield reply(answer.status, answer.text.encode(), **{name.replace('-', '_'): value for name, value in answer.headers.items()})

    server = stand_in(play)
    if 'url' in config:
        config['url'] = server.url + PATH
    client = Gateways(http(), {phone.origin: server.url} if phone.origin else {})
    secrets = [config[each] for each in config if phone.fields[each] or each == 'url']
    return Line(name, build(kind, config, client, trusted=True), memory, secrets)


def test_a_letter_arrives_once_and_is_proved(line: Line) -> None:
    proof = line.notifier.send(letter())
    assert proof.status == TAKEN.get(line.way, 200)
    assert len(line.memory.taken()) == 1
    assert 'tint' in line.memory.taken()[0].decode()


@pytest.mark.parametrize(
    ('answer', 'kind'),
    [
        (Answer(429, {'retry-after': '7'}, 'rate_limited'), Throttled),
        (Answer(503), Throttled),
        (Answer(500, {}, 'rollup_error'), Temporary),
        (Answer(302, {'location': 'http://127.0.0.1:9/'}), Temporary),
        (Answer(403, {}, 'action_prohibited'), Misconfigured),
        (Answer(404, {}, 'no_service'), Misconfigured),
        (Answer(410, {}, 'channel_is_archived'), Misconfigured),
        (Answer(400, {}, 'invalid_payload'), Permanent),
        (Answer(413), Permanent),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else value.__name__,
)
def test_every_refusal_has_its_class_and_the_next_letter_goes_through(line: Line, answer: Answer, kind: type[ProviderError]) -> None:
    line.memory.fail(answer)
    with pytest.raises(ProviderError) as caught:
        line.notifier.send(letter())
    assert type(caught.value) is kind
    assert caught.value.status == answer.status
    assert str(answer.status) in caught.value.detail
    assert line.memory.taken() == []
    if isinstance(caught.value, Throttled):
        assert caught.value.retry_after == (7 if 'retry-after' in answer.headers else 10)
    line.notifier.send(letter())
    assert len(line.memory.taken()) == 1


def test_a_lost_answer_is_unknown_and_a_keyed_channel_has_one_effect_after_all(line: Line) -> None:
    line.memory.fail(Unknown('The answer was lost.'), after=True)
    with pytest.raises(Unknown):
        line.notifier.send(letter())
    line.notifier.send(letter(possible_duplicate=True))
    assert len(line.memory.taken()) == 2
    assert line.notifier.keyed is isinstance(line.memory, Receiver)
    if isinstance(line.memory, Receiver):
        assert list(line.memory.effects) == [letter().key]
    else:
        assert ['Possible duplicate' in unquote_plus(body.decode()) for body in line.memory.taken()] == [False, True]
    if isinstance(line.memory, Discord):
        assert len(line.memory.messages) == (1 if line.way == 'discord bot' else 2), 'Discord knows the nonce of a moment ago'
    assert line.notifier.costly is (line.way in ('sms', 'whatsapp'))


def test_no_secret_is_kept_of_an_answer_that_repeats_it(line: Line) -> None:
    parts = [*line.secrets, PATH, 'verysecretpart'] if any(PATH in secret for secret in line.secrets) else line.secrets
    halves = [half for secret in parts for half in (secret, secret.partition(':')[2], secret.removeprefix('whsec_')) if half]
    line.memory.fail(Answer(403, {}, f'no: {" and ".join(halves)}, bot{halves[0] if halves else ""}/ {json.dumps(halves)}'))
    with pytest.raises(Misconfigured) as caught:
        line.notifier.send(letter())
    kept = f'{caught.value.detail} {caught.value.excerpt}'
    assert 'no: ' in kept
    assert [secret for secret in halves if secret in kept] == []


def test_a_200_with_ok_false_is_permanent_in_slack(http: Make) -> None:
    slack = build('slack', {'url': 'simulated:'}, http(), trusted=False)
    vendor = twin('slack', {'url': 'simulated:'})
    assert isinstance(vendor, Memory)
    vendor.fail(Answer(200, {}, '{"ok":false,"error":"channel_is_archived"}'))
    with pytest.raises(Permanent, match='the channel is archived'):
        slack.send(letter())
    for fine in ('ok', '', '{"ok":true}', '{}', 'null', '[' * 100_000):
        vendor.fail(Answer(200, {}, fine))
        assert slack.send(letter()).status == 200


def test_a_refusal_explains_slacks_own_word(http: Make) -> None:
    vendor = twin('slack', {'url': 'simulated:'})
    assert isinstance(vendor, Memory)
    vendor.fail(Answer(404, {}, 'no_service'))
    with pytest.raises(Misconfigured, match='Slack answered 404 Not Found: the webhook was removed or switched off'):
        build('slack', {'url': 'simulated:'}, None, trusted=False).send(letter())


def signed(stand_in: Callable[..., StandIn], http: Make) -> tuple[StandIn, Notifier]:
    server = stand_in(lambda _asked: [reply(204)])
    return server, build('webhook', {'url': server.url, 'secret': SECRET}, http(), trusted=True)


def test_a_webhook_holds_before_the_official_verifier(stand_in: Callable[..., StandIn], http: Make) -> None:
    server, notifier = signed(stand_in, http)
    notifier.send(letter())
    notifier.send(letter())
    first, second = server.asked
    assert Webhook(SECRET).verify(first.content, first.headers) == {
        'type': 'lead.created',
        'timestamp': '2026-11-21T20:15:00.250000Z',
        'data': {'leadId': '0197', 'eventId': '0198', 'message': 'tint <!channel> ü 💥'},
    }
    assert first.content == second.content
    assert b'": ' not in first.content
    assert b', "' not in first.content
    assert first.headers['webhook-id'] == second.headers['webhook-id'] == letter().key
    assert first.headers['content-type'] == 'application/json'


def test_naughty_strings_are_signed_and_come_back_unchanged(stand_in: Callable[..., StandIn], http: Make, naughty: list[str]) -> None:
    server, notifier = signed(stand_in, http)
    notifier.send(letter(data={'all': naughty}))
    for number, typed in enumerate(naughty):
        if number % 10 == 0:
            notifier.send(letter(data={'leadId': typed, typed or 'empty': number}))
    received = [Webhook(SECRET).verify(asked.content, asked.headers)['data'] for asked in server.asked]
    assert received[0] == {'all': naughty}
    assert [one['leadId'] for one in received[1:]] == naughty[::10]


def test_half_characters_are_signed_as_they_are_sent(stand_in: Callable[..., StandIn], http: Make) -> None:
    server, notifier = signed(stand_in, http)
    notifier.send(letter(data={'message': 'a\ud800b'}))
    assert Webhook(SECRET).verify(server.asked[0].content, server.asked[0].headers)['data'] == {'message': 'a?b'}


def test_data_that_is_no_json_is_permanent(http: Make) -> None:
    notifier = build('webhook', {'url': 'simulated:', 'secret': SECRET}, None, trusted=False)
    for value in (float('nan'), object(), {1, 2}):
        with pytest.raises(Permanent, match='cannot be written as JSON'):
            notifier.send(letter(data={'x': value}))


def test_the_imitated_receiver_refuses_what_a_real_one_refuses() -> None:
    vendor = Receiver(SECRET)
    moment = clock.now()
    good = {
        'webhook-id': 'k',
        'webhook-timestamp': str(int(moment.timestamp())),
        'webhook-signature': Webhook(SECRET).sign('k', moment, '{}'),
    }

    def status(content: bytes = b'{}', **changed: str) -> int:
        return vendor('x', headers={**good, **{f'webhook-{name}': value for name, value in changed.items()}}, content=content).status

    assert [status(signature=''), status(b'{ }'), status(id='j'), status(signature='v1,AAAA'), status(b'\xff')] == [400, 401, 401, 401, 401]
    stale = moment - timedelta(minutes=6)
    old = {'timestamp': str(int(stale.timestamp())), 'signature': Webhook(SECRET).sign('k', stale, '{}')}
    assert status(**old) == 401
    assert (vendor.effects, vendor.taken()) == ({}, [])
    assert status(signature=f'v1,AAAA {good["webhook-signature"]}') == 200


def test_moving_the_clock_moves_signature_and_twin_alike(http: Make) -> None:
    clock.advance(timedelta(hours=30))
    build('webhook', {'url': 'simulated:', 'secret': SECRET}, None, trusted=False).send(letter())
