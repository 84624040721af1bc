"""What every imitated receiver shares: it takes the wire's place, remembers what it got, and fails when told to."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrations.errors import ProviderError
from integrations.ports import Answer

Respond = Callable[[Mapping[str, str], bytes], Answer]


@dataclass(frozen=True, slots=True)
class Received:
    """One request that came in, whether it was taken or not; header names in lower case."""

    headers: Mapping[str, str]
    content: bytes
    status: int | None  # None: the caller got no answer
    taken: bool


class Memory:
    """A receiver's memory of the latest `keep` requests, and its orders to fail; used as the `post` of an adapter, from many threads.

    `respond` is the imitated service: it judges a request as the vendor would and gives the vendor's answer.
    """

    def __init__(self, respond: Respond, keep: int = 1000) -> None:
        self._respond = respond
        self._lock = threading.Lock()
        self._faults: deque[tuple[Answer | ProviderError, bool]] = deque()
        self.received: deque[Received] = deque(maxlen=keep)

    def __call__(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Answer:
        """Take one request; gives the answer, or what `fail` ordered instead."""
        names = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            fault, after = self._faults.popleft() if self._faults else (None, True)
            answer = self._respond(names, content) if after else None
            told = fault or answer
            status = told.status if isinstance(told, Answer) else None
            self.received.append(Received(names, content, status, taken=answer is not None and 200 <= answer.status < 300))
        if isinstance(told, ProviderError):
            raise told
        assert told is not None
        return told

    def fail(self, fault: Answer | ProviderError, *, times: int = 1, after: bool = False) -> None:
        """Let the next `times` requests end so; with `after` the request is taken first and only the answer is lost."""
        with self._lock:
            self._faults.extend([(fault, after)] * times)

    def taken(self) -> list[bytes]:
        """The bodies of the requests it took, oldest first."""
        with self._lock:
            return [request.content for request in self.received if request.taken]
