"""What the page itself has to say: a toast after an act, a bar while the connection is down."""

from collections.abc import Awaitable, Callable
from typing import Literal

from nicegui.element import Element

from ui.components.tell import tell
from ui.design import ICONS_URL


class Notices(Element, component='notices.js'):
    """One status region per page."""

    def __init__(self) -> None:
        super().__init__()
        self.props['icons'] = ICONS_URL
        self._undo: Callable[[], Awaitable[None]] | None = None
        self.on('undo', self._take_back, args=[[]])

    def say(self, text: str, tone: Literal['', 'red'] = '') -> None:
        """Show a sentence for some seconds; red ones stay longer."""
        tell(self, 'toast', text, tone)

    def offer(self, text: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Say what was done, and that it can be undone for some seconds: by the button or by the key Z."""
        self._undo = undo
        tell(self, 'offer', text)

    async def _take_back(self) -> None:
        undo, self._undo = self._undo, None  # once, however often it is pressed
        if undo:
            await undo()
