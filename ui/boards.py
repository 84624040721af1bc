"""Keeps open boards up to date: what changed is read once for all boards of one scope, and each is sent its own part of it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from nicegui import Client

from domain.base import clock
from domain.base.db import Database
from domain.base.doorbell import ANYTHING, Doorbell, Ring
from domain.base.errors import Unavailable
from domain.base.scope import Scope
from domain.desk.board import board, changes
from domain.desk.board_values import Board, Card, Changes, Column, Only, Tally
from domain.desk.inbox import lately
from ui.watching import REMEMBERED, News

log = structlog.get_logger(__name__)

COALESCE = 0.05  # seconds: rings that come together are read together
BREATH = 0.3  # seconds at most between two readings while many leads change: a breach is on the screen within the second
BREATH_PER_CARD = 0.004
FIRST = 60  # cards of each column that a board begins with
MOST = 200  # changes: above this boards begin anew


class Shown(Protocol):
    """What a page offers to be told about; all are called on the event loop."""

    client: Client
    scope: Scope
    only: Only
    missed_since: datetime | None

    def patch(self, cards: Sequence[Card], gone: Collection[UUID], tally: Tally) -> None:
        """These cards are new or different, those leads are not on the board."""

    def start(self, data: Board) -> None:
        """Begin anew with this."""


@dataclass
class _Told:
    """What the boards of one scope were told."""

    looked_at: datetime
    cards: OrderedDict[UUID, Card | None] = field(default_factory=OrderedDict)  # None: it is not on the board
    tally: dict[object, int] = field(default_factory=dict)

    def news(self, told: Changes) -> tuple[list[Card], list[UUID], bool]:
        """Of what was read, what the boards do not know yet, and whether the numbers are other ones; remembers it."""
        now: dict[UUID, Card | None] = {**dict.fromkeys(told.gone), **{card.lead_id: card for card in told.cards}}
        new = {id_: card for id_, card in now.items() if id_ not in self.cards or self.cards[id_] != card}
        for id_, card in new.items():
            self.cards[id_] = card
            self.cards.move_to_end(id_)
        while len(self.cards) > REMEMBERED:
            self.cards.popitem(last=False)
        counted = _timeless(told.tally)
        other, self.tally = counted != self.tally, counted
        return [card for card in new.values() if card], [id_ for id_, card in new.items() if card is None], other


class Boards:
    """All open boards of this process. Everything but the ear itself and the readings runs on the event loop."""

    def __init__(self, db: Database, bell: Doorbell) -> None:
        self._db = db
        self._bell = bell
        self._pages: set[Shown] = set()
        self._told: dict[Scope, _Told] = {}
        self._news: dict[UUID | None, News] = {}
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._deafen: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to listen; call on the event loop."""
        loop = asyncio.get_running_loop()

        def heard(ring: Ring) -> None:
            if self._pages and ring.topic in ('lead', ANYTHING) and not loop.is_closed():
                loop.call_soon_threadsafe(self._note, ring)

        self._deafen = self._bell.hear(heard)
        self._task = asyncio.create_task(self._tell(), name='boards')

    async def stop(self) -> None:
        """Stop listening."""
        self._deafen()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def open(self, page: Shown, read_at: datetime) -> None:
        """Keep this page up to date until it is closed; `read_at` is when its first cards were read."""
        self._pages.add(page)
        self._told.setdefault(page.scope, _Told(clock.now()))
        page.missed_since = read_at
        if page.client.has_socket_connection:
            self._rung.set()

    def close(self, page: Shown) -> None:
        """The board is shown no longer."""
        self._pages.discard(page)
        if not any(other.scope == page.scope for other in self._pages):
            self._told.pop(page.scope, None)

    def forget(self, client: Client) -> None:
        """Tell this page nothing more."""
        for page in [each for each in self._pages if each.client is client]:
            self.close(page)

    def dropped(self, client: Client) -> None:
        """This page's socket is away: it misses what comes from now on."""
        for page in self._pages:
            if page.client is client:
                page.missed_since = page.missed_since or clock.now()

    def back(self, client: Client) -> None:
        """This page's socket is there (again): tell it what it missed."""
        if any(page.missed_since for page in self._pages if page.client is client):
            self._rung.set()

    def _note(self, ring: Ring) -> None:
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
            told = 0
            try:
                for scope in list(self._told):
                    told += await self._tell_scope(scope, news) + await self._catch_up(scope)
            except Unavailable:
                log.warning('boards_wait_for_database')
                self._put_back(news)
                told = MOST
            except Exception:
                log.exception('boards_failed')
                told = MOST
            await asyncio.sleep(min(BREATH, told * BREATH_PER_CARD))

    def _put_back(self, news: dict[UUID | None, News]) -> None:
        for tenant_id, former in news.items():
            later = self._news.setdefault(tenant_id, News())
            later.ids |= former.ids
            later.anything |= former.anything
        self._rung.set()

    async def _tell_scope(self, scope: Scope, news: dict[UUID | None, News]) -> int:
        own, everywhere = news.get(scope.tenant_id, News()), news.get(None, News())
        anything = own.anything or everywhere.anything
        told = self._told.get(scope)
        if told is None or not (own.ids or anything):
            return 0
        looked_at = clock.now()
        read = await asyncio.to_thread(self._changes, scope, own.ids, lately(told.looked_at) if anything else None)
        if anything:
            told.looked_at = looked_at
        if read is None:
            return await self._start_all(scope, [page for page in self._pages if page.scope == scope])
        cards, gone, counted = told.news(read)
        if cards or gone or counted:
            for page in [each for each in self._pages if each.scope == scope]:
                page.patch(cards, gone, read.tally)
        return len(cards)

    async def _catch_up(self, scope: Scope) -> int:
        """Tell the pages whose socket was away what they missed: one reading for all of them."""
        late = [page for page in self._pages if page.missed_since and page.scope == scope and page.client.has_socket_connection]
        if not late:
            return 0
        since = min(page.missed_since or clock.now() for page in late)
        for page in late:
            page.missed_since = None
        read = await asyncio.to_thread(self._changes, scope, set(), lately(since))
        if read is None:
            return await self._start_all(scope, late)
        for page in late:
            page.patch(read.cards, read.gone, read.tally)
        return len(read.cards)

    async def _start_all(self, scope: Scope, pages: list[Shown]) -> int:
        for only in {page.only for page in pages}:
            data = await asyncio.to_thread(self._board, scope, only)
            for page in pages:
                if page.only == only and page in self._pages:
                    page.start(data)
        return MOST

    def _changes(self, scope: Scope, ids: set[UUID], since: datetime | None) -> Changes | None:
        with self._db.reading() as session:
            return changes(session, scope, ids, since, limit=MOST)

    def _board(self, scope: Scope, only: Only) -> Board:
        with self._db.reading() as session:
            return board(session, scope, only, limit=FIRST)


def _timeless(tally: Tally) -> dict[object, int]:
    """The numbers without what time alone changes: browsers move cards from the third column to the second by themselves."""
    out: dict[object, int] = {}
    for (column, quality, location_id), number in tally.items():
        key = (Column.TRACK if column is Column.DUE else column, quality, location_id)
        out[key] = out.get(key, 0) + number
    return out
