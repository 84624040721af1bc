"""A worker: the queue's consumer, the relay and the housekeeping of one process, started and stopped together."""

import os
import socket
import time
from collections.abc import Sequence
from uuid import UUID, uuid4

import structlog

from domain.base.db import Database, now
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.outbox.queries import due
from integrations.http import Http
from tasks import queue, wake
from tasks.assigning import Assigning
from tasks.carry import Carrier
from tasks.deadlines import Deadlines
from tasks.housekeeping import Housekeeping
from tasks.indexer import Indexer
from tasks.relay import Relay
from tasks.sequences import Sequences

log = structlog.get_logger(__name__)


ALSO = {'slack': ('slack_bot',), 'email': ('sendgrid',)}  # kinds that go by the name of another one
PACE = 1.5  # seconds: the longest a drain waits for a destination's pace; what is tried again later is left to the next run


class Worker:
    """Make it, start it, stop it: stopping finishes what is in flight."""

    def __init__(self, settings: Settings, db: Database, box: SecretBox, *, only: Sequence[str] = ()) -> None:
        self._settings = settings
        self._db = db
        self.owner = f'{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}'
        self._http = Http(
            deadline=settings.delivery_timeout_seconds, connect=settings.connect_timeout_seconds, allow=settings.outbound_allow
        )
        self.carrier = Carrier(self._settings, db, box, self._http, self.owner)
        self._kinds = frozenset(kind for name in only for kind in (name, *ALSO.get(name, ()))) or None
        queue.configure(settings)
        self.relay = Relay(
            db,
            self.owner,
            share=self.carrier.share,
            sweep=settings.chat_queue_interval_ms / 1000,
            enqueue=None if only else wake.enqueue,  # other workers would take wakes that are meant for this one
            carry=self.carrier.carry,
            kinds=self._kinds,
            pool=self._settings.worker_threads if only else 4,
        )
        self._consumer = None if only else queue.consumer(self._settings.worker_threads)
        self._housekeeping = Housekeeping(db, self.owner)
        self._indexer = Indexer(db)
        self._sequences = Sequences(db)
        self._assigning = Assigning(db)
        self._deadlines = Deadlines(db)

    def start(self) -> None:
        """Begin working, in threads of this process."""
        wake.serve(self.carrier, self.relay)
        if self._consumer:
            self._consumer.start()
        self._housekeeping.start()
        self._indexer.start()
        self._sequences.start()
        self._assigning.start()
        self._deadlines.start()
        self.relay.start()

    def stop(self) -> None:
        """Claim nothing more, finish the calls in flight, let go of everything."""
        started = time.monotonic()
        self.carrier.stopping.set()
        self.relay.stop()
        if self._consumer:
            self._consumer.stop(graceful=True)
        self._housekeeping.stop()
        self._indexer.stop()
        self._sequences.stop()
        self._assigning.stop()
        self._deadlines.stop()
        self._http.close()
        log.info('worker_stopped', seconds=round(time.monotonic() - started, 2))

    def drain(self) -> int:
        """Carry everything that may start now, in this thread; gives back how many calls were made."""
        made = 0
        tried: set[UUID] = set()
        while True:
            with self._db.reading() as session:
                moment = now(session)
                ready, next_at = due(session, moment, self.carrier.share, self._kinds)
            if fresh := [id_ for id_ in ready if id_ not in tried]:
                for destination_id in fresh:
                    if not (calls := self.carrier.carry(destination_id)):
                        tried.add(destination_id)
                    made += calls
                continue
            pause = (next_at - moment).total_seconds() if next_at else None
            if pause is None or pause > PACE:
                self._http.close()
                return made
            self.carrier.stopping.wait(pause)  # due already, and only paced: the next place in the row is near
            tried.clear()
