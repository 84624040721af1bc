"""How every service is, in words for machines: the health command and route."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.alerts.models import Alert
from domain.base.db import Database, now
from domain.base.errors import Refusal
from domain.base.settings import Settings
from domain.desk.pulse import living_workers
from domain.outbox.gates import switched_off
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.queries import can_start


def probe(db: Database, settings: Settings) -> dict[str, Any]:
    """The state of database, worker and destinations over the whole installation, in words; never raises."""
    try:
        with db.reading() as session:
            return _look(session, settings)
    except Refusal as trouble:
        down = {'state': 'down', 'detail': f'{trouble.detail} Leads cannot be stored until it is back; senders are told to try again.'}
        return {'status': 'down', 'services': {'database': down}}


def _look(session: Session, settings: Settings) -> dict[str, Any]:
    moment = now(session)
    workers = living_workers(session, moment)
    counted = session.execute(sa.select(col(Delivery.state), sa.func.count()).group_by(col(Delivery.state)))
    rows = {str(state): count for state, count in counted}
    oldest = session.execute(
        sa.select(col(Delivery.next_at))
        .join(Destination, col(Destination.id) == Delivery.destination_id)
        .where(can_start(moment), col(Delivery.state) == State.PENDING, col(Destination.paused_at).is_(None), col(Destination.enabled))
        .order_by(col(Delivery.next_at))
        .limit(1)
    ).scalar_one_or_none()
    alerts = session.execute(sa.select(sa.func.count()).where(col(Alert.closed_at).is_(None))).scalar_one()
    engine = 'SQLite' if settings.embedded else 'PostgreSQL'
    services = {
        'database': {'state': 'ok', 'detail': f'{engine} answers; leads are stored.'},
        'queue': {'state': 'ok', 'detail': f'{settings.queue}: holds nothing that could be lost.'},
        'worker': {'state': 'ok', 'detail': f'{workers} at work.'}
        if workers
        else {'state': 'degraded', 'detail': 'No worker is running: leads are stored and wait to be delivered. Start `leadkeeper worker`.'},
        'destinations': _destinations(session),
    }
    bad = any(service['state'] != 'ok' for service in services.values())
    return {
        'status': 'degraded' if bad else 'ok',
        'services': services,
        'deliveries': rows,
        'oldestDueSeconds': max(0.0, (moment - oldest).total_seconds()) if oldest else 0.0,
        'openAlerts': alerts,
    }


def _destinations(session: Session) -> dict[str, str]:
    rows = session.exec(select(Destination).where(col(Destination.enabled))).all()
    paused = [f'{row.name}: {row.paused_reason}' for row in rows if row.paused_at is not None]
    if paused:
        return {'state': 'degraded', 'detail': 'Paused, what is for them waits: ' + ' '.join(paused)}
    if not rows:
        return {'state': 'ok', 'detail': 'None is set up: leads are stored and shown here, nobody else is told.'}
    off = [f'{row.name}: {reason}.' for row in rows if (reason := switched_off(session, row))]
    return {'state': 'ok', 'detail': ' '.join([f'{len(rows) - len(off)} on.', *off])}
