"""Making an organisation."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import Session

from domain.base.errors import FieldError, Invalid
from domain.tenancy.models import Location, Tenant
from domain.tenancy.queries import first_tenant

UNNAMED = 'My desk'  # until somebody says what the company is called


def ensure_first_tenant(session: Session, name: str = UNNAMED, location: str = 'Main', time_zone: str = 'UTC') -> tuple[Tenant, bool]:
    """The first tenant with its default location, made when there is none; and whether it was made now.

    It is there before the first person is: a lead that arrives before anybody signed in has somewhere to be kept.
    """
    tenant = first_tenant(session)
    if tenant is not None:
        return tenant, False
    tenant = Tenant(slug='default', name=name)
    session.add(tenant)
    session.flush()
    session.add(Location(tenant_id=tenant.id, slug='main', name=location, time_zone=check_zone(time_zone), is_default=True))
    session.flush()
    return tenant, True


def check_zone(name: str) -> str:
    """The IANA name as given; raises Invalid for an unknown zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f'"{name}" is not a time zone; use a name such as Europe/Berlin.', errors=[FieldError('time_zone', 'unknown')]
        ) from None
    return name
