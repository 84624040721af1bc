"""The SMTP client against real servers on real sockets: encryption, sign-in, deadlines, refusals, and where it may not go."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Unknown
from integrations.ports import Answer
from integrations.smtp import Smtp
from integrations.smtp_talk import Mode, Talk
from tests.mailserver import LOST, MailServer, mail_server
from tests.servers import free_port

# aiosmtpd warns of what one of these tests is about.
pytestmark = pytest.mark.filterwarnings('ignore:Requiring AUTH')

LETTER = b'From: a@example.com\r\nSubject: Hi\r\n\r\n.dot\r\n..two\r\nend'
ENVELOPE = {'mail-from': 'a@example.com', 'rcpt-to': 'b@example.com'}


def post(
    server: MailServer | int, *, trusted: bool = True, host: str = '127.0.0.1', more: dict[str, str] | None = None, **options: Any
) -> Answer:
    port = server if isinstance(server, int) else server.port
    client = Smtp(**{'deadline': 2.0, 'connect': 1.0, **options})
    return client.post(f'smtp://{host}:{port}', headers=ENVELOPE | (more or {}), content=LETTER, trusted=trusted)


def refused(kind: type[ProviderError], *arguments: Any, **options: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        post(*arguments, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value


@pytest.fixture
def plain() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@contextmanager
def scripted(*lines: bytes, wait: bool = True, drip: bool = False) -> Iterator[int]:
    """A server that says these lines, each after something was asked, whatever it was; then it hangs up or, with `wait`, says nothing."""
    with closing(socket.create_server(('127.0.0.1', 0))) as listening:
        over = threading.Event()

        def play() -> None:
            connection, _ = listening.accept()
            with connection:
                for number, line in enumerate(lines):
                    if number and not connection.recv(4096):
                        return
                    for piece in [bytes([byte]) for byte in line] if drip else [line]:
                        connection.sendall(piece)
                        if drip and over.wait(0.1):
                            return
                if wait:
                    over.wait(10)

        thread = threading.Thread(target=play)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


def test_a_letter_is_taken_word_for_word_with_its_dots(plain: MailServer) -> None:
    answer = post(plain)
    assert (answer.status, answer.headers['stage'], answer.text) == (250, 'end', '2.0.0 taken')
    (taken,) = plain.taken
    assert taken.content == LETTER + b'\r\n'
    assert (taken.sender, taken.recipients, taken.encrypted) == ('a@example.com', ['b@example.com'], False)


@pytest.mark.parametrize('mode', [Mode.TLS, Mode.STARTTLS, Mode.OFFERED])
def test_the_letter_goes_encrypted_and_the_certificate_is_checked(
    mode: Mode, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with mail_server(tls=server_tls, implicit=mode is Mode.TLS) as server:
        modes = {server.port: mode}
        post(server, tls=client_tls, modes=modes)
        assert [taken.encrypted for taken in server.taken] == [True]
        stranger = refused(Temporary, server, modes=modes)
        assert 'no secure connection' in stranger.detail
        misnamed = refused(Temporary, server, tls=client_tls, modes=modes, host='localhost', resolve=lambda *_: ['127.0.0.1'])
        assert 'no secure connection' in misnamed.detail
        assert len(server.taken) == 1


def test_port_587_without_encryption_gets_nothing(plain: MailServer) -> None:
    trouble = refused(Misconfigured, plain, modes={plain.port: Mode.STARTTLS})
    assert 'offers no encryption (STARTTLS)' in trouble.detail
    assert plain.taken == []


def test_an_account_signs_in_and_a_wrong_password_is_answered_535() -> None:
    with mail_server(login=('desk', 'open sesame')) as server:
        post(server, more={'user': 'desk', 'password': 'open sesame'})
        assert server.taken[0].user == 'desk'
        answer = post(server, more={'user': 'desk', 'password': 'guess'})
        assert (answer.status, answer.headers['stage']) == (535, 'login')
        answer = post(server)
        assert (answer.status, answer.headers['stage']) == (530, 'mail')
    assert len(server.taken) == 1


def test_a_server_without_sign_in_is_misconfigured(plain: MailServer) -> None:
    trouble = refused(Misconfigured, plain, more={'user': 'desk', 'password': 'x'})
    assert 'no way of signing in' in trouble.detail


@pytest.mark.parametrize(
    ('step', 'reply'),
    [
        ('mail', '451 4.3.0 later'),
        ('mail', '550 5.7.1 not you'),
        ('rcpt', '550 5.1.1 no such user'),
        ('rcpt', '452 4.5.3 too many'),
        ('end', '554 5.6.0 spam'),
    ],
)
def test_a_refusal_is_given_back_with_its_step(plain: MailServer, step: str, reply: str) -> None:
    plain.replies[step] = [reply]
    answer = post(plain)
    assert (answer.status, answer.headers['stage'], answer.text) == (int(reply[:3]), step, reply[4:])
    assert plain.taken == []
    assert post(plain).status == 250


def test_one_refused_recipient_of_two_does_not_keep_the_letter_from_the_other(plain: MailServer) -> None:
    plain.replies['rcpt'] = ['550 5.1.1 no such user']
    answer = post(plain, more={'rcpt-to': 'gone@example.com,here@example.com'})
    assert answer.status == 250
    assert answer.headers['refused'] == 'gone@example.com 550 5.1.1 no such user'
    assert plain.taken[0].recipients == ['here@example.com']


def test_when_all_are_refused_the_mildest_reply_decides(plain: MailServer) -> None:
    plain.replies['rcpt'] = ['550 5.1.1 no such user', '451 4.7.1 greylisted']
    answer = post(plain, more={'rcpt-to': 'gone@example.com,here@example.com'})
    assert (answer.status, answer.headers['stage']) == (451, 'rcpt')


def test_a_connection_lost_before_the_message_had_no_effect_and_after_it_nobody_knows(plain: MailServer) -> None:
    plain.replies['rcpt'] = [LOST]
    assert 'is tried again' in refused(Temporary, plain).detail
    assert plain.taken == []
    plain.replies['end'] = [LOST]
    assert 'may or may not be delivered' in refused(Unknown, plain).detail
    assert len(plain.taken) == 1


def test_nobody_listens() -> None:
    assert 'Connection refused' in refused(Temporary, free_port()).detail


def test_a_name_that_is_not_found_and_one_that_is_never_answered(plain: MailServer) -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, 'Name or service not known')

    assert 'its name was not found' in refused(Temporary, plain, host='mail.test', resolve=nowhere).detail
    forever = threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        forever.wait(10)
        return []

    started = time.monotonic()
    assert 'not resolved in time' in refused(Temporary, plain, host='mail.test', resolve=silent, connect=0.3).detail
    assert time.monotonic() - started < 1.5
    forever.set()


@pytest.mark.parametrize('drip', [False, True])
def test_the_deadline_bounds_a_server_that_is_silent_or_says_a_letter_at_a_time(drip: bool) -> None:
    with scripted(b'220 ' + b'x' * 100 if drip else b'', drip=drip) as port:
        started = time.monotonic()
        assert 'it took longer than 0.6 s' in refused(Temporary, port, deadline=0.6).detail
        assert time.monotonic() - started < 1.5


def test_what_is_no_mail_server_is_not_reached() -> None:
    with scripted(b'HTTP/1.1 400 Bad Request\r\n\r\n', wait=False) as port:
        assert 'what came back is not SMTP' in refused(Temporary, port).detail
    with scripted(b'220-' + b'x' * 200 + b'\r\n', wait=False) as port:
        refused(Temporary, port)


def test_a_server_that_talks_without_end_is_hung_up_on() -> None:
    with scripted(b'220-hello\r\n' * 20_000) as port:
        assert 'more than a mail server should' in refused(Temporary, port).detail


def test_a_server_that_does_not_want_us_says_so_at_the_greeting() -> None:
    with scripted(b'554 no service here\r\n') as port:
        answer = post(port)
        assert (answer.status, answer.headers['stage']) == (554, 'greeting')


def test_an_address_beyond_ascii_needs_a_server_that_knows_how() -> None:
    with scripted(b'220 old\r\n', b'250 old\r\n', b'250 ok\r\n') as port:
        assert 'beyond a to z' in refused(Permanent, port, more={'smtputf8': '1'}).detail
    with mail_server() as server:
        post(server, more={'smtputf8': '1', 'rcpt-to': 'jürgen@example.com'})
        assert server.taken[0].recipients == ['jürgen@example.com']


def test_from_the_desk_only_public_servers_and_allowed_networks(plain: MailServer) -> None:
    trouble = refused(Misconfigured, plain, trusted=False)
    assert 'OUTBOUND_ALLOW' in trouble.detail
    assert plain.connections == 0
    inside = refused(Misconfigured, plain, trusted=False, host='mail.example.com', resolve=lambda *_: ['10.0.0.5', '93.184.216.34'])
    assert 'a private address' in inside.detail
    assert post(plain, trusted=False, allow=('127.0.0.0/8',)).status == 250


def test_many_threads_share_one_client(plain: MailServer) -> None:
    client = Smtp(deadline=5.0)
    answers: list[int] = []

    def one() -> None:
        answers.append(client.post(f'smtp://127.0.0.1:{plain.port}', headers=ENVELOPE, content=LETTER, trusted=True).status)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [250] * 8
    assert len(plain.taken) == 8


class Elsewhere(socket.socket):
    """A connection whose other end is said to be another machine."""

    def getpeername(self) -> tuple[str, int]:
        return ('192.0.2.7', 25)


@pytest.mark.parametrize(('mode', 'words'), [(Mode.PLAIN, 'The password was not sent'), (Mode.OFFERED, 'offers no encryption')])
def test_the_password_never_goes_openly_to_another_machine(mode: Mode, words: str) -> None:
    with mail_server(login=('desk', 'open sesame')) as server:
        talk = Talk('mail.test', 25, mode, time.monotonic() + 2, ssl.create_default_context)
        sock = Elsewhere(socket.AF_INET, socket.SOCK_STREAM)
        sock.connect(('127.0.0.1', server.port))
        with pytest.raises(Misconfigured, match=words):  # noqa: PT012 - either step may be the one that stops
            talk.begin(sock)
            talk.hand_over(ENVELOPE | {'user': 'desk', 'password': 'open sesame'}, LETTER)
        talk.close()
