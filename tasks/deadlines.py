"""Sleeps until the next deadline of any lead and tells what is due then, to the second; in every worker, without a leader."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import structlog

from domain.alerts.ladder import MOST, Waiting, climb, waiting
from domain.alerts.models import Step
from domain.alerts.notices import escalate, next_notice, notify, tell_due
from domain.base import clock
from domain.base.db import Database, Session, now
from domain.base.doorbell import ANYTHING, Ring
from domain.base.errors import Refusal
from domain.base.scope import system
from domain.leads.alarms import fire, next_alarm
from tasks.steady import Steady, steady_seconds

log = structlog.get_logger(__name__)

SWEEP = 1.0  # seconds between two looks where no ring is heard
BREATH = 0.05  # seconds at least between two looks: what is due almost together is told together, by one worker
GAP = 0.1  # seconds between two looks that rings ask for: while leads stream in, each of them rings
CONTENDED = 0.03  # seconds until what another worker held is looked at again; twice as long each time, up to ten times
CLIMB = timedelta(seconds=0.9)  # between two looks at the ladder
ASLEEP = timedelta(seconds=5)  # a longer pause between two looks: nobody watched meanwhile


class Deadlines:
    """One thread of a worker. All workers sleep to the same deadline; the row that one of them holds is told by that one."""

    def __init__(self, db: Database, *, seconds: Callable[[], float] = steady_seconds) -> None:
        """`seconds` counts the time that passes."""
        self._db = db
        self._seconds = seconds
        self._steady = Steady()
        self._looked: datetime | None = None  # the moment of the last look
        self._watched_since: datetime | None = None
        self._climbed: datetime | None = None  # the moment of the last look at the ladder
        self._contended = 0.0
        self._rung = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name='deadlines', daemon=True)
        self._deafen: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin; what passed while nobody watched is told at once."""
        self._deafen = self._db.bell.hear(self._heard)
        self._thread.start()

    def stop(self) -> None:
        """End, between two transactions."""
        self._deafen()
        self._stop.set()
        self._rung.set()
        self._thread.join()

    def _heard(self, ring: Ring) -> None:
        if ring.topic in ('lead', ANYTHING):
            self._rung.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            pause, looked = SWEEP, time.monotonic()
            try:
                pause = self.round()
            except Refusal as trouble:
                log.warning('deadlines_blind', reason=trouble.code)
            except Exception:
                log.exception('deadlines_failed')
            if self._rung.wait(pause):
                due = looked + pause - time.monotonic()
                self._stop.wait(max(0.0, min(due, GAP)))  # a lead on its way to its provider goes first
            self._rung.clear()

    def round(self) -> float:
        """Tell what is due; gives back the seconds until something else may be. Raises refusals of the database."""
        with self._db.reading() as session:
            moment = self._moment(session)
            alarm, notice = next_alarm(session), next_notice(session)
            climbing = waiting(session, self._climbed, moment) if self._climbs(moment) else None
        if climbing is not None:
            self._climb(climbing, moment)
        due = [at for at in (alarm, notice) if at is not None]
        if not due or min(due) > moment:
            self._contended = 0.0
            return max(BREATH, min([SWEEP, *((at - moment).total_seconds() for at in due)]))
        told = self._fire() if alarm is not None and alarm <= moment else 0
        told += self._tell_notices() if notice is not None and notice <= moment else 0
        if told:
            self._contended = 0.0
            return 0.0 if told >= MOST else BREATH
        self._contended = min(2 * self._contended or CONTENDED, 10 * CONTENDED)
        return self._contended

    def _fire(self) -> int:
        with self._db.transaction() as session:
            moment = self._moment(session)
            assert self._watched_since  # set by the moment
            fired = fire(session, moment, self._watched_since)
            for tenant_id in {each.tenant_id for each in fired}:
                ours = [each for each in fired if each.tenant_id == tenant_id]
                notify(session, system(tenant_id), ours)
                escalate(session, system(tenant_id), ours)
        for each in fired:
            log.info('alarm_fired', alarm=each.alarm, lead=str(each.lead_id), late=round(each.late, 3), found_late=each.found_late)
        return len(fired)

    def _tell_notices(self) -> int:
        with self._db.transaction() as session:
            return tell_due(session, self._moment(session))

    def _climbs(self, moment: datetime) -> bool:
        """Whether the ladder is looked at now: once in a sweep, and not again when the clock went back."""
        return self._climbed is None or moment - self._climbed >= CLIMB

    def _climb(self, found: Sequence[Waiting], moment: datetime) -> None:
        for (tenant_id, step), group in groupby(sorted(found, key=_rung), key=_rung):
            leads = [each.lead_id for each in group]
            for first in range(0, len(leads), MOST):
                with self._db.transaction() as session:
                    done = climb(session, system(tenant_id), leads[first : first + MOST], step, moment)
                if done:
                    log.warning('alarm_ladder', step=step, leads=done)
        self._climbed = moment

    def _moment(self, session: Session) -> datetime:
        """What deadlines are measured by: the database's clock, which all workers share, unless it has just jumped."""
        moved = clock.offset
        moment = self._steady.at(now(session) - moved, self._seconds()) + moved
        if self._looked is None or moment - self._looked > ASLEEP:
            self._watched_since = moment
        self._looked = moment
        return moment


def _rung(each: Waiting) -> tuple[UUID, Step]:
    return each.tenant_id, each.step
