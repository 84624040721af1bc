"""The lead list as one element: rows go to the browser once, afterwards only what changed."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from nicegui.element import Element

from domain.base import clock
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.inbox makes it


class LeadList(Element, component='lead_list.js'):
    """All of the list lives in the browser; this side only speaks when a row changes."""

    def __init__(
        self,
        rows: Sequence[Row],
        *,
        me: UUID | None,
        open_count: int,
        more: bool,
        on_more: Callable[[], Awaitable[None]],
        current: UUID | None = None,
    ) -> None:
        """`me` is whose leads are Mine, `current` the lead that is open beside the list; `on_more` is awaited when the end comes near."""
        super().__init__()
        # As text: NiceGUI would watch every value of two hundred dictionaries for changes.
        self.props['initial'] = json.dumps(rows, separators=(',', ':'))
        self.props['me'] = str(me) if me else ''
        self.props['current'] = str(current) if current else ''
        self.props['open'] = open_count
        self.props['more'] = more
        self.props['clock'] = _now_ms()
        self.props['icons'] = ICONS_URL
        self.on('more', lambda _: on_more(), args=[[]])
        self.client.on_connect(self._forget)

    def patch(self, rows: Sequence[Row], gone: Sequence[UUID], open_count: int | None) -> None:
        """Insert or update rows, drop those that are gone, and sort again."""
        tell(self, 'patch', list(rows), [str(each) for each in gone], open_count)

    def resync(self, rows: Sequence[Row], open_count: int, more: bool) -> None:
        """Start over with these rows."""
        tell(self, 'resync', list(rows), open_count, more, _now_ms())

    def append(self, rows: Sequence[Row], more: bool) -> None:
        """Add a further page at the end."""
        tell(self, 'append', list(rows), more)

    def _forget(self) -> None:
        # The browser has them; kept here they would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = '[]'


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)
