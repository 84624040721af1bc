"""How a call ended: the attempt is written down, the row goes on or ends, and the destination's breaker learns of it."""

import random
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.db import clock_column, clock_value, engine_of
from domain.outbox.gates import paused
from domain.outbox.leases import ended
from domain.outbox.messages import Claim, Settled
from domain.outbox.models import Attempt, AttemptStatus, Delivery, Destination, State
from domain.outbox.rules import Outcome, Verdict, breaker, breaker_wait, judge
from domain.outbox.waiting import tell_waiting

# Built once for each engine: building it took longer than running it.
_BOTH = {
    engine: (
        sa.select(Destination, Delivery, clock_column(engine).label('moment'))
        .join(Delivery, col(Delivery.destination_id) == Destination.id)
        .where(col(Delivery.id) == sa.bindparam('row', type_=sa.Uuid()))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for engine in ('sqlite', 'postgresql')
}


def settle(session: Session, claim: Claim, outcome: Outcome, *, costly: bool, keyed: bool) -> Settled:
    """Write down how the call ended: the attempt, the row's new state, the destination's breaker, and what others should be told."""
    destination, delivery, moment = _both(session, claim)
    mine = delivery.fence == claim.fence and delivery.state == State.LEASED
    _log(session, claim, outcome, moment, late=not mine)
    if not mine:
        return Settled(mine=False)
    verdict = judge(
        outcome,
        attempts=delivery.attempts,
        costly=costly,
        keyed=keyed,
        chance=random.random(),  # noqa: S311 - jitter, not a secret
        test=claim.event_id is None,
    )
    _apply(delivery, verdict, outcome, moment)
    stopped, recovered = _judge_destination(destination, verdict, outcome, moment)
    session.add_all((delivery, destination))
    if stopped:
        tell_waiting(session, destination)
        return paused(destination, outcome.detail)
    if delivery.state in (State.DEAD, State.HELD):
        return ended(delivery, destination, _sentences(outcome.detail, verdict.because), claim)
    return Settled(mine=True, state=delivery.state, over_key=f'destination:{destination.id}' if recovered else '')


def _sentences(*parts: str) -> str:
    """Each as a sentence of its own; what is empty is left out."""
    return ' '.join(f'{part[0].upper()}{part[1:].rstrip(".")}.' for part in parts if part)


def _both(session: Session, claim: Claim) -> tuple[Destination, Delivery, datetime]:
    """The destination and the row, ours until the transaction ends, and the moment."""
    engine = engine_of(session)
    destination, delivery, moment = session.execute(_BOTH[engine], {'row': claim.delivery_id, 'clock': clock_value(engine)}).one()
    return destination, delivery, moment


def _log(session: Session, claim: Claim, outcome: Outcome, moment: datetime, *, late: bool) -> None:
    sent = outcome.kind == 'sent'
    session.add(
        Attempt(
            tenant_id=claim.tenant_id,
            delivery_id=claim.delivery_id,
            channel=claim.kind,
            status=AttemptStatus.LATE if late else AttemptStatus.SENT if sent else AttemptStatus.FAILED,
            error_class=None if sent else outcome.kind,
            error_message=None if sent else outcome.detail,
            http_status=outcome.status,
            excerpt=outcome.excerpt,
            started_at=claim.started_at,
            ended_at=moment,
        )
    )


def _apply(delivery: Delivery, verdict: Verdict, outcome: Outcome, moment: datetime) -> None:
    delivery.state = verdict.state
    delivery.claims = 0
    delivery.lease_until = None
    delivery.uncertain = delivery.uncertain or verdict.uncertain
    delivery.last_class, delivery.last_error = outcome.kind, None if outcome.kind == 'sent' else outcome.detail
    if verdict.state == State.SENT:
        delivery.provider_ref = outcome.reference[:200] or None
    if not verdict.burnt:
        delivery.attempts -= 1
    # An answer came, so nothing is open about this call; where none came, `uncertain` says so.
    delivery.dispatched_at = None
    if verdict.state == State.PENDING:
        delivery.next_at = moment + timedelta(seconds=verdict.wait)
    else:
        delivery.settled_at = moment


def _judge_destination(destination: Destination, verdict: Verdict, outcome: Outcome, moment: datetime) -> tuple[bool, bool]:
    """Pause, slow down or leave alone a destination by what it answered: whether it was paused now, and whether it works again."""
    if verdict.pause:
        if destination.paused_at is not None:
            return False, False
        destination.paused_at, destination.paused_reason = moment, outcome.detail
        return True, False
    if outcome.kind == 'throttled':
        destination.next_slot_at = max(destination.next_slot_at or moment, moment + timedelta(seconds=verdict.wait))
        return False, False
    if verdict.aside:
        return False, False
    before, probing = destination.recent, destination.breaker_opened > 0
    destination.recent, opens = breaker(before, failed=verdict.failure)
    if not verdict.failure:
        if probing:
            destination.recent = '.'  # what it did before it was mended no longer counts
        destination.breaker_opened, destination.breaker_until = 0, None
        return False, not before.endswith('.')
    # A call that was under way when it opened says nothing new, and must not double the wait.
    if (opens or probing) and (destination.breaker_until is None or destination.breaker_until <= moment):
        destination.breaker_opened += 1
        destination.breaker_until = moment + breaker_wait(destination.breaker_opened)
    return False, False
