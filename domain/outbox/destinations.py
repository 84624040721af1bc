"""Keeping destinations: add, change, pause, resume, test and disconnect them."""

import json
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.db import now, ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.ids import uuid7
from domain.base.scope import Actor
from domain.base.secrets import SecretBox
from domain.outbox.messages import DestinationChange, DestinationOrder
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.queries import OPEN_ROW, TEST_PRIORITY
from domain.outbox.rules import provider_key
from domain.outbox.waiting import tell_waiting

DISCONNECTED = '{}'  # the configuration of a destination that was disconnected


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
    for name in ('name', 'least_quality', 'enabled', 'ladder'):
        if name in change.model_fields_set and (name in ('least_quality', 'ladder') or getattr(change, name) is not None):
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
