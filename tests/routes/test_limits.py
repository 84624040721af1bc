"""How often strangers may knock, and whose address counts."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.domain.rows import copy_of
from tests.routes.house import ADMIN_KEY, INTAKE, House, lead, problem
from tests.servers import Redis
from ui.visitors import client_address

_numbers = itertools.count()
Strict = Callable[..., House]


@pytest.fixture
def strict(open_house: Callable[..., House], tmp_path: Path, migrated: Callable[[str], str]) -> Strict:
    def start(**settings: Any) -> House:
        return open_house(copy_of(migrated('sqlite'), tmp_path / 'strict.sqlite3'), **({'rate_limit_intake': '3/minute'} | settings))

    return start


def knock(house: House, *, peer: str = '192.0.2.1', headers: Any = None, key: str | None = None) -> httpx.Response:
    parts = lead({'email': f'knock{next(_numbers)}@example.com'}, key=key)
    sent = [*parts['headers'].items(), *(headers.items() if isinstance(headers, dict) else headers or ())]
    return house.ask('POST', INTAKE[0], content=parts['content'], headers=sent, peer=peer)


def codes(house: House, times: int = 5, **more: Any) -> list[int]:
    return [knock(house, **more).status_code for _ in range(times)]


def test_an_address_may_only_knock_so_often(strict: Strict) -> None:
    house = strict()
    assert codes(house) == [201, 201, 201, 429, 429]
    found = problem(knock(house), 429, 'too_many_requests')
    assert '3 per 1 minute' in found['detail']
    assert 0 < int(knock(house).headers['retry-after']) <= 61
    assert codes(house, 2, peer='192.0.2.2') == [201, 201]
    assert codes(house, key=ADMIN_KEY) == [201] * 5


def test_a_spoofed_address_changes_nothing(strict: Strict) -> None:
    house = strict()
    assert [knock(house, headers={'X-Forwarded-For': f'198.51.100.{n}'}).status_code for n in range(5)] == [201, 201, 201, 429, 429]


def test_behind_a_trusted_proxy_its_last_hop_counts(strict: Strict) -> None:
    house = strict(trusted_proxies='192.0.2.1')
    assert [knock(house, headers={'X-Forwarded-For': f'198.51.100.{n}, 203.0.113.9'}).status_code for n in range(4)] == [201, 201, 201, 429]
    assert codes(house, 1, headers={'X-Forwarded-For': '203.0.113.10'}) == [201]
    assert codes(house, 4, peer='192.0.2.7', headers={'X-Forwarded-For': '203.0.113.11'}) == [201, 201, 201, 429]


def test_the_last_of_several_forwarding_headers_counts(strict: Strict) -> None:
    house = strict(trusted_proxies='192.0.2.1')
    spoofed = [[('X-Forwarded-For', f'198.51.100.{n}'), ('X-Forwarded-For', '203.0.113.9')] for n in range(4)]
    assert [knock(house, headers=headers).status_code for headers in spoofed] == [201, 201, 201, 429]


@pytest.mark.parametrize(
    ('peer', 'forwarded', 'trusted', 'expected'),
    [
        ('10.0.0.1', '', (), '10.0.0.1'),
        ('10.0.0.1', '1.2.3.4', (), '10.0.0.1'),
        ('10.0.0.1', '1.2.3.4', ('10.0.0.0/8',), '1.2.3.4'),
        ('10.0.0.1', '9.9.9.9, 1.2.3.4, 10.0.0.2', ('10.0.0.0/8',), '1.2.3.4'),
        ('10.0.0.1', 'garbage', ('10.0.0.0/8',), 'garbage'),
        ('10.0.0.1', '10.0.0.3, 10.0.0.2', ('10.0.0.0/8',), '10.0.0.3'),
        ('2001:db8::1', '1.2.3.4', ('2001:db8::/32',), '1.2.3.4'),
        ('', '1.2.3.4', ('10.0.0.0/8',), ''),
    ],
)
def test_the_visitors_address(peer: str, forwarded: str, trusted: tuple[str, ...], expected: str) -> None:
    assert client_address(peer, forwarded, trusted) == expected


def test_a_widget_key_has_its_own_limit(strict: Strict) -> None:
    house = strict(rate_limit_intake='1000/minute', rate_limit_widget='4/minute')
    key = {'X-Widget-Key': house.widget_key('https://shop.example')}
    assert [knock(house, peer=f'192.0.2.{n}', headers=key).status_code for n in range(6)] == [201] * 4 + [429] * 2


def test_a_page_may_read_why_it_must_wait(strict: Strict) -> None:
    house = strict(rate_limit_intake='1/minute')
    key = {'X-Widget-Key': house.widget_key('https://shop.example'), 'Origin': 'https://shop.example'}
    answers = [knock(house, headers=key) for _ in range(2)]
    assert problem(answers[1], 429) and answers[1].headers['access-control-allow-origin'] == 'https://shop.example'


def test_wrong_keys_are_counted_too(strict: Strict) -> None:
    house = strict(rate_limit_widget='3/minute')
    assert [knock(house, key=f'lk_wrong{n}').status_code for n in range(5)] == [401, 401, 401, 429, 429]


def test_leads_are_counted_without_redis_sign_ins_with_it(strict: Strict, own_redis: Redis) -> None:
    house = strict(redis_url=own_redis.url, desk=True, rate_limit_login='3/minute')
    house.person()
    assert codes(house) == [201, 201, 201, 429, 429]
    import redis

    with redis.Redis.from_url(own_redis.url) as client:
        assert client.keys() == []
        assert [house.sign_in(password='wrong').status_code for _ in range(4)] == [401, 401, 401, 429]
        assert client.keys() != []
    own_redis.kill()
    assert house.sign_in(password='wrong').status_code == 401, 'counts alone while Redis is away'


def test_the_answer_carries_the_headers_of_safety(strict: Strict) -> None:
    answer = knock(strict(), headers={'X-Request-Id': 'abc-1'})
    assert answer.headers['x-request-id'] == 'abc-1'
    assert answer.headers['x-content-type-options'] == 'nosniff'
    answer = knock(strict(), headers={'X-Request-Id': 'bad id\u00e9'.encode().decode('latin-1').encode('ascii', 'ignore').decode()})
    assert len(answer.headers['x-request-id']) == 16
    assert json.loads(answer.text)['duplicate'] is False
