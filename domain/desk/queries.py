"""Joined reads made for the screens."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.scope import Scope
from domain.desk.inbox import inbox_rows
from domain.desk.messages import DeliveryRow, Entry, LeadPage
from domain.inbound.models import Outcome, Submission
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead
from domain.outbox.models import Delivery, Destination, LeadEvent, State
from domain.tenancy.models import Location
from domain.timeline.models import TimelineEntry


def lead_page(session: Session, scope: Scope, lead_id: UUID) -> LeadPage | None:
    """All that the lead page shows; a receipt's id finds its lead. None when there is none in scope."""
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        return None
    row = inbox_rows(session, scope, [lead.id])[0]
    place = session.get(Location, lead.location_id)
    kept, twins = session.execute(
        sa.select(
            sa.func.min(col(Submission.received_at)), sa.func.count(sa.case((col(Submission.outcome) == Outcome.TWIN, col(Submission.id))))
        ).where(col(Submission.tenant_id) == scope.tenant_id, col(Submission.lead_id).in_(family(session, scope, lead.id)))
    ).one()
    facts = dict(lead.facts)
    vehicle = facts.pop('vehicle', '')
    origin = facts.pop('origin', {})
    return LeadPage(
        row=row,
        email=lead.email,
        phone=lead.phone,
        status=lead.status,
        stage=lead.stage,
        quality_reason=lead.quality_reason,
        kept_at=kept or lead.created_at,
        location_time_zone=place.time_zone if place else 'UTC',
        vehicle=' '.join(str(part) for part in vehicle.values()) if isinstance(vehicle, dict) else str(vehicle),
        facts={str(name): str(value) for name, value in {**facts, **origin}.items()},
        possible_duplicates=tuple(UUID(other) for other in lead.possible_duplicates),
        timeline=timeline(session, scope, lead.id),
        deliveries=delivery_rows(session, scope, lead.id),
        suppressed_twins=twins,
    )


def timeline(session: Session, scope: Scope, lead_id: UUID, *, limit: int = 200) -> tuple[Entry, ...]:
    """The latest entries of a lead's timeline, and of the leads that are part of it, oldest first."""
    query = (
        select(TimelineEntry)
        .where(TimelineEntry.tenant_id == scope.tenant_id, col(TimelineEntry.lead_id).in_(family(session, scope, lead_id)))
        .order_by(col(TimelineEntry.at).desc(), col(TimelineEntry.id).desc())
        .limit(limit)
    )
    return tuple(
        Entry(e.id, e.at, e.event_type, e.title, e.description, e.actor_type, e.actor_name, dict(e.facts))
        for e in reversed(session.exec(query).all())
    )


def delivery_rows(session: Session, scope: Scope, lead_id: UUID, *, limit: int = 100) -> tuple[DeliveryRow, ...]:
    """The deliveries of the lead, and of the leads that are part of it, newest first."""
    query = (
        select(Delivery, Destination, LeadEvent)
        .join(Destination, col(Destination.id) == col(Delivery.destination_id))
        .join(LeadEvent, col(LeadEvent.id) == col(Delivery.event_id), isouter=True)
        .where(Delivery.tenant_id == scope.tenant_id, col(Delivery.lead_id).in_(family(session, scope, lead_id)))
        .order_by(col(Delivery.id).desc())
        .limit(limit)
    )
    return tuple(_delivery_row(*row) for row in session.exec(query))


def _delivery_row(delivery: Delivery, destination: Destination, event: LeadEvent | None) -> DeliveryRow:
    return DeliveryRow(
        id=delivery.id,
        event_id=delivery.event_id,
        event_type=str(event.event_type) if event else 'test',
        destination_id=destination.id,
        destination=destination.name,
        kind=destination.kind,
        state=delivery.state,
        paused=destination.paused_at is not None,
        attempts=delivery.attempts,
        next_at=delivery.next_at if delivery.state == State.PENDING else None,
        settled_at=delivery.settled_at,
        last_class=delivery.last_class,
        last_error=delivery.last_error or (destination.paused_reason if delivery.state == State.PENDING else None),
        provider_ref=delivery.provider_ref,
        possible_duplicate=delivery.uncertain,
        provider_key=delivery.provider_key,
    )
