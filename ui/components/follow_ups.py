"""The follow-ups screen as one element: the agenda with the day beside it, or a week."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from domain.base import clock
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.follow_ups makes it

# What is ordered and its values as the browser sent them; gives back the answer for the browser.
OnOrder = Callable[[str, Row], Awaitable[object]]


class FollowUps(
    Element,
    component='follow_ups.js',
    dependencies=['calendar_feed.js', 'follow_up_day.js', 'follow_up_deeds.js', 'follow_up_form.js', 'lead_choice.js'],
):
    """Groups, clocks, selection and keys live in the browser, as do the dialogs."""

    def __init__(
        self,
        rows: Sequence[Row],
        *,
        asked: Mapping[str, str],
        me: UUID | None,
        people: Sequence[Row],
        may: bool,
        on_order: OnOrder,
        on_range: Callable[[Any], Awaitable[None]],
    ) -> None:
        """`asked` as the address has it; `people` are those a follow-up can be given to; `may`: whether the person may change anything.

        `on_range` is given the days that are shown beside the agenda, as {from, to} in milliseconds.
        """
        super().__init__()
        self.props['initial'] = json.dumps({'rows': list(rows), 'asked': dict(asked)}, separators=(',', ':'))
        self.props['clock'] = _now_ms()
        self.props['me'] = str(me) if me else ''
        self.props['people'] = list(people)
        self.props['may'] = may
        self.props['icons'] = ICONS_URL

        async def ordered(event: GenericEventArguments) -> None:
            order = event.args
            if not isinstance(order, dict) or not isinstance(values := order.get('values'), dict):
                return  # not from our page
            tell(self, 'answered', order.get('number'), await on_order(str(order.get('name')), values))

        async def ranged(event: GenericEventArguments) -> None:
            await on_range(event.args)

        self.on('order', ordered)
        self.on('range', ranged)
        self.client.on_connect(self._forget)

    def start(self, rows: Sequence[Row], asked: Mapping[str, str]) -> None:
        """Start over with the follow-ups of somebody else, or another view."""
        tell(self, 'start', {'rows': list(rows), 'asked': dict(asked)}, _now_ms())

    def patch(self, rows: Sequence[Row], gone: Sequence[str]) -> None:
        """Insert or change rows, drop those that are gone."""
        tell(self, 'patch', list(rows), list(gone))

    def _forget(self) -> None:
        # The browser has them; kept here they would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = ''


def _now_ms() -> int:
    return round(clock.now().timestamp() * 1000)
