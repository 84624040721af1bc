"""API keys and widget keys as one element."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

from domain.base.errors import Refusal
from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.keys makes it


class Keys(Element, component='keys.js'):
    """The lists live in the browser; a key is told once, and forgotten there when its dialog is closed."""

    def __init__(
        self,
        api: Sequence[Row],
        widget: Sequence[Row],
        *,
        scopes: Sequence[Mapping[str, str]],
        places: Sequence[Mapping[str, str]],
        base: str,
        on: Mapping[str, Callable[..., Awaitable[None]]],
    ) -> None:
        """`base` as for people; `on` names what happens after make (form), makeWidget (form) and revoke (kind, id)."""
        super().__init__()
        known = {'api': list(api), 'widget': list(widget), 'scopes': list(scopes), 'places': list(places)}
        self.props['initial'] = json.dumps(known, separators=(',', ':'))
        self.props['base'] = base
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))

    def show(self, api: Sequence[Row], widget: Sequence[Row]) -> None:
        """All keys as they are now."""
        tell(self, 'show', list(api), list(widget))

    def made(self, text: str) -> None:
        """Show this new key."""
        tell(self, 'made', text)

    def refused(self, trouble: Refusal | None) -> None:
        """The form was not taken; None when the page has said why already."""
        errors = {error.field: error.message for error in trouble.errors} if trouble else {}
        tell(self, 'refused', errors or ({'form': trouble.detail} if trouble else {}))
