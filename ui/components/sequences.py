"""Sequences and templates as one element."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.sequences makes it

# What is ordered and its values as the browser sent them; gives back the answer for the browser.
OnOrder = Callable[[str, Row], Awaitable[object]]


class Sequences(Element, component='sequences.js', dependencies=['template_form.js']):
    """The lists, one editor at a time, and the words in a dialog."""

    def __init__(self, shown: Row, *, on_order: OnOrder) -> None:
        """`shown` holds sequences, templates, places, variables and the channels that are connected."""
        super().__init__()
        self.props['initial'] = json.dumps(shown, separators=(',', ':'))
        self.props['icons'] = ICONS_URL

        async def ordered(event: GenericEventArguments) -> None:
            order = event.args
            if not isinstance(order, dict) or not isinstance(values := order.get('values'), dict):
                return  # not from our page
            tell(self, 'answered', order.get('number'), await on_order(str(order.get('name')), values))

        self.on('order', ordered)

    def show(self, shown: Row) -> None:
        """Everything as it is now; an editor that is open keeps what is typed."""
        tell(self, 'show', shown)
