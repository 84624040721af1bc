"""Alerts in words, each with the place where its cause is mended."""

from typing import Any

from domain.alerts.models import Alert, Severity
from domain.alerts.rules import subject
from ui.presenters.words import ms


def opened(alert: Alert, may_acknowledge: bool) -> dict[str, Any]:
    """An open alert, and whether this person may say that it was seen."""
    critical = alert.severity is Severity.CRITICAL
    seen = alert.acknowledged_at is not None
    return {
        'id': str(alert.id),
        'title': alert.title,
        'text': alert.detail,
        'icon': 'circle-x' if critical else 'triangle-alert',
        'tone': 'red' if critical else 'amber',
        'severity': 'Critical' if critical else 'Warning',
        'at': ms(alert.opened_at),
        'count': alert.count,
        'last': ms(alert.last_at),
        'by': (alert.acknowledged_by or 'somebody') if seen else '',
        'seen': ms(alert.acknowledged_at),
        'may': may_acknowledge and not seen,
        'link': _link(alert.key),
    }


def _link(key: str) -> dict[str, str] | None:
    """Where the cause is mended."""
    kind, row = subject(key)
    match kind:
        case 'dead' | 'held':
            return {'href': f'/deliveries?state={kind}' + (f'&destination={row}' if row else ''), 'text': 'Open deliveries'}
        case 'destination':
            return {'href': '/settings/destinations', 'text': 'Open destinations'}
        case 'quarantine':
            return {'href': '/quarantine', 'text': 'Open quarantine'}
        case 'access':
            return {'href': '/settings/people', 'text': 'Open people'}
    return None


def closed(alert: Alert) -> dict[str, Any]:
    """An alert that ended."""
    return {
        'id': str(alert.id),
        'title': alert.title,
        'at': ms(alert.closed_at),
        'by': alert.acknowledged_by,
        'after': (alert.closed_at - alert.opened_at).total_seconds() if alert.closed_at else 0,
    }
