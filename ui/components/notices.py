"""What the page itself has to say: a toast after an act, a bar while the connection is down."""

from typing import Literal

from nicegui.element import Element

from ui.components.tell import tell
from ui.design import ICONS_URL


class Notices(Element, component='notices.js'):
    """One status region per page."""

    def __init__(self) -> None:
        super().__init__()
        self.props['icons'] = ICONS_URL

    def say(self, text: str, tone: Literal['', 'red'] = '') -> None:
        """Show a sentence for some seconds; red ones stay longer."""
        tell(self, 'toast', text, tone)
