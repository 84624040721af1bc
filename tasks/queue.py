"""The queue: a Huey object whose storage is chosen at start. It says "look at this destination" and holds nothing that could be lost."""

import json
import logging
import threading
import time
from typing import Any

from huey import Huey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BaseStorage, MemoryStorage, RedisStorage

from domain.base.settings import Settings


class NotConfigured(BaseStorage):  # type: ignore[misc]  # huey carries no types
    """Before configure(): refuses, where Huey's own empty storage would swallow."""

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        raise RuntimeError('the queue was used before tasks.queue.configure()')


class BlockingMemory(MemoryStorage):  # type: ignore[misc]  # huey carries no types
    """Huey's memory storage, whose readers sleep until something comes: 0.1 ms where polling would take 16."""

    blocking = True

    def __init__(self, name: str = 'huey', wait: float = 0.5, **options: Any) -> None:
        super().__init__(name, **options)
        self._wait = wait
        self._arrived = threading.Condition()

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        super().enqueue(data, priority)
        with self._arrived:
            self._arrived.notify()

    def dequeue(self) -> bytes | None:
        data: bytes | None = super().dequeue()
        if data is None:
            with self._arrived:
                if not self._queue:
                    self._arrived.wait(self._wait)
            data = super().dequeue()
        return data


class JsonSerializer(Serializer):  # type: ignore[misc]  # huey carries no types
    """Messages as JSON: whoever can write to Redis must not be able to run code, as with Huey's pickle."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, data.args, data.kwargs]).encode()

    def _deserialize(self, data: bytes) -> Message:
        id_, name, args, kwargs = json.loads(data)
        return Message(id=id_, name=name, retries=0, retry_delay=0, args=tuple(args), kwargs=kwargs)


class Embedded(Consumer):  # type: ignore[misc]  # huey carries no types
    """A consumer inside another program, which keeps its own signal handlers."""

    def _set_signal_handlers(self) -> None:
        pass


class Seldom(logging.Filter):
    """Lets one line through per so many seconds: without Redis, Huey's readers would write hundreds a second."""

    def __init__(self, every: float) -> None:
        super().__init__()
        self._every = every
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        moment = time.monotonic()
        if record.levelno < logging.WARNING or moment < self._next:
            return False
        self._next = moment + self._every
        record.exc_info = record.exc_text = None  # the reason in a line, not a stack
        return True


huey = Huey('leadkeeper', results=False, store_none=False, serializer=JsonSerializer(), storage_class=NotConfigured)


def configure(settings: Settings) -> None:
    """Choose the storage; each process does this once, before it starts a consumer or a relay."""
    for name in ('huey', 'huey.consumer', 'huey.consumer.Worker', 'huey.consumer.Scheduler'):
        logger = logging.getLogger(name)
        if not any(isinstance(known, Seldom) for known in logger.filters):
            logger.addFilter(Seldom(every=10.0))
    if settings.queue == 'redis' and settings.redis_url:
        url = settings.redis_url.get_secret_value()
        url += ('&' if '?' in url else '?') + 'socket_timeout=2&socket_connect_timeout=2'
        huey.storage = RedisStorage('leadkeeper', url=url, blocking=True, read_timeout=1)
    else:
        huey.storage = BlockingMemory('leadkeeper')


def consumer(threads: int) -> Embedded:
    """A consumer of this many threads, without Huey's scheduler: the rows say when something is due."""
    return Embedded(huey, workers=threads, worker_type='thread', periodic=False, initial_delay=0.05, max_delay=0.5)
