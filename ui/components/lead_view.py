"""One lead as one element: shown once, and again in place whenever it changed."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base import clock
from ui.components.tell import tell
from ui.design import ICONS_URL


class LeadView(Element, component='lead_view.js'):
    """Header, kept strip, timeline, deliveries and details of one lead."""

    def __init__(self, view: dict[str, Any], *, on_retry: Callable[[str], Awaitable[None]]) -> None:
        """`view` as ui.presenters.lead makes it; `on_retry` is given the id of the delivery as the browser sent it."""
        super().__init__()
        self.props['initial'] = json.dumps(view, separators=(',', ':'))
        self.props['clockMs'] = round(clock.now().timestamp() * 1000)
        self.props['icons'] = ICONS_URL

        async def retry(event: GenericEventArguments) -> None:
            await on_retry(str(event.args))

        self.on('retry', retry)

    def show(self, view: dict[str, Any]) -> None:
        """Draw the lead as it is now."""
        tell(self, 'show', view)

    def settled(self, delivery_id: str) -> None:
        """Let the Retry button of this delivery be pressed again."""
        tell(self, 'settled', delivery_id)
