"""Whether what an alert was raised for is over."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.alerts.models import Alert
from domain.alerts.queries import unheard
from domain.alerts.rules import subject
from domain.base.scope import Actor
from domain.inbound.models import Outcome, Submission
from domain.outbox.models import Delivery, Destination, State
from domain.sla.models import RUNNING, SlaClock


def is_over(session: Session, actor: Actor, alert: Alert) -> bool:
    """Whether the cause is gone, whoever mended it and how."""
    kind, row = subject(alert.key)
    match kind:
        case 'dead' | 'held' if row:
            left = select(Delivery.id).where(
                Delivery.tenant_id == actor.tenant_id,
                Delivery.state == State(kind),
                Delivery.destination_id == row,
                col(Delivery.event_id).is_not(None),
            )
        case 'destination' if row:
            left = select(Destination.id).where(
                Destination.tenant_id == actor.tenant_id,
                Destination.id == row,
                col(Destination.enabled),
                col(Destination.paused_at).is_not(None),
            )
        case 'unheard':
            return not unheard(session, actor.scope)
        case 'late':
            left = select(SlaClock.id).where(
                SlaClock.tenant_id == actor.tenant_id, sa.text(RUNNING), col(SlaClock.escalated_at).is_not(None)
            )
        case 'quarantine':
            left = select(Submission.id).where(Submission.tenant_id == actor.tenant_id, Submission.outcome == Outcome.QUARANTINED)
        case _:
            return False
    return session.exec(left.limit(1)).first() is None
