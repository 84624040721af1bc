"""Recording an event: one row for it, and one delivery per destination that subscribes."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.clock import now as app_now
from domain.base.db import ring
from domain.base.events import EventType
from domain.base.ids import uuid7
from domain.base.scope import Actor
from domain.outbox.models import Delivery, Destination, LeadEvent
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
    carrier: Destination | None = None,
) -> LeadEvent | None:
    """Write the event and one delivery for each destination subscribed now, in the caller's transaction.

    With `only_if_heard` nothing is written, and None given back, when no destination is subscribed. `carrier` gets a delivery whatever
    it subscribes to: it does not hear of the event, it carries it out.
    """
    moment = app_now()
    listeners = [
        d
        for d in _destinations(session, actor)
        if hears(d, event_type, quality, location_id) or (carrier is not None and d.id == carrier.id)
    ]
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
    session.add_all([hand_over(event, destination, quality, moment + expire) for destination in listeners])
    if listeners:
        ring(session, 'outbox', actor.tenant_id, *(d.id for d in listeners))
    return event


def hand_over(event: LeadEvent, destination: Destination, quality: str | None, expires_at: datetime) -> Delivery:
    """The delivery of an event to a destination, not yet added to a session; the hotter the lead, the sooner after an outage."""
    id_ = uuid7()
    return Delivery(
        id=id_,
        tenant_id=event.tenant_id,
        event_id=event.id,
        lead_id=event.lead_id,
        destination_id=destination.id,
        provider_key=provider_key(id_),
        priority=_QUALITY_RANK.get(quality or '', 1),
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


def _destinations(session: Session, actor: Actor) -> list[Destination]:
    return list(session.exec(select(Destination).where(Destination.tenant_id == actor.tenant_id, col(Destination.enabled))))
