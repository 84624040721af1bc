"""What a panel says when it has nothing to show: nothing there, no permission, could not be read, still loading."""

from collections.abc import Awaitable, Callable
from typing import Literal

from nicegui.element import Element

from ui.design import ICONS_URL

Kind = Literal['loading', 'missing', 'denied', 'error']


class State(Element, component='state.js'):
    """One state of a whole panel, with at most one button that helps."""

    def __init__(
        self,
        kind: Kind,
        *,
        title: str = '',
        text: str = '',
        button: str = '',
        detail: str = '',
        on_press: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`detail` is folded away: a request's id for the one who looks into it."""
        super().__init__()
        self.props['kind'] = kind
        self.props['title'] = title
        self.props['text'] = text
        self.props['button'] = button
        self.props['detail'] = detail
        self.props['icons'] = ICONS_URL
        if on_press:
            press = on_press
            self.on('press', lambda _: press(), args=[[]])
