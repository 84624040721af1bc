"""Keeps open boards up to date: what changed is read once for all boards of one scope, and each is sent its own part of it."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nicegui import Client

from domain.base import clock
from domain.base.db import Database
from domain.base.doorbell import Doorbell
from domain.base.scope import Scope
from domain.desk.board import board, changes
from domain.desk.board_values import Board, Card, Changes, Column, Only, Tally
from domain.desk.inbox import lately
from ui.telling import PAGE, Teller
from ui.watching import REMEMBERED

FIRST = 60  # cards of each column that a board begins with


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


class Boards(Teller[Shown]):
    """All open boards of this process."""

    NAME = 'boards'
    BREATH = 0.3  # seconds: a breach is on the screen within the second, however many leads change

    def __init__(self, db: Database, bell: Doorbell) -> None:
        super().__init__(db, bell)
        self._told: dict[Scope, _Told] = {}

    def open(self, page: Shown, read_at: datetime) -> None:
        """Keep this page up to date until it is closed; `read_at` is when its first cards were read."""
        self._pages.add(page)
        self._told.setdefault(page.scope, _Told(clock.now()))
        page.missed_since = read_at
        if page.client.has_socket_connection:
            self._rung.set()

    def last_left(self, scope: Scope) -> None:
        """See Teller."""
        self._told.pop(scope, None)

    async def tell_scope(self, scope: Scope, ids: set[UUID], *, anything: bool) -> int:
        """See Teller."""
        told = self._told.get(scope)
        if told is None:
            return 0  # its last page went while others were told
        looked_at = clock.now()
        read = await asyncio.to_thread(self._changes, scope, ids, lately(told.looked_at) if anything else None)
        if anything:
            told.looked_at = looked_at
        if read is None:
            return await self._start_all(scope, [page for page in self._pages if page.scope == scope])
        cards, gone, counted = told.news(read)
        if cards or gone or counted:
            for page in [each for each in self._pages if each.scope == scope]:
                page.patch(cards, gone, read.tally)
        return len(cards)

    async def tell_late(self, scope: Scope, late: list[Shown], since: datetime) -> int:
        """See Teller."""
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
        return PAGE

    def _changes(self, scope: Scope, ids: set[UUID], since: datetime | None) -> Changes | None:
        with self._db.reading() as session:
            return changes(session, scope, ids, since, limit=PAGE)

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
