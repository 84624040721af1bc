"""A look at every service, written down: the latest forty of each are what the health page draws."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.alerts.models import Heartbeat
from domain.base.db import Database, now, ring
from domain.base.scope import Scope
from domain.leads.models import Lead
from domain.outbox.models import Delivery, Destination, Lease, State
from domain.outbox.queries import OPEN_ROW, can_start
from domain.tenancy.queries import tenants

KEPT = 40
EVERY = timedelta(seconds=30)
FRESH = timedelta(seconds=100)  # older than this, a look says nothing about now
OLDEST = timedelta(days=2)  # what is no longer looked at is forgotten after this

SLOW_READ, SLOW_WRITE = 100.0, 500.0  # milliseconds
READ_ROWS = 50
LATE = timedelta(seconds=5)
BEHIND = 20  # late deliveries from which the workers count as behind
COUNTED = 1000
RARE = 10.0  # seconds the looks may come later than planned
OF_PLACE = 'destination:'


@dataclass(frozen=True, slots=True)
class Beat:
    """What one look at one service found; `state` is ok, degraded or down, `value` what its bar is drawn by."""

    name: str
    state: str
    value: float
    detail: str = ''


def take_pulse(db: Database, others: Iterable[Beat] = ()) -> None:
    """Look at the database, the workers, the way to the disk and every enabled destination, add what others saw, and write it all down.

    Raises Unavailable when the database is gone: what is missing then shows as late looks.
    """
    with db.reading() as session:
        session.execute(sa.text('select 1'))  # a connection that has to be opened first is not what is measured
        started = time.perf_counter()
        session.execute(sa.select(col(Lead.id)).order_by(col(Lead.id).desc()).limit(READ_ROWS)).all()
        took = _milliseconds(started)
        moment = now(session)
        beats = [_judged('database', took, SLOW_READ), _workers(session, moment), *_destinations(session, moment), *others]
    started = time.perf_counter()
    with db.transaction() as session:
        changed = _changed(session, beats, moment)
        session.add_all([_row(beat, moment) for beat in beats])
    wrote = _judged('intake', _milliseconds(started), SLOW_WRITE)
    with db.transaction() as session:
        changed = _changed(session, [wrote], moment) or changed
        session.add(_row(wrote, moment))
        session.flush()
        _forget(session, moment)
        ring(session, 'health')
        if changed:
            ring(session, 'alert')  # navigation shows the overall state


def due_since(session: Session, moment: datetime) -> float | None:
    """Seconds that the next look is late, negative when it is not due yet; None when there was none lately: nobody was late."""
    last = session.exec(select(Heartbeat.at).where(Heartbeat.name == 'housekeeping').order_by(col(Heartbeat.at).desc()).limit(1)).first()
    if last is None or moment - last > FRESH:
        return None
    return (moment - last - EVERY).total_seconds()


def drift(late: float | None) -> Beat:
    """How late the look itself comes: what runs every 30 seconds is as late as everything else this process does now and then."""
    seconds = max(0.0, late or 0.0)
    return Beat('housekeeping', 'ok' if seconds < RARE else 'degraded', round(seconds, 1))


def _row(beat: Beat, moment: datetime) -> Heartbeat:
    return Heartbeat(name=beat.name, at=moment, state=beat.state, value=beat.value, detail=beat.detail[:500])


def _milliseconds(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _judged(name: str, took: float, slow: float) -> Beat:
    return Beat(name, 'ok' if took < slow else 'degraded', round(took, 2))


def living_workers(session: Session, moment: datetime) -> int:
    """How many worker processes say that they are alive."""
    query = sa.select(sa.func.count()).select_from(Lease).where(col(Lease.name).like('worker:%'), col(Lease.until) > moment)
    return int(session.execute(query).scalar_one())


def _workers(session: Session, moment: datetime) -> Beat:
    alive = living_workers(session, moment)
    late = (
        sa.select(col(Delivery.id))
        .join(Destination, col(Destination.id) == Delivery.destination_id)
        .where(OPEN_ROW, can_start(moment - LATE), col(Destination.enabled), col(Destination.paused_at).is_(None))
        .where(sa.or_(col(Destination.breaker_until).is_(None), col(Destination.breaker_until) <= moment))
        .limit(COUNTED)
        .subquery()
    )
    waiting = int(session.execute(sa.select(sa.func.count()).select_from(late)).scalar_one())
    state = 'down' if not alive else 'degraded' if waiting >= BEHIND else 'ok'
    return Beat('workers', state, waiting, f'{alive} alive')


def _destinations(session: Session, moment: datetime) -> list[Beat]:
    """One beat per enabled destination of all tenants, with the number of failures among its last twenty calls."""
    dead: dict[UUID, int] = {}
    for tenant in tenants(session):
        dead.update(in_state(session, Scope(tenant.id), State.DEAD))
    places = session.exec(select(Destination).where(col(Destination.enabled))).all()
    return [
        Beat(f'{OF_PLACE}{place.id.hex}', place_state(place, dead.get(place.id, 0)), place.recent.count('x'), f'{dead.get(place.id, 0)}')
        for place in places
    ]


def in_state(session: Session, scope: Scope, state: State) -> dict[UUID, int]:
    """How many deliveries of each destination stand in this state, tests left out; destinations without any are not in it."""
    query = sa.select(col(Delivery.destination_id), sa.func.count()).where(
        col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.state) == state, col(Delivery.event_id).is_not(None)
    )
    return dict(session.execute(query.group_by(col(Delivery.destination_id))).all())


def place_state(place: Destination, dead: int) -> str:
    """How a destination is: down when it refuses us or its breaker is open, degraded when somebody paused it or it failed lately."""
    if place.paused_at is not None:
        return 'degraded' if (place.paused_reason or '').startswith('Paused by ') else 'down'
    if place.breaker_opened:
        return 'down'
    return 'degraded' if place.recent.endswith('x') or dead else 'ok'


def place_of(name: str) -> UUID | None:
    """The destination a beat is about."""
    return UUID(name.removeprefix(OF_PLACE)) if name.startswith(OF_PLACE) else None


def _changed(session: Session, beats: Iterable[Beat], moment: datetime) -> bool:
    """Whether any service is in another state than at its last look."""
    query = select(Heartbeat.name, Heartbeat.state).where(
        col(Heartbeat.name).in_([beat.name for beat in beats]), Heartbeat.at > moment - FRESH
    )
    latest = dict(session.exec(query.order_by(col(Heartbeat.at))).all())
    return any(latest.get(beat.name) != beat.state for beat in beats)


def _forget(session: Session, moment: datetime) -> None:
    """Keep forty looks of each service, and none of what is no longer looked at. Results of loss checks are not looks."""
    of_services = col(Heartbeat.name).not_like('loss%')
    place = sa.func.row_number().over(partition_by=col(Heartbeat.name), order_by=(col(Heartbeat.at).desc(), col(Heartbeat.id).desc()))
    ranked = sa.select(col(Heartbeat.id).label('id'), place.label('place')).where(of_services).subquery()
    too_many = sa.select(ranked.c.id).where(ranked.c.place > KEPT)
    session.execute(
        sa.delete(Heartbeat)
        .where(of_services, sa.or_(col(Heartbeat.id).in_(too_many), col(Heartbeat.at) < moment - OLDEST))
        .execution_options(synchronize_session=False)
    )
