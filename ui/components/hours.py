"""Locations with their hours and holidays as one element."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

from domain.base.errors import Refusal
from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL


class Hours(Element, component='hours.js'):
    """One row per place, the week and the holidays of the open one below."""

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], *, zones: Sequence[str], on: Mapping[str, Callable[..., Awaitable[None]]]
    ) -> None:
        """`rows` as ui.presenters.hours makes them; `on` names what happens after save (id, form) and feed (id, text)."""
        super().__init__()
        self.props['initial'] = json.dumps({'rows': list(rows), 'zones': list(zones)}, separators=(',', ':'))
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))

    def show(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """The places as they are now."""
        tell(self, 'show', list(rows))

    def saved(self) -> None:
        """The form was kept, or taken back: it shows what holds now."""
        tell(self, 'saved')

    def fed(self, found: Mapping[str, Any]) -> None:
        """What a feed gave."""
        tell(self, 'fed', found)

    def refused(self, trouble: Refusal | None) -> None:
        """The form was not taken; None when the page has said why already."""
        errors = {error.field: error.message for error in trouble.errors} if trouble else {}
        tell(self, 'refused', errors or ({'form': trouble.detail} if trouble else {}))
