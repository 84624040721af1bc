"""Sends the pages of ended sessions to the sign-in: sign-out, a disabled account, another role, a session that ran out."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from nicegui import Client

from domain.access.queries import living
from domain.base import clock
from domain.base.db import Database
from domain.base.doorbell import Doorbell, Ring
from domain.base.errors import Unavailable
from ui.ask import Visit

log = structlog.get_logger(__name__)

SESSION_CHECK = 2.0  # seconds between looks at the sessions of all open pages
LAST_WORDS = 1.0  # seconds for a page to hear that it must leave, before its end of the line is cut


class Sessions:
    """All open pages of this process and whose they are."""

    def __init__(self, db: Database, bell: Doorbell, *, idle: timedelta, on_end: Callable[[Client], None]) -> None:
        """`idle`: how long a session may go unused.

        `on_end` is told of each page whose session is over, before it leaves: it must hear nothing more.
        """
        self._on_end = on_end
        self._idle = idle
        self._db = db
        self._bell = bell
        self._pages: dict[Client, Visit] = {}
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._deafen: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to watch; call on the event loop."""
        loop = asyncio.get_running_loop()

        def heard(ring: Ring) -> None:
            if ring.topic == 'session' and not loop.is_closed():
                loop.call_soon_threadsafe(self._ended.set)

        self._deafen = self._bell.hear(heard)
        self._task = asyncio.create_task(self._watch(), name='live sessions')

    async def stop(self) -> None:
        """Stop watching."""
        self._deafen()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def watch(self, client: Client, visit: Visit) -> None:
        """Keep an eye on this page until it is gone."""
        self._pages[client] = visit
        client.on_delete(lambda: self._pages.pop(client, None))

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), SESSION_CHECK)
            self._ended.clear()
            try:
                await self._check()
            except Unavailable:
                log.warning('sessions_not_checked')  # nobody is sent away for that; every act asks again anyway
            except Exception:
                log.exception('session_check_failed')

    async def _check(self) -> None:
        open_ids = {visit.session_id for visit in self._pages.values()}
        if not open_ids:
            return
        ended = open_ids - await asyncio.to_thread(self._living, open_ids)
        for client, visit in [(c, v) for c, v in self._pages.items() if v.session_id in ended]:
            self._on_end(client)
            visit.leave(client)
            del self._pages[client]
            asyncio.get_running_loop().call_later(LAST_WORDS, _delete, client)

    def _living(self, session_ids: set[UUID]) -> set[UUID]:
        with self._db.reading() as session:
            return living(session, session_ids, clock.now(), self._idle)


def _delete(client: Client) -> None:
    if client.id in Client.instances:
        client.delete()
