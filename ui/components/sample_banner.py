"""Says on every page that what is shown is sample data, and lets those who may take it away."""

from collections.abc import Awaitable, Callable

from nicegui.element import Element

from ui.components.tell import tell
from ui.design import ICONS_URL


class SampleBanner(Element, component='sample_banner.js'):
    """One line above the place."""

    def __init__(self, *, may_remove: bool, on_remove: Callable[[], Awaitable[None]]) -> None:
        """`on_remove` is awaited once somebody has pressed Remove and said that it is meant."""
        super().__init__()
        self.props['may'] = may_remove
        self.props['icons'] = ICONS_URL
        self.on('remove', lambda _: on_remove(), args=[[]])

    def settled(self) -> None:
        """It was refused: let the button be pressed again."""
        tell(self, 'settled')
