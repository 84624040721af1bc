"""The command palette as one element: commands live in the browser, leads are searched on the server."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.access.rules import Permission, may
from domain.base.scope import Actor
from ui.components.side_bar import Entry
from ui.components.tell import tell
from ui.design import ICONS_URL

Search = Callable[[str], Awaitable[list[dict[str, Any]] | None]]  # rows as ui.presenters.search makes them; None: it did not work


class Palette(Element, component='palette.js'):
    """Opened by Ctrl K, by / and by the side bar; scoped to the open lead."""

    def __init__(self, actor: Actor, places: Sequence[Entry], search: Search, *, has: Collection[str] = ()) -> None:
        """`has` names what not every desk can do yet: new."""
        super().__init__()
        self.props['places'] = [asdict(place) for place in places]
        self.props['has'] = sorted(has)
        self.props['may'] = {'write': may(actor, Permission.LEADS_WRITE), 'replay': may(actor, Permission.DELIVERIES_REPLAY)}
        self.props['user'] = str(actor.id or '')
        self.props['icons'] = ICONS_URL

        async def find(event: GenericEventArguments) -> None:
            # What comes is the browser's word only.
            asked = event.args if isinstance(event.args, dict) else {}
            serial, text = asked.get('serial'), asked.get('text')
            if isinstance(serial, int) and isinstance(text, str):
                tell(self, 'found', serial, await search(text[:200]))

        self.on('search', find)
