"""The deliveries screen as elements: the table with its counters, the pane of one delivery, and the dialog before many are replayed."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base import clock
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.deliveries makes it
Handler = Callable[[Any], Awaitable[None]]


class Deliveries(Element, component='deliveries.js'):
    """Counters, filters, the table and what is done to the chosen rows; the pane stands in its slot."""

    def __init__(self, shown: Row, *, replay: bool, resume: bool, on: Mapping[str, Handler]) -> None:
        """`shown` as `start` takes it; `replay` and `resume` say what the person may do; `on` maps each event to its handler."""
        super().__init__()
        self.props['initial'] = _text(shown)
        self.props['clock'] = _now_ms()
        self.props['replay'] = replay
        self.props['resume'] = resume
        self.props['icons'] = ICONS_URL
        _hear(self, on)
        self.client.on_connect(self._forget)

    def start(self, shown: Row) -> None:
        """Start over: another filter, or a first page that has little in common with the former."""
        tell(self, 'start', shown, _now_ms())

    def patch(self, rows: Sequence[Row], gone: Sequence[str], rest: Row) -> None:
        """Insert or change rows, drop those that are gone; `rest` are counters, troubles and places."""
        tell(self, 'patch', list(rows), list(gone), rest)

    def append(self, rows: Sequence[Row], more: bool) -> None:
        """Add a further page at the end."""
        tell(self, 'append', list(rows), more)

    def acted(self, done: bool) -> None:
        """An order was carried out or refused: its buttons may be pressed again, and what was done is no longer chosen."""
        tell(self, 'acted', done)

    def _forget(self) -> None:
        # The browser has them; kept here they would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = ''


class DeliveryPane(Element, component='delivery_pane.js'):
    """One delivery: why, what to do, its tries, its event and its payload."""

    def __init__(self, *, replay: bool, on: Mapping[str, Handler]) -> None:
        """`replay` says whether the person may act; `on` maps each event to its handler."""
        super().__init__()
        self.props['replay'] = replay
        self.props['icons'] = ICONS_URL
        _hear(self, on)

    def show(self, detail: Row) -> None:
        """Draw this delivery."""
        tell(self, 'show', detail)


class ReplayDialog(Element, component='replay_dialog.js'):
    """Asks before many are sent again; opened by the table through a window event, so that no round trip is needed."""

    def __init__(self, *, on: Mapping[str, Handler]) -> None:
        """`on` maps each event to its handler."""
        super().__init__()
        self.props['icons'] = ICONS_URL
        _hear(self, on)

    def counted(self, count: int | None, asked: object) -> None:
        """How many it would be, for what was asked; None: it could not be counted."""
        tell(self, 'counted', count, asked)

    def close(self) -> None:
        """It is done."""
        tell(self, 'close')


def _hear(element: Element, on: Mapping[str, Handler]) -> None:
    for name, handler in on.items():

        async def heard(event: GenericEventArguments, handler: Handler = handler) -> None:
            await handler(event.args)

        element.on(name, heard)


def _text(value: Row) -> str:
    # As text: NiceGUI would watch every value of two hundred dictionaries for changes.
    return json.dumps(value, separators=(',', ':'))


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)
