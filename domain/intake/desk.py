"""A lead that a person puts in at the desk: the same path as all others, with whoever typed it as the credential."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import ConfigDict, Field, ValidationError
from sqlmodel import Session, col

from domain.access.models import User
from domain.access.rules import Permission, require
from domain.base.errors import Invalid, NotFound
from domain.base.ids import short
from domain.base.scope import Actor, Scope
from domain.intake import rules
from domain.intake.actions import take
from domain.intake.facts import Credential
from domain.intake.messages import Arrival, Captured, Contact, Vehicle
from domain.intake.messages import Short as Line
from domain.intake.queries import snapshot
from domain.leads.actions import assign
from domain.leads.models import Group, IdentityKind, Lead
from domain.leads.queries import by_identity
from domain.leads.queries import lead as find_lead
from domain.leads.rules import normal_email, normal_phone
from domain.tenancy.queries import locations, tenant

LOOKALIKES = 5
NAME_LEAST = 3  # letters: a shorter name is like too many


class Way(StrEnum):
    """How the person came to us."""

    HAND = 'added by hand'
    PHONE = 'phone'
    WALK_IN = 'walk-in'


class NewLead(Contact):
    """What is asked for at the desk; at least one of e-mail and phone."""

    model_config = ConfigDict(extra='forbid')

    route: ClassVar[str] = 'desk'

    way: Way = Way.HAND
    location_id: UUID | None = None
    mine: bool = False  # whoever adds it owns it
    service: Line = ''
    vehicle: Annotated[Vehicle, Field(default_factory=Vehicle)]

    def facts(self) -> dict[str, Any]:
        vehicle = self.vehicle.model_dump(exclude_defaults=True)
        return {name: value for name, value in (('service', self.service), ('vehicle', vehicle)) if value}


class _ByHand(NewLead):
    source: ClassVar[str] = Way.HAND.value


class _ByPhone(NewLead):
    source: ClassVar[str] = Way.PHONE.value


class _WalkedIn(NewLead):
    source: ClassVar[str] = Way.WALK_IN.value


_BODIES: dict[Way, type[NewLead]] = {Way.HAND: _ByHand, Way.PHONE: _ByPhone, Way.WALK_IN: _WalkedIn}


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A lead that may be the same person; `why` is e-mail, phone or name."""

    id: UUID
    reference: str
    name: str
    email: str
    phone: str
    status: str
    owner: str | None
    created_at: datetime
    why: str


def new_lead(fields: dict[str, Any]) -> NewLead:
    """The checked form; raises Invalid that names the fields."""
    try:
        return _BODIES[Way(fields.get('way') or Way.HAND)].model_validate(fields)
    except ValidationError as trouble:
        errors = rules.field_errors([dict(error) for error in trouble.errors()])
        said = '; '.join(f'{error.field}: {error.message}' for error in errors)
        raise Invalid(f'The lead cannot be taken as it is: {said}.', errors=errors) from None
    except ValueError:
        raise Invalid(f'Say how the lead came: {", ".join(Way)}.') from None


def submit(session: Session, actor: Actor, form: NewLead, *, sign: Callable[[str], str], expire: timedelta) -> Captured:
    """Keep the lead, in the caller's transaction; somebody we know already is found, and gets the words as a message.

    `sign` and `expire` are the doors' (`box.sign`, `facts.expire`). Raises Invalid naming a field, NotFound for a foreign location.
    """
    require(actor, Permission.LEADS_CAPTURE)
    body = form if type(form) is _BODIES[form.way] else _BODIES[form.way].model_validate(form.model_dump())
    credential = Credential(f'desk:{actor.id.hex}' if actor.id else 'desk', 'desk', actor.id, actor.name)
    place_id = _place(session, actor.scope, form.location_id)
    facts = snapshot(session, actor.scope, credential, sign=sign, expire=expire, place_id=place_id)
    raw = body.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    cmd = rules.submission(body, Arrival(raw, 'application/json'), body.route, facts.region, may_grade=True)
    captured = take(session, actor, cmd, facts)
    session.flush()
    if form.mine and actor.id and actor.role and captured.lead_id and find_lead(session, actor.scope, captured.lead_id):
        assign(session, actor, [captured.lead_id], actor.id)
    return captured


def duplicates(session: Session, scope: Scope, *, name: str = '', email: str = '', phone: str = '') -> list[Lookalike]:
    """At most five leads that share the address, the number or the name, in this order; for showing while somebody types."""
    region = tenant(session, scope.tenant_id).phone_region
    found: dict[UUID, str] = {}
    for kind, why, text, normal in (
        (IdentityKind.EMAIL, 'e-mail', email, normal_email),
        (IdentityKind.PHONE, 'phone', phone, lambda typed: normal_phone(typed, region)),
    ):
        try:
            owner = by_identity(session, scope, kind, normal(text)) if text.strip() else None
        except ValueError:
            continue  # not an address yet: somebody is still typing
        if owner:
            found.setdefault(owner, why)
    if len(name.strip()) >= NAME_LEAST:
        query = _visible(scope).where(sa.func.lower(col(Lead.name)) == name.strip().lower()).order_by(col(Lead.id).desc())
        for lead, _ in session.execute(query.limit(LOOKALIKES)):
            found.setdefault(lead.id, 'name')
    rows = {lead.id: (lead, owner) for lead, owner in session.execute(_visible(scope).where(col(Lead.id).in_(list(found))))}
    return [_lookalike(*rows[id_], why) for id_, why in list(found.items()) if id_ in rows][:LOOKALIKES]


def _visible(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Lead, col(User.name))
        .join(User, col(User.id) == col(Lead.owner_id), isouter=True)
        .where(col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group) != Group.MERGED)
    )
    return query if scope.location_ids is None else query.where(col(Lead.location_id).in_(scope.location_ids))


def _lookalike(lead: Lead, owner: str | None, why: str) -> Lookalike:
    return Lookalike(lead.id, f'L-{short(lead.id)}', lead.name, lead.email, lead.phone, lead.status, owner, lead.created_at, why)


def _place(session: Session, scope: Scope, wanted: UUID | None) -> UUID | None:
    """The place the lead falls to: the one named, else the default one, or the first of those that the person works for."""
    allowed = [place.id for place in locations(session, scope) if scope.location_ids is None or place.id in scope.location_ids]
    if wanted is None:
        return allowed[0] if scope.location_ids is not None and allowed else None
    if wanted not in allowed:
        raise NotFound('There is no such location.')
    return wanted
