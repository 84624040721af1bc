"""What each answer, and each way of not answering, means for the row that waits for it."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from domain.base import clock
from integrations.answers import judge, retry_after
from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Throttled, Unknown
from integrations.excerpts import excerpt, secret_parts
from integrations.http import Http
from integrations.ports import Answer
from tests.integrations.standin import CLOSE, RESET, Asked, StandIn, reply

DEADLINE = 0.6
Make = Callable[..., Http]
Serve = Callable[..., StandIn]


def call(client: Http, url: str, *, content: bytes = b'{}') -> Answer:
    return client.post(url, headers={'content-type': 'application/json'}, content=content, trusted=True)


def meaning(status: int) -> type[ProviderError] | None:
    """The class table, written the other way round than in the code."""
    special = {
        408: Temporary,
        429: Throttled,
        503: Throttled,
        401: Misconfigured,
        403: Misconfigured,
        404: Misconfigured,
        410: Misconfigured,
    }
    if status in special:
        return special[status]
    return {2: None, 3: Temporary, 4: Permanent, 5: Temporary}[status // 100]


def test_every_status_over_the_wire_means_what_the_table_says(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda asked: [reply(int(asked.path[1:]), location='http://127.0.0.1:9/elsewhere')])
    client = http()
    wrong = []
    for status in range(200, 600):
        answer = call(client, f'{server.url}/{status}')
        try:
            judge(answer, who='It')
            got = None
        except ProviderError as error:
            got = type(error) if error.status == status else None
        if answer.status != status or got is not meaning(status):
            wrong.append((status, answer.status, got))
    assert wrong == []
    assert len(server.asked) == 400  # no redirect was followed, nothing was repeated
    assert server.connections < 10  # and connections were used again


@pytest.mark.parametrize('status', [0, 101, 199, 600, 999])
def test_a_status_outside_http_is_an_unknown_outcome(status: int) -> None:
    with pytest.raises(Unknown):
        judge(Answer(status), who='It')


NOW_HEADERS = {'date': 'Sat, 21 Nov 2026 10:00:00 GMT'}


@pytest.mark.parametrize(
    ('headers', 'wait'),
    [
        ({'retry-after': '7'}, 7),
        ({'retry-after': ' 7 '}, 7),
        ({'retry-after': '1.5'}, 1.5),
        ({'retry-after': '0'}, 1),
        ({'retry-after': '3600'}, 3600),
        ({'retry-after': '86400'}, 3600),
        ({'retry-after': '9' * 5000}, 3600),
        ({'retry-after': 'Sat, 21 Nov 2026 10:02:00 GMT', **NOW_HEADERS}, 120),
        ({'retry-after': 'Saturday, 21-Nov-26 10:02:00 GMT', **NOW_HEADERS}, 120),
        ({'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT', **NOW_HEADERS}, 1),
        ({'retry-after': 'Sat, 28 Nov 2026 10:00:00 GMT', **NOW_HEADERS}, 3600),
        ({}, 33),
        ({'retry-after': ''}, 33),
        ({'retry-after': '-5'}, 33),
        ({'retry-after': 'soon'}, 33),
        ({'retry-after': '1e9'}, 33),
        ({'retry-after': 'NaN'}, 33),
        ({'retry-after': '²'}, 33),
        ({'retry-after': '99 Foo 99999 99:99:99 GMT'}, 33),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_garbage_as_the_default(headers: dict[str, str], wait: float) -> None:
    assert retry_after(headers, 33) == wait


def test_a_date_without_the_providers_clock_is_measured_on_ours() -> None:
    until = clock.now() + timedelta(seconds=90)
    assert 85 < retry_after({'retry-after': until.strftime('%a, %d %b %Y %H:%M:%S GMT')}, 33) <= 90


def test_429_over_the_wire_carries_the_wait(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(429, b'slow down', retry_after='4')])
    with pytest.raises(Throttled, match='429 Too Many Requests') as caught:
        judge(call(http(), server.url), who='It')
    assert (caught.value.retry_after, caught.value.excerpt) == (4, 'slow down')


def refused() -> int:
    with socket.create_server(('127.0.0.1', 0)) as closed:
        return int(closed.getsockname()[1])


def test_a_refused_connection_had_no_effect(http: Make) -> None:
    with pytest.raises(Temporary, match='not reached: Connection refused'):
        call(http(), f'http://127.0.0.1:{refused()}/')


def test_a_name_that_does_not_resolve_had_no_effect(http: Make) -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known')

    with pytest.raises(Temporary, match=r'desk\.test was not reached: Name or service not known'):
        call(http(resolve=nowhere), 'https://desk.test/')


def test_a_certificate_nobody_vouches_for_had_no_effect(http: Make, stand_in: Serve, server_tls: ssl.SSLContext) -> None:
    server = stand_in(lambda _asked: [reply(200)], tls=server_tls)
    with pytest.raises(Temporary, match=r'no secure connection .*self.signed'):
        call(http(), server.url)
    assert server.asked == []


def test_a_certificate_for_another_name_had_no_effect(
    http: Make, stand_in: Serve, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    server = stand_in(lambda _asked: [reply(200)], tls=server_tls)
    client = http(resolve=lambda _host, _port: ['127.0.0.1'], tls=client_tls)
    with pytest.raises(Temporary, match='no secure connection'):
        call(client, f'https://other.test:{server.port}/')
    assert call(client, f'https://desk.test:{server.port}/').status == 200
    assert server.asked[0].headers['host'] == f'desk.test:{server.port}'


def test_tls_on_a_port_that_speaks_none_had_no_effect(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)])
    with pytest.raises(Temporary):
        call(http(), f'https://127.0.0.1:{server.port}/')


def test_a_header_that_cannot_be_written_is_permanent_and_nothing_is_sent(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200)])
    for bad in ('a\r\nb: c', 'ü'):
        with pytest.raises(Permanent, match='cannot be written'):
            http().post(server.url, headers={'webhook-id': bad}, content=b'', trusted=True)
    assert server.asked == []


NO_ANSWER = {
    'reset before the answer': [RESET],
    'closed before the answer': [CLOSE],
    'garbage instead of an answer': [b'\x16\x03\x01 what is this\r\n\r\n', CLOSE],
    'garbage in the headers': [b'HTTP/1.1 200 OK\r\nno colon here\r\n\r\n', CLOSE],
    'a header without end': [b'HTTP/1.1 200 OK\r\nx: ', b'a' * 300_000, CLOSE],
    'reset within the headers': [b'HTTP/1.1 200 OK\r\ncontent-', RESET],
    'two lengths': [b'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok', CLOSE],
    'reset within the body': [b'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok', RESET],
    'closed within the body': [b'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok', CLOSE],
    'closed within a chunk': [b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nok', CLOSE],
}


@pytest.mark.parametrize('pieces', NO_ANSWER.values(), ids=NO_ANSWER)
def test_a_request_without_a_whole_answer_is_an_unknown_outcome(http: Make, stand_in: Serve, pieces: list[bytes]) -> None:
    server = stand_in(lambda _asked: pieces)
    with pytest.raises(Unknown):
        judge(call(http(), f'{server.url}/T000/secret-part'), who='It')
    assert len(server.asked) == 1


def test_a_bad_status_counts_even_when_its_body_breaks(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [b'HTTP/1.1 404 Gone\r\ncontent-length: 9\r\n\r\nno', RESET])
    with pytest.raises(Misconfigured):
        judge(call(http(), server.url), who='It')


def test_a_huge_body_is_left_unread_and_the_status_counts(http: Make, stand_in: Serve) -> None:
    sent = []

    def flood(_asked: Asked) -> Iterator[bytes]:
        yield b'HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n'
        for _ in range(1000):
            sent.append(1)
            yield b'a' * 100_000

    answer = call(http(cap=20_000), stand_in(flood).url)
    assert (answer.status, len(answer.text), answer.complete) == (200, 20_000, True)
    assert len(judge(answer, who='It')) == 2000
    assert len(sent) < 200


def test_a_compressed_bomb_is_not_unpacked(http: Make, stand_in: Serve) -> None:
    server = stand_in(lambda _asked: [reply(200, b'\x1f\x8b\x08 not unpacked', content_encoding='gzip')])
    assert 'not unpacked' in call(http(), server.url).text
    assert 'accept-encoding' not in server.asked[0].headers


def test_excerpts_are_short_clean_and_without_secrets() -> None:
    url = 'https://hooks.example.com/services/T000/B111/sEcReTsEcReT?key=another-secret&x=1'
    text = (
        f'You called {url}\x00\x1b[31m or {{"p":"\\/services\\/T000\\/B111\\/sEcReTsEcReT"}} or sEcReTsEcReT or another-secret '
        + 'ü' * 5000
    )
    kept = excerpt(text, secret_parts(url))
    assert 'ecre' not in kept.lower()
    assert 'another' not in kept
    assert len(kept.encode()) <= 2000
    assert '\x00' not in kept
    assert '\x1b' not in kept
    assert '[redacted]' in kept
    assert excerpt('x' * 1995 + url, secret_parts(url)) == 'x' * 1995 + '[reda'


def test_no_error_repeats_the_address_it_could_not_reach(http: Make) -> None:
    client = http()
    for url in (
        f'http://127.0.0.1:{refused()}/T000/secret',
        'https://exa mple.test/secret',
        'https://127.0.0.1:77777/secret',
        'gopher://x/secret',
    ):
        with pytest.raises(ProviderError) as caught:
            call(client, url)
        assert 'secret' not in caught.value.detail
