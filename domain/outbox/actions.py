"""Deeds of the outbox: record an event with one delivery per subscribed destination, send again, and keep destinations."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.clock import now as app_now
from domain.base.db import now, ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.events import EventType
from domain.base.ids import uuid7
from domain.base.scope import Actor
from domain.base.secrets import SecretBox
from domain.outbox.messages import DestinationChange, DestinationOrder, ReplayOrder
from domain.outbox.models import Delivery, Destination, LeadEvent, State
from domain.outbox.queries import TEST_PRIORITY, matching
from domain.outbox.rules import provider_key

REPLAY_LIFE = timedelta(hours=72)
_QUALITY_RANK = {'hot': 0, 'warm': 1, 'cold': 2}


def record(
    session: Session,
    actor: Actor,
    event_type: EventType,
    payload: dict[str, Any],
    *,
    lead_id: UUID | None = None,
    lead_seq: int | None = None,
    conversation_id: UUID | None = None,
    quality: str | None = None,
    location_id: UUID | None = None,
    expire: timedelta = REPLAY_LIFE,
    only_if_heard: bool = False,
) -> LeadEvent | None:
    """Write the event and one delivery for each destination subscribed now, in the caller's transaction.

    With `only_if_heard` nothing is written, and None given back, when no destination is subscribed.
    """
    moment = app_now()
    listeners = [d for d in _destinations(session, actor) if hears(d, event_type, quality, location_id)]
    if only_if_heard and not listeners:
        return None
    event = LeadEvent(
        tenant_id=actor.tenant_id,
        lead_id=lead_id,
        lead_seq=lead_seq,
        conversation_id=conversation_id,
        event_type=event_type,
        payload=payload,
        fanout=len(listeners),
        created_at=moment,
    )
    session.add(event)
    session.flush()
    rank = _QUALITY_RANK.get(quality or '', 1)
    session.add_all([_delivery(event, destination, rank, moment + expire) for destination in listeners])
    if listeners:
        ring(session, 'outbox', actor.tenant_id, *(d.id for d in listeners))
    return event


def _delivery(event: LeadEvent, destination: Destination, rank: int, expires_at: datetime) -> Delivery:
    id_ = uuid7()
    return Delivery(
        id=id_,
        tenant_id=event.tenant_id,
        event_id=event.id,
        lead_id=event.lead_id,
        destination_id=destination.id,
        provider_key=provider_key(id_),
        priority=rank,
        next_at=event.created_at,
        created_at=event.created_at,
        expires_at=expires_at,
    )


def hears(destination: Destination, event_type: str, quality: str | None, location_id: UUID | None) -> bool:
    """Whether this destination subscribes to such an event."""
    if not destination.enabled or event_type not in destination.events:
        return False
    if destination.least_quality and quality and _QUALITY_RANK[quality] > _QUALITY_RANK[destination.least_quality]:
        return False
    return not destination.location_ids or location_id is None or location_id.hex in destination.location_ids


def replay(session: Session, actor: Actor, delivery_id: UUID) -> None:
    """Send one delivery again, now, with the same provider key; raises NotFound, or Conflict while it is under way."""
    require(actor, Permission.DELIVERIES_REPLAY)
    if not replay_all(session, actor, ReplayOrder(delivery_id=delivery_id)):
        raise Conflict('This delivery is being sent right now; look again in a moment.')


def replay_all(session: Session, actor: Actor, order: ReplayOrder) -> list[UUID]:
    """Send all matching deliveries again with their own provider keys; gives back their ids. Rows under way are left alone."""
    require(actor, Permission.DELIVERIES_REPLAY)
    rows = matching(session, actor.scope, order, lock=True)
    if not rows and order.delivery_id is not None:
        raise NotFound('There is no such delivery.')
    moment = now(session)
    ready = [row for row in rows if row.state != State.LEASED]
    for row in ready:
        row.state = State.PENDING
        row.attempts = row.claims = 0
        row.next_at = moment
        row.expires_at = moment + REPLAY_LIFE
        row.settled_at = row.lease_until = None
        session.add(row)
    if ready:
        note(session, actor, 'deliveries.replayed', f'{len(ready)} deliveries', ids=[str(row.id) for row in ready[:200]])
        ring(session, 'outbox', actor.tenant_id, *{row.destination_id for row in ready})
        ring(session, 'lead', actor.tenant_id, *{row.lead_id for row in ready if row.lead_id})
    return [row.id for row in ready]


def add_destination(
    session: Session, actor: Actor, order: DestinationOrder, box: SecretBox, *, from_environment: bool = False
) -> Destination:
    """Make a destination; the caller has checked its config. Raises Conflict when the name is taken."""
    require(actor, Permission.DESTINATIONS_EDIT)
    destination = Destination(
        tenant_id=actor.tenant_id,
        kind=order.kind,
        name=order.name,
        config_sealed=box.seal(json.dumps(order.config)),
        events=[str(event) for event in order.events],
        least_quality=order.least_quality,
        location_ids=[place.hex for place in order.location_ids],
        enabled=order.enabled,
        rate=order.rate,
        from_environment=from_environment,
    )
    if session.exec(select(Destination.id).where(Destination.tenant_id == actor.tenant_id, Destination.name == order.name)).first():
        raise Conflict(f'There is a destination named "{order.name}" already; choose another name.')
    session.add(destination)
    note(session, actor, 'destination.added', order.name, kind=order.kind)
    ring(session, 'facts', actor.tenant_id)
    return destination


def change_destination(session: Session, actor: Actor, destination_id: UUID, change: DestinationChange, box: SecretBox) -> Destination:
    """Change, pause or resume a destination; what waits for a resumed one goes out at once."""
    require(actor, Permission.DESTINATIONS_EDIT)
    destination = session.exec(
        select(Destination)
        .where(Destination.tenant_id == actor.tenant_id, Destination.id == destination_id)
        .with_for_update(key_share=True)
    ).first()
    if destination is None:
        raise NotFound('There is no such destination.')
    if change.config is not None and destination.from_environment:
        raise Invalid('This destination comes from the environment: change its setting there.', errors=[FieldError('config', 'read-only')])
    for name in ('name', 'least_quality', 'enabled'):
        if (value := getattr(change, name)) is not None:
            setattr(destination, name, value)
    if change.events is not None:
        destination.events = [str(event) for event in change.events]
    if change.config is not None:
        destination.config_sealed = box.seal(json.dumps(change.config))
    if change.paused is True and destination.paused_at is None:
        destination.paused_at, destination.paused_reason = now(session), f'Paused by {actor.name}.'
    elif change.paused is False:
        resume(destination)
    session.add(destination)
    note(session, actor, 'destination.changed', destination.name, **change.model_dump(mode='json', exclude={'config'}, exclude_none=True))
    ring(session, 'facts', actor.tenant_id)
    ring(session, 'outbox', actor.tenant_id, destination.id)
    return destination


def resume(destination: Destination) -> None:
    """Let it send again, with a clean slate."""
    destination.paused_at = destination.paused_reason = destination.breaker_until = destination.next_slot_at = None
    destination.recent, destination.breaker_opened = '', 0


def order_test(session: Session, actor: Actor, destination_id: UUID) -> UUID:
    """Write a delivery of kind test (no event) and ring; gives back its id, to wait for. Works on a paused destination too."""
    require(actor, Permission.DESTINATIONS_EDIT)
    destination = session.exec(
        select(Destination).where(Destination.tenant_id == actor.tenant_id, Destination.id == destination_id)
    ).first()
    if destination is None:
        raise NotFound('There is no such destination.')
    delivery = uuid7()
    moment = now(session)
    session.add(
        Delivery(
            id=delivery,
            tenant_id=actor.tenant_id,
            destination_id=destination.id,
            provider_key=provider_key(delivery),
            priority=TEST_PRIORITY,
            next_at=moment,
            expires_at=moment + timedelta(minutes=5),
        )
    )
    note(session, actor, 'destination.tested', destination.name)
    ring(session, 'outbox', actor.tenant_id, destination.id)
    return delivery


def _destinations(session: Session, actor: Actor) -> list[Destination]:
    return list(session.exec(select(Destination).where(Destination.tenant_id == actor.tenant_id, col(Destination.enabled))))
