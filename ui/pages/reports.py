"""The dashboard: how fast leads are answered, by quality, location, person and hour."""

from dataclasses import dataclass
from typing import Any

from domain.access.rules import Permission
from domain.base.db import Session
from domain.base.scope import Scope
from domain.desk.reports import FirstReplies, first_replies
from domain.tenancy.queries import locations
from ui.ask import Visit
from ui.components.reports import ReportsView
from ui.pages.place import Asked
from ui.presenters import reports as shown
from ui.presenters.trend import trend

TITLE = 'Dashboard'
NEEDS = Permission.LEADS_READ


@dataclass(frozen=True)
class Data:
    """The report, and the locations it can be narrowed to."""

    report: FirstReplies
    places: list[tuple[str, str]]


def read(session: Session, scope: Scope, asked: Asked) -> Data:
    """The report for range and location of the address."""
    days, location_id = shown.wanted(asked.query)
    places = [(str(place.id), place.name) for place in locations(session, scope)]
    return Data(first_replies(session, scope, days, location_id), places)


def build(visit: Visit, data: Data) -> 'Screen':
    """The place at `/dashboard`."""
    return Screen(data)


class Screen:
    """One open dashboard. It shows what was true when it was opened, and says when that was."""

    def __init__(self, data: Data) -> None:
        self._view = ReportsView(_shown(data), [{'id': id_, 'name': name} for id_, name in data.places])

    def go(self, asked: Asked, data: Data) -> None:
        """Another range or location."""
        self._view.show(_shown(data))

    def leave(self) -> None:
        """Nothing of it outlives the page."""


def _shown(data: Data) -> dict[str, Any]:
    return {**shown.report(data.report), 'trend': trend(data.report)}
