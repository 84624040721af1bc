"""The form in which a person says when they want quiet."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui.components.tell import tell
from ui.design import ICONS_URL


class QuietHours(Element, component='quiet_hours.js'):
    """From when to when, and in which time zone; or none at all."""

    def __init__(
        self,
        zones: Sequence[str],
        *,
        on_ready: Callable[[], Awaitable[object]],
        on_save: Callable[[dict[str, Any] | None], Awaitable[None]],
    ) -> None:
        """`on_ready`: the form stands, and waits for what is set; `on_save` is given `from`, `to` and `zone`, or None for no quiet."""
        super().__init__()
        self.props['zones'] = list(zones)
        self.props['icons'] = ICONS_URL

        async def save(event: GenericEventArguments) -> None:
            given = event.args
            await on_save({name: str(given[name]) for name in ('from', 'to', 'zone')} if isinstance(given, dict) else None)

        self.on('ready', lambda _: on_ready(), args=[[]])
        self.on('save', save)

    def show(self, hours: dict[str, Any] | None) -> None:
        """What is set now."""
        tell(self, 'show', hours)
