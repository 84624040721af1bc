"""The sheet of all keys, and the switch that turns single keys off."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base.scope import Actor
from ui.components.side_bar import Entry
from ui.components.tell import tell
from ui.design import ICONS_URL


class Shortcuts(Element, component='shortcuts.js'):
    """Opened by ? and by the palette; tells the keyboard which places and abilities there are."""

    def __init__(
        self, actor: Actor, places: Sequence[Entry], turn: Callable[[bool], Awaitable[bool]], *, has: Collection[str] = ()
    ) -> None:
        """`turn` stores whether single keys do something and says whether it could; `has` as for the palette, and use-draft."""
        super().__init__()
        self.props['places'] = [asdict(place) for place in places]
        self.props['has'] = sorted(has)
        self.props['user'] = str(actor.id or '')
        self.props['icons'] = ICONS_URL

        async def turned(event: GenericEventArguments) -> None:
            on = event.args is True
            if not await turn(on):
                self.turned(not on)

        self.on('turn', turned)

    def turned(self, on: bool) -> None:
        """Single keys do something from now on, or nothing."""
        tell(self, 'turned', on)
