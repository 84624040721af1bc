"""Tells open pages what must not wait: the banner over every place, read once per scope, and what single people are told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import structlog
from nicegui import Client

from domain.access.preferences import preferences
from domain.access.quiet import quiet_until
from domain.alerts.models import Notice
from domain.alerts.notices import TOPIC, mark_seen, unseen_notices
from domain.base import clock
from domain.base.db import Database
from domain.base.errors import Unavailable
from domain.base.scope import Actor, Scope
from domain.desk.banner import Banner, banner
from ui.stirs import Stir, Stirs

log = structlog.get_logger(__name__)

BANNER = ('lead', 'outbox', 'alert')


class Listener(Protocol):
    """What a page offers to be told by."""

    def show(self, state: Banner, quiet: datetime | None) -> None:
        """What stands above the place now; `quiet`: until then its person wants no sound."""

    def tell(self, texts: list[str]) -> None:
        """What its person is told, all at once."""


@dataclass
class _Board:
    """The pages of one scope, whose they are, and what they were told."""

    pages: dict[Client, tuple[Actor, Listener]] = field(default_factory=dict)
    told: Banner | None = None
    quiet: dict[UUID | None, datetime | None] = field(default_factory=dict)  # until when its people want no sound
    stirs: list[Stir] = field(default_factory=list)


class Alarms:
    """All open pages of this process. Everything runs on the event loop; reading runs in threads."""

    def __init__(self, db: Database, stirs: Stirs) -> None:
        self._db = db
        self._stirs = stirs
        self._boards: dict[Scope, _Board] = {}

    def join(self, client: Client, actor: Actor, page: Listener) -> None:
        """Tell this page now and whenever something changes, until it is gone."""
        scope = actor.scope
        board = self._boards.setdefault(scope, _Board())
        board.pages[client] = (actor, page)
        client.on_connect(lambda: self._greet(client, scope))
        client.on_delete(lambda: self._leave(client, scope))
        if not board.stirs:
            add: Callable[..., Stir] = self._stirs.add
            board.stirs = [
                add(None, scope.tenant_id, BANNER, lambda: self._refresh(scope)),
                add(None, scope.tenant_id, (TOPIC,), lambda: self._notices(scope)),
            ]

    def _greet(self, client: Client, scope: Scope) -> None:
        board = self._boards.get(scope)
        if board is None or client not in board.pages:
            return
        actor, page = board.pages[client]
        if board.told is not None and (actor.id in board.quiet or not board.told.unheard):
            page.show(board.told, board.quiet.get(actor.id))
        else:
            board.told = None
            self._stirs.look(board.stirs[0])
        self._stirs.look(board.stirs[1])

    async def _refresh(self, scope: Scope) -> None:
        try:
            state, quiet = await asyncio.to_thread(self._read, scope)
        except Unavailable:
            return  # the next ring asks again
        board = self._boards.get(scope)
        if board is None or state == board.told:
            return
        board.told, board.quiet = state, quiet
        for actor, page in list(board.pages.values()):
            page.show(state, quiet.get(actor.id))

    def _read(self, scope: Scope) -> tuple[Banner, dict[UUID | None, datetime | None]]:
        board = self._boards.get(scope)
        people = {actor.id for actor, _ in list(board.pages.values())} if board else set()
        with self._db.reading() as session:
            state, moment = banner(session, scope), clock.now()
            wanted = people if state.unheard else set()  # only that has a sound
            return state, {id_: quiet_until(preferences(session, scope, id_), moment) for id_ in wanted}

    async def _notices(self, scope: Scope) -> None:
        board = self._boards.get(scope)
        if board is None:
            return
        actors: dict[Any, Actor] = {actor.id: actor for actor, _ in board.pages.values() if actor.id}
        try:
            found = await asyncio.to_thread(self._unseen, scope, actors)
        except Unavailable:
            return
        for user_id, rows in found.items():
            texts = [row.text for row in rows]
            for actor, page in list(board.pages.values()):
                if actor.id == user_id:
                    page.tell(texts)

    def _unseen(self, scope: Scope, actors: dict[Any, Actor]) -> dict[UUID, list[Notice]]:
        """What these people have not seen, noted as seen: whoever has a page open sees it now."""
        moment = clock.now()
        with self._db.reading() as session:
            rows = unseen_notices(session, scope, actors, moment)
        found: dict[UUID, list[Notice]] = {}
        for row in rows:
            found.setdefault(row.user_id, []).append(row)
        if found:
            with self._db.transaction() as session:
                for user_id, theirs in found.items():
                    mark_seen(session, actors[user_id], [row.id for row in theirs], moment)
        return found

    def _leave(self, client: Client, scope: Scope) -> None:
        board = self._boards.get(scope)
        if board is None:
            return
        board.pages.pop(client, None)
        if not board.pages:
            for stir in board.stirs:
                self._stirs.forget(stir)
            del self._boards[scope]
