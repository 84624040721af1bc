"""The desk API for deliveries and destinations."""

import asyncio
import json
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from domain.access.rules import Permission
from domain.base.doorbell import Ring
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.desk.actions import change_destination
from domain.desk.decisions import resolve, to_sandbox
from domain.outbox import actions, queries
from domain.outbox.messages import DestinationChange, DestinationOrder, ReplayOrder
from domain.outbox.models import Delivery, Destination, State
from ui.doors import Doors
from ui.guard import doors_of
from ui.routes.desk import Answer, Limit
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['deliveries'])

Reader = Annotated[Actor, Depends(allowed(Permission.DELIVERIES_READ))]
Replayer = Annotated[Actor, Depends(allowed(Permission.DELIVERIES_REPLAY))]
Looker = Annotated[Actor, Depends(allowed(Permission.DESTINATIONS_READ))]
Editor = Annotated[Actor, Depends(allowed(Permission.DESTINATIONS_EDIT))]


class DeliveryOut(Answer):
    """One hand-over of one event to one destination."""

    id: UUID
    event_id: UUID | None
    lead_id: UUID | None
    destination_id: UUID
    state: str
    attempts: int
    next_at: datetime
    settled_at: datetime | None
    provider_key: str
    provider_ref: str | None
    uncertain: bool
    last_class: str | None
    last_error: str | None
    created_at: datetime
    destination: str = ''


class DeliveryList(Answer):
    """One page, newest first."""

    items: list[DeliveryOut]
    next_cursor: UUID | None


class DestinationOut(Answer):
    """A destination; secrets are shown by their last four characters."""

    id: UUID
    kind: str
    name: str
    config: dict[str, str]
    events: list[str]
    least_quality: str | None
    enabled: bool
    paused: bool
    paused_reason: str | None
    from_environment: bool


class DestinationList(Answer):
    """All destinations, by name."""

    items: list[DestinationOut]
    next_cursor: None = None


class TestOut(Answer):
    """How a test ended; `state` pending after 15 seconds means that no worker took it."""

    delivery_id: UUID
    state: str
    detail: str | None


class Replayed(Answer):
    """What was sent again; with `dryRun` what would be, with `to: sandbox` the copies."""

    queued: int
    delivery_ids: list[UUID]


class ReplayBody(Answer):
    """POST /api/v1/deliveries/replay: one of eventId, deliveryId, deliveryIds, leadId or since."""

    event_id: UUID | None = None
    delivery_id: UUID | None = None
    lead_id: UUID | None = None
    since: datetime | None = None
    delivery_ids: list[UUID] = Field(default_factory=list, max_length=queries.MOST_IDS)
    destination: str | None = None
    dead: bool = False
    to: Literal['sandbox'] | None = None
    dry_run: bool = False


class Chosen(Answer):
    """Deliveries named one by one."""

    delivery_ids: list[UUID] = Field(min_length=1, max_length=queries.MOST_IDS)


class Resolved(Answer):
    """What is not sent again."""

    resolved: int
    delivery_ids: list[UUID]


@router.get('/deliveries')
def get_deliveries(
    request: Request,
    actor: Reader,
    limit: Limit = 50,
    cursor: UUID | None = None,
    state: State | None = None,
    lead_id: Annotated[UUID | None, Query(alias='leadId')] = None,
    event_id: Annotated[UUID | None, Query(alias='eventId')] = None,
    destination_id: Annotated[UUID | None, Query(alias='destinationId')] = None,
) -> DeliveryList:
    """Deliveries, newest first."""
    with doors_of(request).db.reading() as session:
        rows = queries.deliveries(
            session,
            actor.scope,
            limit=limit + 1,
            before=cursor,
            state=state,
            lead_id=lead_id,
            event_id=event_id,
            destination_id=destination_id,
        )
        names = {row.id: row.name for row in queries.destinations(session, actor.scope)}
    items = [_delivery_out(row, names) for row in rows[:limit]]
    return DeliveryList(items=items, next_cursor=items[-1].id if len(rows) > limit else None)


@router.get('/deliveries/{delivery_id}')
def get_delivery(request: Request, actor: Reader, delivery_id: UUID) -> DeliveryOut:
    """One delivery."""
    with doors_of(request).db.reading() as session:
        row = queries.delivery(session, actor.scope, delivery_id)
        if row is None:
            raise NotFound('There is no such delivery.')
        return _delivery_out(row, {d.id: d.name for d in queries.destinations(session, actor.scope)})


@router.post('/deliveries/replay')
def post_replay(request: Request, actor: Replayer, body: ReplayBody) -> Replayed:
    """Send again, with the same provider keys; or copies to the sandbox, where nobody hears of them."""
    since = body.since
    if since is not None and since.tzinfo is None:
        raise Invalid('`since` needs a time zone, for example 2026-03-01T09:00:00Z.', errors=[FieldError('since', 'has no time zone')])
    order = ReplayOrder(body.event_id, body.delivery_id, body.lead_id, since, body.destination, body.dead, tuple(body.delivery_ids))
    doors = doors_of(request)
    if body.dry_run:
        with doors.db.reading() as session:
            ids = [row.id for row in queries.matching(session, actor.scope, order) if row.state != State.LEASED]
    else:
        with doors.db.transaction() as session:
            ids = to_sandbox(session, actor, order, doors.box) if body.to else actions.replay_all(session, actor, order)
    return Replayed(queued=len(ids), delivery_ids=ids)


