"""What of a lead is searched: its own words, and those of its timeline that a person wrote or was told."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.scope import Scope
from domain.leads.models import Lead
from domain.leads.queries import parts
from domain.leads.rules import normal_phone
from domain.tenancy.models import Tenant
from domain.timeline.models import EntryType, TimelineEntry

# What the desk itself notes (assigned, sent, late) would find every lead for a colleague's name.
_SAID = (EntryType.CREATED, EntryType.MESSAGE, EntryType.NOTE, EntryType.TASK, EntryType.APPOINTMENT, EntryType.AI)
_TITLED = (EntryType.TASK, EntryType.APPOINTMENT)  # their title is somebody's words too


@dataclass
class LeadTexts:
    """The texts of one lead, as they were typed; `said` newest first."""

    emails: list[str]
    phones: list[str]
    details: list[str]
    said: list[str] = field(default_factory=list)


def texts(session: Session, scope: Scope, leads: Sequence[Lead], *, most: int | None = None) -> dict[UUID, LeadTexts]:
    """The texts of these leads; `most` bounds the timeline entries that are read for all of them together."""
    out = {lead.id: LeadTexts([lead.email], [lead.phone], details(lead)) for lead in leads}
    whole = parts(session, scope, out)  # a lead that was merged into another is found as that one
    for part in session.scalars(sa.select(Lead).where(mine(scope, list(whole)))) if whole else ():
        mended = out[whole[part.id]]
        mended.emails.append(part.email)
        mended.phones.append(part.phone)
        mended.details += [part.name, *details(part)]
    query = (
        sa.select(col(TimelineEntry.lead_id), col(TimelineEntry.event_type), col(TimelineEntry.title), col(TimelineEntry.description))
        .where(
            col(TimelineEntry.tenant_id) == scope.tenant_id,
            col(TimelineEntry.lead_id).in_([*out, *whole]),
            col(TimelineEntry.event_type).in_(_SAID),
        )
        # In the order of its index: sorting by age alone would read them all.
        .order_by(col(TimelineEntry.lead_id), col(TimelineEntry.id).desc())
        .limit(most)
    )
    for lead_id, event_type, title, description in session.execute(query):
        out[whole.get(lead_id, lead_id)].said += [text for text in (title if event_type in _TITLED else '', description) if text]
    return out


def mine(scope: Scope, ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    """These leads, as far as they are the tenant's.

    The tenant stands in a function so that SQLite, without statistics, looks the ids up and does not read all of the tenant's leads.
    """
    tenant: sa.ColumnElement[UUID] = sa.func.coalesce(col(Lead.tenant_id), col(Lead.tenant_id))
    return sa.and_(col(Lead.id).in_(ids), tenant == scope.tenant_id)


def details(lead: Lead) -> list[str]:
    """Tags, vehicle, service and whatever else was asked for; where the visitor came from is not among it."""
    wanted = {name: value for name, value in lead.facts.items() if name != 'origin'}
    return [*map(str, lead.tags), *_plain(wanted.values())]


def phones(number: str, region: str) -> list[str]:
    """A number as typed, and in full."""
    try:
        return [number, normal_phone(number, region)]
    except ValueError:
        return [number]


def region(session: Session, scope: Scope) -> str:
    """How the tenant's numbers without a country code are read."""
    return str(session.execute(sa.select(col(Tenant.phone_region)).where(col(Tenant.id) == scope.tenant_id)).scalar_one())


def _plain(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield from [' '.join(_plain(value.values()))]
        elif isinstance(value, list):
            yield from _plain(value)
        elif value not in (None, '', True, False):
            yield str(value)
