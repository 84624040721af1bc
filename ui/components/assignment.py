"""The rule of assignment, who works with which leads, and the dry run, as one element."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui.element import Element

from domain.base.errors import Refusal
from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL

Shown = Mapping[str, Any]  # rule, people, places and waiting, as ui.presenters.assignment makes them


class AssignmentSettings(Element, component='assignment.js'):
    """Forms live in the browser; what is saved comes back with `show`."""

    def __init__(self, shown: Shown, *, on: Mapping[str, Callable[..., Awaitable[None]]]) -> None:
        """`on` names what happens after turn (on), save (form), present (id, on), work (id, form) and ask (form)."""
        super().__init__()
        self.props['initial'] = json.dumps(dict(shown), separators=(',', ':'))
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))

    def show(self, shown: Shown) -> None:
        """Everything as it is now; forms that somebody is typing in stay as they are."""
        tell(self, 'show', dict(shown))

    def saved(self, what: str) -> None:
        """The form `what` (rule or work) was taken."""
        tell(self, 'saved', what)

    def refused(self, what: str, trouble: Refusal | None) -> None:
        """The form was not taken; None when the page has said why already."""
        errors = {error.field: error.message for error in trouble.errors} if trouble else {}
        tell(self, 'refused', what, errors or ({'form': trouble.detail} if trouble else {}))

    def decided(self, decision: Mapping[str, Any]) -> None:
        """What the dry run found."""
        tell(self, 'decided', dict(decision))
