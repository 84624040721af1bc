"""Deeds on clocks. Three columns of conversations repeat the clock (see its model): they are this room's, and written here with it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, select

from domain.access.rules import Permission, require
from domain.base.columns import UTC
from domain.base.scope import Actor
from domain.sla.models import ClockKind, SlaClock
from domain.sla.rules import answered, fires_at
from domain.tenancy.calendars import Calendar

# Conversations lie above this room, so only the columns that are the clock's are known here.
_REPEATED = sa.table(
    'conversations',
    sa.column('id', sa.Uuid),
    sa.column('sla_response_deadline', UTC),
    sa.column('sla_breached', sa.Boolean),
    sa.column('first_response_at', UTC),
)


def answer(session: Session, actor: Actor, lead_id: UUID, at: datetime, hours: Calendar | None = None) -> bool:
    """The first reply was given at this moment: the clock stands and its conversation says so. False when it was answered before.

    `hours` of its location: a reply ends a pause, by which the deadline moves. A late one is a breach, told or not. Where the lead stands
    in the inbox changes with it: `leads.actions.answered` does both, and is what others call.
    """
    require(actor, Permission.LEADS_WRITE)
    clock = session.exec(
        select(SlaClock)
        .where(SlaClock.tenant_id == actor.tenant_id, SlaClock.lead_id == lead_id, SlaClock.kind == ClockKind.FIRST_REPLY)
        .with_for_update()
    ).first()
    if clock is None or clock.answered_at is not None:
        return False
    settle(clock, at, hours)
    arm(clock)
    session.add(clock)
    repeat(session, actor, clock)
    return True


def settle(clock: SlaClock, at: datetime, hours: Calendar | None = None) -> None:
    """Write the columns of a running clock that is answered at this moment."""
    for name, value in answered(clock, at, hours).items():
        setattr(clock, name, value)


def arm(clock: SlaClock) -> None:
    """Set when its next alarm is due; whoever changes a clock calls this last."""
    clock.fires_at = fires_at(clock)


def repeat(session: Session, actor: Actor, clock: SlaClock) -> None:
    """Write the clock's truth into its conversation, in the same transaction."""
    if clock.conversation_id is None or clock.tenant_id != actor.tenant_id:
        return
    session.execute(
        sa.update(_REPEATED)
        .where(_REPEATED.c.id == clock.conversation_id)
        .values(sla_response_deadline=clock.due_at, sla_breached=clock.breached_at is not None, first_response_at=clock.answered_at)
    )
