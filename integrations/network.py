"""How connections are made: look a name up once, judge every address it has, and connect to a judged one, never to the name."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Sequence

import httpcore

from integrations.addresses import Guard
from integrations.errors import Misconfigured

Resolve = Callable[[str, int], Sequence[str]]


def system_addresses(host: str, port: int) -> list[str]:
    """Every address the system knows for a name, in its order of preference; raises OSError. Blocks."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Lookups:
    """Looks names up off the loop, each name in a thread of its own and once at a time.

    A name server that never answers thus holds one thread per name and delays no other name, nor the end of the process.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._open: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def find(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name; raises OSError. The caller bounds the wait."""
        key = (host, port)
        if key not in self._open:
            loop = asyncio.get_running_loop()
            pending = self._open[key] = loop.create_future()
            threading.Thread(target=self._work, args=(key, loop, pending), name=f'lookup {host}', daemon=True).start()
        # Shielded: a caller whose time is up must not take the answer from the others.
        return await asyncio.shield(self._open[key])

    def _work(self, key: tuple[str, int], loop: asyncio.AbstractEventLoop, pending: asyncio.Future[Sequence[str]]) -> None:
        found: Sequence[str] = ()
        trouble: OSError | None = None
        try:
            found = self._resolve(*key)
        except (OSError, UnicodeError) as error:
            trouble = error if isinstance(error, OSError) else OSError(str(error))
        try:
            loop.call_soon_threadsafe(self._done, key, pending, found, trouble)
        except RuntimeError:
            pass  # the client was closed meanwhile: nobody waits for this any more

    def _done(self, key: tuple[str, int], pending: asyncio.Future[Sequence[str]], found: Sequence[str], trouble: OSError | None) -> None:
        self._open.pop(key, None)
        if pending.done():
            return
        if trouble is None:
            pending.set_result(found)
        else:
            pending.set_exception(trouble)
            pending.exception()  # mark it as seen: all who waited may have given up


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connections of one scheme under one guard. TLS and the Host header keep the name; only the socket uses the address."""

    def __init__(self, scheme: str, guard: Guard, lookups: Lookups) -> None:
        self._scheme = scheme
        self._guard = guard
        self._lookups = lookups
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the name is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect within `timeout` seconds, lookup included; raises Misconfigured when one of the addresses is refused."""
        clock = asyncio.get_running_loop().time
        until = None if timeout is None else clock() + timeout
        addresses = await self._addresses(host, port, until)
        for address in addresses:
            if reason := self._guard.refusal(self._scheme, port, address):
                raise Misconfigured(f'{host} may not be called: {reason}')
        trouble: Exception = httpcore.ConnectError(f'{host} has no address')
        for tried, address in enumerate(addresses):
            # What is left of the time is shared fairly, so that one dead address cannot use it all up.
            share = None if until is None else max(until - clock(), 0) / (len(addresses) - tried)
            try:
                return await self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble

    async def _addresses(self, host: str, port: int, until: float | None) -> Sequence[str]:
        try:
            async with asyncio.timeout_at(until):
                return await self._lookups.find(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f'the name {host} was not resolved in time') from error
        except OSError as error:
            raise httpcore.ConnectError(f'the name {host} was not resolved: {error.strerror or error}') from error
