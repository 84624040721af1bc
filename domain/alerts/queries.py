"""What is wrong right now?"""

from sqlmodel import Session, col, select

from domain.alerts.models import Alert
from domain.base.scope import Scope


def open_alerts(session: Session, scope: Scope) -> list[Alert]:
    """The tenant's open alerts, newest first."""
    return list(
        session.exec(
            select(Alert).where(Alert.tenant_id == scope.tenant_id, col(Alert.closed_at).is_(None)).order_by(col(Alert.opened_at).desc())
        )
    )
