"""The open lead: everything its view shows at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from domain.access.queries import users
from domain.base.clock import now
from domain.base.scope import Role, Scope
from domain.conversations.messages import Said
from domain.conversations.queries import messages
from domain.conversations.replies import ReplyChannel, channels
from domain.desk.lineage import Lineage, lineage
from domain.desk.messages import LeadPage
from domain.desk.queries import lead_page
from domain.follow_ups.messages import RunRow, TaskRow
from domain.follow_ups.queries import of_lead
from domain.follow_ups.runs import runs_of
from domain.leads.queries import lead as find_lead
from domain.tenancy.queries import locations

MESSAGES = 100  # of the latest ones, shown at once


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who can own a lead, a place it can belong to, or another lead: what it takes to choose one."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class LeadData:
    """The lead page and what can be chosen on it; messages are the latest, oldest first."""

    page: LeadPage
    location_id: UUID
    tags: tuple[str, ...]
    lost_reason: str
    snoozed_until: datetime | None
    vehicle: dict[str, str]
    people: tuple[Choice, ...]
    places: tuple[Choice, ...]
    twins: tuple[Choice, ...]  # leads that may be the same person
    messages: tuple[Said, ...]
    channels: tuple[ReplyChannel, ...]
    lineage: Lineage | None = None
    follow_ups: tuple[TaskRow, ...] = ()
    runs: tuple[RunRow, ...] = ()  # of sequences


def open_lead(session: Session, scope: Scope, lead_id: UUID) -> LeadData | None:
    """One reading for the whole view; a receipt's id and a merged lead's lead to the lead. None when there is none in scope."""
    page = lead_page(session, scope, lead_id)
    lead = find_lead(session, scope, page.row.id) if page else None
    if page is None or lead is None:
        return None
    vehicle = lead.facts.get('vehicle', {})
    return LeadData(
        page=page,
        location_id=lead.location_id,
        tags=tuple(lead.tags),
        lost_reason=lead.lost_reason,
        snoozed_until=lead.snoozed_until,
        vehicle={str(name): str(value) for name, value in vehicle.items()} if isinstance(vehicle, dict) else {'model': str(vehicle)},
        people=tuple(Choice(u.id, u.name) for u in users(session, scope) if u.disabled_at is None and u.role != Role.READ_ONLY),
        places=tuple(Choice(p.id, p.name) for p in locations(session, scope) if scope.location_ids is None or p.id in scope.location_ids),
        twins=tuple(_twins(session, scope, lead.id, page.possible_duplicates)),
        messages=tuple(messages(session, scope, lead.id, limit=MESSAGES)),
        channels=channels(session, scope, lead.id),
        lineage=lineage(session, scope, lead.id),
        follow_ups=of_lead(session, scope, lead.id, moment=now()),
        runs=runs_of(session, scope, lead.id),
    )


def _twins(session: Session, scope: Scope, lead_id: UUID, ids: tuple[UUID, ...]) -> list[Choice]:
    """Each once and never the lead itself: of what was merged since, the lead that it is part of now."""
    found = {lead.id: lead for twin in ids if (lead := find_lead(session, scope, twin)) and lead.id != lead_id}
    return [Choice(lead.id, lead.name or lead.email or lead.phone) for lead in found.values()]
