"""SLA policies: what holds for each quality, an example of it, and what it would have made of the last month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from domain.access.rules import Permission
from domain.base import clock
from domain.base.db import Session
from domain.base.errors import Invalid, NotFound
from domain.base.scope import Scope
from domain.desk.simulation import simulate
from domain.intake.rules import field_errors
from domain.sla.messages import PolicyOrder
from domain.sla.models import CountedTime, SlaPolicy
from domain.sla.policies import order_of, ordered_terms, policies, set_policy
from domain.sla.rules import due_at, warn_at
from domain.tenancy.hours import MIDNIGHT, minutes
from domain.tenancy.queries import calendar, locations
from ui.ask import Visit, ask, do
from ui.components.sla_policies import SlaPolicies
from ui.pages.connect import heeded
from ui.pages.place import Asked
from ui.pages.settings import settings_frame
from ui.presenters import sla_policies as shown

TITLE = 'SLA policies'
NEEDS = Permission.SETTINGS_EDIT

DAYS = 30  # how far back the page simulates


@dataclass(frozen=True)
class Data:
    """The policies, and the places an example can be made for."""

    rows: list[SlaPolicy]
    places: list[dict[str, str]]


def read(session: Session, scope: Scope, _asked: Asked) -> Data:
    """What the page begins with."""
    places = [{'id': str(place.id), 'name': place.name} for place in locations(session, scope)]
    return Data(policies(session, scope), places)


def build(visit: Visit, data: Data) -> None:
    """The page at `/settings/sla`."""
    page = _Page(visit)
    with settings_frame(visit, 'sla'):
        page.view = SlaPolicies(
            [shown.policy(row) for row in data.rows],
            places=data.places,
            on={'save': page.save, 'preview': page.preview, 'simulate': page.simulate},
        )
    visit.stirred(('facts',), page.refresh)


class _Page:
    """The deeds behind one open page."""

    view: SlaPolicies

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def refresh(self) -> None:
        """Draw the policies as they are now."""
        rows = await ask(policies)
        if rows is not None:
            self.view.show([shown.policy(row) for row in rows])

    async def save(self, form: Mapping[str, Any]) -> None:
        """Keep what the form says; new leads go by it."""
        former = await ask(policies)
        saved = await heeded(self._visit, self._saved(form))
        if not isinstance(saved, SlaPolicy):
            self.view.refused(saved)
            return
        self.view.saved()
        await self.refresh()
        before = next((order_of(row) for row in former or () if row.quality == saved.quality), None)

        async def undo() -> None:
            if before is not None and await do(set_policy, before):
                await self.refresh()

        self._visit.notices.offer(f'Saved for new {saved.quality} leads', undo)

    async def preview(self, form: Mapping[str, Any], place: str, weekday: int, at: str) -> None:
        """What becomes of a lead that comes then and there, under what the form says now."""
        said = await heeded(self._visit, self._previewed(form, place, weekday, at))
        self.view.previewed(said if isinstance(said, dict) else None)

    async def simulate(self, form: Mapping[str, Any]) -> None:
        """Try what the form says on the leads of the last month."""
        found = await heeded(self._visit, self._simulated(form))
        if isinstance(found, dict):
            self.view.simulated(found)
        else:
            self.view.refused(found)

    async def _saved(self, form: Mapping[str, Any]) -> SlaPolicy:
        return await self._visit.act(set_policy, _order(form))

    async def _previewed(self, form: Mapping[str, Any], place: str, weekday: int, at: str) -> dict[str, str]:
        order = _order(form)
        try:
            place_id, minute = UUID(place), minutes(at)
        except ValueError:
            raise Invalid('Choose a location and a time.') from None
        return await self._visit.read(_example, order, place_id, weekday % 7, minute % MIDNIGHT)

    async def _simulated(self, form: Mapping[str, Any]) -> dict[str, Any]:
        return shown.simulation(await self._visit.read(simulate, [_order(form)], DAYS))


def _order(form: Mapping[str, Any]) -> PolicyOrder:
    try:
        return PolicyOrder.model_validate(dict(form))
    except ValidationError as trouble:
        wrong = field_errors([dict(error) for error in trouble.errors()])
        raise Invalid('This policy cannot be kept as it is.', errors=wrong) from None


def _example(session: Session, scope: Scope, order: PolicyOrder, place_id: UUID, weekday: int, minute: int) -> dict[str, str]:
    """The sentence for a lead that comes on the next such weekday."""
    place = next((place for place in locations(session, scope) if place.id == place_id), None)
    if place is None:
        raise NotFound('There is no such location.')
    zone, hours = ZoneInfo(place.time_zone), calendar(session, scope, place_id)
    today = clock.now().astimezone(zone).date()
    day = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    at = datetime.combine(day, time(*divmod(minute, 60)), zone)
    held_to = ordered_terms(order)
    counted = held_to.calendar(hours)
    due = due_at(at, held_to.first_reply, counted)
    warned = min(warn_at(at, held_to.first_reply, held_to, counted), due)
    hourless = place.name if hours is None and held_to.clock is CountedTime.BUSINESS else ''
    return shown.example(order.quality, at, warned, due, due + timedelta(seconds=held_to.escalate), hourless=hourless)
