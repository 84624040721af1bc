"""Raising, acknowledging and closing alerts."""

from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.alerts.models import Alert, Severity
from domain.alerts.over import is_over
from domain.alerts.queries import open_alerts
from domain.alerts.rules import over_when_seen
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import NotFound
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.outbox.actions import record


def raise_alert(session: Session, actor: Actor, key: str, title: str, detail: str, *, severity: Severity = Severity.WARNING) -> Alert:
    """The one way to raise an alert: an open one with this key is counted up, else a new one is opened and told to subscribers."""
    alert = _open(session, actor, key)
    if alert:
        alert.count, alert.last_at, alert.detail = alert.count + 1, now(), detail
        session.add(alert)
        ring(session, 'alert', actor.tenant_id, alert.id)
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
    alert = _open(session, actor, key)
    if alert is not None:
        _close(session, actor, alert)


def close_over(session: Session, actor: Actor) -> int:
    """Close the tenant's open alerts whose cause is gone, whoever mended it and how; gives back how many.

    Over is an alert about dead or held deliveries when none of its destination is left in that state, one about a paused destination
    when it works again or is switched off, the one about the quarantine when it is empty, the one about hot leads nobody was told of when
    they are answered or some channel took them, and the one about late replies when none of those is waited for any more.
    """
    over = [alert for alert in open_alerts(session, actor.scope) if is_over(session, actor, alert)]
    for alert in over:
        _close(session, actor, alert)
    return len(over)


def acknowledge(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """Note who has seen it and when; the first one stays noted. Raises NotFound."""
    require(actor, Permission.ALERTS_ACKNOWLEDGE)
    query = select(Alert).where(Alert.tenant_id == actor.tenant_id, Alert.id == alert_id)
    alert = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if alert is None:
        raise NotFound('There is no such alert.')
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = now(), actor.name[:200]
        session.add(alert)
        if alert.closed_at is None and over_when_seen(alert.key):
            _close(session, actor, alert)
    ring(session, 'alert', actor.tenant_id, alert.id)
    return alert


def _open(session: Session, actor: Actor, key: str) -> Alert | None:
    query = select(Alert).where(Alert.tenant_id == actor.tenant_id, Alert.key == key, col(Alert.closed_at).is_(None))
    return session.exec(query).first()


def _close(session: Session, actor: Actor, alert: Alert) -> None:
    alert.closed_at = now()
    session.add(alert)
    record(session, actor, EventType.ALERT_CLOSED, {'alertId': str(alert.id), 'title': f'Over: {alert.title}'}, only_if_heard=True)
    ring(session, 'alert', actor.tenant_id, alert.id)
