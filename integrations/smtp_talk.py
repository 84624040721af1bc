"""One conversation with a mail server, step by step: greeting, encryption, sign-in, envelope, message."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from integrations.errors import Misconfigured, Permanent
from integrations.ports import Answer

MOST_SAID = 64_000  # bytes a server may say in one conversation
GOODBYE = 0.5  # seconds the other side has to answer QUIT


class Mode(StrEnum):
    """How a port speaks."""

    TLS = 'tls'  # encrypted from the first byte
    STARTTLS = 'starttls'  # encrypted before anything is said, or not at all
    PLAIN = 'plain'
    OFFERED = 'offered'  # encrypted where it is offered; openly only to this machine itself


class _Lines:
    """A server's lines, read under the deadline: smtplib's own reader would wait anew for each byte."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self.until = until
        self._held = b''
        self._read = 0

    def readline(self, limit: int) -> bytes:
        while b'\n' not in self._held and len(self._held) < limit:
            _bound(self._sock, self.until)
            chunk = self._sock.recv(4096)
            self._read += len(chunk)
            if self._read > MOST_SAID:
                raise OSError('it says more than a mail server should')
            if not chunk:
                break
            self._held += chunk
        end = self._held.find(b'\n') + 1 or len(self._held)
        line, self._held = self._held[:end][:limit], self._held[end:]
        return line

    def close(self) -> None:
        """The socket is closed by its owner."""


class Answered(Exception):
    """The server said no (or not now): its reply ends the conversation."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


class Talk(smtplib.SMTP):
    """One conversation. `told` is true from the moment the message's own bytes may have left."""

    def __init__(self, host: str, port: int, mode: Mode, until: float, context: Callable[[], ssl.SSLContext]) -> None:
        super().__init__(local_hostname='localhost')
        self._name, self._port, self._mode, self._until, self._tls = host, port, mode, until, context
        self._secure = False
        self.told = False

    def begin(self, sock: socket.socket) -> None:
        """Take over a fresh connection, encrypted where the port asks for it."""
        self.sock = sock
        self.local_hostname = _own_name(sock)
        if self._mode is Mode.TLS:
            self._encrypt(sock)
        else:
            self._listen(sock)
        self._expect('greeting', self.getreply())
        self._hello()
        if self._mode in (Mode.STARTTLS, Mode.OFFERED):
            self._start_tls(sock)

    def _start_tls(self, sock: socket.socket) -> None:
        if self.has_extn('starttls'):
            self._expect('greeting', self.docmd('STARTTLS'))
            self._encrypt(sock)
            self._hello()
        elif self._mode is Mode.STARTTLS or not self._here(sock):
            raise Misconfigured(
                f'The mail server {self._name} offers no encryption (STARTTLS) on port {self._port}; nothing was sent. '
                'Use port 465, or port 25 for a server that is meant to be spoken to openly.'
            )

    @staticmethod
    def _here(sock: socket.socket) -> bool:
        return ip_address(str(sock.getpeername()[0]).partition('%')[0]).is_loopback

    def hand_over(self, headers: Mapping[str, str], content: bytes) -> Answer:
        """Envelope and message; the reply to its end, with what was said of refused recipients under `refused`."""
        if user := headers.get('user'):
            self._log_in(user, headers.get('password', ''))
        options = []
        if headers.get('smtputf8'):
            if not self.has_extn('smtputf8'):
                raise Permanent(f'The mail server {self._name} cannot write to an address with letters beyond a to z.')
            options = ['SMTPUTF8', 'BODY=8BITMIME']
        self._expect('mail', self.mail(headers['mail-from'], options))
        refused = self._recipients(headers['rcpt-to'].split(','))
        self._expect('data', self.docmd('DATA'), good=3)
        self.told = True
        self.send(_stuffed(content))
        text = self._expect('end', self.getreply())
        self._goodbye()
        return Answer(250, {'stage': 'end', 'refused': '; '.join(refused)}, text)

    def send(self, s: Any) -> None:
        """Write under the deadline (smtplib would hide why it failed)."""
        assert self.sock is not None
        _bound(self.sock, self._until)
        self.sock.sendall(s.encode(self.command_encoding) if isinstance(s, str) else s)

    def _recipients(self, addresses: Sequence[str]) -> list[str]:
        """Name each; what was said of those refused. When nobody is left the mildest reply decides: it may be taken later."""
        answers = [(address, *self.rcpt(address)) for address in addresses]
        refused = [(code, f'{address} {code} {_text(text)}') for address, code, text in answers if code not in (250, 251)]
        if len(refused) == len(answers):
            code, _ = min(refused)
            self._expect('rcpt', (code, '; '.join(said.partition(' ')[2].partition(' ')[2] for _, said in refused).encode()))
        return [said for _, said in refused]

    def _log_in(self, user: str, password: str) -> None:
        assert self.sock is not None
        if not self._secure and not self._here(self.sock):
            raise Misconfigured(f'The password was not sent: port {self._port} of {self._name} is not encrypted. Use port 587 or 465.')
        try:
            self.login(user, password)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPAuthenticationError as refused:
            raise Answered(Answer(refused.smtp_code, {'stage': 'login'}, _text(refused.smtp_error))) from None
        except (smtplib.SMTPException, UnicodeError):
            raise Misconfigured(f'The mail server {self._name} offers no way of signing in that is known here.') from None

    def _hello(self) -> None:
        code, _ = self.ehlo()
        if code != 250:
            self._expect('greeting', self.helo())

    def _encrypt(self, sock: socket.socket) -> None:
        _bound(sock, self._until)
        self.sock = self._tls().wrap_socket(sock, server_hostname=self._name)
        self._secure = True
        # What was said before encryption counts for nothing, in the memory of the conversation and in what was read ahead.
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self._listen(self.sock)

    def _listen(self, sock: socket.socket) -> None:
        self._lines = _Lines(sock, self._until)
        self.file = self._lines

    def _expect(self, stage: str, reply: tuple[int, bytes], good: int = 2) -> str:
        code, text = reply[0], _text(reply[1])
        if not 200 <= code < 600:
            raise smtplib.SMTPException('what came back is not SMTP')
        if code // 100 != good:
            raise Answered(Answer(code, {'stage': stage}, text))
        return text

    def _goodbye(self) -> None:
        self._until = self._lines.until = min(self._until, time.monotonic() + GOODBYE)
        try:
            self.docmd('QUIT')
        except (OSError, smtplib.SMTPException):
            pass  # the message is taken; how the other side hangs up changes nothing


def _bound(sock: socket.socket, until: float) -> None:
    """What is left of the time is all that the next step may take."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)


def _stuffed(content: bytes) -> bytes:
    """The message as DATA carries it: lines that begin with a dot get another one, and a lone dot ends it."""
    text = content.replace(b'\r\n.', b'\r\n..')
    return (b'.' if content.startswith(b'.') else b'') + text + (b'' if text.endswith(b'\r\n') else b'\r\n') + b'.\r\n'


def _own_name(sock: socket.socket) -> str:
    """How we introduce ourselves: this machine's full name, or where it has none the address of our end."""
    name = socket.gethostname()
    if '.' in name and name.isascii():
        return name
    address = str(sock.getsockname()[0]).partition('%')[0]
    return f'[IPv6:{address}]' if ':' in address else f'[{address}]'


def _text(said: bytes | str) -> str:
    text = said.decode('utf-8', 'replace') if isinstance(said, bytes) else said
    return ' '.join(text.split())
