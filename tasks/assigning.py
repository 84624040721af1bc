"""Gives leads to people: rung by the doorbell when a lead comes or somebody is there, it looks every second anyway."""

import threading
import time
from collections.abc import Callable
from uuid import UUID

import structlog

from domain.assignment.actions import AT_ONCE, free_orphans, hand_out, say_in_vain
from domain.assignment.messages import Outlook
from domain.assignment.queries import is_said, orphans, outlook, rule, tenants_in_use
from domain.base import clock
from domain.base.db import Database
from domain.base.doorbell import ANYTHING, Ring
from domain.base.errors import Refusal
from domain.base.scope import Scope, system
from domain.tenancy.queries import tenants

log = structlog.get_logger(__name__)

TOPICS = ('lead', 'access', 'assignment', ANYTHING)
EVERY = 1.0  # seconds
BREATH = 0.1  # seconds between two looks: rings that come together are answered by one
ORPHANS_EVERY = 5.0  # seconds; an account that is switched off rings, but other processes on SQLite only hear that something changed


class Assigning:
    """One thread of a worker. Several workers do no harm: each decision is made under a lock on the people it is about."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stop = threading.Event()
        self._rung = threading.Event()
        self._orphans_at = 0.0
        self._deafen: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name='assigning', daemon=True)

    def start(self) -> None:
        """Begin; the first look at once."""
        self._deafen = self._db.bell.hear(self._heard)
        self._thread.start()

    def stop(self) -> None:
        """End, between two transactions."""
        self._deafen()
        self._stop.set()
        self._rung.set()
        self._thread.join()

    def _heard(self, ring: Ring) -> None:
        if ring.topic in TOPICS:
            if ring.topic == 'access':
                self._orphans_at = 0.0
            self._rung.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.round()
            except Refusal as trouble:
                log.warning('assigning_waits', reason=trouble.code)
            except Exception:
                log.exception('assigning_failed')
            if self._rung.wait(EVERY):
                self._stop.wait(BREATH)  # a lead on its way to its provider goes first
            self._rung.clear()

    def round(self) -> None:
        """Free the leads of people who are gone; give out what can be, for every tenant in which somebody has said who is there."""
        with self._db.reading() as session:
            found = tenants_in_use(session)
            everybody = [tenant.id for tenant in tenants(session)] if time.monotonic() >= self._orphans_at else []
        if everybody:
            self._orphans_at = time.monotonic() + ORPHANS_EVERY
        for tenant_id in everybody:
            self._free(tenant_id)
        for tenant_id in found:
            self._give(tenant_id)

    def _free(self, tenant_id: UUID) -> None:
        while not self._stop.is_set():
            with self._db.reading() as session:
                scope = Scope(tenant_id)
                if not rule(session, scope).enabled or not orphans(session, scope, limit=1):
                    return
            with self._db.transaction() as session:
                free_orphans(session, system(tenant_id))

    def _give(self, tenant_id: UUID) -> None:
        """Until nothing is left to do: a look without a lock, then a decision under it."""
        while not self._stop.is_set():
            ahead, said = self._look(tenant_id)
            if not ahead.lead_ids:
                if ahead.in_vain != said:
                    with self._db.transaction() as session:
                        say_in_vain(session, system(tenant_id), ahead.why)
                return
            with self._db.transaction() as session:
                done = hand_out(session, system(tenant_id), ahead.lead_ids, clock.now())
            if not done:
                return  # another worker was first; the next look sees what it left
            log.info('leads_assigned', count=done)

    def _look(self, tenant_id: UUID) -> tuple[Outlook, bool]:
        with self._db.reading() as session:
            scope = Scope(tenant_id)
            return outlook(session, scope, clock.now(), limit=AT_ONCE), is_said(session, scope)
