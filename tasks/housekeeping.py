"""What has to be done now and then: rows whose time is over, old keys, snoozed leads, alerts that are over, a look at every service."""

import threading
import time
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import col

from domain.alerts.actions import close_over
from domain.alerts.queries import open_alerts
from domain.base import clock
from domain.base.db import Database, now
from domain.base.errors import Refusal
from domain.base.scope import Scope, system
from domain.desk.pulse import Beat, drift, due_since, take_pulse
from domain.intake.models import IdempotencyKey
from domain.leads.actions import wake_snoozed
from domain.leads.changing import MOST
from domain.leads.queries import anybody_wakes
from domain.outbox.duties import lead, resign
from domain.outbox.leases import EXPIRE_AT_ONCE, expire
from domain.tenancy.queries import tenants
from tasks.queue import BlockingMemory, huey
from tasks.tell import tell_ended

log = structlog.get_logger(__name__)

EVERY = 10.0  # seconds
WAKE_EVERY = 2.0  # seconds: how long after its time a snoozed lead may still sleep
ALIVE = timedelta(seconds=30)
PULSE = 'pulse'  # the duty of looking at every service: one worker does it for all


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
                resign(session, PULSE, self._owner)
        except Refusal:
            log.warning('worker_not_signed_off')

    def _run(self) -> None:
        next_round = time.monotonic()
        while True:
            try:
                if time.monotonic() >= next_round:
                    next_round = time.monotonic() + EVERY
                    self.round()
                self.wake()
            except Refusal as trouble:
                log.warning('housekeeping_waits', reason=trouble.code)
            except Exception:
                log.exception('housekeeping_failed')
            if self._stop.wait(WAKE_EVERY):
                return

    def round(self) -> None:
        """Do what is due."""
        with self._db.transaction() as session:
            moment = now(session)
            lead(session, f'worker:{self._owner}', self._owner, ALIVE)
            late = due_since(session, moment) if lead(session, PULSE, self._owner, ALIVE) else -1.0
            session.execute(sa.delete(IdempotencyKey).where(col(IdempotencyKey.expires_at) <= moment))
        while self._expire() == EXPIRE_AT_ONCE and not self._stop.is_set():
            pass
        self._close_alerts()
        if late is None or late >= 0:
            take_pulse(self._db, [_queue(), drift(late)])

    def wake(self) -> None:
        """Snoozed leads whose time has come are open again. Only looks where there is none: most of the time nobody has to write."""
        moment = clock.now()
        with self._db.reading() as session:
            found = [tenant.id for tenant in tenants(session) if anybody_wakes(session, Scope(tenant.id), moment)]
        for tenant_id in found:
            woken = MOST
            while woken == MOST and not self._stop.is_set():
                with self._db.transaction() as session:
                    woken = wake_snoozed(session, system(tenant_id), moment)

    def _expire(self) -> int:
        """End what is over, a transaction of it; a paused destination's rows too: nothing waits for ever without a word."""
        with self._db.transaction() as session:
            ended = expire(session, now(session))
            for each in ended:
                tell_ended(session, each)
        if ended:
            log.warning('deliveries_expired', count=len(ended))
        return len(ended)

    def _close_alerts(self) -> None:
        """Alerts whose cause somebody mended are over."""
        with self._db.reading() as session:
            found = [tenant.id for tenant in tenants(session) if open_alerts(session, Scope(tenant.id))]
        for tenant_id in found:
            with self._db.transaction() as session:
                close_over(session, system(tenant_id))


def _queue() -> Beat:
    """How many wakes wait in the queue; when it does not answer, the relay carries them out itself."""
    kind = 'memory' if isinstance(huey.storage, BlockingMemory) else 'redis'
    try:
        return Beat('queue', 'ok', huey.storage.queue_size(), kind)
    except Exception as trouble:  # whatever the storage's client raises
        log.warning('queue_silent', error=type(trouble).__name__)
        return Beat('queue', 'degraded', 0.0, kind)
