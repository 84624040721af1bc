"""What has to be done now and then: end rows whose time is over, forget old keys, say that this worker lives."""

import threading
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import col

from domain.base.db import Database, now
from domain.base.errors import Refusal
from domain.intake.models import IdempotencyKey
from domain.outbox.duties import lead, resign
from domain.outbox.leases import EXPIRE_AT_ONCE, expire
from tasks.tell import tell_ended

log = structlog.get_logger(__name__)

EVERY = 10.0  # seconds
ALIVE = timedelta(seconds=30)


class Housekeeping:
    """One thread of a worker."""

    def __init__(self, db: Database, owner: str) -> None:
        self._db = db
        self._owner = owner
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name='housekeeping', daemon=True)

    def start(self) -> None:
        """Begin; the first round at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, and say that this worker is gone."""
        self._stop.set()
        self._thread.join()
        try:
            with self._db.transaction() as session:
                resign(session, f'worker:{self._owner}', self._owner)
        except Refusal:
            log.warning('worker_not_signed_off')

    def _run(self) -> None:
        while True:
            try:
                self.round()
            except Refusal as trouble:
                log.warning('housekeeping_waits', reason=trouble.code)
            except Exception:
                log.exception('housekeeping_failed')
            if self._stop.wait(EVERY):
                return

    def round(self) -> None:
        """Do what is due."""
        with self._db.transaction() as session:
            moment = now(session)
            lead(session, f'worker:{self._owner}', self._owner, ALIVE)
            session.execute(sa.delete(IdempotencyKey).where(col(IdempotencyKey.expires_at) <= moment))
        while self._expire() == EXPIRE_AT_ONCE and not self._stop.is_set():
            pass

    def _expire(self) -> int:
        """End what is over, a transaction of it; a paused destination's rows too: nothing waits for ever without a word."""
        with self._db.transaction() as session:
            ended = expire(session, now(session))
            for each in ended:
                tell_ended(session, each)
        if ended:
            log.warning('deliveries_expired', count=len(ended))
        return len(ended)
