"""The one HTTP client: synchronous outside, pooled and asynchronous inside, with a deadline over everything and a cap on what it reads."""

import asyncio
import os
import socket
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Coroutine, Iterable, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

import certifi
import httpcore
import httpx

from integrations.addresses import Guard, networks
from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Unknown
from integrations.network import GuardedBackend, Lookups, Resolve, system_addresses
from integrations.ports import Answer

USER_AGENT = 'Leadkeeper'
GRACE = 1.0  # seconds the caller waits beyond the deadline before it stops believing in the loop


@dataclass(slots=True)
class _Call:
    """What is known of one call so far: enough to say afterwards what a failure means."""

    host: str
    sent: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        # From here on bytes may have reached the other side, whatever happens next.
        if event.endswith('send_request_headers.started'):
            self.sent = True

    def answer(self, *, complete: bool) -> Answer:
        assert self.status is not None
        return Answer(self.status, self.headers, self.body.decode('utf-8', 'replace'), complete)


class Http:
    """Sends requests from many threads over one background loop; made lazily in each process, closed once.

    `deadline` bounds a whole call in seconds: lookup, connection, TLS, request, headers and body. `connect` bounds lookup and connection,
    and again TLS. `cap` is the most bytes read of a body: what lies beyond is left unread, and the status counts all the same.
    `allow` is OUTBOUND_ALLOW. `keep_alive` is how many seconds an idle connection is kept.
    """

    _loop: asyncio.AbstractEventLoop | None
    _thread: threading.Thread
    _pools: dict[tuple[bool, str], httpcore.AsyncConnectionPool]

    def __init__(
        self,
        *,
        deadline: float,
        connect: float = 3.0,
        cap: int = 20_000,
        allow: Iterable[str] = (),
        keep_alive: float = 20.0,
        resolve: Resolve = system_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._deadline = deadline
        self._timeouts = {'connect': connect}
        self._cap = cap
        allowed = networks(allow)
        self._guards = {trusted: Guard(trusted, allowed) for trusted in (True, False)}
        self._keep_alive = keep_alive
        self._resolve = resolve
        self._tls = tls
        self._forget()

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes, trusted: bool) -> Answer:
        """Send one POST and give back its answer, whatever its status.

        Raises Misconfigured for an address the desk may not call, Temporary while nothing had left, Permanent for a request that cannot
        be written, Unknown once it was on its way and no status came back.
        """
        until = time.monotonic() + self._deadline
        try:
            target = self._guards[trusted].check(url)
        except ValueError as refused:
            raise Misconfigured(f'The address may not be called: {refused}') from None
        call = _Call(target.host)
        future = self._submit(self._send(call, target, headers, content, trusted, until))
        try:
            return future.result(self._deadline + GRACE)
        except (TimeoutError, CancelledError) as trouble:
            future.cancel()
            raise self._failure(call, trouble) from None

    def close(self) -> None:
        """End the calls under way, the connections and the thread; later calls raise Temporary. May be called twice."""
        if self._pid != os.getpid():
            return
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is None:
            return
        loop.call_soon_threadsafe(self._stop, loop)
        self._thread.join(self._deadline)

    # — the loop and its thread —

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._closed = False
        self._loop = None
        self._thread = threading.Thread()
        self._pools = {}
        self._lookups = Lookups(self._resolve)

    def _submit(self, work: Coroutine[Any, Any, Answer]) -> Future[Answer]:
        if self._pid != os.getpid():
            self._forget()  # forked: neither the parent's thread nor its connections exist here
        with self._lock:
            if self._closed:
                work.close()
                raise Temporary('The desk is stopping; this is sent after the next start.')
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._run, args=(self._loop,), name='http', daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            loop.run_until_complete(self._finish(loop))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    def _stop(self, loop: asyncio.AbstractEventLoop) -> None:
        # One turn later, so that a call submitted just before has become a task and is cancelled with the others.
        loop.call_soon(loop.stop)

    async def _finish(self, loop: asyncio.AbstractEventLoop) -> None:
        tasks = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for pool in self._pools.values():
            await pool.aclose()

    # — one call, on the loop —

    async def _send(
        self, call: _Call, target: httpx.URL, headers: Mapping[str, str], content: bytes, trusted: bool, until: float
    ) -> Answer:
        try:
            async with asyncio.timeout(until - time.monotonic()):
                await self._exchange(call, target, headers, content, trusted)
        except ProviderError:
            raise
        except (Exception, asyncio.CancelledError) as trouble:
            if call.status is None:
                raise self._failure(call, trouble) from trouble
            return call.answer(complete=False)
        return call.answer(complete=True)

    async def _exchange(self, call: _Call, target: httpx.URL, headers: Mapping[str, str], content: bytes, trusted: bool) -> None:
        url = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        fields = {'Host': target.netloc.decode('ascii'), 'User-Agent': USER_AGENT, **headers}
        extensions = {'timeout': self._timeouts, 'trace': call.trace}
        pool = self._pool(trusted, target.scheme)
        lines = [(name.encode('ascii'), value.encode('ascii')) for name, value in fields.items()]
        async with pool.stream('POST', url, headers=lines, content=content, extensions=extensions) as response:
            for name, value in response.headers:
                call.headers.setdefault(name.decode('latin-1').lower(), value.decode('latin-1'))
            call.status = response.status
            async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_stream())) as chunks:
                async for chunk in chunks:
                    call.body += chunk[: self._cap - len(call.body)]
                    if len(call.body) >= self._cap:
                        break

    def _pool(self, trusted: bool, scheme: str) -> httpcore.AsyncConnectionPool:
        # One pool per rule: a connection made for a trusted address is never lent to an address from the desk.
        key = (trusted, scheme)
        if key not in self._pools:
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=self._context() if scheme == 'https' else None,
                max_connections=None,  # the callers are bounded already
                keepalive_expiry=self._keep_alive,
                network_backend=GuardedBackend(scheme, self._guards[trusted], self._lookups),
            )
        return self._pools[key]

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            # The shipped authorities, for machines that have none, and the machine's own, for those who run one.
            self._tls = ssl.create_default_context(cafile=certifi.where())
            self._tls.load_default_certs()
        return self._tls

    def _failure(self, call: _Call, trouble: BaseException) -> ProviderError:
        """Put a failure without an answer into words and into the class that says whether it may have had an effect."""
        words = _words(trouble, self._deadline)
        if isinstance(trouble, (httpcore.LocalProtocolError, UnicodeError)):
            return Permanent(f'The request to {call.host} cannot be written: {words}.')
        if call.sent:
            return Unknown(f'The request to {call.host} was sent, but no answer came: {words}. It may or may not have been taken.')
        return Temporary(f'{call.host} was not reached: {words}. It is tried again.')


def _words(trouble: BaseException, deadline: float) -> str:
    if isinstance(trouble, (asyncio.CancelledError, CancelledError)):
        return 'the desk is stopping'
    if isinstance(trouble, TimeoutError):
        return f'it took longer than {deadline:g} s'
    if isinstance(trouble, httpcore.ConnectTimeout):
        return str(trouble) or 'it did not accept a connection in time'
    first = _first(trouble)
    if isinstance(first, ssl.SSLError):
        return f'no secure connection ({getattr(first, "verify_message", "") or first.reason or "TLS failed"})'
    if isinstance(trouble, httpcore.RemoteProtocolError):
        # Never quoted: the parser repeats what it could not read, and that may repeat the secret address.
        return 'the connection was closed' if 'without' in str(trouble) else 'what came back is not HTTP'
    if isinstance(first, OSError) and first.errno:
        return str(first.strerror) if isinstance(first, socket.gaierror) else os.strerror(first.errno)
    return (str(trouble) or type(trouble).__name__).rstrip('.')


def _first(trouble: BaseException) -> BaseException:
    """The error that began it, under the layers of libraries that translated it."""
    while (before := trouble.__cause__ or trouble.__context__) is not None:
        trouble = before
    return trouble
