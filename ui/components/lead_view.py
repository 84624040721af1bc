"""One lead as one element: shown whole when it is opened, and again in place whenever it changed."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from nicegui.dependencies import register_importmap_override
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base import clock
from ui.components.tell import tell
from ui.design import ICONS_URL, LEAD_PARTS_URL

# What is ordered, the lead it is ordered for, and its values as the browser sent them; gives back the answer for the browser.
OnOrder = Callable[[str, UUID, dict[str, Any]], Awaitable[object]]


register_importmap_override('lead_parts', LEAD_PARTS_URL)


class LeadView(Element, component='lead_view.js'):
    """Tabs, header, kept strip, composer and details of one lead; empty until one is shown."""

    def __init__(self, *, me: UUID | None, may_write: bool, may_replay: bool, on_order: OnOrder, on_leave: Callable[[], None]) -> None:
        """`me` is who looks; `on_order` is awaited for each deed, with one order at a time under way for nobody else to wait."""
        super().__init__()
        self.props['initial'] = ''
        self.props['clockMs'] = round(clock.now().timestamp() * 1000)
        self.props['icons'] = ICONS_URL
        self.props['me'] = str(me) if me else ''
        self.props['mayWrite'] = may_write
        self.props['mayReplay'] = may_replay
        self._shown = False
        self._late: dict[str, Any] | None = None

        async def ordered(event: GenericEventArguments) -> None:
            order = event.args
            if not isinstance(order, dict) or not isinstance(values := order.get('values'), dict):
                return  # not from our page
            answer = await on_order(str(order.get('name')), _uuid(order.get('lead')), values)
            tell(self, 'answered', order.get('number'), answer)

        self.on('order', ordered)
        self.on('leave', lambda _: on_leave(), args=[[]])
        self.client.on_connect(self._forget)

    def show(self, view: dict[str, Any]) -> None:
        """Draw the lead as it is now; `view` as ui.presenters.lead makes it."""
        if self._shown and self.client.has_socket_connection:
            tell(self, 'show', view)
            return
        # The browser may not have made the element yet: what is a property then is there from the first moment.
        self.props['initial'] = json.dumps(view, separators=(',', ':'))
        self._late = view if self._shown else None  # the page may be on its way already, with what was true before
        self._shown = True

    def close(self) -> None:
        """No lead is open."""
        if self._shown:
            tell(self, 'clear')

    def viewers(self, others: Sequence[dict[str, Any]]) -> None:
        """Who else looks at this lead now."""
        tell(self, 'viewers', list(others))

    def _forget(self) -> None:
        # The browser has it; kept here it would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = ''
        if self._late:
            tell(self, 'show', self._late)
            self._late = None


def _uuid(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        return UUID(int=0)  # no lead has it: every deed answers that there is none
