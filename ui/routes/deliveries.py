"""The desk API for deliveries."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from domain.access.rules import Permission
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.scope import Actor
from domain.desk.decisions import resolve, to_sandbox
from domain.outbox import queries
from domain.outbox.messages import ReplayOrder
from domain.outbox.models import Delivery, State
from domain.outbox.replays import replay, replay_all
from ui.guard import doors_of
from ui.routes.desk import Answer, Limit
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['deliveries'])

Reader = Annotated[Actor, Depends(allowed(Permission.DELIVERIES_READ))]
Replayer = Annotated[Actor, Depends(allowed(Permission.DELIVERIES_REPLAY))]


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
            ids = to_sandbox(session, actor, order, doors.box) if body.to else replay_all(session, actor, order)
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
        replay(session, actor, delivery_id)
    return Replayed(queued=1, delivery_ids=[delivery_id])


def _delivery_out(row: Delivery, names: dict[UUID, str]) -> DeliveryOut:
    out = DeliveryOut.model_validate(row)
    out.destination = names.get(row.destination_id, '')
    return out
