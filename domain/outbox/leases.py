"""Taking a delivery in hand: claim by lease, say that the call goes out, give back; each its own short transaction, fenced.

Leases are measured by the database's clock. Only the worker with the newest fence may settle; a late one writes its attempt down
and nothing else.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from domain.base.columns import UTC
from domain.base.db import clock_column, clock_value, engine_of
from domain.outbox.gates import over_cap, pause, paused, switched_off
from domain.outbox.messages import Claim, Settled, Traits
from domain.outbox.models import Delivery, Destination, LeadEvent, State
from domain.outbox.queries import LEASED_ROW, OPEN_ROW, can_start
from domain.outbox.rules import POISON_CLAIMS, reply_in

EXPIRE_AT_ONCE = 200  # rows one transaction ends

# Built once: building them took a third of a claim's time.
_PLACE, _MOMENT = sa.bindparam('place', type_=sa.Uuid()), sa.bindparam('moment', type_=UTC())
_OWNER = sa.bindparam('owner', type_=sa.String())
_BUSY = aliased(Delivery)
_UNDER_WAY = (
    sa.select(sa.func.count())
    .where(LEASED_ROW, col(_BUSY.destination_id) == _PLACE, col(_BUSY.lease_until) > _MOMENT)
    .select_from(_BUSY)
    .scalar_subquery()
)
# The most often claimed of the rows in this worker's own hand: none, an ordinary one (1), or one that was left behind before.
_IN_HAND = (
    sa.select(sa.func.max(col(_BUSY.claims)))
    .where(LEASED_ROW, col(_BUSY.destination_id) == _PLACE, col(_BUSY.lease_until) > _MOMENT, col(_BUSY.lease_owner) == _OWNER)
    .select_from(_BUSY)
    .scalar_subquery()
)
_NEXT = (
    sa.select(Delivery, LeadEvent, _UNDER_WAY, _IN_HAND)
    .outerjoin(LeadEvent, col(LeadEvent.id) == Delivery.event_id)
    .where(OPEN_ROW, col(Delivery.destination_id) == _PLACE, can_start(_MOMENT))
    .order_by(col(Delivery.priority), col(Delivery.next_at))
    .limit(1)
    .with_for_update(of=Delivery, skip_locked=True)
)
_NEXT_TEST = _NEXT.where(col(Delivery.event_id).is_(None))


def _lock(engine: str) -> sa.Select[Any]:
    """The lock leaves foreign keys alone: taking a lead for this destination never waits for a claim."""
    # A claim's commit is not flushed by itself: `dispatch` flushes it before anything goes out, and one lost in a crash has done nothing.
    soon = [sa.func.set_config('synchronous_commit', 'off', True)] if engine == 'postgresql' else []
    return (
        sa.select(Destination, clock_column(engine).label('moment'), *soon)
        .where(col(Destination.id) == _PLACE)
        .with_for_update(of=Destination, key_share=True)
        .execution_options(populate_existing=True)
    )


def _dispatch(engine: str) -> sa.Update:
    return (
        sa.update(Delivery)
        .where(
            col(Delivery.id) == sa.bindparam('row', type_=sa.Uuid()),
            col(Delivery.fence) == sa.bindparam('hand', type_=sa.Integer()),
            col(Delivery.state) == State.LEASED,
            col(Delivery.dispatched_at).is_(None),
            col(Delivery.lease_until) > clock_column(engine),
        )
        .values(dispatched_at=clock_column(engine), lease_until=clock_column(engine, 'until'))
        .execution_options(synchronize_session=False)
    )


_LOCK = {engine: _lock(engine) for engine in ('sqlite', 'postgresql')}
_DISPATCH = {engine: _dispatch(engine) for engine in ('sqlite', 'postgresql')}


def claim(
    session: Session, destination_id: UUID, owner: str, *, lease: timedelta, share: int, traits: Callable[[Destination], Traits]
) -> Claim | Settled | None:
    """Lease the destination's next row, hot leads first, if it may start one now; None when there is nothing to do.

    `share` bounds the calls under way, `traits` tells of its channel. A row that was claimed three times and never settled is
    dead (poison); one whose call may have gone out on a costly channel is held: for those a Settled comes back, to be told, and the
    caller claims again. A row that was left behind is taken only while the worker has no other one of this destination in hand, and
    none beside it: what dies with it a second and third time is its own doing, and no neighbour's.
    """
    if (locked := _locked(session, destination_id)) is None:
        return None
    destination, moment = locked
    if not destination.enabled or _later(destination.next_slot_at, moment):
        return None
    # A test may pass where leads wait: it shows whether the cause is mended.
    tests_only = destination.paused_at is not None or _later(destination.breaker_until, moment)
    found = _next_row(session, destination, owner, moment, tests_only)
    if found is None:
        return None
    delivery, event, busy, in_hand = found
    probing = destination.breaker_opened > 0  # half open: one call tells whether it works again
    if busy >= (1 if probing else min(destination.concurrency, share)):
        return None
    kind = traits(destination)
    if ended := _give_up(session, delivery, destination, event, moment, kind):
        return ended
    if event and (reason := over_cap(session, destination, kind, moment, busy)):
        pause(session, destination, moment, reason)
        return paused(destination, reason, as_claim(delivery, destination, event, moment))
    if in_hand and (delivery.claims or in_hand > 1):
        return None  # whoever settles the last of them claims again
    # Where the provider drops repetitions by our key, a call that may have gone out leaves no doubt.
    delivery.uncertain = delivery.uncertain or (delivery.dispatched_at is not None and not kind.keyed)
    delivery.state, delivery.lease_owner, delivery.lease_until = State.LEASED, owner, moment + lease
    delivery.attempts += 1
    delivery.claims += 1
    delivery.fence += 1
    delivery.dispatched_at = None
    destination.next_slot_at = max(destination.next_slot_at or moment, moment) + timedelta(seconds=1 / (destination.rate or kind.rate))
    session.add_all((delivery, destination))
    return as_claim(delivery, destination, event, moment)


def dispatch(session: Session, claim: Claim, lease: timedelta) -> bool:
    """Note that the request goes out now, under a whole lease; False when the row is no longer ours: then it must not.

    A claim is dispatched once: after a database came back from a crash without a claim that nobody had seen acted upon, its fence is
    given out again, and of two holders only the first may call.
    """
    engine = engine_of(session)
    clock = {'clock': clock_value(engine), 'until': clock_value(engine, lease)}
    result = session.execute(_DISPATCH[engine], {'row': claim.delivery_id, 'hand': claim.fence, **clock})
    return bool(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result always has it


def release(session: Session, claim: Claim) -> None:
    """Give a row back whose call never started (shutdown, a database that went away): nothing is burnt, and no twin is to be feared."""
    session.execute(
        sa.update(Delivery)
        .where(col(Delivery.id) == claim.delivery_id, col(Delivery.fence) == claim.fence, col(Delivery.state) == State.LEASED)
        .values(
            state=State.PENDING,
            attempts=Delivery.attempts - 1,
            claims=Delivery.claims - 1,
            lease_until=None,
            dispatched_at=None,  # its commit may have gone through unheard
        )
    )


def expire(session: Session, moment: datetime) -> list[Settled]:
    """End open rows whose time is over, whatever kept them; gives back what to tell, at most 200 of them: more are left for the next call.

    A row in the hand of a living worker is left to it.
    """
    over = (
        select(Delivery, Destination, LeadEvent)
        .join(Destination, col(Destination.id) == Delivery.destination_id)
        .outerjoin(LeadEvent, col(LeadEvent.id) == Delivery.event_id)
        .where(
            OPEN_ROW,
            col(Delivery.expires_at) <= moment,
            sa.or_(col(Delivery.state) == State.PENDING, col(Delivery.lease_until) <= moment),
        )
        .limit(EXPIRE_AT_ONCE)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    return [_end(session, row, place, event, moment, *_EXPIRED) for row, place, event in session.exec(over).all()]


def _locked(session: Session, destination_id: UUID) -> tuple[Destination, datetime] | None:
    """The destination, ours until the transaction ends, and the moment; waits for whoever has it."""
    engine = engine_of(session)
    row = session.execute(_LOCK[engine], {'place': destination_id, 'clock': clock_value(engine)}).first()
    return (row[0], row[1]) if row else None


def _later(until: datetime | None, moment: datetime) -> bool:
    return until is not None and until > moment


def _next_row(
    session: Session, destination: Destination, owner: str, moment: datetime, tests_only: bool
) -> tuple[Delivery, LeadEvent | None, int, int | None] | None:
    """What goes next, hot first, how many calls are under way, and what this worker has in hand of them; counted after the lock, so
    that no other claim is missed.
    """
    query = _NEXT_TEST if tests_only else _NEXT
    row = session.execute(query, {'place': destination.id, 'moment': moment, 'owner': owner}).first()
    return (row[0], row[1], row[2], row[3]) if row else None


_EXPIRED = ('its time is over: it was not handed on within 72 hours', 'expired', State.DEAD)
_MAYBE = ('the worker died during the call: it may have been sent, and a second one would cost money', 'unknown', State.HELD)
_POISON = (f'{POISON_CLAIMS} workers took it and none came back: it may be what kills them', 'poison', State.DEAD)


def _give_up(
    session: Session, delivery: Delivery, destination: Destination, event: LeadEvent | None, moment: datetime, kind: Traits
) -> Settled | None:
    """End a row that must not be tried again; None when it may."""
    if delivery.expires_at <= moment:
        return _end(session, delivery, destination, event, moment, *_EXPIRED)
    if kind.costly and delivery.state == State.LEASED and delivery.dispatched_at is not None:
        return _end(session, delivery, destination, event, moment, *_MAYBE)
    if delivery.claims >= POISON_CLAIMS:
        return _end(session, delivery, destination, event, moment, *_POISON)
    if reason := switched_off(session, destination):
        return _end(session, delivery, destination, event, moment, reason, 'skipped', State.SKIPPED)
    return None


def _end(
    session: Session,
    delivery: Delivery,
    destination: Destination,
    event: LeadEvent | None,
    moment: datetime,
    reason: str,
    last_class: str,
    state: State,
) -> Settled:
    delivery.state, delivery.last_class, delivery.last_error, delivery.settled_at = state, last_class, reason, moment
    delivery.uncertain = delivery.uncertain or delivery.dispatched_at is not None
    delivery.lease_until = None
    session.add(delivery)
    return ended(delivery, destination, reason, as_claim(delivery, destination, event, moment))


def ended(delivery: Delivery, destination: Destination, reason: str, claim: Claim) -> Settled:
    """What to tell of a row that ended without being sent; a test's end is seen by whoever pressed the button, and alerts nobody,
    nor does what a switch keeps back.
    """
    if delivery.event_id is None or delivery.state == State.SKIPPED:
        return Settled(mine=True, state=delivery.state, claim=claim, reason=reason)
    word = 'needs a decision' if delivery.state == State.HELD else 'could not be delivered'
    carried = reply_in(claim.event_type, claim.payload, claim.destination_id)
    return Settled(
        mine=True,
        state=delivery.state,
        claim=claim,
        reason=reason,
        alert_key=f'{delivery.state}:{destination.id}',
        alert_title=f'A reply to a customer {word}' if carried else f'A message to {destination.name} {word}',
        alert_detail=f'{reason[:1].upper()}{reason[1:].rstrip(".")}. The lead is safe; open Deliveries to send it again.',
    )


def as_claim(delivery: Delivery, destination: Destination, event: LeadEvent | None, moment: datetime) -> Claim:
    """All that is needed to make the call, to settle it and to speak of it."""
    return Claim(
        delivery_id=delivery.id,
        tenant_id=delivery.tenant_id,
        destination_id=destination.id,
        fence=delivery.fence,
        attempts=delivery.attempts,
        kind=destination.kind,
        destination=destination.name,
        config_sealed=destination.config_sealed,
        from_environment=destination.from_environment,
        provider_key=delivery.provider_key,
        event_id=delivery.event_id,
        event_type=str(event.event_type) if event else 'test',
        occurred_at=event.created_at if event else delivery.created_at,
        payload=event.payload if event else {},
        lead_id=delivery.lead_id,
        uncertain=delivery.uncertain,
        started_at=moment,
    )
