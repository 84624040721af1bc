"""A loopback server that does what a test's `play` says, down to the byte: good answers, half answers, none at all."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

RESET = b'<reset>'  # yielded by a play: cut the connection hard
CLOSE = b'<close>'  # yielded by a play: close it in order


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    content: bytes


Play = Callable[[Asked], Iterable[bytes]]


class StandIn:
    """Listens on a free port of `host`; each connection is a thread, kept alive as long as the play lets it."""

    def __init__(self, play: Play, *, host: str = '127.0.0.1', port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.over = threading.Event()
        self._play, self._tls = play, tls
        self._server = socket.create_server((host, port), backlog=64)
        self.port: int = self._server.getsockname()[1]
        self.url = f'{"https" if tls else "http"}://{host}:{self.port}'
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Be gone; may be said twice."""
        if not self.over.is_set():
            self.over.set()
            self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True)
            with connection.makefile('rb') as stream:
                while (asked := _read(stream)) and self._answer(connection, asked):
                    pass
        except (OSError, ValueError):
            pass  # the client went away, as many of these tests want it to
        finally:
            connection.close()

    def _answer(self, connection: socket.socket, asked: Asked) -> bool:
        self.asked.append(asked)
        for piece in self._play(asked):
            if self.over.is_set() or piece == CLOSE:
                return False
            if piece == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                return False
            connection.sendall(piece)
        return True

    def drip(self, pieces: Iterable[bytes], every: float = 0.05) -> Iterator[bytes]:
        """The pieces one at a time, `every` so many seconds, until the stand-in is closed."""
        for piece in pieces:
            yield piece
            if self.over.wait(every):
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def reply(status: int, body: bytes = b'ok', **headers: str) -> bytes:
    """A whole answer; underscores in header names become hyphens."""
    fields = {'content-length': str(len(body)), **{name.replace('_', '-'): value for name, value in headers.items()}}
    if status in (204, 304):
        del fields['content-length']
        body = b''
    lines = [f'HTTP/1.1 {status} Said', *(f'{name}: {value}' for name, value in fields.items()), '', '']
    return '\r\n'.join(lines).encode('latin-1') + body


def _read(stream: BinaryIO) -> Asked | None:
    start = stream.readline().decode('latin-1').split()
    if len(start) != 3:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode('latin-1').strip():
        name, _, value = line.partition(':')
        headers[name.lower()] = value.strip()
    return Asked(start[1], headers, stream.read(int(headers.get('content-length', 0))))
