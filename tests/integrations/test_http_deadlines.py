"""No call lasts longer than its deadline, and what is slow for one destination is not slow for another."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.answers import judge
from integrations.errors import Temporary, Unknown
from integrations.http import Http
from integrations.ports import Answer
from tests.integrations.standin import CLOSE, Asked, StandIn, reply

DEADLINE = 0.6
Make = Callable[..., Http]
Serve = Callable[..., StandIn]


def call(client: Http, url: str, *, content: bytes = b'{}') -> Answer:
    return client.post(url, headers={'content-type': 'application/json'}, content=content, trusted=True)


def slow_play(name: str, server: list[StandIn]) -> Iterable[bytes]:
    one = server[0]
    letters = [b'a'] * 10_000
    status_line = [bytes([byte]) for byte in b'HTTP/1.1']
    return {
        'never answers': one.drip([b''] * 10_000),
        'drips the status line': one.drip([*status_line, *letters]),
        'drips headers': one.drip([b'HTTP/1.1 200 OK\r\n', *[b'x: y\r\n'] * 10_000]),
        'drips informational answers': one.drip([b'HTTP/1.1 102 Processing\r\n\r\n'] * 10_000),
        'drips the body': one.drip([b'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n', *letters]),
        'drips chunks': one.drip([b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', *[b'1\r\na\r\n'] * 10_000]),
        'drips a body without length': one.drip([b'HTTP/1.1 200 OK\r\n\r\n', *letters]),
    }[name]


SLOW = [
    'never answers',
    'drips the status line',
    'drips headers',
    'drips informational answers',
    'drips the body',
    'drips chunks',
    'drips a body without length',
]


def test_no_slow_server_holds_a_call_beyond_the_deadline(http: Make, stand_in: Serve) -> None:
    server: list[StandIn] = []
    server.append(stand_in(lambda asked: slow_play(asked.path[1:].replace('-', ' '), server)))
    client = http()

    def one(name: str) -> tuple[str, float]:
        start = time.monotonic()
        with pytest.raises(Unknown):
            judge(call(client, f'{server[0].url}/{name.replace(" ", "-")}'), who='It')
        return name, time.monotonic() - start

    with ThreadPoolExecutor(len(SLOW)) as pool:
        took = dict(pool.map(one, SLOW))
    assert {name: seconds for name, seconds in took.items() if not DEADLINE - 0.1 < seconds < DEADLINE + 0.5} == {}
    assert len(server[0].asked) == len(SLOW)


def test_what_is_slow_before_the_request_had_no_effect_and_ends_in_time(http: Make, stand_in: Serve) -> None:
    done = threading.Event()

    def never(_host: str, _port: int) -> list[str]:
        done.wait()
        return []

    with socket.create_server(('127.0.0.1', 0)) as silent:  # takes connections, never says a word: no TLS comes of it
        dead_names = http(resolve=never)
        for client, url in ((http(), f'https://127.0.0.1:{silent.getsockname()[1]}/'), (dead_names, 'https://desk.test/')):
            start = time.monotonic()
            with pytest.raises(Temporary):
                call(client, url)
            assert time.monotonic() - start < DEADLINE + 0.5
    done.set()


def test_a_dead_name_delays_no_other_name(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)])
    done, asked = threading.Event(), []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        if host == 'dead.test':
            done.wait()
        return ['127.0.0.1']

    client = http(resolve=resolve)
    with ThreadPoolExecutor(8) as pool:
        stuck = [pool.submit(call, client, 'https://dead.test/') for _ in range(7)]
        assert call(client, f'http://alive.test:{server.port}/').status == 200
        assert not any(one.done() for one in stuck)
        assert all(isinstance(one.exception(), Temporary) for one in stuck)
    assert asked.count('dead.test') == 1
    done.set()


def test_sixteen_threads_share_one_client(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda asked: [reply(200, asked.content)])
    client = http(deadline=5.0)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: call(client, server.url, content=str(number).encode()).text, range(320)))
    assert answers == [str(number) for number in range(320)]
    assert server.connections <= 16


def test_a_server_that_came_back_is_reached_although_its_old_connection_died(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200), CLOSE])
    client = http()
    for _ in range(5):
        assert call(client, server.url).status == 200
        threading.Event().wait(0.1)  # the end of the connection is on its way; nothing on this side says when it has come


def test_closing_ends_calls_under_way_and_later_ones_wait_for_the_next_start(http: Make, stand_in: Serve) -> None:
    arrived = threading.Event()

    def hang(_asked: Asked) -> Iterator[bytes]:
        arrived.set()
        yield from server.drip([b''] * 1000)

    server = stand_in(hang)
    client = http(deadline=5.0)
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(call, client, server.url)
        assert arrived.wait(2)
        start = time.monotonic()
        client.close()
        assert isinstance(under_way.exception(), Unknown)
        assert time.monotonic() - start < 1
    with pytest.raises(Temporary, match='stopping'):
        call(client, server.url)
    client.close()


def test_a_forked_process_makes_its_own_loop(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)])
    client = http(deadline=2.0)
    assert call(client, server.url).status == 200
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if call(client, server.url).status == 200 else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert call(client, server.url).status == 200
    assert server.connections == 2
