"""The dashboard as one element: numbers, bars and tables, drawn from what it is given."""

import json
from collections.abc import Sequence
from typing import Any

from nicegui.element import Element

from ui.components.tell import tell
from ui.design import ICONS_URL

Row = dict[str, Any]  # as ui.presenters.reports makes it


class ReportsView(Element, component='reports.js'):
    """First replies of a range: five numbers, then quality, location, people and hours."""

    def __init__(self, report: Row, places: Sequence[Row]) -> None:
        """`places` can be chosen to narrow the report."""
        super().__init__()
        self.props['initial'] = json.dumps(report, separators=(',', ':'))
        self.props['places'] = list(places)
        self.props['icons'] = ICONS_URL

    def show(self, report: Row) -> None:
        """Another range or location."""
        tell(self, 'show', report)
