"""Clients that behave well: each lead has its Idempotency-Key and is sent again, with the same key, until it is acknowledged."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from tests.processes import ADMIN_KEY

MAY_BE_REPEATED = (409, 429, 503)


class Load:
    """Posts leads number 0 to `leads` - 1 from several threads; number n waits until `allowed()` is above n."""

    def __init__(self, urls: Sequence[str], *, leads: int, threads: int, allowed: Callable[[], int], seed: int) -> None:
        """`urls` are the doors of one desk: the threads are spread over them, and each goes to the next one when its door is shut."""
        self.urls, self.leads, self.seed, self.allowed = [urlsplit(url) for url in urls], leads, seed, allowed
        self.acknowledged: dict[int, str] = {}  # number -> lead id
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []  # answers that nobody should get
        self._next = iter(range(leads))
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post_all, args=(n,), name=f'client {n}', daemon=True) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Give up what is not acknowledged yet."""
        self._stop.set()
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    @property
    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _take(self) -> int | None:
        with self._lock:
            number = next(self._next, None)
        while number is not None and number >= self.allowed() and not self._stop.is_set():
            self._stop.wait(0.01)
        return number

    def _post_all(self, door: int) -> None:
        connection: http.client.HTTPConnection | None = None
        while not self._stop.is_set() and (number := self._take()) is not None:
            while number not in self.acknowledged and not self._stop.is_set():
                try:
                    url = self.urls[door % len(self.urls)]
                    connection = connection or http.client.HTTPConnection(url.hostname or '', url.port, timeout=15)
                    self._post(connection, number)
                except (OSError, http.client.HTTPException) as trouble:
                    self.answers[type(trouble).__name__] += 1
                    connection = _closed(connection)
                    door += 1
                    self._stop.wait(0.05)
        _closed(connection)

    def _post(self, connection: http.client.HTTPConnection, number: int) -> None:
        body = {
            'name': f'Lead{number:06d}',
            'email': f'chaos-{self.seed}-{number}@example.com',
            'message': f'Please call me about job {number}.',
        }
        headers = {
            'Content-Type': 'application/json',
            'Authorization': f'Bearer {ADMIN_KEY}',
            'Idempotency-Key': f'chaos-{self.seed}-{number}',
        }
        connection.request('POST', '/api/chatbot/leads', body=json.dumps(body), headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        replayed = answer.getheader('Idempotency-Replayed') == 'true'
        self.answers[f'{answer.status}{" replayed" if replayed else ""}'] += 1
        if answer.status == 201:
            self.acknowledged[number] = json.loads(text)['leadId']
        elif answer.status in MAY_BE_REPEATED:
            if answer.status in (429, 503) and not answer.getheader('Retry-After'):
                self.wrong.append(f'{answer.status} without Retry-After')
            self._stop.wait(0.05)
        else:
            self.wrong.append(f'{answer.status}: {text[:300]!r}')
            self._stop.wait(0.05)


def _closed(connection: http.client.HTTPConnection | None) -> None:
    if connection:
        connection.close()
