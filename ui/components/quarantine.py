"""The quarantine as one element: the list, and beside it the open submission with its fields to mend."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.quarantine makes it


class Quarantine(Element, component='quarantine.js'):
    """The rows go to the browser once, afterwards what changed; the raw submission only when it is opened."""

    def __init__(
        self, rows: Sequence[Row], *, total: int, more: bool, edit: bool, on: Mapping[str, Callable[..., Awaitable[None]]]
    ) -> None:
        """`on` names what happens after pick (id), more, release (id, fields) and dismiss (id, outcome)."""
        super().__init__()
        self.props['initial'] = json.dumps(rows, separators=(',', ':'))
        self.props['total'] = total
        self.props['more'] = more
        self.props['edit'] = edit
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))
        self.client.on_connect(self._forget)

    def show(self, rows: Sequence[Row], total: int, more: bool) -> None:
        """Start over with these rows; what is open stays open, with what was typed into it."""
        tell(self, 'show', list(rows), total, more)

    def append(self, rows: Sequence[Row], more: bool) -> None:
        """A further page at the end."""
        tell(self, 'append', list(rows), more)

    def open(self, submission_id: str, whole: Row | None) -> None:
        """Show this one; None: it waits no longer."""
        tell(self, 'open', submission_id, whole)

    def refused(self, errors: Mapping[str, str]) -> None:
        """It is no lead yet; sentences by field, or under `form`."""
        tell(self, 'refused', dict(errors))

    def released(self, submission_id: str, lead_id: str, *, known: bool) -> None:
        """It is a lead now; `known`: one that was there already."""
        tell(self, 'released', submission_id, lead_id, known)

    def gone(self, submission_id: str) -> None:
        """It waits no longer."""
        tell(self, 'gone', submission_id)

    def _forget(self) -> None:
        # The browser has them; kept here they would only cost memory for as long as the page is open.
        with self.props.suspend_updates():
            self.props['initial'] = '[]'
