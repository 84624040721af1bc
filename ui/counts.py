"""The numbers beside the places: read once per scope after a ring, and sent to all its pages when they changed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nicegui import Client

from domain.base.db import Database
from domain.base.errors import Unavailable
from domain.base.scope import Scope
from domain.desk.counts import counts
from ui.stirs import Stir, Stirs

TOPICS = ('lead', 'follow_up', 'outbox', 'alert', 'facts')

Tell = Callable[[Mapping[str, int | str]], None]


@dataclass
class _Board:
    """The pages of one scope and what they were told."""

    pages: dict[Client, Tell] = field(default_factory=dict)
    told: dict[str, int | str] = field(default_factory=dict)
    stir: Stir | None = None


class Counts:
    """All side bars of this process."""

    def __init__(self, db: Database, stirs: Stirs) -> None:
        self._db = db
        self._stirs = stirs
        self._boards: dict[Scope, _Board] = {}

    def join(self, client: Client, scope: Scope, tell: Tell) -> None:
        """Tell this page the numbers now, and again whenever they change, until it is gone."""
        board = self._boards.setdefault(scope, _Board())
        board.pages[client] = tell
        client.on_connect(lambda: self._greet(client, scope))
        client.on_delete(lambda: self._leave(client, scope))
        if board.stir is None:
            board.stir = self._stirs.add(None, scope.tenant_id, TOPICS, lambda: self._refresh(scope))

    def _greet(self, client: Client, scope: Scope) -> None:
        board = self._boards.get(scope)
        if board is None or client not in board.pages:
            return
        if board.told:
            board.pages[client](board.told)
        elif board.stir:
            self._stirs.look(board.stir)

    async def _refresh(self, scope: Scope) -> None:
        try:
            now = await asyncio.to_thread(self._read, scope)
        except Unavailable:
            return  # the next ring asks again
        board = self._boards.get(scope)
        if board is None or now == board.told:
            return
        news = {name: value for name, value in now.items() if board.told.get(name) != value}
        board.told = now
        for tell in board.pages.values():
            tell(news)

    def _read(self, scope: Scope) -> dict[str, int | str]:
        with self._db.reading() as session:
            return counts(session, scope)

    def _leave(self, client: Client, scope: Scope) -> None:
        board = self._boards.get(scope)
        if board is None:
            return
        board.pages.pop(client, None)
        if not board.pages:
            if board.stir:
                self._stirs.forget(board.stir)
            del self._boards[scope]
