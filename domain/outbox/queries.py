"""Questions to the outbox."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.columns import UTC
from domain.base.errors import Invalid
from domain.base.scope import Scope
from domain.outbox.messages import ReplayOrder
from domain.outbox.models import LEASED, OPEN, Delivery, Destination, LeadEvent, State

# As written in the indexes: SQLite uses a partial index only for a condition it finds there word for word.
OPEN_ROW = sa.text(OPEN)
LEASED_ROW = sa.text(LEASED)

TEST_PRIORITY = -1
LEAD_PRIORITIES = (0, 1, 2)
MOST_IDS = 1000  # deliveries named one by one in an order


# Written by name: the room of leads lies above this one.
_LEADS = sa.table('leads', sa.column('id', sa.Uuid()), sa.column('tenant_id', sa.Uuid()), sa.column('location_id', sa.Uuid()))


def in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    """The tenant's deliveries that the caller may see: with locations, those of their leads, and tests, which belong to nobody's lead."""
    ours = col(Delivery.tenant_id) == scope.tenant_id
    return ours if scope.location_ids is None else sa.and_(ours, of_places(scope, col(Delivery.lead_id), col(Delivery.event_id)))


def of_places(scope: Scope, lead_id: Any, event_id: Any) -> sa.ColumnElement[bool]:
    """That a delivery with this lead and event belongs to the caller's locations; only for a scope that names some."""
    here = (_LEADS.c.tenant_id == scope.tenant_id, _LEADS.c.location_id.in_(scope.location_ids or ()))
    return sa.or_(sa.exists().where(_LEADS.c.id == lead_id, *here), event_id.is_(None))


def matching(session: Session, scope: Scope, order: ReplayOrder, *, lock: bool = False) -> list[Delivery]:
    """The deliveries a replay would send again, oldest first; raises Invalid when the order names none or several.

    With `lock` they are ours until the transaction ends, so that no worker takes one meanwhile.
    """
    query = select(Delivery).where(*_chosen(session, scope, order)).order_by(col(Delivery.id))
    if lock:
        query = query.with_for_update(of=Delivery, key_share=True).execution_options(populate_existing=True)
    return list(session.exec(query))


def matching_count(session: Session, scope: Scope, order: ReplayOrder) -> int:
    """How many deliveries a replay would send again now: those under way are left alone. Raises Invalid as `matching`."""
    query = sa.select(sa.func.count()).select_from(Delivery)
    return int(session.execute(query.where(*_chosen(session, scope, order), col(Delivery.state) != State.LEASED)).scalar_one())


def _chosen(session: Session, scope: Scope, order: ReplayOrder) -> list[sa.ColumnElement[bool]]:
    named = [value for value in (order.event_id, order.delivery_id, order.lead_id, order.since, order.ids or None) if value is not None]
    if len(named) != 1:
        raise Invalid('Name exactly one of an event, a delivery, a lead, some deliveries or a time since when.')
    if len(order.ids) > MOST_IDS:
        raise Invalid(f'At most {MOST_IDS} deliveries can be named at once; name a time since when instead.')
    chosen = [in_scope(scope)]
    if order.event_id:
        chosen.append(col(Delivery.event_id) == order.event_id)
    if order.delivery_id:
        chosen.append(col(Delivery.id) == order.delivery_id)
    if order.lead_id:
        chosen.append(col(Delivery.lead_id) == order.lead_id)
    if order.ids:
        chosen.append(col(Delivery.id).in_(order.ids))
    if order.since:
        chosen += [col(Delivery.created_at) >= order.since, col(Delivery.event_id).is_not(None)]
    if order.dead:
        chosen.append(col(Delivery.state) == State.DEAD)
    if order.destination:
        known = session.exec(
            select(Destination.id).where(Destination.tenant_id == scope.tenant_id, Destination.name == order.destination)
        ).first()
        if known is None:
            raise Invalid(f'There is no destination named "{order.destination}".')
        chosen.append(col(Delivery.destination_id) == known)
    return chosen


def destinations(session: Session, scope: Scope) -> list[Destination]:
    """All destinations of the tenant, by name."""
    return list(session.exec(select(Destination).where(Destination.tenant_id == scope.tenant_id).order_by(Destination.name)))


