"""Questions about organisations and places."""

from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.scope import Scope
from domain.tenancy.models import Location, Tenant


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
