"""What is wrong right now, and what was lately?"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.alerts.models import Alert, LadderStep, Step
from domain.base.clock import now
from domain.base.scope import Scope
from domain.leads.models import Group, Lead
from domain.outbox.models import Delivery, State
from domain.sla.models import ClockKind, SlaClock

LATELY = timedelta(days=1)  # for how long a desk says that nobody was told of a lead
RUNS = sa.and_(col(SlaClock.answered_at).is_(None), col(SlaClock.stopped_at).is_(None))


def open_alerts(session: Session, scope: Scope) -> list[Alert]:
    """The tenant's open alerts, newest first."""
    return list(session.exec(select(Alert).where(*_open(scope)).order_by(col(Alert.opened_at).desc())))


def closed_alerts(session: Session, scope: Scope, since: datetime, *, limit: int) -> list[Alert]:
    """The tenant's alerts that were closed since then, the latest first."""
    query = select(Alert).where(Alert.tenant_id == scope.tenant_id, col(Alert.closed_at) >= since)
    return list(session.exec(query.order_by(col(Alert.closed_at).desc()).limit(limit)))


def unseen(session: Session, scope: Scope) -> int:
    """How many open alerts nobody has acknowledged."""
    query = sa.select(sa.func.count()).select_from(Alert).where(*_open(scope), col(Alert.acknowledged_at).is_(None))
    return int(session.execute(query).scalar_one())


def unheard(session: Session, scope: Scope) -> list[Lead]:
    """The hot leads of which no channel could tell anybody, and which nobody has answered since; the longest waiting first."""
    query = (
        select(Lead)
        .join(LadderStep, col(LadderStep.lead_id) == col(Lead.id))
        .where(
            LadderStep.tenant_id == scope.tenant_id,
            LadderStep.step == Step.UNHEARD,
            col(LadderStep.at) > now() - LATELY,
            Lead.inbox_group == Group.NEEDS_REPLY,
            first_reply_awaited(),
            ~taken(LadderStep.event_id),
        )
    )
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    return list(session.exec(query.order_by(col(Lead.created_at))))


def first_reply_awaited() -> sa.Exists:
    """That nobody has answered the lead of the query around it yet; one that waits for a further reply was heard."""
    found = sa.exists().where(col(SlaClock.lead_id) == col(Lead.id), col(SlaClock.kind) == ClockKind.FIRST_REPLY, RUNS)
    return found.correlate_except(SlaClock)


def taken(event_id: Any) -> sa.Exists:
    """That some channel has taken this event of the lead of the query around it."""
    here = (col(Delivery.tenant_id) == col(Lead.tenant_id), col(Delivery.lead_id) == col(Lead.id))
    found = sa.exists().where(*here, col(Delivery.event_id) == event_id, col(Delivery.state) == State.SENT)
    return found.correlate_except(Delivery)


def _open(scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Alert.tenant_id) == scope.tenant_id, col(Alert.closed_at).is_(None)
