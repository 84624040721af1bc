"""Who takes new leads now, as each open page says it of its own person: read once per tenant after a ring, told where it changed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from nicegui import Client

from domain.access.presence import present_people
from domain.base.db import Database
from domain.base.errors import Unavailable
from domain.base.scope import Actor, Scope
from ui.stirs import Stir, Stirs

Tell = Callable[[bool], None]


@dataclass
class _Desk:
    """The pages of one tenant, whose they are, and who was there at the last look; None: nobody has looked yet."""

    pages: dict[Client, tuple[UUID, Tell]] = field(default_factory=dict)
    there: frozenset[UUID] | None = None
    stir: Stir | None = None


class Online:
    """All switches of this process."""

    def __init__(self, db: Database, stirs: Stirs) -> None:
        self._db = db
        self._stirs = stirs
        self._desks: dict[UUID, _Desk] = {}

    def join(self, client: Client, actor: Actor, tell: Tell) -> None:
        """Tell this page whether its person is online now, and again whenever that changes, until it is gone."""
        if actor.id is None:
            return
        tenant_id = actor.tenant_id
        desk = self._desks.setdefault(tenant_id, _Desk())
        desk.pages[client] = (actor.id, tell)
        client.on_connect(lambda: self._greet(client, tenant_id))
        client.on_delete(lambda: self._leave(client, tenant_id))
        if desk.stir is None:
            desk.stir = self._stirs.add(None, tenant_id, ('access',), lambda: self._refresh(tenant_id))

    def _greet(self, client: Client, tenant_id: UUID) -> None:
        desk = self._desks.get(tenant_id)
        if desk is None or client not in desk.pages:
            return
        if desk.there is not None:
            person, tell = desk.pages[client]
            tell(person in desk.there)
        elif desk.stir:
            self._stirs.look(desk.stir)

    async def _refresh(self, tenant_id: UUID) -> None:
        try:
            now = await asyncio.to_thread(self._read, tenant_id)
        except Unavailable:
            return  # the next ring asks again
        desk = self._desks.get(tenant_id)
        if desk is None:
            return
        before, desk.there = desk.there, now
        for person, tell in desk.pages.values():
            if before is None or (person in before) != (person in now):
                tell(person in now)

    def _read(self, tenant_id: UUID) -> frozenset[UUID]:
        with self._db.reading() as session:
            return present_people(session, Scope(tenant_id))

    def _leave(self, client: Client, tenant_id: UUID) -> None:
        desk = self._desks.get(tenant_id)
        if desk is None:
            return
        desk.pages.pop(client, None)
        if not desk.pages:
            if desk.stir:
                self._stirs.forget(desk.stir)
            del self._desks[tenant_id]