@router.post('/deliveries/resolve')
def post_resolve(request: Request, actor: Replayer, body: Chosen) -> Resolved:
    """End dead, held and waiting deliveries without sending them (again)."""
    with doors_of(request).db.transaction() as session:
        ids = [each.id for each in resolve(session, actor, body.delivery_ids)]
    return Resolved(resolved=len(ids), delivery_ids=ids)


@router.post('/deliveries/{delivery_id}/replay')
def post_replay_one(request: Request, actor: Replayer, delivery_id: UUID) -> Replayed:
    """Send one again, with the same provider key."""
    with doors_of(request).db.transaction() as session:
        actions.replay(session, actor, delivery_id)
    return Replayed(queued=1, delivery_ids=[delivery_id])


@router.get('/destinations')
def get_destinations(request: Request, actor: Looker) -> DestinationList:
    """The places that hear about events."""
    doors = doors_of(request)
    with doors.db.reading() as session:
        return DestinationList(items=[_destination_out(doors, row) for row in queries.destinations(session, actor.scope)])


@router.post('/destinations', status_code=201)
def post_destination(request: Request, actor: Editor, body: DestinationOrder) -> DestinationOut:
    """Add a destination; its address and secrets are checked first."""
    doors = doors_of(request)
    _check(doors, body.kind, body.config)
    with doors.db.transaction() as session:
        row = actions.add_destination(session, actor, body, doors.box)
    return _destination_out(doors, row)


@router.patch('/destinations/{destination_id}')
def patch_destination(request: Request, actor: Editor, destination_id: UUID, body: DestinationChange) -> DestinationOut:
    """Change, pause (`paused: true`) or resume (`paused: false`)."""
    doors = doors_of(request)
    with doors.db.reading() as session:
        known = {row.id: row for row in queries.destinations(session, actor.scope)}.get(destination_id)
    if known is None:
        raise NotFound('There is no such destination.')
    if body.config is not None:
        _check(doors, known.kind, body.config)
    with doors.db.transaction() as session:
        row = change_destination(session, actor, destination_id, body, doors.box)
    return _destination_out(doors, row)


@router.post('/destinations/{destination_id}/test')
async def post_test(request: Request, actor: Editor, destination_id: UUID) -> TestOut:
    """Send a test through the ordinary path and wait for its end, 15 seconds at most."""
    doors = doors_of(request)

    def order() -> UUID:
        with doors.db.transaction() as session:
            return actions.order_test(session, actor, destination_id)

    def look(delivery_id: UUID) -> Delivery | None:
        with doors.db.reading() as session:
            return queries.delivery(session, actor.scope, delivery_id)

    rung = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear(_ring: Ring) -> None:
        loop.call_soon_threadsafe(rung.set)

    deafen = doors.bell.hear(hear)
    try:
        delivery_id = await asyncio.to_thread(order)
        end = loop.time() + doors.settings.delivery_timeout_seconds
        while True:
            row = await asyncio.to_thread(look, delivery_id)
            assert row is not None  # just written
            tried = row.attempts > 0 or row.last_class is not None
            if (row.state not in (State.PENDING, State.LEASED)) or (row.state == State.PENDING and tried) or loop.time() >= end:
                return TestOut(delivery_id=row.id, state=row.state, detail=row.last_error)
            await _rung_or(rung, min(1.0, end - loop.time()))
    finally:
        deafen()


async def _rung_or(rung: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(rung.wait(), max(seconds, 0))
    except TimeoutError:
        return
    rung.clear()


def _check(doors: Doors, kind: str, config: dict[str, str]) -> None:
    try:
        doors.check_destination(kind, config)
    except ValueError as trouble:
        raise Invalid(str(trouble), errors=[FieldError('config', str(trouble))]) from None


def _delivery_out(row: Delivery, names: dict[UUID, str]) -> DeliveryOut:
    out = DeliveryOut.model_validate(row)
    out.destination = names.get(row.destination_id, '')
    return out


def _destination_out(doors: Doors, row: Destination) -> DestinationOut:
    config: dict[str, str] = json.loads(doors.box.open(row.config_sealed))
    return DestinationOut(
        id=row.id,
        kind=row.kind,
        name=row.name,
        config={name: '…' + value[-4:] for name, value in config.items()},
        events=[str(EventType(event)) for event in row.events],
        least_quality=row.least_quality,
        enabled=row.enabled,
        paused=row.paused_at is not None,
        paused_reason=row.paused_reason,
        from_environment=row.from_environment,
    )
