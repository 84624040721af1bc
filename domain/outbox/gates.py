"""What may keep a due row back although its destination works: a switch of the tenant, and the most messages a day."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.scope import system
from domain.flags.models import SWITCHES, Flag
from domain.flags.queries import flag
from domain.outbox.messages import Claim, Settled, Traits
from domain.outbox.models import Attempt, Delivery, Destination, State
from domain.outbox.rules import earliest_id
from domain.outbox.waiting import tell_waiting

DAY = timedelta(hours=24)
_SAID = {Flag.SMS: 'Text messages are', Flag.WHATSAPP: 'WhatsApp is'}


def switched_off(session: Session, destination: Destination) -> str:
    """Why nothing goes to this destination whatever its own state, in a sentence: its kind's flag is off; empty: it is on, or has none."""
    switch = SWITCHES.get(destination.kind)
    if switch is None or flag(session, system(destination.tenant_id).scope, switch):
        return ''
    return f'{_SAID[switch]} switched off ({switch.upper()}): switch the flag on under Feature flags, then send it again'


def over_cap(session: Session, destination: Destination, kind: Traits, moment: datetime, busy: int) -> str:
    """Why no further message may go out now, in a sentence; empty: one more may. `busy` calls are under way and count as sent.

    What may have been sent counts like what was: it may have been paid for.
    """
    if kind.cap is None:
        return ''
    since = moment - DAY
    sent = session.execute(
        sa.select(sa.func.count())
        .select_from(Attempt)
        .join(Delivery, col(Delivery.id) == col(Attempt.delivery_id))
        .where(
            # Ids of attempts begin with their time: only those of about a day are read.
            col(Attempt.id) >= earliest_id(since - timedelta(minutes=5)),
            col(Attempt.tenant_id) == destination.tenant_id,
            col(Attempt.channel) == destination.kind,
            col(Attempt.ended_at) > since,
            sa.or_(col(Attempt.error_class).is_(None), col(Attempt.error_class) == 'unknown'),
            col(Delivery.destination_id) == destination.id,
        )
    ).scalar_one()
    if sent + busy < kind.cap:
        return ''
    return (
        f'{sent + busy} messages went to {destination.name} within 24 hours, and its daily cap is {kind.cap}. '
        'Raise the cap, or wait until fewer went out, then resume it.'
    )


def pause(session: Session, destination: Destination, moment: datetime, reason: str) -> None:
    """Stop a destination for this reason; what waits for it is shown as waiting."""
    destination.paused_at, destination.paused_reason = moment, reason
    session.add(destination)
    tell_waiting(session, destination)


def paused(destination: Destination, reason: str, waiting: Claim | None = None) -> Settled:
    """What to tell of a destination that was paused; `waiting` is the row that could not go out."""
    return Settled(
        mine=True,
        state=State.PENDING,
        claim=waiting,
        reason=reason,
        alert_key=f'destination:{destination.id}',
        alert_title=f'{destination.name} is paused',
        alert_detail=f'{reason} What waits for it is kept and goes out when you resume it.',
        critical=True,
    )
