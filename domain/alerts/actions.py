"""Raising and closing alerts."""

from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.alerts.models import Alert, Severity
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import NotFound
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.outbox.actions import record


def raise_alert(session: Session, actor: Actor, key: str, title: str, detail: str, *, severity: Severity = Severity.WARNING) -> Alert:
    """The one way to raise an alert: an open one with this key is counted up, else a new one is opened and told to subscribers."""
    alert = session.exec(select(Alert).where(Alert.tenant_id == actor.tenant_id, Alert.key == key, col(Alert.closed_at).is_(None))).first()
    if alert:
        alert.count, alert.last_at, alert.detail = alert.count + 1, now(), detail
        session.add(alert)
        return alert
    alert = Alert(tenant_id=actor.tenant_id, key=key, severity=severity, title=title[:300], detail=detail)
    session.add(alert)
    session.flush()
    payload = {'alertId': str(alert.id), 'title': title, 'message': detail, 'severity': severity.value}
    record(session, actor, EventType.ALERT_OPENED, payload)
    ring(session, 'alert', actor.tenant_id, alert.id)
    return alert


def close_alert(session: Session, actor: Actor, key: str) -> None:
    """Close the open alert with this key, if there is one, and tell subscribers."""
    alert = session.exec(select(Alert).where(Alert.tenant_id == actor.tenant_id, Alert.key == key, col(Alert.closed_at).is_(None))).first()
    if alert is None:
        return
    alert.closed_at = now()
    session.add(alert)
    record(session, actor, EventType.ALERT_CLOSED, {'alertId': str(alert.id), 'title': f'Over: {alert.title}'}, only_if_heard=True)
    ring(session, 'alert', actor.tenant_id, alert.id)


def acknowledge(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """Note that a person has seen it; raises NotFound."""
    require(actor, Permission.ALERTS_ACKNOWLEDGE)
    alert = session.exec(select(Alert).where(Alert.tenant_id == actor.tenant_id, Alert.id == alert_id)).first()
    if alert is None:
        raise NotFound('There is no such alert.')
    alert.acknowledged_at = alert.acknowledged_at or now()
    session.add(alert)
    ring(session, 'alert', actor.tenant_id, alert.id)
    return alert
