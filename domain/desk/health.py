"""How every service is, and what that means for leads: the values of the health page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.alerts.models import Alert, Heartbeat
from domain.alerts.queries import closed_alerts, open_alerts
from domain.base.db import now
from domain.base.scope import Actor, Scope
from domain.desk import loss_check
from domain.desk.pulse import FRESH, KEPT, OF_PLACE, in_state, living_workers, place_state
from domain.inbound.models import Submission
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.rules import earliest_id

OWN = ('database', 'intake', 'workers', 'queue', 'housekeeping')  # services of the installation, in the order of the page
KEPT_SPAN, CLOSED_SPAN = timedelta(days=14), timedelta(days=7)
CLOSED_MOST = 20


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one service."""

    at: datetime
    state: str
    value: float
    detail: str


@dataclass(frozen=True, slots=True)
class Service:
    """One service with its latest looks, oldest first. `state` is ok, degraded, down, or '' when nobody looked lately.

    A destination says why it is paused, when it is tried again, how many of its last twenty calls failed, how many of its
    deliveries are dead or wait, and how its latest calls ended ('.' good, 'x' bad).
    """

    name: str
    state: str
    looks: tuple[Look, ...] = ()
    destination: str = ''
    kind: str = ''
    reason: str = ''
    tried_at: datetime | None = None
    failed: int = 0
    dead: int = 0
    waiting: int = 0
    recent: str = ''


@dataclass(frozen=True, slots=True)
class Undelivered:
    """The oldest event that has not reached a destination yet."""

    since: datetime
    destination: str
    paused: bool


@dataclass(frozen=True, slots=True)
class HealthPage:
    """All that the health page shows. `kept` counts the receipts of the last 14 days."""

    overall: str
    engine: str
    services: tuple[Service, ...]
    alerts: tuple[Alert, ...]
    closed: tuple[Alert, ...]
    kept: int
    oldest: Undelivered | None
    checked_at: datetime | None
    running: loss_check.Running | None
    result: loss_check.Result | None


def may_look(_session: Session, actor: Actor) -> None:
    """Raises Forbidden unless the actor may order a look at all services."""
    require(actor, Permission.HEALTH_READ)


def health_page(session: Session, scope: Scope) -> HealthPage:
    """Services of the installation and destinations of the tenant, alerts, and how the last loss check ended."""
    moment = now(session)
    places = _places(session, scope)
    looks = _looks(session, [*OWN, *(OF_PLACE + place.id.hex for place in places)])
    services = [_own(session, name, looks.get(name, ()), moment) for name in OWN]
    dead, waiting = in_state(session, scope, State.DEAD), in_state(session, scope, State.PENDING)
    for place in places:
        name = OF_PLACE + place.id.hex
        services.append(
            Service(
                name,
                place_state(place, dead.get(place.id, 0)),
                looks.get(name, ()),
                place.name,
                place.kind,
                place.paused_reason or '',
                place.breaker_until if place.breaker_until and place.breaker_until > moment else None,
                place.recent.count('x'),
                dead.get(place.id, 0),
                waiting.get(place.id, 0),
                place.recent,
            )
        )
    kept = sa.select(sa.func.count()).select_from(Submission)
    kept = kept.where(col(Submission.tenant_id) == scope.tenant_id, col(Submission.id) >= earliest_id(moment - KEPT_SPAN))
    return HealthPage(
        overall=overall(session, scope),
        engine=session.get_bind().dialect.name,
        services=tuple(services),
        alerts=tuple(open_alerts(session, scope)),
        closed=tuple(closed_alerts(session, scope, moment - CLOSED_SPAN, limit=CLOSED_MOST)),
        kept=int(session.execute(kept).scalar_one()),
        oldest=_oldest(session, scope),
        checked_at=max((service.looks[-1].at for service in services if service.looks), default=None),
        running=loss_check.running(session, scope),
        result=loss_check.last(session, scope),
    )


def overall(session: Session, scope: Scope) -> str:
    """The worst of it in a word: ok, degraded, or down when leads are missing. The database answers, else nobody could ask."""
    moment = now(session)
    lost = select(Alert.id).where(Alert.tenant_id == scope.tenant_id, Alert.key == loss_check.ALERT, col(Alert.closed_at).is_(None))
    if session.exec(lost).first():
        return 'down'
    if not living_workers(session, moment):
        return 'degraded'
    own = select(Heartbeat.name, Heartbeat.state).where(col(Heartbeat.name).in_(OWN), Heartbeat.at > moment - FRESH)
    latest = dict(session.exec(own.order_by(col(Heartbeat.at))).all())
    if any(state != 'ok' for state in latest.values()):
        return 'degraded'
    dead = in_state(session, scope, State.DEAD)
    return 'ok' if all(place_state(place, dead.get(place.id, 0)) == 'ok' for place in _places(session, scope)) else 'degraded'


def _own(session: Session, name: str, looks: Sequence[Look], moment: datetime) -> Service:
    """A service of the installation. What nobody looked at lately is unknown, but whether workers live is asked now."""
    fresh = bool(looks) and moment - looks[-1].at <= FRESH
    state = looks[-1].state if fresh else ''
    if name == 'workers':
        alive = living_workers(session, moment)
        state = 'down' if not alive else state if fresh and state != 'down' else 'ok'
        return Service(name, state, tuple(looks), reason=str(alive))
    return Service(name, state, tuple(looks), reason=looks[-1].detail if looks else '')


def _places(session: Session, scope: Scope) -> Sequence[Destination]:
    query = select(Destination).where(Destination.tenant_id == scope.tenant_id, col(Destination.enabled))
    return session.exec(query.order_by(Destination.name)).all()


def _looks(session: Session, names: Sequence[str]) -> dict[str, tuple[Look, ...]]:
    found: dict[str, list[Look]] = {}
    query = select(Heartbeat).where(col(Heartbeat.name).in_(names)).order_by(col(Heartbeat.at), col(Heartbeat.id))
    for row in session.exec(query):
        found.setdefault(row.name, []).append(Look(row.at, row.state, row.value, row.detail))
    return {name: tuple(looks[-KEPT:]) for name, looks in found.items()}


def _oldest(session: Session, scope: Scope) -> Undelivered | None:
    """Of what is open, the oldest: ids are times, and the first one of each state stands at the head of an index."""
    found = []
    for state in (State.PENDING, State.LEASED):
        query = (
            sa.select(col(Delivery.created_at), col(Destination.name), col(Destination.paused_at))
            .join(Destination, col(Destination.id) == Delivery.destination_id)
            .where(col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.state) == state, col(Delivery.event_id).is_not(None))
            .order_by(col(Delivery.id))
            .limit(1)
        )
        found += [Undelivered(at, name, paused is not None) for at, name, paused in session.execute(query)]
    return min(found, key=lambda each: each.since, default=None)