def delivery(session: Session, scope: Scope, delivery_id: UUID) -> Delivery | None:
    """One delivery that the caller may see."""
    return session.exec(select(Delivery).where(in_scope(scope), Delivery.id == delivery_id)).first()


def deliveries(
    session: Session,
    scope: Scope,
    *,
    limit: int,
    before: UUID | None = None,
    state: str | None = None,
    lead_id: UUID | None = None,
    event_id: UUID | None = None,
    destination_id: UUID | None = None,
) -> list[Delivery]:
    """The newest deliveries first, optionally narrowed; `before` is the last id of the former page."""
    query = select(Delivery).where(in_scope(scope)).order_by(col(Delivery.id).desc()).limit(limit)
    for column, value in (
        (Delivery.state, state),
        (Delivery.lead_id, lead_id),
        (Delivery.event_id, event_id),
        (Delivery.destination_id, destination_id),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if before is not None:
        query = query.where(col(Delivery.id) < before)
    return list(session.exec(query))


def can_start(moment: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """A row that a worker may take now: due, or left behind by a worker whose lease ran out."""
    return sa.or_(
        sa.and_(col(Delivery.state) == State.PENDING, col(Delivery.next_at) <= moment),
        sa.and_(col(Delivery.state) == State.LEASED, col(Delivery.lease_until) <= moment),
    )


def due(session: Session, moment: datetime, share: int, kinds: frozenset[str] | None = None) -> tuple[list[UUID], datetime | None]:
    """For the relay, over all tenants: the destinations that have something to do now and a free place, and when the next one may start.

    `share` is how many calls one destination may have under way; `kinds` narrows to some kinds of destination. Each value is the first
    entry of an index, however many rows wait.
    """
    query = _due()
    if kinds is not None:
        query = query.where(col(Destination.kind).in_(kinds))
    ready: list[UUID] = []
    waiting: list[datetime] = []
    for place, lapses, busy, test, *leads in session.execute(query, {'moment': moment}):
        if busy >= (1 if place.breaker_opened else min(place.concurrency, share)):
            continue
        starts = [test]
        if place.paused_at is None:
            starts += [max(lead, place.breaker_until or lead) for lead in (*leads, lapses) if lead is not None]
        start = min((max(s, place.next_slot_at or s) for s in starts if s is not None), default=None)
        if start is None:
            continue
        if start <= moment:
            ready.append(place.id)
        else:
            waiting.append(start)
    return ready, min(waiting, default=None)


@cache
def _due() -> sa.Select[Any]:
    first = (_first_pending(priority) for priority in (TEST_PRIORITY, *LEAD_PRIORITIES))
    return sa.select(Destination, _first_leased(), _under_way(), *first).where(col(Destination.enabled))


def _first_pending(priority: int) -> sa.ScalarSelect[Any]:
    here = (col(Delivery.destination_id) == Destination.id, col(Delivery.priority) == priority, col(Delivery.state) == State.PENDING)
    query = sa.select(col(Delivery.next_at)).where(OPEN_ROW, *here).order_by(col(Delivery.next_at)).limit(1)
    return query.correlate(Destination).scalar_subquery()


def _first_leased() -> sa.ScalarSelect[Any]:
    """When the first lease ends: then its row may be taken over."""
    query = sa.select(col(Delivery.lease_until)).where(LEASED_ROW, col(Delivery.destination_id) == Destination.id)
    return query.order_by(col(Delivery.lease_until)).limit(1).correlate(Destination).scalar_subquery()


def _under_way() -> sa.ScalarSelect[Any]:
    moment = sa.bindparam('moment', type_=UTC())
    query = sa.select(sa.func.count()).where(LEASED_ROW, col(Delivery.destination_id) == Destination.id, col(Delivery.lease_until) > moment)
    return query.correlate(Destination).scalar_subquery()


def counts(session: Session, scope: Scope) -> dict[str, int]:
    """How many deliveries of the tenant stand in each state."""
    rows = session.execute(sa.select(col(Delivery.state), sa.func.count()).where(in_scope(scope)).group_by(col(Delivery.state)))
    return {str(state): count for state, count in rows}


def event(session: Session, scope: Scope, event_id: UUID) -> LeadEvent | None:
    """One event of the tenant."""
    return session.exec(select(LeadEvent).where(LeadEvent.tenant_id == scope.tenant_id, LeadEvent.id == event_id)).first()
