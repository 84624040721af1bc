"""Every adapter against a stand-in made from its vendor's own description of the interface: no request breaks it, whatever the answer."""

import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from domain.base import clock
from domain.base.events import Letter
from integrations.channels import discord, slack, telegram
from integrations.errors import ProviderError, Temporary, Throttled, Unknown
from integrations.gateways import Gateways
from integrations.http import Http
from integrations.ports import Notifier
from integrations.registry import CHANNELS, build
from tests.integrations.conftest import Contracts
from tests.integrations.letters import letter
from tests.integrations.standin import CLOSE, Asked, StandIn, reply

Make = Callable[..., Http]
WAYS = {
    'discord': {'url': '/api/v10/webhooks/1300000000000000000/a-very-secret-part'},
    'discord bot': {'token': 'a.very.secret', 'channel': '1300000000000000001'},
    'telegram': {'token': '123456789:AAEvery-secret_part', 'chat': '-1001234567890', 'thread': '7'},
}


class Vendor:
    """One validating stand-in, and the adapter that calls it."""

    def __init__(self, way: str, address: str, client: Http) -> None:
        kind, config = way.split(maxsplit=1)[0], dict(WAYS[way])
        if 'url' in config:
            config['url'] = address + config['url']
        self._address = address
        httpx.delete(f'{address}/_mock/requests', trust_env=False)
        self.notifier: Notifier = build(kind, config, Gateways(client, {CHANNELS[kind].origin: address}), trusted=True)

    def fail(self, **fault: Any) -> None:
        httpx.post(f'{self._address}/_mock/fault', json=fault, trust_env=False)

    def journal(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f'{self._address}/_mock/requests', trust_env=False).json()
        return found


@pytest.fixture(params=WAYS)
def vendor(request: pytest.FixtureRequest, contracts: Contracts, http: Make) -> Vendor:
    return Vendor(request.param, contracts.address(request.param.split()[0]), http(deadline=1.5, connect=1))


def kinds_of_letters() -> list[Letter]:
    full = letter(due_at=clock.now() + timedelta(minutes=15))
    return [
        full,
        letter(link='http://127.0.0.1:8080/leads/1', possible_duplicate=True, test=True),
        letter(message='long ' * 2000, wants='w' * 2000, source='*' * 2000),
        letter(event_type='sla.breached', title='First reply is late'),
        letter(event_type='lead.assigned', title='Assigned'),
        Letter(key='k', event_type='alert.opened', occurred_at=full.occurred_at, title='Slack is paused', message='It answered 403.'),
    ]


def test_no_kind_of_letter_breaks_the_vendors_own_description(vendor: Vendor) -> None:
    for each in kinds_of_letters():
        vendor.notifier.send(each)
    assert [(entry['status'] in (200, 204), entry['errors']) for entry in vendor.journal()] == [(True, [])] * len(kinds_of_letters())


