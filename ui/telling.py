"""What all live lists have in common: rings are gathered, what changed is read once per scope, and each open page is sent its part."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import structlog
from nicegui import Client

from domain.base import clock
from domain.base.db import Database
from domain.base.doorbell import ANYTHING, Doorbell, Ring
from domain.base.errors import Unavailable
from domain.base.scope import Scope
from ui.watching import News

log = structlog.get_logger(__name__)

COALESCE = 0.05  # seconds: rings that come together are read together
BREATH_PER_ROW = 0.004  # seconds: after a large change the next look waits longer, so that a flood cannot keep the loop busy
PAGE = 200  # rows: more than these are not patched one by one but sent anew


class Open(Protocol):
    """One open page."""

    client: Client
    missed_since: datetime | None  # it may have missed what changed after this

    @property
    def scope(self) -> Scope:
        """Whose rows it shows; a change of role ends the session."""
        ...


Page = TypeVar('Page', bound=Open)


class Teller(ABC, Generic[Page]):
    """The open pages of one kind in this process. All but the ear itself and the readings runs on the event loop."""

    NAME = 'teller'
    BREATH = 1.0  # seconds at most between two readings while many leads change

    def __init__(self, db: Database, bell: Doorbell) -> None:
        self._db = db
        self._bell = bell
        self._pages: set[Page] = set()
        self._news: dict[UUID | None, News] = {}
        self._serial = 0  # of the last ring
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._deafen: Callable[[], None] = lambda: None

    @abstractmethod
    async def tell_scope(self, scope: Scope, ids: set[UUID], *, anything: bool) -> int:
        """Read what became of these leads (`anything`: of all that changed) and send it to the pages of this scope; the rows sent."""

    @abstractmethod
    async def tell_late(self, scope: Scope, late: list[Page], since: datetime) -> int:
        """Send these pages what they missed; the rows sent."""

    @abstractmethod
    def last_left(self, scope: Scope) -> None:
        """No page of this scope is open any more."""

    def start(self) -> None:
        """Begin to listen; call on the event loop."""
        loop = asyncio.get_running_loop()

        def heard(ring: Ring) -> None:
            if ring.topic in ('lead', ANYTHING) and not loop.is_closed():
                loop.call_soon_threadsafe(self._note, ring)

        self._deafen = self._bell.hear(heard)
        self._task = asyncio.create_task(self._tell(), name=self.NAME)

    async def stop(self) -> None:
        """Stop listening."""
        self._deafen()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def close(self, page: Page) -> None:
        """Its list is shown no longer."""
        self._pages.discard(page)
        if not any(other.scope == page.scope for other in self._pages):
            self.last_left(page.scope)

    def forget(self, client: Client) -> None:
        """Tell this browser page nothing more."""
        for page in [each for each in self._pages if each.client is client]:
            self.close(page)

    def dropped(self, client: Client) -> None:
        """This browser page's socket is away: it misses what comes from now on."""
        for page in self._pages:
            if page.client is client:
                page.missed_since = page.missed_since or clock.now()

    def back(self, client: Client) -> None:
        """This browser page's socket is there (again): tell it what it missed."""
        if any(page.missed_since for page in self._pages if page.client is client):
            self._rung.set()

    def _note(self, ring: Ring) -> None:
        self._serial += 1
        news = self._news.setdefault(ring.tenant_id, News())
        news.ids.update(ring.ids)
        news.anything |= not ring.ids
        self._rung.set()

    async def _tell(self) -> None:
        while True:
            await self._rung.wait()
            await asyncio.sleep(COALESCE)
            self._rung.clear()
            news, self._news = self._news, {}
            try:
                told = await self._tell_all(news)
            except Unavailable:
                log.warning('pages_wait_for_database', pages=self.NAME)
                self._put_back(news)
                told = PAGE
            except Exception:
                log.exception('pages_not_told', pages=self.NAME)
                told = PAGE
            await asyncio.sleep(min(self.BREATH, told * BREATH_PER_ROW))

    def _put_back(self, news: dict[UUID | None, News]) -> None:
        for tenant_id, former in news.items():
            later = self._news.setdefault(tenant_id, News())
            later.ids |= former.ids
            later.anything |= former.anything
        self._rung.set()

    async def _tell_all(self, news: dict[UUID | None, News]) -> int:
        everywhere, told = news.get(None, News()), 0
        for scope in {page.scope for page in self._pages}:
            own = news.get(scope.tenant_id, News())
            if own.ids or own.anything or everywhere.anything:
                told += await self.tell_scope(scope, own.ids, anything=own.anything or everywhere.anything)
            told += await self._catch_up(scope)
        return told

    async def _catch_up(self, scope: Scope) -> int:
        """Tell the pages whose socket was away what they missed: one reading for all of them."""
        late = [page for page in self._pages if page.missed_since and page.scope == scope and page.client.has_socket_connection]
        if not late:
            return 0
        since = min(page.missed_since or clock.now() for page in late)
        for page in late:
            page.missed_since = None
        return await self.tell_late(scope, late, since)
