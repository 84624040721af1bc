"""Tells open inboxes what changed: one hub per process hears the doorbell, reads once per scope and sends each page only its rows."""

import asyncio
from datetime import datetime
from uuid import UUID

from domain.base import clock
from domain.base.db import Database, Session
from domain.base.doorbell import Doorbell
from domain.base.scope import Scope
from domain.desk.inbox import changed_since, inbox, inbox_rows, lately, open_count
from domain.desk.messages import LeadPage
from domain.desk.queries import lead_page
from ui.telling import PAGE, Teller
from ui.watching import Look, Seen, Watcher


class Hub(Teller[Watcher]):
    """All open inboxes of this process, and the lead that each has open."""

    NAME = 'live'

    def __init__(self, db: Database, bell: Doorbell) -> None:
        super().__init__(db, bell)
        self._seen: dict[Scope, Seen] = {}

    def serial(self) -> tuple[int, datetime]:
        """Take this before a page reads its rows, and give it to `open`: what changes in between is then not missed."""
        return self._serial, clock.now()

    def open(self, watcher: Watcher, before: tuple[int, datetime]) -> None:
        """Keep this page up to date until it is forgotten or closed."""
        serial, since = before
        self._pages.add(watcher)
        self._seen.setdefault(watcher.scope, Seen(clock.now()))
        if serial != self._serial:
            watcher.missed_since = since
            self._rung.set()

    def last_left(self, scope: Scope) -> None:
        """See Teller."""
        self._seen.pop(scope, None)

    async def tell_scope(self, scope: Scope, ids: set[UUID], *, anything: bool) -> int:
        """See Teller."""
        seen = self._seen.get(scope)
        if seen is None:
            return 0  # its last page went while others were told
        since = lately(seen.looked_at) if anything else None
        looked_at = clock.now()
        look = await asyncio.to_thread(self._look, scope, ids, since)
        pages = [watcher for watcher in self._pages if watcher.scope == scope]
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

    async def tell_late(self, scope: Scope, late: list[Watcher], since: datetime) -> int:
        """See Teller."""
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
                if lead and page.lead_id == lead_id and page in self._pages:
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
