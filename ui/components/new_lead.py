"""The dialog that puts in a lead by hand: opened by the key C or the plus in the inbox."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui.components.tell import tell
from ui.design import ICONS_URL


class NewLead(Element, component='new_lead.js'):
    """Fields, and while they are typed the leads that may be the same person."""

    def __init__(
        self,
        *,
        places: Sequence[dict[str, str]],
        on_look: Callable[[dict[str, Any]], Awaitable[object]],
        on_save: Callable[[dict[str, Any]], Awaitable[object]],
    ) -> None:
        """`places` as {id, name}, the default one first. The callbacks get the fields as the browser sent them and give back the answer."""
        super().__init__()
        self.props['icons'] = ICONS_URL
        self.props['places'] = list(places)

        async def look(event: GenericEventArguments) -> None:
            if isinstance(event.args, dict):
                tell(self, 'looked', event.args.get('number'), await on_look(event.args))

        async def save(event: GenericEventArguments) -> None:
            if isinstance(event.args, dict):
                tell(self, 'saved', await on_save(event.args))

        self.on('look', look)
        self.on('save', save)
