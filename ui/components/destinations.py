"""The list of destinations with the form of the one that is open."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from nicegui.element import Element

from domain.base.errors import Refusal
from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.settings makes it


class Destinations(Element, component='destinations.js', dependencies=['alarm_ladder.js']):
    """The list lives in the browser; what is typed into its form is sent once, and never comes back."""

    def __init__(
        self,
        *,
        rows: Sequence[Row],
        ladder: Row,
        kinds: Sequence[Row],
        events: Sequence[Mapping[str, str]],
        defaults: Sequence[str],
        locations: Sequence[Mapping[str, str]],
        edit: bool,
        on: Mapping[str, Callable[..., Awaitable[None]]],
    ) -> None:
        """`on` names what happens after save (form), test (id), turn (id, on), pause (id, paused), disconnect (id), and ladder (the ids
        in the order that is wanted, and in the one that was shown).
        """
        super().__init__()
        self.props['initial'] = json.dumps({'rows': list(rows), 'ladder': ladder}, separators=(',', ':'))
        self.props['known'] = json.dumps(
            {'kinds': list(kinds), 'events': list(events), 'defaults': list(defaults), 'locations': list(locations)}, separators=(',', ':')
        )
        self.props['edit'] = edit
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))

    def show(self, rows: Sequence[Row], ladder: Row) -> None:
        """The rows and the alarm ladder as they are now; a form that is open keeps what was typed into it."""
        tell(self, 'show', {'rows': list(rows), 'ladder': ladder})

    def saved(self, destination_id: UUID, secret: str) -> None:
        """The form was kept; `secret` was made for it and is shown this once."""
        tell(self, 'saved', str(destination_id), secret)

    def refused(self, trouble: Refusal | None) -> None:
        """The form was not kept; None when the page has said why already."""
        errors = {error.field: error.message for error in trouble.errors} if trouble else {}
        tell(self, 'refused', errors or ({'form': trouble.detail} if trouble else {}))

    def tested(self, destination_id: str, result: Mapping[str, str] | None) -> None:
        """How the test ended."""
        tell(self, 'tested', destination_id, dict(result) if result else None)