def test_naughty_strings_do_not_either(vendor: Vendor, naughty: list[str]) -> None:
    for number in range(0, len(naughty), 12):
        some = naughty[number : number + 12]
        vendor.notifier.send(letter(name=some[0], message='\n'.join(some), wants=some[-1], source=some[len(some) // 2]))
    assert [entry['errors'] for entry in vendor.journal() if not entry['valid']] == []


IN_A_MINUTE = object()


@pytest.mark.parametrize(
    ('fault', 'kind', 'wait'),
    [
        ({'status': 429, 'headers': {'Retry-After': '7'}}, Throttled, 7),
        ({'status': 429, 'headers': {'Retry-After': IN_A_MINUTE}}, Throttled, 60),
        ({'status': 429, 'body': {'retry_after': 8.25, 'parameters': {'retry_after': 8.25}}}, Throttled, 8.25),
        (
            {'status': 429, 'headers': {'Retry-After': '3'}, 'body': {'retry_after': 64.5, 'parameters': {'retry_after': 64.5}}},
            Throttled,
            64.5,
        ),
        ({'status': 500}, Temporary, None),
        ({'status': 500, 'delay': 0.2}, Temporary, None),
        ({'delay': 2}, Unknown, None),
        ({'drop': True}, Unknown, None),
        ({'drop': True, 'after': True}, Unknown, None),
    ],
    ids=['429 seconds', '429 date', '429 body', '429 both', '500', '500 late', 'delay', 'drop before', 'drop after'],
)
def test_each_fault_has_its_class_and_the_next_letter_arrives(
    vendor: Vendor, fault: dict[str, Any], kind: type, wait: float | None
) -> None:
    date = {'Retry-After': format_datetime(clock.now() + timedelta(minutes=1), usegmt=True)}
    headers = date if IN_A_MINUTE in fault.get('headers', {}).values() else fault.get('headers', {})
    vendor.fail(**{**fault, 'headers': headers})
    with pytest.raises(ProviderError) as caught:
        vendor.notifier.send(letter())
    assert type(caught.value) is kind
    if wait is not None and isinstance(caught.value, Throttled):
        assert caught.value.retry_after == pytest.approx(wait, abs=2 if headers == date else 0.001)
    vendor.notifier.send(letter(possible_duplicate=kind is Unknown))
    journal = vendor.journal()
    assert (len(journal), [entry['errors'] for entry in journal]) == (2, [[], []])
    assert journal[-1]['status'] in (200, 204)


@pytest.mark.parametrize('way', WAYS)
def test_an_answer_that_drips_ends_with_the_deadline(way: str, http: Make, stand_in: Callable[..., StandIn]) -> None:
    def play(asked: Asked) -> Any:
        yield from server.drip([bytes([byte]) for byte in reply(200, b'{"ok":true,"result":{"message_id":1}}' * 50)])
        yield CLOSE

    server = stand_in(play)
    kind, config = way.split(maxsplit=1)[0], dict(WAYS[way])
    config |= {'url': server.url + config['url']} if 'url' in config else {}
    with pytest.raises(Unknown):
        build(kind, config, Gateways(http(), {CHANNELS[kind].origin: server.url}), trusted=True).send(letter())
    assert len(server.asked) == 1


def test_the_message_telegram_took_is_the_proof(contracts: Contracts, http: Make) -> None:
    vendor = Vendor('telegram', contracts.address('telegram'), http())
    assert vendor.notifier.send(letter()).reference.isdecimal()
    assert json.loads(vendor.journal()[0]['body'])['message_thread_id'] == 7


def test_our_message_is_one_that_slacks_own_description_accepts(contracts: Contracts, http: Make) -> None:
    address = contracts.address('slack')
    body = {'channel': 'C0G9QF9GW', **slack.message(letter(due_at=clock.now()), clock.now())}
    headers = {'content-type': 'application/json', 'authorization': 'Bearer x'}
    answer = http().post(f'{address}/api/chat.postMessage', headers=headers, content=json.dumps(body).encode(), trusted=True)
    journal = httpx.get(f'{address}/_mock/requests', trust_env=False).json()
    assert (answer.status, [entry['errors'] for entry in journal]) == (200, [[]])


def test_an_incoming_webhook_keeps_slacks_own_description(contracts: Contracts, http: Make) -> None:
    description = contracts.description('slack')
    path = next((path for path in description['paths'] if path.startswith(('/services', '/hooks'))), None)
    if path is None:
        pytest.skip("SLACK'S DESCRIPTION HAS NO INCOMING WEBHOOK: text and blocks were checked as chat.postMessage only")
    assert build('slack', {'url': contracts.address('slack') + path}, http(), trusted=True).send(letter()).status == 200


def test_the_addresses_of_the_vendors_are_those_of_their_descriptions(contracts: Contracts) -> None:
    assert contracts.description('discord')['servers'] == [{'url': '/api/v10'}]
    assert (discord.ORIGIN, telegram.ORIGIN) == ('https://discord.com', 'https://api.telegram.org')
