"""The desk API of the locations: their hours and holidays."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request

from domain.desk.hours import Opening, change_location, openings
from domain.tenancy.holidays import Day
from domain.tenancy.hours import clock_time
from domain.tenancy.messages import LocationChange
from ui.guard import doors_of
from ui.routes.desk import Answer, Reader
from ui.routes.sla import Editor

router = APIRouter(prefix='/api/v1', tags=['sla'])


class LocationOut(Answer):
    """A place of the tenant. `hours` null: it has none and is always open; `holidays` are read as they may be sent."""

    id: UUID
    name: str
    time_zone: str
    is_default: bool
    hours: dict[str, list[list[str]]] | None
    holidays: list[dict[str, Any]]


class LocationList(Answer):
    """All places, the default one first."""

    items: list[LocationOut]
    next_cursor: None = None


@router.get('/locations')
def get_locations(request: Request, actor: Reader) -> LocationList:
    """The tenant's places, and when they are open."""
    with doors_of(request).db.reading() as session:
        return LocationList(items=[_location_out(row) for row in openings(session, actor.scope)])


@router.patch('/locations/{location_id}')
def patch_location(request: Request, actor: Editor, location_id: UUID, body: LocationChange) -> LocationOut:
    """Other hours, holidays, zone or name; clocks that run follow, and none of them is late by that alone."""
    with doors_of(request).db.transaction() as session:
        return _location_out(change_location(session, actor, location_id, body))


def _location_out(row: Opening) -> LocationOut:
    return LocationOut(
        id=row.id,
        name=row.name,
        time_zone=row.time_zone,
        is_default=row.is_default,
        hours=row.hours,
        holidays=[_holiday_out(day) for day in row.holidays],
    )


def _holiday_out(day: Day) -> dict[str, Any]:
    out: dict[str, Any] = {'date': day.day.isoformat(), 'name': day.name, 'yearly': day.yearly}
    if day.part:
        out |= {'from': clock_time(day.part[0]), 'to': clock_time(day.part[1])}
    return out | ({'uid': day.uid} if day.uid else {})
