"""Locations and hours: when each place is open, its holidays, and feeds they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from domain.access.rules import Permission
from domain.base.db import Session
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.scope import Scope
from domain.desk.hours import Opening, change_location, import_holidays, openings
from domain.intake.rules import field_errors
from domain.tenancy.feeds import Feed
from domain.tenancy.messages import LocationChange
from ui.ask import Visit, ask, do
from ui.components.hours import Hours
from ui.pages.connect import heeded
from ui.pages.place import Asked
from ui.pages.plain import time_zones
from ui.pages.settings import settings_frame
from ui.presenters import hours as shown

TITLE = 'Locations and hours'
NEEDS = Permission.SETTINGS_EDIT


@dataclass(frozen=True)
class Data:
    """The places, and the zones they may be in."""

    rows: list[Opening]
    zones: list[str]


def read(session: Session, scope: Scope, _asked: Asked) -> Data:
    """What the page begins with."""
    return Data(openings(session, scope), list(time_zones()))


def build(visit: Visit, data: Data) -> None:
    """The page at `/settings/hours`."""
    page = _Page(visit)
    with settings_frame(visit, 'hours'):
        page.view = Hours([shown.location(row) for row in data.rows], zones=data.zones, on={'save': page.save, 'feed': page.feed})
    visit.stirred(('facts',), page.refresh)


class _Page:
    """The deeds behind one open page."""

    view: Hours

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def refresh(self) -> None:
        """Draw the places as they are now."""
        rows = await ask(openings)
        if rows:
            self.view.show([shown.location(row) for row in rows])

    async def save(self, location_id: str, form: Mapping[str, Any]) -> None:
        """Keep what the form says."""
        former = await self._former(location_id)
        saved = await heeded(self._visit, self._saved(location_id, form))
        if not isinstance(saved, Opening):
            self.view.refused(saved)
            return
        await self.refresh()
        self.view.saved()
        self._offer(former, f'Hours of {saved.name} saved')

    async def feed(self, location_id: str, text: str) -> None:
        """Take the holidays of an .ics feed."""
        former = await self._former(location_id)
        found = await heeded(self._visit, self._fed(location_id, text))
        if not isinstance(found, Feed):
            self.view.refused(found)
            return
        await self.refresh()
        self.view.fed(shown.feed(found))
        self._offer(former, 'Holidays taken from the feed')

    async def _saved(self, location_id: str, form: Mapping[str, Any]) -> Opening:
        return await self._visit.act(change_location, _uuid(location_id), _change(form))

    async def _fed(self, location_id: str, text: str) -> Feed:
        return await self._visit.act(import_holidays, _uuid(location_id), str(text))

    async def _former(self, location_id: str) -> Opening | None:
        return next((row for row in await ask(openings) or () if str(row.id) == location_id), None)

    def _offer(self, former: Opening | None, said: str) -> None:
        async def undo() -> None:
            if former is not None and await do(change_location, former.id, _change(shown.sent(former))):
                await self.refresh()
                self.view.saved()

        self._visit.notices.offer(said, undo)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound('There is no such location.') from None


def _change(form: Mapping[str, Any]) -> LocationChange:
    try:
        return LocationChange.model_validate(dict(form))
    except ValidationError as trouble:
        wrong: list[FieldError] = field_errors([dict(error) for error in trouble.errors()])
        raise Invalid('These hours cannot be kept as they are.', errors=wrong) from None
