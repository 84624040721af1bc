"""Questions about organisations and places."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.scope import Scope
from domain.tenancy.calendars import Calendar, Closed, Period, calendar_of
from domain.tenancy.models import Holiday, Location, LocationHours, Tenant


def first_tenant(session: Session) -> Tenant | None:
    """The oldest tenant: environment credentials and keyless intake belong to it."""
    return session.exec(select(Tenant).order_by(col(Tenant.created_at), col(Tenant.id)).limit(1)).first()


def tenants(session: Session) -> list[Tenant]:
    """All tenants of the installation, oldest first."""
    return list(session.exec(select(Tenant).order_by(col(Tenant.created_at), col(Tenant.id))))


def tenant(session: Session, tenant_id: UUID) -> Tenant:
    """One tenant by id; it exists."""
    return session.exec(select(Tenant).where(Tenant.id == tenant_id)).one()


def locations(session: Session, scope: Scope) -> list[Location]:
    """The locations in scope, the default one first."""
    query = select(Location).where(Location.tenant_id == scope.tenant_id)
    if scope.location_ids is not None:
        query = query.where(col(Location.id).in_(scope.location_ids))
    return list(session.exec(query.order_by(col(Location.is_default).desc(), Location.name)))


def default_location(session: Session, scope: Scope) -> Location:
    """Where a lead falls whose credential names no location; every tenant has one."""
    return session.exec(select(Location).where(Location.tenant_id == scope.tenant_id, col(Location.is_default))).one()


def calendar(session: Session, scope: Scope, location_id: UUID) -> Calendar | None:
    """The hours and holidays of one location; None: it has no hours, and is always open."""
    return calendars(session, scope, [location_id]).get(location_id)


def calendars(session: Session, scope: Scope, location_ids: Iterable[UUID]) -> dict[UUID, Calendar]:
    """The hours and holidays of these locations; those that have no hours, and are always open, are left out."""
    wanted = list(location_ids)
    periods = session.exec(
        select(LocationHours).where(LocationHours.tenant_id == scope.tenant_id, col(LocationHours.location_id).in_(wanted))
    )
    weeks: dict[UUID, list[list[Period]]] = {}
    for row in periods:
        weeks.setdefault(row.location_id, [[] for _ in range(7)])[row.weekday].append((row.opens, row.closes))
    if not weeks:
        return {}
    closed: dict[UUID, list[Closed]] = {}
    holidays = select(Holiday).where(Holiday.tenant_id == scope.tenant_id, col(Holiday.location_id).in_(list(weeks)))
    for holiday in session.exec(holidays.order_by(col(Holiday.day), col(Holiday.id))):
        part = None if holiday.closed_from is None or holiday.closed_to is None else (holiday.closed_from, holiday.closed_to)
        closed.setdefault(holiday.location_id, []).append(Closed(holiday.day, holiday.yearly, part, holiday.name))
    places = session.exec(select(Location).where(Location.tenant_id == scope.tenant_id, col(Location.id).in_(list(weeks))))
    return {
        place.id: calendar_of(place.time_zone, tuple(tuple(sorted(day)) for day in weeks[place.id]), tuple(closed.get(place.id, ())))
        for place in places
    }
