"""The first steps of a desk, one at a time."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui.element import Element

from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL


class FirstRun(Element, component='first_run.js'):
    """Which step is shown is the browser's matter; what is done comes from the rows."""

    def __init__(self, state: Mapping[str, Any], *, on: Mapping[str, Callable[..., Awaitable[None]]]) -> None:
        """`on` names what happens after place (form), hear (form), test (id), form (site) and lead."""
        super().__init__()
        self.props['initial'] = json.dumps(state, separators=(',', ':'))
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))

    def progress(self, state: Mapping[str, Any]) -> None:
        """What is done by now."""
        tell(self, 'progress', dict(state))

    def answered(self, step: str, errors: Mapping[str, str], **made: str) -> None:
        """A step was carried out, or these fields stand in its way; `made` is what it made, shown this once."""
        tell(self, 'answered', step, dict(errors), made)

    def tested(self, destination_id: str, result: Mapping[str, str] | None) -> None:
        """How the test of a destination ended."""
        tell(self, 'tested', destination_id, dict(result) if result else None)

    def follow(self, lead_id: str, story: list[dict[str, Any]]) -> None:
        """What became of the test lead so far."""
        tell(self, 'follow', lead_id, story)
