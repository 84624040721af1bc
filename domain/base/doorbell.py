"""The doorbell: says "look" to whoever listens in this process, and hears what other processes wrote.

A ring may be lost or doubled without harm: listeners read the rows, and sweep every second anyway. In one process a ring is a call;
between processes it is PostgreSQL's LISTEN/NOTIFY, or on SQLite a look at `PRAGMA data_version` every 100 ms: something changed.
"""

import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog

log = structlog.get_logger(__name__)

ANYTHING = 'anything'  # somebody else wrote, nobody knows what; also sent after a listener was away


@dataclass(frozen=True, slots=True)
class Ring:
    """Something of this topic changed: lead, outbox, facts, access, alert, or `anything`."""

    topic: str
    tenant_id: UUID | None = None
    ids: tuple[UUID, ...] = ()

    @property
    def rare(self) -> bool:
        """About settings, keys or sessions."""
        return self.topic in ('facts', 'access', 'session')

    def text(self) -> str:
        """As sent through PostgreSQL (at most 8,000 bytes, so at most 150 ids)."""
        ids = self.ids if len(self.ids) <= 150 else ()
        return json.dumps([self.topic, self.tenant_id.hex if self.tenant_id else None, [i.hex for i in ids]], separators=(',', ':'))

    @staticmethod
    def read(text: str) -> 'Ring':
        topic, tenant, ids = json.loads(text)
        return Ring(topic, UUID(tenant) if tenant else None, tuple(UUID(i) for i in ids))


class Doorbell:
    """The listeners of this process, and one thread that hears the others."""

    CHANNEL = 'leadkeeper'
    RARE = 'leadkeeper_rare'  # settings, keys and sessions: all that a process without pages and worker has to hear
    PATIENCE = 5  # seconds to connect

    def __init__(self) -> None:
        self._ears: list[Callable[[Ring], None]] = []
        self._stop = threading.Event()
        self._channels: tuple[str, ...] = ()
        self._thread: threading.Thread | None = None

    def hear(self, ear: Callable[[Ring], None]) -> Callable[[], None]:
        """Call `ear` for every ring, from whatever thread rang; it must return at once. Gives back the way to stop."""
        self._ears.append(ear)

        def deafen() -> None:
            if ear in self._ears:
                self._ears.remove(ear)

        return deafen

    def ring(self, ring: Ring) -> None:
        """Tell the listeners of this process; a listener that fails is logged and keeps nobody else from hearing."""
        for ear in tuple(self._ears):
            try:
                ear(ring)
            except Exception:
                log.exception('listener_failed', topic=ring.topic)

    def listen(self, url: str, *, poll: float = 0.1, retry: float = 0.5, rare_only: bool = False) -> None:
        """Start hearing other processes through the database at `url`; seconds between looks, and between attempts to connect.

        `rare_only`: a process that only takes leads in need not wake for each lead of the others (PostgreSQL).
        """
        self._channels = (self.RARE,) if rare_only else (self.RARE, self.CHANNEL)
        is_sqlite = url.startswith('sqlite')
        target = self._poll_file if is_sqlite else self._listen_server
        address = url.removeprefix('sqlite:///') if is_sqlite else url.replace('+psycopg', '')
        self._thread = threading.Thread(target=target, args=(address, poll if is_sqlite else retry), name='doorbell', daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop hearing."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=2)

    def _poll_file(self, path: str, poll: float) -> None:
        connection = sqlite3.connect(path, check_same_thread=False)
        seen = -1
        while not self._stop.wait(poll):
            try:
                (version,) = connection.execute('PRAGMA data_version').fetchone()
            except sqlite3.Error:
                log.warning('doorbell_deaf', engine='sqlite')
                continue
            if version != seen and seen != -1:
                self.ring(Ring(ANYTHING))
            seen = version
        connection.close()

    def _listen_server(self, url: str, retry: float) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    url, autocommit=True, connect_timeout=self.PATIENCE, application_name='leadkeeper doorbell'
                ) as connection:
                    for channel in self._channels:
                        connection.execute(f'LISTEN {channel}')
                    self.ring(Ring(ANYTHING))
                    while not self._stop.is_set():
                        for notice in connection.notifies(timeout=0.5):
                            self.ring(Ring.read(notice.payload))
            except (psycopg.Error, ValueError) as trouble:
                log.warning('doorbell_deaf', engine='postgresql', error=type(trouble).__name__)
                self._stop.wait(retry)
