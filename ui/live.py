"""Tells open pages what changed: one hub per process hears the doorbell, reads once per scope and sends each page only its rows."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from nicegui import Client

from domain.base import clock
from domain.base.db import Database, Session
from domain.base.doorbell import ANYTHING, Doorbell, Ring
from domain.base.errors import Unavailable
from domain.base.scope import Scope
from domain.desk.inbox import changed_since, inbox, inbox_rows, lately, open_count
from domain.desk.messages import LeadPage
from domain.desk.queries import lead_page
from ui.watching import Look, News, Seen, Watcher

log = structlog.get_logger(__name__)

COALESCE = 0.05  # seconds: rings that come together are read together
BREATH_PER_ROW = 0.004  # seconds: after a large change the next look waits longer, so that a flood cannot keep the loop busy
PAGE = 200  # rows: more than these are not patched one by one but sent anew


class Hub:
    """All open pages of this process. Everything but `_heard` runs on the event loop; reading runs in threads."""

    def __init__(self, db: Database, bell: Doorbell) -> None:
        self._db = db
        self._bell = bell
        self._watchers: set[Watcher] = set()
        self._news: dict[UUID | None, News] = {}
        self._seen: dict[Scope, Seen] = {}
        self._rung = asyncio.Event()
        self._serial = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._deafen: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to listen; call on the event loop."""
        loop = asyncio.get_running_loop()
        self._deafen = self._bell.hear(lambda ring: _ignore_closed(loop, self._note, ring))
        self._tasks = [asyncio.create_task(self._tell(), name='live')]

    async def stop(self) -> None:
        """Stop listening."""
        self._deafen()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def serial(self) -> tuple[int, datetime]:
        """Take this before a page reads its rows, and give it to `open`: what changes in between is then not missed."""
        return self._serial, clock.now()

    def open(self, watcher: Watcher, before: tuple[int, datetime]) -> None:
        """Keep this page up to date until it is forgotten or closed."""
        serial, since = before
        self._watchers.add(watcher)
        self._seen.setdefault(watcher.scope, Seen(clock.now()))
        if serial != self._serial:
            watcher.missed_since = since
            self._rung.set()

    def dropped(self, client: Client) -> None:
        """This page's socket is away: it misses what comes from now on."""
        for watcher in self._watchers:
            if watcher.client is client:
                watcher.missed_since = watcher.missed_since or clock.now()

    def back(self, client: Client) -> None:
        """This page's socket is there again: tell it what it missed."""
        if any(watcher.missed_since for watcher in self._watchers if watcher.client is client):
            self._rung.set()

    def forget(self, client: Client) -> None:
        """Tell this page nothing more."""
        for watcher in [each for each in self._watchers if each.client is client]:
            self.close(watcher)

    def close(self, watcher: Watcher) -> None:
        """The list is shown no longer."""
        self._watchers.discard(watcher)
        if not any(other.scope == watcher.scope for other in self._watchers):
            self._seen.pop(watcher.scope, None)

    def _note(self, ring: Ring) -> None:
        if ring.topic not in ('lead', ANYTHING):
            return
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
                log.warning('live_waits_for_database')
                self._put_back(news)
                told = PAGE
            except Exception:
                log.exception('live_failed')
                told = PAGE
            await asyncio.sleep(min(1.0, told * BREATH_PER_ROW))

    def _put_back(self, news: dict[UUID | None, News]) -> None:
        for tenant_id, former in news.items():
            later = self._news.setdefault(tenant_id, News())
            later.ids |= former.ids
            later.anything |= former.anything
        self._rung.set()

    async def _tell_all(self, news: dict[UUID | None, News]) -> int:
        """Read and send; the number of rows sent."""
        everywhere = news.pop(None, News())
        told = 0
        for scope in list(self._seen):
            own = news.get(scope.tenant_id, News())
            if own.ids or own.anything or everywhere.anything:
                told += await self._tell_scope(scope, own.ids, own.anything or everywhere.anything)
            told += await self._catch_up(scope)
        return told

    async def _tell_scope(self, scope: Scope, ids: set[UUID], anything: bool) -> int:
        seen = self._seen.get(scope)
        if seen is None:
            return 0  # its last page went while others were told
        since = lately(seen.looked_at) if anything else None
        looked_at = clock.now()
        look = await asyncio.to_thread(self._look, scope, ids, since)
        pages = [watcher for watcher in self._watchers if watcher.scope == scope]
        if anything:
            seen.looked_at = looked_at
        rows = seen.fresh(look.rows)
        gone = sorted(ids - {row.id for row in look.rows}) if not look.whole else []
        if look.whole:
            for page in pages:
                page.board.resync(look.rows, look.open_count)
        elif rows or gone or look.open_count != seen.open_count:
            for page in pages:
                page.board.patch(rows, gone, look.open_count)
        seen.open_count = look.open_count
        changed = ids | {row.id for row in rows}
        await self._show(scope, [page for page in pages if page.lead_id in changed])
        return len(rows)

    async def _catch_up(self, scope: Scope) -> int:
        """Tell the pages whose socket was away what they missed: one reading for all of them."""
        late = [w for w in self._watchers if w.missed_since and w.scope == scope and w.client.has_socket_connection]
        if not late:
            return 0
        since = min(watcher.missed_since or clock.now() for watcher in late)
        for watcher in late:
            watcher.missed_since = None
        look = await asyncio.to_thread(self._look, scope, set(), lately(since))
        for watcher in late:
            if look.whole:
                watcher.board.resync(look.rows, look.open_count)
            else:
                watcher.board.patch(look.rows, [], look.open_count)
        await self._show(scope, late)
        return len(look.rows)

    async def _show(self, scope: Scope, pages: list[Watcher]) -> None:
        for lead_id in {page.lead_id for page in pages if page.lead_id}:
            lead = await asyncio.to_thread(self._lead, scope, lead_id)
            for page in pages:
                if lead and page.lead_id == lead_id and page in self._watchers:
                    page.board.show(lead)

    def _look(self, scope: Scope, ids: set[UUID], since: datetime | None) -> Look:
        with self._db.reading() as session:
            return _read(session, scope, ids, since)

    def _lead(self, scope: Scope, lead_id: UUID) -> LeadPage | None:
        with self._db.reading() as session:
            return lead_page(session, scope, lead_id)


def _read(session: Session, scope: Scope, ids: set[UUID], since: datetime | None) -> Look:
    rows = {row.id: row for row in changed_since(session, scope, since, limit=PAGE + 1)} if since else {}
    count = open_count(session, scope)
    if len(rows) > PAGE or len(ids) > PAGE:
        return Look(inbox(session, scope, limit=PAGE), count, whole=True)
    if missing := ids - rows.keys():
        rows.update((row.id, row) for row in inbox_rows(session, scope, missing))
    return Look(list(rows.values()), count)


def _ignore_closed(loop: asyncio.AbstractEventLoop, note: Callable[[Ring], None], ring: Ring) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(note, ring)
