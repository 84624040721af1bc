"""Joined reads made for the screens."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import User
from domain.base.ids import short
from domain.base.scope import Scope
from domain.desk.messages import DeliveryRow, Entry, InboxRow, LeadPage, Pip
from domain.inbound.models import Submission
from domain.leads.models import Lead, Status
from domain.leads.queries import lead as find_lead
from domain.outbox.models import Delivery, Destination, LeadEvent, State
from domain.sla.models import ClockKind, SlaClock
from domain.tenancy.models import Location
from domain.timeline.models import TimelineEntry

# How the worst of several deliveries to one destination is chosen for its pip.
_WORST = (State.DEAD, State.HELD, State.PENDING, State.LEASED, State.SENT, State.SKIPPED, State.SUPERSEDED, State.CANCELLED)


def inbox(session: Session, scope: Scope, *, limit: int = 200, before: tuple[datetime, UUID] | None = None) -> list[InboxRow]:
    """The first page: all that need a first reply, soonest due first, then the others by their last change; `before` is the
    (changed_at, id) of the last of the others on the former page and gives more of those.
    """
    needs = sa.and_(col(Lead.status) == Status.OPEN, col(SlaClock.answered_at).is_(None), col(SlaClock.id).is_not(None))
    rows: list[Any] = []
    if before is None:
        rows = list(session.execute(_rows(scope).where(needs).order_by(col(SlaClock.due_at), col(Lead.id)).limit(limit)))
    if len(rows) < limit:
        others = _rows(scope).where(sa.not_(needs)).order_by(col(Lead.changed_at).desc(), col(Lead.id).desc())
        if before is not None:
            others = others.where(sa.tuple_(Lead.changed_at, Lead.id) < sa.tuple_(*(sa.literal(v) for v in before)))
        rows += session.execute(others.limit(limit - len(rows)))
    return _inbox_rows(session, scope, rows)


def inbox_rows(session: Session, scope: Scope, ids: Iterable[UUID]) -> list[InboxRow]:
    """The rows of these leads, as far as they are in scope."""
    return _inbox_rows(session, scope, list(session.execute(_rows(scope).where(col(Lead.id).in_(list(ids))))))


def changed_since(session: Session, scope: Scope, since: datetime, *, limit: int = 200) -> list[InboxRow]:
    """The rows that changed after `since`, newest first: what a page missed."""
    query = _rows(scope).where(col(Lead.changed_at) > since).order_by(col(Lead.changed_at).desc()).limit(limit)
    return _inbox_rows(session, scope, list(session.execute(query)))


def open_count(session: Session, scope: Scope) -> int:
    """How many leads are not closed."""
    query = sa.select(sa.func.count()).where(col(Lead.tenant_id) == scope.tenant_id, col(Lead.status) != Status.CLOSED)
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    return int(session.execute(query).scalar_one())


def lead_page(session: Session, scope: Scope, lead_id: UUID) -> LeadPage | None:
    """All that the lead page shows; a receipt's id finds its lead. None when there is none in scope."""
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        return None
    row = inbox_rows(session, scope, [lead.id])[0]
    place = session.get(Location, lead.location_id)
    kept = session.exec(
        select(sa.func.min(Submission.received_at)).where(Submission.tenant_id == scope.tenant_id, Submission.lead_id == lead.id)
    ).first()
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
    )


def timeline(session: Session, scope: Scope, lead_id: UUID, *, limit: int = 200) -> tuple[Entry, ...]:
    """The latest entries of a lead's timeline, oldest first."""
    query = (
        select(TimelineEntry)
        .where(TimelineEntry.tenant_id == scope.tenant_id, TimelineEntry.lead_id == lead_id)
        .order_by(col(TimelineEntry.at).desc(), col(TimelineEntry.id).desc())
        .limit(limit)
    )
    return tuple(
        Entry(e.id, e.at, e.event_type, e.title, e.description, e.actor_type, e.actor_name, dict(e.facts))
        for e in reversed(session.exec(query).all())
    )


def delivery_rows(session: Session, scope: Scope, lead_id: UUID, *, limit: int = 100) -> tuple[DeliveryRow, ...]:
    """The lead's deliveries, newest first."""
    query = (
        select(Delivery, Destination, LeadEvent)
        .join(Destination, col(Destination.id) == col(Delivery.destination_id))
        .join(LeadEvent, col(LeadEvent.id) == col(Delivery.event_id), isouter=True)
        .where(Delivery.tenant_id == scope.tenant_id, Delivery.lead_id == lead_id)
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


def _rows(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Lead, SlaClock, col(Location.name), col(User.name))
        .join(SlaClock, sa.and_(col(SlaClock.lead_id) == Lead.id, col(SlaClock.kind) == ClockKind.FIRST_REPLY), isouter=True)
        .join(Location, col(Location.id) == Lead.location_id)
        .join(User, col(User.id) == Lead.owner_id, isouter=True)
        .where(col(Lead.tenant_id) == scope.tenant_id)
    )
    return query if scope.location_ids is None else query.where(col(Lead.location_id).in_(scope.location_ids))


def _inbox_rows(session: Session, scope: Scope, rows: Sequence[Any]) -> list[InboxRow]:
    pips = _pips(session, scope, [lead.id for lead, *_ in rows])
    return [_inbox_row(lead, clock, place, owner, pips.get(lead.id, ())) for lead, clock, place, owner in rows]


def _inbox_row(lead: Lead, clock: SlaClock | None, place: str, owner: str | None, pips: tuple[Pip, ...]) -> InboxRow:
    answered = clock.answered_at if clock else None
    if lead.status == Status.CLOSED:
        group = 'closed'
    elif lead.status == Status.SNOOZED:
        group = 'snoozed'
    else:
        group = 'in_conversation' if clock is None or answered or lead.status == Status.WAITING else 'needs_reply'
    return InboxRow(
        id=lead.id,
        name=lead.name,
        quality=lead.quality,
        message=lead.last_message,
        source=lead.source,
        location=place,
        group=group,
        unread=lead.unread,
        received_at=lead.created_at,
        changed_at=lead.changed_at,
        due_at=clock.due_at if clock else None,
        window_seconds=clock.window_seconds if clock else 0,
        answered_at=answered,
        owner=owner,
        owner_id=lead.owner_id,
        reference=f'L-{short(lead.id)}',
        pips=pips,
    )


def _pips(session: Session, scope: Scope, lead_ids: list[UUID]) -> dict[UUID, tuple[Pip, ...]]:
    """One mark per destination, by name; of several deliveries the one that needs somebody most."""
    if not lead_ids:
        return {}
    query = (
        sa.select(col(Delivery.lead_id), col(Delivery.state), col(Destination.name), col(Destination.kind), col(Destination.paused_at))
        .join(Destination, col(Destination.id) == Delivery.destination_id)
        .where(col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.lead_id).in_(lead_ids))
    )
    worst: dict[UUID, dict[str, Pip]] = {}
    for lead_id, state, name, kind, paused_at in session.execute(query):
        marks = worst.setdefault(lead_id, {})
        held = marks.get(name)
        if held is None or _WORST.index(state) < _WORST.index(State(held.state)):
            marks[name] = Pip(name, kind, str(state), paused_at is not None)
    return {lead_id: tuple(marks[name] for name in sorted(marks)) for lead_id, marks in worst.items()}


def lately(now: datetime) -> datetime:
    """How far back a page looks again after a ring that does not say what changed: clocks of two processes may differ a little."""
    return now - timedelta(seconds=5)
