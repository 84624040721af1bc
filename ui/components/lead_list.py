"""The lead list as one element: rows go to the browser once, afterwards only what changed."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base import clock
from domain.desk.inbox import Filter
from ui.components.tell import tell
from ui.design import ICONS_URL
from ui.presenters.inbox import packed

Row = dict[str, Any]  # as ui.presenters.inbox makes it


class LeadList(Element, component='lead_list.js'):
    """All of the list lives in the browser; this side only speaks when a row changes."""

    def __init__(
        self,
        rows: Sequence[Row],
        *,
        me: UUID | None,
        people: Sequence[tuple[str, str]],
        open_count: int,
        more: bool,
        query: str,
        on_more: Callable[[], Awaitable[None]],
        on_narrow: Callable[[Filter], Awaitable[None]],
        on_act: Callable[[str, list[UUID], str], Awaitable[None]],
    ) -> None:
        """`me` is whose leads are Mine, empty for who may only look; `people` (id, name) may own leads; `on_more` is awaited when the end
        comes near, `on_act` with a deed's name, the leads and its value.
        """
        super().__init__()
        # As text: NiceGUI would watch every value of two hundred dictionaries for changes.
        self.props['initial'] = json.dumps(packed(rows), separators=(',', ':'))
        self.props['me'] = str(me) if me else ''
        self.props['people'] = [list(each) for each in people]
        self.props['query0'] = query
        self.props['open'] = open_count
        self.props['more'] = more
        self.props['clock'] = _now_ms()
        self.props['icons'] = ICONS_URL
        self.on('more', lambda _: on_more(), args=[[]])

        async def narrow(event: GenericEventArguments) -> None:
            await on_narrow(_filter(event.args))

        async def act(event: GenericEventArguments) -> None:
            ids = [UUID(str(each)) for each in event.args['ids']]
            await on_act(str(event.args['name']), ids, str(event.args['value']))

        self.on('narrow', narrow)
        self.on('act', act)
        self.client.on_connect(self._forget)

    def patch(self, rows: Sequence[Row], gone: Sequence[UUID], open_count: int | None, everything: bool) -> None:
        """Insert or update rows, drop those that are gone, and sort again; without `everything` only rows that are shown already."""
        tell(self, 'patch', list(rows), [str(each) for each in gone], open_count, everything)

    def resync(self, rows: Sequence[Row], open_count: int, more: bool, query: str) -> None:
        """Start over with these rows, the whole list or what a search found."""
        tell(self, 'resync', list(rows), open_count, more, query, _now_ms())

    def choose(self, lead_id: UUID | None) -> None:
        """This lead stands beside the list now, or none."""
        if self.client.has_socket_connection:
            tell(self, 'choose', str(lead_id) if lead_id else None)
        else:
            self.props['current'] = str(lead_id) if lead_id else ''

    def append(self, rows: Sequence[Row], more: bool) -> None:
        """Add a further page at the end."""
        tell(self, 'append', list(rows), more)

    def _forget(self) -> None:
        # The browser has them; kept here they would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = ''


def _filter(given: dict[str, Any]) -> Filter:
    """What the browser sent, as far as it can be a filter."""
    owner = str(given.get('owner', ''))
    try:
        owner = owner if owner in ('', 'nobody') else str(UUID(owner))
    except ValueError:
        owner = ''
    qualities, locations = (tuple(str(each)[:200] for each in list(given.get(name, ()))[:50]) for name in ('qualities', 'locations'))
    return Filter(owner, qualities, locations, bool(given.get('unread')))


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)
