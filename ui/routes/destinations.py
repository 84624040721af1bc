"""The desk API for destinations."""

import asyncio
import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from domain.access.rules import Permission
from domain.base.doorbell import Ring
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.desk.actions import change_destination
from domain.outbox import queries
from domain.outbox.destinations import add_destination, order_test
from domain.outbox.messages import DestinationChange, DestinationOrder
from domain.outbox.models import Delivery, Destination, State
from ui.doors import Doors
from ui.guard import doors_of
from ui.routes.desk import Answer
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['deliveries'])

Looker = Annotated[Actor, Depends(allowed(Permission.DESTINATIONS_READ))]
Editor = Annotated[Actor, Depends(allowed(Permission.DESTINATIONS_EDIT))]


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
    ladder: int | None


class DestinationList(Answer):
    """All destinations, by name."""

    items: list[DestinationOut]
    next_cursor: None = None


class TestOut(Answer):
    """How a test ended; `state` pending after 15 seconds means that no worker took it."""

    delivery_id: UUID
    state: str
    detail: str | None


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
        row = add_destination(session, actor, body, doors.box)
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
            return order_test(session, actor, destination_id)

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
        ladder=row.ladder,
    )
