"""People and open links as one element."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

from domain.base.errors import Refusal
from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.access makes it


class People(Element, component='people.js'):
    """The lists live in the browser; a link is told once, and forgotten there when its dialog is closed."""

    def __init__(
        self,
        people: Sequence[Row],
        links: Sequence[Row],
        *,
        roles: Sequence[Mapping[str, str]],
        base: str,
        on: Mapping[str, Callable[..., Awaitable[None]]],
    ) -> None:
        """`base` is the desk's public address ('': the one in the browser); `on` names what happens after invite (form),
        role (id, role), reset (id), revoke (id of a link), turn (id, on) and out (id).
        """
        super().__init__()
        self.props['initial'] = json.dumps({'people': list(people), 'links': list(links), 'roles': list(roles)}, separators=(',', ':'))
        self.props['base'] = base
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))

    def show(self, people: Sequence[Row], links: Sequence[Row]) -> None:
        """Everything as it is now."""
        tell(self, 'show', list(people), list(links))

    def made(self, link: Row) -> None:
        """Show this new link."""
        tell(self, 'made', link)

    def refused(self, trouble: Refusal | None) -> None:
        """The form was not taken; None when the page has said why already."""
        errors = {error.field: error.message for error in trouble.errors} if trouble else {}
        tell(self, 'refused', errors or ({'form': trouble.detail} if trouble else {}))
