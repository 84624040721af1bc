"""Deeds of the outbox: record an event with one delivery per subscribed destination, send again, and keep destinations."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
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
from domain.outbox.queries import OPEN_ROW, TEST_PRIORITY, matching
from domain.outbox.rules import provider_key
from domain.outbox.waiting import tell_waiting

REPLAY_LIFE = timedelta(hours=72)
REPLAY_AT_ONCE = 500  # rows of one statement
DISCONNECTED = '{}'  # the configuration of a destination that was disconnected
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
    ready = [(row.id, row.destination_id, row.lead_id) for row in rows if row.state != State.LEASED]
    ids = [id_ for id_, _, _ in ready]
    if ready:
        _rearm(session, ids)
        note(session, actor, 'deliveries.replayed', f'{len(ids)} deliveries', ids=[str(id_) for id_ in ids[:200]])
        ring(session, 'outbox', actor.tenant_id, *{destination_id for _, destination_id, _ in ready})
        ring(session, 'lead', actor.tenant_id, *{lead_id for _, _, lead_id in ready if lead_id})
    return ids


def _rearm(session: Session, ids: list[UUID]) -> None:
    """Let these rows start over. In bulk: row by row, thousands of them would keep the only writer of SQLite for seconds."""
    moment = now(session)
    anew = sa.update(Delivery).values(
        state=State.PENDING,
        attempts=0,
        claims=0,
        next_at=moment,
        expires_at=moment + REPLAY_LIFE,
        settled_at=None,
        lease_until=None,
    )
    for start in range(0, len(ids), REPLAY_AT_ONCE):
        some = anew.where(col(Delivery.id).in_(ids[start : start + REPLAY_AT_ONCE]))
        session.execute(some, execution_options={'synchronize_session': False})
    session.expire_all()


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
    _free_name(session, actor.tenant_id, order.name)
    session.add(destination)
    note(session, actor, 'destination.added', order.name, kind=order.kind)
    ring(session, 'facts', actor.tenant_id)
    return destination


def change_destination(session: Session, actor: Actor, destination_id: UUID, change: DestinationChange, box: SecretBox) -> Destination:
    """Change, pause or resume a destination; what waits for a resumed one goes out at once."""
    require(actor, Permission.DESTINATIONS_EDIT)
    destination = _own(session, actor, destination_id, lock=True)
    _may_change(session, destination, change, box)
    for name in ('name', 'least_quality', 'enabled'):
        if name in change.model_fields_set and (name == 'least_quality' or getattr(change, name) is not None):
            setattr(destination, name, getattr(change, name))
    if change.events is not None:
        destination.events = [str(event) for event in change.events]
    if change.location_ids is not None:
        destination.location_ids = [place.hex for place in change.location_ids]
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
    tell_waiting(session, destination)
    return destination


def _may_change(session: Session, destination: Destination, change: DestinationChange, box: SecretBox) -> None:
    """Raises Invalid for what the environment decides or what has no address to be switched on with, Conflict for a taken name."""
    if change.config is not None and destination.from_environment:
        raise Invalid('This destination comes from the environment: change its setting there.', errors=[FieldError('config', 'read-only')])
    if change.enabled and change.config is None and box.open(destination.config_sealed) == DISCONNECTED:
        raise Invalid('This destination was disconnected: enter its address again first.', errors=[FieldError('config', 'is empty')])
    if change.name is not None and change.name != destination.name:
        _free_name(session, destination.tenant_id, change.name)


def _free_name(session: Session, tenant_id: UUID, name: str) -> None:
    if session.exec(select(Destination.id).where(Destination.tenant_id == tenant_id, Destination.name == name)).first():
        raise Conflict(f'There is a destination named "{name}" already; choose another name.', errors=[FieldError('name', 'is taken')])


def disconnect(session: Session, actor: Actor, destination_id: UUID, box: SecretBox) -> Destination:
    """Switch a destination off and forget its address and secrets; what waits for it is resolved, and its history stays.

    Raises NotFound, or Conflict for one that comes from the environment.
    """
    require(actor, Permission.DESTINATIONS_EDIT)
    destination = _own(session, actor, destination_id, lock=True)
    if destination.from_environment:
        raise Conflict('This destination comes from the environment: take its setting out there and restart.')
    tell_waiting(session, destination)
    destination.enabled, destination.config_sealed = False, box.seal(DISCONNECTED)
    resume(destination)
    session.add(destination)
    session.execute(
        sa.update(Delivery)
        .where(OPEN_ROW, col(Delivery.destination_id) == destination.id, col(Delivery.state) == State.PENDING)
        .values(state=State.CANCELLED, settled_at=now(session), last_error=f'{destination.name} was disconnected by {actor.name}.')
    )
    note(session, actor, 'destination.disconnected', destination.name, kind=destination.kind)
    ring(session, 'facts', actor.tenant_id)
    ring(session, 'outbox', actor.tenant_id, destination.id)
    return destination


def _own(session: Session, actor: Actor, destination_id: UUID, *, lock: bool = False) -> Destination:
    query = select(Destination).where(Destination.tenant_id == actor.tenant_id, Destination.id == destination_id)
    destination = session.exec(query.with_for_update(key_share=True) if lock else query).first()
    if destination is None:
        raise NotFound('There is no such destination.')
    return destination


def resume(destination: Destination) -> None:
    """Let it send again, with a clean slate."""
    destination.paused_at = destination.paused_reason = destination.breaker_until = destination.next_slot_at = None
    destination.recent, destination.breaker_opened = '', 0


def order_test(session: Session, actor: Actor, destination_id: UUID) -> UUID:
    """Write a delivery of kind test (no event) and ring; gives back its id, to wait for. Works on a paused destination too."""
    require(actor, Permission.DESTINATIONS_EDIT)
    destination = _own(session, actor, destination_id)
    if not destination.enabled:
        raise Conflict(f'{destination.name} is off: switch it on, then test it.')
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
