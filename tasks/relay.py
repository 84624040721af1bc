"""The relay: wakes each destination that has something to do and a free place. Rung by the doorbell, it looks every second anyway."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import structlog

from domain.base.db import Database, now
from domain.base.doorbell import ANYTHING, Ring
from domain.base.errors import Refusal
from domain.base.failpoints import point
from domain.outbox.duties import lead, resign
from domain.outbox.queries import due

log = structlog.get_logger(__name__)

LEAD = 2  # sweeps a silent leader keeps the lead: another takes over at its next sweep
OUTSTANDING = 0.025  # seconds after which a wake that changed nothing may be doubled; twice as long each time, up to a sweep
IDLE = 0.1  # seconds without a wake after which a destination counts as idle
QUEUE_REST = 5.0  # seconds a queue that refused is left alone


class Relay:
    """One thread. On PostgreSQL one of all workers' relays leads, by a lease row; on SQLite each process feeds its own queue."""

    def __init__(
        self,
        db: Database,
        owner: str,
        *,
        share: int,
        sweep: float,
        enqueue: Callable[[UUID], None] | None,
        carry: Callable[[UUID], object],
        kinds: frozenset[str] | None = None,
        pool: int = 4,
    ) -> None:
        """`enqueue` puts a wake into the queue (None: there is none); when that fails `carry` runs on the relay's own small pool."""
        self._db = db
        self._owner = owner
        self._share = share
        self._sweep = sweep
        self._enqueue = enqueue
        self._carry = carry
        self._kinds = kinds
        self._pool = ThreadPoolExecutor(pool, thread_name_prefix='relay-pool')
        self._free = threading.Semaphore(pool)  # threads of it that carry nothing
        # Without a queue nobody else is woken, so there is nothing to lead; on SQLite each process has a queue of its own.
        self._shared = enqueue is not None and not db.is_sqlite
        self._named: deque[UUID] = deque(maxlen=256)  # destinations that rings spoke of since the last look
        self._rung = threading.Event()
        self._stop = threading.Event()
        self._outstanding: dict[UUID, tuple[float, float]] = {}  # by destination: when the next wake may follow, and the gap after it
        self._woken: dict[UUID, float] = {}  # by destination: when it was woken last
        self._queue_rests_until = 0.0
        self._thread = threading.Thread(target=self._run, name='relay', daemon=True)
        self._deafen: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin looking."""
        self._deafen = self._db.bell.hear(self._heard)
        self._thread.start()

    def stop(self) -> None:
        """Stop waking; gives the lead up, so that another process takes over at once."""
        self._deafen()
        self._stop.set()
        self._rung.set()
        self._thread.join()
        self._pool.shutdown(wait=True)
        if self._shared:
            try:
                with self._db.transaction() as session:
                    resign(session, 'relay', self._owner)
            except Refusal:
                log.warning('relay_not_resigned')

    def wake(self, destination_id: UUID) -> None:
        """Have somebody carry this destination: through the queue, or if that refuses, here."""
        if self._enqueue and time.monotonic() >= self._queue_rests_until:
            try:
                self._enqueue(destination_id)
                return
            except Exception as trouble:  # whatever the queue's driver raises: the lead must not wait for it
                self._queue_rests_until = time.monotonic() + QUEUE_REST
                log.warning('queue_refused', error=type(trouble).__name__)
        self._hand_to_pool(destination_id, free=False)

    def _wake_here(self, destination_id: UUID) -> None:
        """Carry it on a thread of our own if one is free: an idle destination's lead has no queue to wait in."""
        if self._free.acquire(blocking=False):
            self._hand_to_pool(destination_id, free=True)
        else:
            self.wake(destination_id)

    def _hand_to_pool(self, destination_id: UUID, *, free: bool) -> None:
        try:
            self._pool.submit(self._carry_here, destination_id, free=free)
        except RuntimeError:  # the pool is closed: this worker stops, another one looks
            log.info('relay_stopping')

    def _carry_here(self, destination_id: UUID, *, free: bool) -> None:
        point('C6')
        self.started(destination_id)
        try:
            self._carry(destination_id)
        except Exception:
            log.exception('carry_failed', destination_id=str(destination_id))
        finally:
            if free:
                self._free.release()

    def started(self, destination_id: UUID) -> None:
        """A wake for this destination was taken; the next one may be sent."""
        self._outstanding.pop(destination_id, None)

    def _heard(self, ring: Ring) -> None:
        if ring.topic in ('outbox', ANYTHING):
            self._named.extend(ring.ids)
            self._rung.set()

    def _run(self) -> None:
        led_until = 0.0
        while not self._stop.is_set():
            pause = self._sweep
            try:
                if time.monotonic() >= led_until:
                    led_until = time.monotonic() + self._sweep if self._leads() else 0.0
                if led_until:
                    pause = OUTSTANDING if self._wake_named() else self._look()
            except Refusal as trouble:
                log.warning('relay_blind', reason=trouble.code)
            except Exception:
                log.exception('relay_failed')
            self._rung.wait(pause)
            self._rung.clear()

    def _leads(self) -> bool:
        if not self._shared:
            return True
        with self._db.transaction() as session:
            return lead(session, 'relay', self._owner, LEAD * timedelta(seconds=self._sweep))

    def _wake_named(self) -> bool:
        """On an idle destination a ring that names it saves the reading: whether there is something to do, the claim finds out.

        One that was woken just now is left to the look, which knows how many of its places are taken. True when all that was named was
        woken: the look, which would get into the way of the claims, has time then.
        """
        named = {self._named.popleft() for _ in range(len(self._named))}
        moment = time.monotonic()
        idle = {each for each in named if moment - self._woken.get(each, 0.0) > IDLE}
        if self._kinds is not None:
            return False  # only the look knows which ones are ours
        for destination_id in idle:
            self._wake_unless_outstanding(destination_id, self._wake_here)
        return bool(named) and idle == named

    def _wake_unless_outstanding(self, destination_id: UUID, wake: Callable[[UUID], None]) -> float:
        """Gives back when, by the monotonic clock, the next wake for it may follow."""
        moment = time.monotonic()
        again_at, gap = self._outstanding.get(destination_id, (0.0, OUTSTANDING))
        if moment >= again_at:
            again_at = moment + gap
            self._outstanding[destination_id] = (again_at, min(2 * gap, self._sweep))
            self._woken[destination_id] = moment
            wake(destination_id)
        return again_at

    def _look(self) -> float:
        """Wake what is ready; gives back the seconds until something else may be."""
        with self._db.reading() as session:
            moment = now(session)
            ready, next_at = due(session, moment, self._share, self._kinds)
        pause = min(self._sweep, max((next_at - moment).total_seconds(), 0.001)) if next_at else self._sweep
        self._outstanding = {id_: wait for id_, wait in self._outstanding.copy().items() if id_ in ready}
        for destination_id in ready:
            again_at = self._wake_unless_outstanding(destination_id, self.wake)
            pause = min(pause, max(again_at - time.monotonic(), 0.001))
        return pause
