"""Tells places that something they show was rung: each place reads again for itself, at most once a second."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from uuid import UUID

import structlog
from nicegui import Client

from domain.base.doorbell import ANYTHING, Doorbell, Ring
from ui.ask import unattended

log = structlog.get_logger(__name__)

PAUSE = 1.0  # seconds between two looks of one place
FIRST = 0.05  # seconds: rings that come together are answered by one look

Refresh = Callable[[], Awaitable[None]]


@dataclass(eq=False)
class Stir:
    """One place that wants to know: its page, whose rings, of which topics, and what to do."""

    client: Client | None  # None: it stands for several pages
    tenant_id: UUID
    topics: frozenset[str]
    refresh: Refresh
    last: float = 0.0
    task: asyncio.Task[None] | None = None
    again: bool = False


class Stirs:
    """All waiting places of this process. Everything but the ear itself runs on the event loop."""

    def __init__(self, bell: Doorbell) -> None:
        self._bell = bell
        self._all: set[Stir] = set()
        self._deafen: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to listen; call on the event loop."""
        loop = asyncio.get_running_loop()

        def heard(ring: Ring) -> None:
            if self._all and not loop.is_closed():
                loop.call_soon_threadsafe(self._heard, ring)

        self._deafen = self._bell.hear(heard)

    async def stop(self) -> None:
        """Stop listening."""
        self._deafen()
        for stir in list(self._all):
            self.forget(stir)

    def add(self, client: Client | None, tenant_id: UUID, topics: Iterable[str], refresh: Refresh) -> Stir:
        """Have `refresh` awaited after rings of these topics, and after the page's socket was away."""
        stir = Stir(client, tenant_id, frozenset(topics), refresh)
        self._all.add(stir)
        return stir

    def forget(self, stir: Stir) -> None:
        """The place is shown no longer."""
        self._all.discard(stir)
        if stir.task:
            stir.task.cancel()

    def back(self, client: Client) -> None:
        """This page's socket was away: it may have missed anything."""
        for stir in [each for each in self._all if each.client is client]:
            self.look(stir)

    def _heard(self, ring: Ring) -> None:
        for stir in list(self._all):
            if ring.tenant_id in (None, stir.tenant_id) and (ring.topic == ANYTHING or ring.topic in stir.topics):
                self.look(stir)

    def look(self, stir: Stir) -> None:
        """Have it look again soon."""
        if stir.task and not stir.task.done():
            stir.again = True
            return
        stir.task = asyncio.get_running_loop().create_task(self._refresh(stir), name='stirred place')

    async def _refresh(self, stir: Stir) -> None:
        loop = asyncio.get_running_loop()
        unattended.set(True)
        while True:
            stir.again = False
            await asyncio.sleep(max(FIRST, stir.last + PAUSE - loop.time()))
            stir.last = loop.time()
            if stir not in self._all or (stir.client and stir.client.is_deleted):
                self._all.discard(stir)
                return
            try:
                with stir.client or nullcontext():
                    await stir.refresh()
            except Exception:
                log.exception('place_not_refreshed')
            if not stir.again:
                return
