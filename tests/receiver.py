"""A stand-in for the outside world: one loopback HTTP server that is Slack at /slack and a signed webhook's receiver at /hook."""

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.servers import until

SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'


@dataclass(frozen=True, slots=True)
class Fault:
    """How the next call goes wrong: another status, or the connection dropped before the body is read or after it was taken."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = 'planned fault'
    drop: str = ''  # '', 'before' or 'after'
    path: str = ''  # only calls to this path


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was read to its end. `at` is time.monotonic() on arrival; `fresh` is False for a twin the receiver knew."""

    at: float
    path: str
    headers: Mapping[str, str]
    body: str
    status: int
    fresh: bool = True

    @property
    def json(self) -> dict[str, object]:
        """The body, parsed."""
        parsed: dict[str, object] = json.loads(self.body)
        return parsed


class Receiver:
    """Records what arrives; can be slow (`delay` seconds), broken (`faults`) and off, and comes back on the same port."""

    def __init__(self, *, delay: float = 0.0, secret: str = SECRET) -> None:
        self.delay = delay
        self.secret = secret
        self.faults: deque[Fault] = deque()
        self.calls: list[Call] = []
        self.known: set[str] = set()  # webhook-id values: the receiver's own deduplication
        self.refused = 0  # signatures that did not hold
        self.open_calls = 0
        self._news = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._server: socket.socket | None = None
        self.port = 0
        self.start()

    @property
    def slack_url(self) -> str:
        """As SLACK_WEBHOOK_URL."""
        return f'http://127.0.0.1:{self.port}/slack'

    @property
    def hook_url(self) -> str:
        """As the url of a signed webhook."""
        return f'http://127.0.0.1:{self.port}/hook'

    def start(self) -> None:
        """Listen (again)."""
        server = socket.create_server(('127.0.0.1', self.port), backlog=128)
        self.port = server.getsockname()[1]
        self._server = server
        threading.Thread(target=self._accept, args=(server,), daemon=True, name='receiver').start()

    def stop(self) -> None:
        """Be gone: new connections are refused, open ones cut."""
        if self._server:
            # shutdown wakes accept(); close alone would leave the port listening until the next connection
            self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._server = None
        for connection in tuple(self._connections):
            _cut(connection)

    def at(self, path: str) -> list[Call]:
        """What arrived at this path, in order, and was answered with success."""
        return [call for call in tuple(self.calls) if call.path == path and call.status < 300]

    def wait(self, true: Callable[['Receiver'], object], *, seconds: float = 10, what: str = 'what the receiver waits for') -> None:
        """Wait until `true(self)` holds, looking whenever something arrives."""
        with self._news:
            if not self._news.wait_for(lambda: true(self), timeout=seconds):
                seen = [(call.path, call.status) for call in self.calls[-20:]]
                raise AssertionError(f'{what} did not happen within {seconds:g} s; last calls: {seen}')

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True, name='receiver call').start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile('rb') as stream:
                while self._one(connection, stream):
                    pass
        except (OSError, ValueError):
            pass  # the other side died, or we were stopped
        finally:
            self._connections.discard(connection)

    def _one(self, connection: socket.socket, stream: object) -> bool:
        read = stream.readline  # type: ignore[attr-defined]  # a buffered binary file
        start = read().decode('latin-1').split()
        if len(start) != 3:
            return False
        arrived = time.monotonic()
        path = start[1]
        headers: dict[str, str] = {}
        while (line := read().decode('latin-1').strip()) != '':
            name, _, value = line.partition(':')
            headers[name.lower()] = value.strip()
        fault = self._fault(path)
        if fault and fault.drop == 'before':
            _cut(connection)
            return False
        length = int(headers.get('content-length', 0))
        raw = stream.read(length)  # type: ignore[attr-defined]  # as above
        if len(raw) < length:
            return False  # the caller died while it spoke: nothing was taken
        with self._news:
            self.open_calls += 1
            self._news.notify_all()
        call = None
        try:
            if self.delay:
                threading.Event().wait(self.delay)
            call, text = self._judge(Call(arrived, path, headers, raw.decode(), 200), fault)
        finally:
            with self._news:
                self.open_calls -= 1
                self.calls += [call] if call else []
                self._news.notify_all()
        return self._answer(connection, call.status, text, fault)

    def _judge(self, call: Call, fault: Fault | None) -> tuple[Call, str]:
        status, text, fresh = (fault.status, fault.body, True) if fault and not fault.drop else self._take(call)
        return replace(call, status=status, fresh=fresh), text

    def _answer(self, connection: socket.socket, status: int, text: str, fault: Fault | None) -> bool:
        if fault and fault.drop:
            _cut(connection)
            return False
        extra = ''.join(f'{name}: {value}\r\n' for name, value in (fault.headers if fault else {}).items())
        payload = text.encode()
        connection.sendall(
            f'HTTP/1.1 {status} x\r\nContent-Type: text/plain\r\nContent-Length: {len(payload)}\r\n{extra}\r\n'.encode() + payload
        )
        return True

    def _fault(self, path: str) -> Fault | None:
        with self._news:
            if self.faults and self.faults[0].path in ('', path):
                return self.faults.popleft()
        return None

    def _take(self, call: Call) -> tuple[int, str, bool]:
        if call.path == '/slack':
            return (200, 'ok', True) if call.json.get('text') or call.json.get('blocks') else (400, 'no_text', True)
        if call.path != '/hook':
            return 404, 'no such path', True
        try:
            Webhook(self.secret).verify(call.body, dict(call.headers))
        except WebhookVerificationError as trouble:
            self.refused += 1
            return 401, str(trouble), True
        with self._news:
            fresh = call.headers['webhook-id'] not in self.known
            self.known.add(call.headers['webhook-id'])
        return 200, 'taken' if fresh else 'known', fresh

    def quiet(self, *, seconds: float = 10) -> None:
        """Wait until no call is under way."""
        until(lambda: self.open_calls == 0, seconds=seconds, what='the end of the open calls')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
