"""The queue holds nothing and runs nothing that is not ours: readers sleep until something comes, and garbage is passed over."""

import json
import os
import pickle
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from huey.registry import Message

from domain.base.settings import Settings
from tasks import queue, wake
from tasks.queue import BlockingMemory, JsonSerializer, NotConfigured, configure
from tests.servers import free_port

HERE = '01a1fc83-5754-7230-b996-ae5ddc04b47b'


@pytest.fixture(autouse=True)
def storage() -> Iterator[None]:
    before = queue.huey.storage
    yield
    queue.huey.storage = before


def settings(tmp_path: Path, **fields: Any) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None, **fields)


def test_before_it_is_configured_the_queue_refuses_instead_of_swallowing() -> None:
    queue.huey.storage = NotConfigured('leadkeeper')
    with pytest.raises(RuntimeError, match='configure'):
        wake.enqueue(HERE)  # type: ignore[arg-type]  # its text form is all that is used


def test_a_reader_sleeps_until_something_comes() -> None:
    memory = BlockingMemory('x', wait=5)
    got: list[tuple[bytes | None, float]] = []
    reader = threading.Thread(target=lambda: got.append((memory.dequeue(), time.monotonic())))
    reader.start()
    threading.Event().wait(0.1)
    put = time.monotonic()
    memory.enqueue(b'look')
    reader.join(2)
    ((data, at),) = got
    assert data == b'look'
    assert at - put < 0.05


def test_a_reader_gives_up_after_its_wait_so_that_it_can_be_stopped() -> None:
    assert BlockingMemory('x', wait=0.01).dequeue() is None


def test_each_message_wakes_one_of_many_readers() -> None:
    memory = BlockingMemory('x', wait=0.3)
    got: list[bytes] = []

    def read() -> None:
        while (data := memory.dequeue()) is not None:
            got.append(data)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for number in range(200):
        memory.enqueue(str(number).encode())
    for reader in readers:
        reader.join()
    assert sorted(got, key=int) == [str(number).encode() for number in range(200)]


def test_messages_are_json_of_ids_only() -> None:
    text = JsonSerializer().serialize(Message('1', 'wake', None, 0, 0, 0, (HERE,), {}, None, None, None, None))
    assert json.loads(text) == ['1', 'wake', [HERE], {}]
    read = JsonSerializer().deserialize(text)
    assert (read.id, read.name, read.args, read.retries) == ('1', 'wake', (HERE,), 0)


class Bomb:
    """Runs code in whoever unpickles it."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._mark),)


def test_garbage_and_a_pickle_in_redis_are_passed_over_and_the_next_wake_is_carried(redis_url: str, tmp_path: Path) -> None:
    configure(settings(tmp_path, redis_url=redis_url))
    mark, came = tmp_path / 'it ran', threading.Event()

    class Carrier:
        def carry(self, destination: object) -> int:
            assert str(destination) == HERE
            came.set()
            return 0

    class Relay:
        def started(self, destination: object) -> None:
            pass

    wake.serve(Carrier(), Relay())  # type: ignore[arg-type]  # all that wake needs of them
    client = redis.Redis.from_url(redis_url)
    for rubbish in (
        pickle.dumps(Bomb(mark)),
        b'',
        b'\x00\xff',
        b'[]',
        b'{"a": 1}',
        b'["1", "os.system", ["true"], {}]',
        b'["1", "wake", ["x"], {}]',
    ):
        client.lpush(queue.huey.storage.queue_key, rubbish)
    consumer = queue.consumer(1)
    consumer.start()
    try:
        wake.enqueue(HERE)  # type: ignore[arg-type]  # its text form is all that is used
        assert came.wait(10)
    finally:
        consumer.stop(graceful=True)
        wake._here.clear()
        client.close()
    assert not mark.exists()


def test_a_redis_that_never_answers_costs_two_seconds(tmp_path: Path) -> None:
    import socket

    with socket.create_server(('127.0.0.1', free_port())) as silent:
        configure(settings(tmp_path, redis_url=f'redis://127.0.0.1:{silent.getsockname()[1]}/0'))
        started = time.monotonic()
        with pytest.raises(redis.RedisError):
            wake.enqueue(HERE)  # type: ignore[arg-type]  # its text form is all that is used
        assert time.monotonic() - started < 2.5
