"""A real mail server on loopback (aiosmtpd): takes letters, refuses at any step, hangs up, and speaks TLS both ways."""

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import free_port, until

LOST = 'lost'  # instead of a reply: the connection is closed


@dataclass
class Taken:
    """One letter that was taken."""

    sender: str
    recipients: list[str]
    content: bytes
    encrypted: bool
    user: str | None
    at: float = field(default_factory=time.monotonic)

    @property
    def mail(self) -> EmailMessage:
        read = message_from_bytes(self.content, policy=default)
        assert isinstance(read, EmailMessage)
        return read

    @property
    def text(self) -> str:
        part = self.mail.get_body(('plain',))
        return '' if part is None else str(part.get_content()).replace('\r\n', '\n')


@dataclass
class MailServer:
    """`replies[step]` (mail, rcpt, end) are said instead of a good reply, one per letter, as long as there are any."""

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    login: tuple[str, str] | None = None
    port: int = field(default_factory=free_port)
    taken: list[Taken] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=dict)
    connections: int = 0

    def start(self) -> 'MailServer':
        options: dict[str, Any] = {'hostname': '127.0.0.1', 'port': self.port, 'enable_SMTPUTF8': True}
        if self.tls and self.implicit:
            options |= {'ssl_context': self.tls}
        elif self.tls:
            options |= {'tls_context': self.tls, 'require_starttls': True}
        if self.login:
            options |= {'authenticator': self._authenticate, 'auth_require_tls': False, 'auth_required': True}
        self._controller = _Controller(self, **options)
        self._controller.start()
        self.connections = 0  # aiosmtpd has tried it once itself
        return self

    def stop(self) -> None:
        self._controller.stop()

    def wait(self, count: int, *, seconds: float = 10) -> list[Taken]:
        """Until so many letters were taken."""
        until(lambda: len(self.taken) >= count, seconds=seconds, what=f'{count} letters')
        return self.taken

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - the name is aiosmtpd's
        envelope.mail_from, envelope.mail_options = address, options
        return await self._say(server, 'mail', '250 fine')

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the name is aiosmtpd's
        said = await self._say(server, 'rcpt', '250 fine')
        if said.startswith('250'):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name is aiosmtpd's
        if self.replies.get('end', [''])[0] in ('', LOST):  # what is lost is the reply, not the letter
            user = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else None
            content = envelope.original_content
            assert content is not None and envelope.mail_from is not None
            self.taken.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), content, _encrypted(server), user))
        return await self._say(server, 'end', '250 2.0.0 taken')

    async def _say(self, server: SMTP, step: str, good: str) -> str:
        waiting = self.replies.get(step)
        said = waiting.pop(0) if waiting else good
        if not waiting:
            self.replies.pop(step, None)
        if said == LOST:
            assert server.transport is not None
            server.transport.abort()
            raise asyncio.CancelledError
        return said

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=good, handled=False, auth_data=data)


def _encrypted(server: SMTP) -> bool:
    return server.transport is not None and server.transport.get_extra_info('sslcontext') is not None


class _Controller(Controller):
    def __init__(self, house: MailServer, **options: Any) -> None:
        self._house = house
        super().__init__(house, **options)

    def factory(self) -> SMTP:
        self._house.connections += 1
        return super().factory()


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """A server for the length of a block."""
    server = MailServer(**options).start()
    try:
        yield server
    finally:
        server.stop()
