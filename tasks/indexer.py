"""Takes leads into the search index: what changed, what was there before it, and now and then whatever was overlooked."""

import threading
import time

import structlog

from domain.base.db import Database
from domain.base.errors import Refusal
from domain.search.indexing import LONG_LOOK_BACK, catch_up, check, fill
from domain.tenancy.queries import tenants

log = structlog.get_logger(__name__)

EVERY = 5.0  # seconds; a search does not wait for it, it takes in what is new by itself
CHECK_EVERY = 60.0  # seconds
BREATH = 0.05  # seconds between two slices of the past: whoever keeps a lead goes first


class Indexer:
    """One thread of a worker; several workers do no harm, they only do the same."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stop = threading.Event()
        self._checked = time.monotonic()
        self._thread = threading.Thread(target=self._run, name='indexer', daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, between two transactions."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self.round()
            except Refusal as trouble:
                log.warning('indexer_waits', reason=trouble.code)
            except Exception:
                log.exception('indexer_failed')

    def round(self) -> None:
        """Bring every tenant's index up to date."""
        with self._db.reading() as session:
            ids = [tenant.id for tenant in tenants(session)]
        checking = time.monotonic() - self._checked > CHECK_EVERY
        if checking:
            self._checked = time.monotonic()
        for tenant_id in ids:
            while not self._stop.is_set() and catch_up(self._db, tenant_id, look_back=LONG_LOOK_BACK):
                pass
            if checking:
                check(self._db, tenant_id)
            while not self._stop.is_set() and (taken := fill(self._db, tenant_id)):
                log.info('index_filled', leads=taken)
                self._stop.wait(BREATH)
