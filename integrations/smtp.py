"""The one SMTP client: a connection per letter, under one deadline, to judged addresses only; says what was answered, and at which step."""

import os
import queue
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import certifi

from integrations.addresses import Guard, networks
from integrations.errors import Misconfigured, ProviderError, Temporary, Unknown
from integrations.network import Resolve, system_addresses
from integrations.ports import Answer
from integrations.smtp_talk import Answered, Mode, Talk

MODES: Mapping[int, Mode] = {465: Mode.TLS, 587: Mode.STARTTLS, 25: Mode.PLAIN, 1025: Mode.PLAIN}

UNRESOLVED = 'its name was not resolved in time'


class Smtp:
    """Hands messages to mail servers, from many threads. `modes` says how a port speaks; those it does not name should offer STARTTLS.

    `deadline` bounds a whole conversation in seconds, `connect` lookup and connection within it; `allow` is OUTBOUND_ALLOW.
    """

    def __init__(
        self,
        *,
        deadline: float,
        connect: float = 3.0,
        allow: Iterable[str] = (),
        resolve: Resolve = system_addresses,
        tls: ssl.SSLContext | None = None,
        modes: Mapping[int, Mode] = MODES,
    ) -> None:
        self._deadline = deadline
        self._connect = connect
        allowed = networks(allow)
        self._guards = {trusted: Guard(trusted, allowed) for trusted in (True, False)}
        self._resolve = resolve
        self._tls = tls
        self._modes = modes

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes, trusted: bool) -> Answer:
        """Hand one message over; `url` is `smtp://host:port`, `headers` the envelope: mail-from, rcpt-to (commas between several), and
        user, password and smtputf8 where they are needed.

        Gives back the reply that decided, its code as status and its step under `stage` (greeting, login, mail, rcpt, data, end). Raises
        Misconfigured for a server that may not be used, Permanent when it cannot carry such an address, Temporary while it had not
        been told to take the message, Unknown once it had and said nothing.
        """
        target = urlsplit(url)
        host, port = target.hostname or '', target.port or 0
        talk = Talk(host, port, self._modes.get(port, Mode.OFFERED), time.monotonic() + self._deadline, self._context)
        try:
            talk.begin(self._open(host, port, trusted))
            return talk.hand_over(headers, content)
        except Answered as said:
            return said.answer
        except ProviderError:
            raise
        except (OSError, ValueError, smtplib.SMTPException) as trouble:
            words = _words(trouble, self._deadline)
            if talk.told:
                raise Unknown(
                    f'{host} was given the message, but did not confirm it: {words}. It may or may not be delivered.'
                ) from trouble
            raise Temporary(f'The mail server {host} was not reached: {words}. It is tried again.') from trouble
        finally:
            talk.close()

    def _open(self, host: str, port: int, trusted: bool) -> socket.socket:
        until = time.monotonic() + min(self._connect, self._deadline)
        addresses = self._addresses(host, port, until)
        for address in addresses:
            # Judged like https: the transport has its own rules, what counts here is where it leads.
            if reason := self._guards[trusted].refusal('https', 443, address):
                raise Misconfigured(f'The mail server {host} may not be called: {reason}')
        trouble: OSError = OSError('the name has no address')
        for tried, address in enumerate(addresses):
            share = max(until - time.monotonic(), 0.001) / (len(addresses) - tried)
            try:
                return socket.create_connection((address, port), share)
            except OSError as error:
                trouble = error
        raise trouble

    def _addresses(self, host: str, port: int, until: float) -> Sequence[str]:
        """Looked up in a thread of its own: a name server that never answers must not hold the caller beyond its time."""
        found: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def work() -> None:
            try:
                found.put(self._resolve(host, port))
            except OSError as error:
                found.put(error)
            except UnicodeError as error:
                found.put(OSError(str(error)))

        threading.Thread(target=work, name=f'lookup {host}', daemon=True).start()
        try:
            answer = found.get(timeout=max(until - time.monotonic(), 0.001))
        except queue.Empty:
            raise TimeoutError(UNRESOLVED) from None
        if isinstance(answer, OSError):
            raise answer
        return answer

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            context = ssl.create_default_context(cafile=certifi.where())
            context.load_default_certs()
            self._tls = context
        return self._tls


def _words(trouble: BaseException, deadline: float) -> str:
    first = trouble
    while (before := first.__cause__ or (None if first.__suppress_context__ else first.__context__)) is not None:
        first = before
    if isinstance(first, TimeoutError):
        return str(first) if first.errno is None and first.args[:1] == (UNRESOLVED,) else f'it took longer than {deadline:g} s'
    if isinstance(first, ssl.SSLError):
        return f'no secure connection ({getattr(first, "verify_message", "") or first.reason or "TLS failed"})'
    if isinstance(first, socket.gaierror):
        return 'its name was not found'
    if isinstance(first, OSError) and first.errno:
        return os.strerror(first.errno)
    if isinstance(first, smtplib.SMTPServerDisconnected):
        return 'the connection was closed'
    return str(first).rstrip('.') or type(first).__name__
