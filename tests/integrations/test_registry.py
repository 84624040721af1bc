"""The phone book: what may be saved as a destination, and which wire it gets."""

import base64
from pathlib import Path
from typing import Any

import pytest

from domain.base import clock
from domain.base.events import EventType, Letter
from integrations.errors import Temporary
from integrations.ports import Answer
from integrations.registry import CHANNELS, build, check, twin
from integrations.simulated.memory import Memory

SPRITE = (Path(__file__).resolve().parents[2] / 'ui' / 'static' / 'icons.svg').read_text(encoding='utf-8')
SECRET = 'whsec_' + base64.b64encode(b'k' * 32).decode()
SLACK = {'url': 'https://hooks.slack.com/services/T0/B0/x'}
HOOK = {'url': 'https://n8n.example.com/hook', 'secret': SECRET}


class Recorder:
    """A client that writes down how it was called."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def post(self, url: str, **options: Any) -> Answer:
        self.calls.append({'url': url, **options})
        return Answer(200, {}, 'ok')


def letter() -> Letter:
    return Letter(key='k', event_type=EventType.LEAD_CREATED, occurred_at=clock.now(), title='New lead')


def test_good_configurations_tell_which_fields_are_secret() -> None:
    assert check('slack', SLACK, trusted=False) == {'url': True}
    assert check('webhook', HOOK, trusted=False) == {'url': False, 'secret': True}
    assert check('slack', {'url': 'simulated:'}, trusted=False) == {'url': True}
    assert check('slack', {'url': 'http://127.0.0.1:4102/x'}, trusted=True) == {'url': True}


@pytest.mark.parametrize(
    ('kind', 'config', 'words'),
    [
        ('pigeon', {}, 'the kinds are slack, webhook, email'),
        ('slack', {}, 'Slack needs the field "url"'),
        ('slack', {'url': '  '}, 'Slack needs the field "url"'),
        ('slack', {**SLACK, 'chanel': 'x'}, 'Slack has no field "chanel"; its fields are url'),
        ('slack', {'url': SLACK['url'] + '\n'}, 'must be one line'),
        ('slack', {'url': 'http://hooks.slack.com/x'}, 'must begin with https://'),
        ('slack', {'url': 'https://127.0.0.1/x'}, 'OUTBOUND_ALLOW'),
        ('slack', {'url': 'https://' + 'a' * 5000}, 'at most 4000 characters'),
        ('webhook', {'url': HOOK['url']}, 'Signed webhook needs the field "secret"'),
        ('webhook', {**HOOK, 'secret': 'hunter2'}, 'signing secret is not valid; expected whsec_'),
        ('webhook', {**HOOK, 'secret': SECRET.removeprefix('whsec_')}, 'signing secret is not valid'),
        ('webhook', {**HOOK, 'secret': 'whsec_'}, 'signing secret is not valid'),
        ('webhook', {**HOOK, 'secret': 'whsec_AAAA'}, 'signing secret is not valid'),
        ('webhook', {**HOOK, 'secret': 'whsec_' + 'not-base64_' * 4}, 'signing secret is not valid'),
        ('webhook', {**HOOK, 'url': 'https://10.0.0.5/x'}, 'a private address'),
    ],
)
def test_a_wrong_configuration_is_refused_with_a_sentence(kind: str, config: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        check(kind, config, trusted=False)
    assert str(refused.value).endswith('.')
    assert 'hunter2' not in str(refused.value)


def test_a_destination_gets_the_real_wire_with_its_trust() -> None:
    for trusted in (True, False):
        client = Recorder()
        build('slack', SLACK, client, trusted=trusted).send(letter())
        assert (client.calls[0]['url'], client.calls[0]['trusted']) == (SLACK['url'], trusted)


def test_simulated_addresses_and_demo_mode_get_the_same_twin_each_time() -> None:
    client = Recorder()
    config = {'url': 'simulated:front'}
    for _ in range(3):
        build('slack', config, client, trusted=False).send(letter())
    build('slack', SLACK, None, trusted=False).send(letter())
    memories = [twin('slack', config), twin('slack', SLACK), twin('slack', {'url': 'simulated:'})]
    assert [len(memory.taken()) for memory in memories if isinstance(memory, Memory)] == [3, 1, 0]
    assert client.calls == []


def test_a_twin_remembers_only_the_latest_and_fails_as_often_as_it_is_told() -> None:
    memory = Memory(lambda _headers, _content: Answer(200), keep=5)
    memory.fail(Temporary('Planned.'), times=2)
    for number in range(10):
        if number < 2:
            with pytest.raises(Temporary):
                memory('x', headers={}, content=b'')
        else:
            memory('x', headers={}, content=str(number).encode())
    assert memory.taken() == [b'5', b'6', b'7', b'8', b'9']


def test_every_channel_is_named_by_its_own_key_and_says_what_it_needs() -> None:
    for kind, line in CHANNELS.items():
        assert line.kind == kind
        assert line.label
        assert {'host'} if line.mail else {'url', 'token'} & line.fields.keys()
        assert line.settings.keys() | line.words.keys() | line.optional <= line.fields.keys()
        assert f'id="{line.icon}"' in SPRITE


def test_an_unknown_kind_cannot_be_built() -> None:
    with pytest.raises(ValueError, match='There is no channel "pigeon"'):
        build('pigeon', {}, None, trusted=True)
