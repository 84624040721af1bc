"""When places are open: read for screens and scripts, changed by hand or from an .ics feed. Running clocks follow at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Scope
from domain.leads.recompute import recompute_clocks
from domain.tenancy.actions import check_zone
from domain.tenancy.feeds import Feed, read
from domain.tenancy.holidays import Day, check_days, check_opens, in_order
from domain.tenancy.hours import DAYS, Week, clock_time, week_of
from domain.tenancy.messages import LocationChange
from domain.tenancy.models import Holiday, Location, LocationHours
from domain.tenancy.queries import locations


@dataclass(frozen=True, slots=True)
class Opening:
    """A place and when it is open. `week` None: it has no hours and is always open."""

    id: UUID
    name: str
    time_zone: str
    is_default: bool
    week: Week | None
    holidays: tuple[Day, ...]

    @property
    def hours(self) -> dict[str, list[list[str]]] | None:
        """The week as scripts read and send it."""
        if self.week is None:
            return None
        return {name: [[clock_time(at) for at in period] for period in day] for name, day in zip(DAYS, self.week, strict=True) if day}


def openings(session: Session, scope: Scope) -> list[Opening]:
    """The places in scope with their hours and holidays, the default one first."""
    places = locations(session, scope)
    ids = [place.id for place in places]
    weeks: dict[UUID, list[list[tuple[int, int]]]] = {}
    hours = select(LocationHours).where(LocationHours.tenant_id == scope.tenant_id, col(LocationHours.location_id).in_(ids))
    for row in session.exec(hours.order_by(col(LocationHours.weekday), col(LocationHours.opens))):
        weeks.setdefault(row.location_id, [[] for _ in DAYS])[row.weekday].append((row.opens, row.closes))
    closed: dict[UUID, list[Day]] = {}
    holidays = select(Holiday).where(Holiday.tenant_id == scope.tenant_id, col(Holiday.location_id).in_(ids))
    for holiday in session.exec(holidays.order_by(col(Holiday.day), col(Holiday.id))):
        closed.setdefault(holiday.location_id, []).append(_day(holiday))
    return [
        Opening(
            place.id,
            place.name,
            place.time_zone,
            place.is_default,
            tuple(tuple(day) for day in weeks[place.id]) if place.id in weeks else None,
            tuple(in_order(closed.get(place.id, ()))),
        )
        for place in places
    ]


def change_location(session: Session, actor: Actor, location_id: UUID, change: LocationChange) -> Opening:
    """Give a place other hours, holidays, another zone or name; its running clocks follow, none of them back to a breach.

    Raises NotFound, or Invalid that names the field: an unknown zone, periods that overlap or end before they start, hours that are
    never open.
    """
    require(actor, Permission.SETTINGS_EDIT)
    place, before = _place(session, actor, location_id)
    named = change.model_fields_set
    zone = _zone(change.time_zone) if change.time_zone is not None else before.time_zone
    week = before.week if 'hours' not in named else None if change.hours is None else week_of(change.hours)
    days: Sequence[Day] = before.holidays
    if change.holidays is not None:
        days = check_days([order.holiday() for order in change.holidays])
    if week is not None:
        check_opens(zone, week, days)
    place.time_zone = zone
    if change.name is not None:
        place.name = _name(change.name)
    session.add(place)
    if week != before.week:
        _write_hours(session, place, week or ())
    if tuple(days) != before.holidays:
        _write_holidays(session, place, days)
    after = Opening(place.id, place.name, zone, place.is_default, week, tuple(days))
    _changed(session, actor, before, after)
    return after


def import_holidays(session: Session, actor: Actor, location_id: UUID, text: str) -> Feed:
    """Take the holidays of an .ics feed; what was taken from the same entries before is replaced, all others stay.

    Gives back what was taken, and the lines that could not be read. Raises NotFound, or Invalid for what is no feed, for more holidays
    than a place can have, and for a feed that would close it for good.
    """
    require(actor, Permission.SETTINGS_EDIT)
    place, before = _place(session, actor, location_id)
    feed = read(text, place.time_zone, now().astimezone(ZoneInfo(place.time_zone)).date())
    again = {day.uid for day in feed.days if day.uid}
    known = {(day.day, day.part, day.yearly) for day in feed.days}
    stay = [day for day in before.holidays if day.uid not in again and (day.day, day.part, day.yearly) not in known]
    days = check_days([*stay, *feed.days])
    if before.week is not None:
        check_opens(place.time_zone, before.week, days)
    if tuple(days) != before.holidays:
        _write_holidays(session, place, days)
        _changed(session, actor, before, Opening(place.id, place.name, place.time_zone, place.is_default, before.week, tuple(days)))
    return feed


def _place(session: Session, actor: Actor, location_id: UUID) -> tuple[Location, Opening]:
    """The place, ours until the transaction ends, and what it was. Leads go on arriving there meanwhile: its key is not locked."""
    row = session.exec(
        select(Location).where(Location.tenant_id == actor.tenant_id, Location.id == location_id).with_for_update(key_share=True)
    ).first()
    found = [opening for opening in openings(session, actor.scope) if opening.id == location_id]
    if row is None or not found:
        raise NotFound('There is no such location.')
    return row, found[0]


def _zone(name: str) -> str:
    try:
        return check_zone(name)
    except Invalid as trouble:
        raise Invalid(trouble.detail, errors=[FieldError('timeZone', 'is not a time zone such as Europe/Berlin')]) from None


def _name(text: str) -> str:
    name = ' '.join(text.split())
    if not name or not name.isprintable():
        raise Invalid('A location needs a name.', errors=[FieldError('name', 'needs letters that can be printed')])
    return name


def _write_hours(session: Session, place: Location, week: Iterable[Iterable[tuple[int, int]]]) -> None:
    session.execute(
        sa.delete(LocationHours).where(col(LocationHours.tenant_id) == place.tenant_id, col(LocationHours.location_id) == place.id)
    )
    session.add_all(
        LocationHours(tenant_id=place.tenant_id, location_id=place.id, weekday=weekday, opens=opens, closes=closes)
        for weekday, day in enumerate(week)
        for opens, closes in day
    )


def _write_holidays(session: Session, place: Location, days: Iterable[Day]) -> None:
    session.execute(sa.delete(Holiday).where(col(Holiday.tenant_id) == place.tenant_id, col(Holiday.location_id) == place.id))
    session.add_all(
        Holiday(
            tenant_id=place.tenant_id,
            location_id=place.id,
            day=day.day,
            name=day.name,
            yearly=day.yearly,
            closed_from=day.part[0] if day.part else None,
            closed_to=day.part[1] if day.part else None,
            source_uid=day.uid,
        )
        for day in days
    )


def _changed(session: Session, actor: Actor, before: Opening, after: Opening) -> None:
    """Write down what was changed, have the running clocks follow, and intake and open pages read anew."""
    session.flush()
    if after == before:
        return
    details = {'hours': after.hours, 'holidays': len(after.holidays), 'timeZone': after.time_zone, 'id': str(after.id)}
    note(session, actor, 'location.changed', after.name, **details)
    if (after.week, after.holidays, after.time_zone) != (before.week, before.holidays, before.time_zone):
        recompute_clocks(session, Actor(actor.scope, ActorType.SYSTEM), after.id)  # whoever may set the hours need not work with leads
    ring(session, 'facts', actor.tenant_id)


def _day(row: Holiday) -> Day:
    part = None if row.closed_from is None or row.closed_to is None else (row.closed_from, row.closed_to)
    return Day(row.day, row.name, row.yearly, part, row.source_uid)
