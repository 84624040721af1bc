"""The first steps of a desk: how far they went, as the rows say it, and naming the first place."""

from dataclasses import dataclass
from uuid import UUID

import phonenumbers
from sqlmodel import Session, col, select

from domain.access.models import WidgetKey
from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.db import ring
from domain.base.errors import FieldError, Invalid
from domain.base.scope import Actor, Scope
from domain.leads.models import Lead
from domain.leads.recompute import recompute_clocks
from domain.tenancy.actions import check_zone
from domain.tenancy.queries import default_location, tenant

REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))  # ISO 3166: how a number without a country code may be read
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Setup:
    """How far the first steps went: each from rows, so that it does not matter who did them, where and when."""

    location: str
    time_zone: str
    region: str
    company: str
    widget_hint: str  # the last four characters of the newest live widget key; empty: none
    leads: bool


def setup_of(session: Session, scope: Scope) -> Setup:
    """Where the first steps stand."""
    owner, place = tenant(session, scope.tenant_id), default_location(session, scope)
    key = session.exec(
        select(WidgetKey.hint)
        .where(WidgetKey.tenant_id == scope.tenant_id, col(WidgetKey.revoked_at).is_(None))
        .order_by(col(WidgetKey.id).desc())
    ).first()
    lead: UUID | None = session.exec(select(Lead.id).where(Lead.tenant_id == scope.tenant_id).limit(1)).first()
    return Setup(place.name, place.time_zone, owner.phone_region, owner.name, key or '', lead is not None)


def name_first_place(session: Session, actor: Actor, name: str, time_zone: str, region: str) -> None:
    """Name the default location, and say its time zone and how phone numbers without a country code are read; raises Invalid."""
    require(actor, Permission.SETTINGS_EDIT)
    name = ' '.join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid('A location needs a name.', errors=[FieldError('name', f'Give it a name of at most {LONGEST_NAME} characters.')])
    if region not in REGIONS:
        raise Invalid(f'"{region}" is not a country code such as US or DE.', errors=[FieldError('region', 'Choose a country.')])
    owner, place = tenant(session, actor.tenant_id), default_location(session, actor.scope)
    moved = place.time_zone != time_zone
    place.name, place.time_zone, owner.phone_region = name, check_zone(time_zone), region
    session.add_all((owner, place))
    if moved:
        recompute_clocks(session, actor, place.id)
    note(session, actor, 'location.changed', name, timeZone=time_zone, phoneRegion=region)
    ring(session, 'facts', actor.tenant_id)
