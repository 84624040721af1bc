"""Follow-ups and sequences at their second: sleeps until the next task or step is due, and looks at once when something was written."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import structlog

from domain.base import clock
from domain.base.db import Database
from domain.base.doorbell import ANYTHING, Ring
from domain.base.errors import Refusal
from domain.base.scope import Scope, system
from domain.follow_ups.firing import due_tasks, fire, next_alarm_at
from domain.follow_ups.running import AT_ONCE, start_new, unlooked
from domain.follow_ups.sequences import sequences
from domain.follow_ups.stepping import due_runs, next_step_at, take_step
from domain.tenancy.queries import tenants

log = structlog.get_logger(__name__)

SWEEP = 2.0  # seconds: the longest sleep, so that a clock that was set or a ring that was lost costs no more than this
BREATH = 0.1  # seconds between two looks: leads come faster than that
AGAIN = 1.0  # seconds until what another worker was faster with is looked at again
REST = 60.0  # seconds a step that failed is left alone, so that the others go on
TOPICS = ('lead', 'follow_up', ANYTHING)


class Sequences:
    """One thread of a worker; any number of workers look, each task and each step is claimed by one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stop = threading.Event()
        self._rung = threading.Event()
        self._looked: dict[UUID, datetime] = {}  # by sequence: the leads that came before this were looked at
        self._takes_up = True  # a sequence is switched on: new leads are news; without one they disturb nobody here
        self._resting: dict[UUID, float] = {}  # by run or task: when it is tried again
        self._deafen: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name='sequences', daemon=True)

    def start(self) -> None:
        """Begin; what passed while nobody looked is found at once."""
        self._deafen = self._db.bell.hear(self._heard)
        self._thread.start()

    def stop(self) -> None:
        """End, between two transactions."""
        self._deafen()
        self._stop.set()
        self._rung.set()
        self._thread.join()

    def _heard(self, ring: Ring) -> None:
        if ring.topic in TOPICS and (self._takes_up or ring.topic != 'lead'):
            self._rung.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._rung.clear()
            next_at: datetime | None = None
            try:
                next_at = self.round()
            except Refusal as trouble:
                log.warning('sequences_wait', reason=trouble.code)
            except Exception:
                log.exception('sequences_failed')
            self._stop.wait(min(BREATH, self._until(next_at)) or BREATH)
            if self._rung.wait(self._until(next_at)):
                self._stop.wait(min(BREATH, self._until(next_at)))  # a lead on its way to its provider goes first

    @staticmethod
    def _until(next_at: datetime | None) -> float:
        """Seconds to sleep."""
        if next_at is None:
            return SWEEP
        return max(0.0, min(SWEEP, (next_at - clock.now()).total_seconds()))

    def round(self) -> datetime | None:
        """Do all that is due, for every tenant; gives back when the next thing is."""
        with self._db.reading() as session:
            ids = [tenant.id for tenant in tenants(session)]
        upcoming: list[datetime] = []
        taking_up = False
        for tenant_id in ids:
            scope = Scope(tenant_id)
            taking_up |= self._take_up(scope)
            self._step(scope)
            self._fire(scope)
            with self._db.reading() as session:
                upcoming += [at for at in (next_alarm_at(session, scope), next_step_at(session, scope)) if at]
        self._takes_up = taking_up
        return min(upcoming, default=None)

    def _take_up(self, scope: Scope) -> bool:
        """Sequences that are switched on take up new leads; False: none is. Where there is no such lead, nothing is written."""
        moment = clock.now()
        with self._db.reading() as session:
            enabled = [row for row in sequences(session, scope) if row.enabled_at]
            found = [row.id for row in enabled if unlooked(session, scope, row, self._looked.get(row.id))]
        for sequence_id in found:
            while not self._stop.is_set():
                with self._db.transaction() as session:
                    if start_new(session, system(scope.tenant_id), sequence_id, since=self._looked.get(sequence_id)) < AT_ONCE:
                        break
        self._looked |= dict.fromkeys((row.id for row in enabled), moment)
        return bool(enabled)

    def _step(self, scope: Scope) -> None:
        """Take the steps that are due, each in a transaction of its own."""
        while not self._stop.is_set():
            moment = clock.now()
            with self._db.reading() as session:
                found = self._awake(due_runs(session, scope, moment))
            if not found:
                return
            for run_id in found:
                with self._set_aside(run_id), self._db.transaction() as session:
                    taken = take_step(session, system(scope.tenant_id), run_id, moment)
                    self._resting |= {} if taken else {run_id: time.monotonic() + AGAIN}

    def _fire(self, scope: Scope) -> None:
        """Have the tasks speak up that are due: together, and one by one where that fails."""
        while not self._stop.is_set():
            moment = clock.now()
            with self._db.reading() as session:
                found = self._awake(due_tasks(session, scope, moment))
            if not found:
                return
            try:
                with self._db.transaction() as session:
                    if not fire(session, system(scope.tenant_id), found, moment):
                        self._resting |= dict.fromkeys(found, time.monotonic() + AGAIN)
            except Refusal:
                raise
            except Exception:
                log.exception('tasks_not_fired_together', count=len(found))
                for task_id in found:
                    with self._set_aside(task_id), self._db.transaction() as session:
                        fire(session, system(scope.tenant_id), [task_id], moment)

    def _awake(self, ids: list[UUID]) -> list[UUID]:
        moment = time.monotonic()
        self._resting = {each: until for each, until in self._resting.items() if until > moment}
        return [each for each in ids if each not in self._resting]

    @contextmanager
    def _set_aside(self, id_: UUID) -> Iterator[None]:
        """What cannot be done is logged and tried again later: it must not keep the others from going on."""
        try:
            yield
        except Refusal:
            raise
        except Exception:
            self._resting[id_] = time.monotonic() + REST
            log.exception('follow_up_failed', id=str(id_))
