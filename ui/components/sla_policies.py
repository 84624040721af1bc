"""The policies as one element."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

from domain.base.errors import Refusal
from ui.components.called import called
from ui.components.tell import tell
from ui.design import ICONS_URL


class SlaPolicies(Element, component='sla_policies.js'):
    """One row per quality, the form of the open one below, with an example that follows what is typed."""

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        *,
        places: Sequence[Mapping[str, str]],
        on: Mapping[str, Callable[..., Awaitable[None]]],
    ) -> None:
        """`rows` as ui.presenters.sla_policies makes them; `on` names what happens after save, preview and simulate."""
        super().__init__()
        self.props['initial'] = json.dumps({'rows': list(rows), 'places': list(places)}, separators=(',', ':'))
        self.props['icons'] = ICONS_URL
        for name, act in on.items():
            self.on(name, called(act))

    def show(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """The policies as they are now."""
        tell(self, 'show', list(rows))

    def saved(self) -> None:
        """The form was kept."""
        tell(self, 'saved')

    def refused(self, trouble: Refusal | None) -> None:
        """The form was not taken; None when the page has said why already."""
        errors = {error.field: error.message for error in trouble.errors} if trouble else {}
        tell(self, 'refused', errors or ({'form': trouble.detail} if trouble else {}))

    def previewed(self, said: Mapping[str, str] | None) -> None:
        """The example's sentence; None: there is none for what stands in the form."""
        tell(self, 'previewed', said)

    def simulated(self, found: Mapping[str, Any]) -> None:
        """What the last month would have been."""
        tell(self, 'simulated', found)
