"""The switches of the desk."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui.components.tell import tell
from ui.design import ICONS_URL


class Flags(Element, component='flags.js'):
    """One row per flag."""

    def __init__(self, rows: Sequence[dict[str, Any]], *, on_turn: Callable[[str, bool], Awaitable[None]]) -> None:
        """`rows` as ui.presenters.settings makes them; `on_turn` is given the flag's key and whether it shall be on."""
        super().__init__()
        self.props['initial'] = list(rows)
        self.props['icons'] = ICONS_URL

        async def turn(event: GenericEventArguments) -> None:
            key, on = event.args
            await on_turn(str(key), bool(on))

        self.on('turn', turn)

    def show(self, rows: Sequence[dict[str, Any]]) -> None:
        """The flags as they are now."""
        tell(self, 'show', list(rows))
