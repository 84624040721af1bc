"""What is wrong right now, and what was lately?"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.alerts.models import Alert
from domain.base.scope import Scope


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


def _open(scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Alert.tenant_id) == scope.tenant_id, col(Alert.closed_at).is_(None)
