"""The SLA board as one element: cards go to the browser once, afterwards only what changed."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base import clock
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.board makes it
Handler = Callable[[Any], Awaitable[None]]


class BoardView(Element, component='board.js', dependencies=['lead_choice.js', 'board_card.js']):
    """Four columns of cards. Clocks, the step from one column to the next by time, and the keys live in the browser."""

    def __init__(
        self, first: Row, *, me: str, settings: str, people: Sequence[Row], places: Sequence[Row], on: Mapping[str, Handler]
    ) -> None:
        """`first` as `start` takes it; `me` is who may take leads, '' for who may only look; `on` maps each event to its handler.

        `settings` is where the policies are, '' for those who may not change them.
        """
        super().__init__()
        self.props['initial'] = json.dumps(first, separators=(',', ':'))  # as text: NiceGUI would watch every value for changes
        self.props['clock'] = _now_ms()
        self.props['me'] = me
        self.props['settings'] = settings
        self.props['people'] = list(people)
        self.props['places'] = list(places)
        self.props['icons'] = ICONS_URL
        for name, handler in on.items():
            self._hear(name, handler)
        self.client.on_connect(self._forget)

    def start(self, first: Row) -> None:
        """Start over with these cards: another filter, or too much has changed to tell one by one."""
        tell(self, 'start', first, _now_ms())

    def patch(self, rows: Sequence[Row], gone: Sequence[str], counts: Mapping[str, int]) -> None:
        """Insert or change cards, drop those that are gone; `counts` as they are now."""
        tell(self, 'patch', list(rows), list(gone), dict(counts), _now_ms())

    def append(self, column: str, rows: Sequence[Row], more: bool) -> None:
        """Add further cards to a column."""
        tell(self, 'append', column, list(rows), more)

    def _hear(self, name: str, handler: Handler) -> None:
        async def heard(event: GenericEventArguments) -> None:
            await handler(event.args)

        self.on(name, heard)

    def _forget(self) -> None:
        # The browser has them; kept here they would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = ''


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)
