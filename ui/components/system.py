"""The health page as one element: drawn once, and again in place after each look."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base import clock
from ui.components.tell import tell
from ui.design import ICONS_URL

Press = Callable[[], Awaitable[None]]


class System(Element, component='system.js'):
    """The sentence on loss, the services with their checks, and the alerts."""

    def __init__(
        self, view: dict[str, Any], *, on_check: Press, on_loss_check: Press, on_acknowledge: Callable[[str], Awaitable[None]]
    ) -> None:
        """`view` as ui.presenters.system makes it; `on_acknowledge` is given the id of the alert as the browser sent it."""
        super().__init__()
        self.props['initial'] = json.dumps(view, separators=(',', ':'))
        self.props['clockMs'] = round(clock.now().timestamp() * 1000)
        self.props['icons'] = ICONS_URL

        async def acknowledge(event: GenericEventArguments) -> None:
            await on_acknowledge(str(event.args))

        self.on('check', lambda _: on_check(), args=[[]])
        self.on('losses', lambda _: on_loss_check(), args=[[]])
        self.on('acknowledge', acknowledge)
        self.client.on_connect(self._forget)

    def show(self, view: dict[str, Any]) -> None:
        """Draw everything as it is now."""
        tell(self, 'show', view)

    def settled(self) -> None:
        """Let the buttons be pressed again."""
        tell(self, 'settled')

    def _forget(self) -> None:
        # The browser has it; kept here it would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = ''
