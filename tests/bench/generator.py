"""The load: prepared bytes over kept-alive connections, one request under way on each; a process of its own, prints one JSON line."""

import argparse
import itertools
import json
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

MESSAGE = (
    'The rear door has a dent and the mirror is gone. What would it cost, and could you do it before the end of next week? Best by phone.'
)


def person(number: int) -> bytes:
    """The body of one lead; every number is another person."""
    body = {
        'name': f'Bench Person {number}',
        'email': f'bench-{number}@example.com',
        'phone': f'+1202{number % 8_000_000 + 2_000_000:07d}',
        'message': MESSAGE,
        'intent': 'quote',
        'timeframe': 'next week',
        'metadata': {'utmSource': 'search', 'utmMedium': 'cpc', 'referrer': 'https://www.example.com/repairs', 'landingPage': '/dents'},
    }
    return json.dumps(body).encode()


def prepared(url: str, key: str, first: int, count: int, known: float) -> list[bytes]:
    """`count` whole requests; of each ten, `known` x 10 come from a person who was there before, spread evenly."""
    target = urlsplit(url)
    head = (
        f'POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\n'
        'User-Agent: bench\r\nAccept: */*\r\n'
    )
    requests = []
    for number in range(first, first + count):
        again = known and number % 10 < known * 10 and number > first + 500
        body = person(number - 500 - number % 10 + 9 if again else number)
        requests.append(f'{head}Idempotency-Key: bench-{number}\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body)
    return requests


class Connection:
    """One socket and the request under way on it."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.buffer = b''

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.buffer = b''
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """The status once the whole answer is there; raises ConnectionError when the server hung up."""
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError('the server closed a kept-alive connection')
        self.buffer += got
        end = self.buffer.find(b'\r\n\r\n')
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        at = head.find(b'content-length:')
        length = int(head[at + 15 :].split(b'\r\n', 1)[0]) if at >= 0 else 0
        return int(self.buffer[9:12]) if len(self.buffer) >= end + 4 + length else None


def drive(url: str, requests: Iterator[bytes], *, connections: int, seconds: float) -> dict[str, object]:
    """Keep every connection busy for `seconds`; what is under way at the end is waited for and counted."""
    target = urlsplit(url)
    selector = selectors.DefaultSelector()
    answers: Counter[int] = Counter()
    times: list[float] = []
    began = time.perf_counter()
    for _ in range(connections):
        connection = Connection(target.hostname or '127.0.0.1', target.port or 80)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(next(requests))
    busy, deadline = connections, began + seconds
    while busy:
        for key, _ in selector.select(10):
            connection = key.data
            status = connection.receive()
            if status is None:
                continue
            now = time.perf_counter()
            answers[status] += 1
            times.append(now - connection.sent_at)
            request = next(requests, None) if now < deadline else None
            if request is None:
                selector.unregister(connection.socket)
                connection.socket.close()
                busy -= 1
            else:
                connection.send(request)
    took = time.perf_counter() - began
    times.sort()
    quantile = {f'p{q}_ms': round(times[min(len(times) - 1, len(times) * q // 100)] * 1000, 2) for q in (50, 99)}
    return {'requests': len(times), 'seconds': took, 'per_second': len(times) / took, 'answers': dict(answers), **quantile}


def main() -> None:
    """Prepare, say ready, wait for a line on standard input, drive, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('url')
    parser.add_argument('--key', default='')
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--count', type=int, default=40_000)
    parser.add_argument('--known', type=float, default=0.0)
    parser.add_argument('--connections', type=int, default=8)
    parser.add_argument('--seconds', type=float, default=4.0)
    given = parser.parse_args()
    requests = prepared(given.url, given.key, given.first, given.count, given.known)
    print('ready', flush=True)
    sys.stdin.readline()
    print(json.dumps(drive(given.url, itertools.chain(requests), connections=given.connections, seconds=given.seconds)))


if __name__ == '__main__':
    main()
