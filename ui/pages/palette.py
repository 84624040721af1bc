"""What every page of the desk has above its places: the command palette and the keyboard."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from nicegui import background_tasks

from domain.access.preferences import preferences, set_preference
from domain.base.errors import Refusal
from domain.search.indexing import catch_up
from domain.search.queries import search
from ui.ask import Visit, ask, do
from ui.components.palette import Palette
from ui.components.shortcuts import Shortcuts
from ui.components.side_bar import Entry
from ui.presenters.search import row

log = structlog.get_logger(__name__)

SHOWN = 8  # leads in the palette; the inbox shows all


def palette(visit: Visit, places: Sequence[Entry], *, has: Sequence[str] = ()) -> None:
    """Make both in the current slot. `has` names abilities that exist on this desk: new (C), use-draft (U)."""

    async def find(text: str) -> list[dict[str, Any]] | None:
        await take_in(visit)
        hits = await ask(search, text, limit=SHOWN)
        return None if hits is None else [row(hit) for hit in hits]

    async def turn(on: bool) -> bool:
        return await do(set_preference, 'shortcuts', on)

    async def remember() -> None:
        set_for_me = await ask(preferences, visit.actor.id)
        if set_for_me is not None:
            keys.turned(set_for_me.get('shortcuts', True) is True)

    Palette(visit.actor, places, find, has=has)
    keys = Shortcuts(visit.actor, places, turn, has=has)
    keys.client.on_connect(lambda: background_tasks.create(remember(), name='shortcuts', context=keys))


async def take_in(visit: Visit) -> None:
    """Bring the index up to date for this person's tenant, so that a lead stored a moment ago is found."""
    try:
        await asyncio.to_thread(catch_up, visit.doors.db, visit.actor.tenant_id)
    except Refusal as trouble:
        log.warning('index_behind', reason=trouble.code)  # what is in it can be found all the same
