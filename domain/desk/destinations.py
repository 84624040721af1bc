"""Destinations as the settings page shows them: what they are, how they do, and what waits or failed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.alerts.actions import close_alert
from domain.base.scope import Actor, Scope
from domain.base.secrets import SecretBox
from domain.desk.decisions import SANDBOX
from domain.outbox.destinations import disconnect
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.queries import OPEN_ROW, destinations

LATEST = 2000  # sent deliveries that are looked at for when each destination last worked


@dataclass(frozen=True, slots=True)
class DestinationRow:
    """One destination. `config_sealed` still holds its secrets: whoever shows the row opens it and masks them.

    `delivered_at` is the last delivery that was taken, `dead` and `waiting` count the rows that failed for good or are still to go.
    """

    id: UUID
    kind: str
    name: str
    config_sealed: str
    events: tuple[str, ...]
    least_quality: str | None
    location_ids: tuple[UUID, ...]
    enabled: bool
    from_environment: bool
    paused_reason: str | None
    paused: bool
    recent: str
    breaker_until: datetime | None
    delivered_at: datetime | None
    dead: int
    waiting: int
    last_error: str | None


def destination_rows(session: Session, scope: Scope) -> list[DestinationRow]:
    """The destinations of the tenant, by name; the sandbox is not one that people set up."""
    rows = [row for row in destinations(session, scope) if row.kind != SANDBOX]
    waiting = _counts(session, scope, OPEN_ROW)
    dead = _counts(session, scope, sa.and_(col(Delivery.state) == State.DEAD, col(Delivery.event_id).is_not(None)))  # tests aside
    delivered = _delivered(session, scope)
    return [_row(session, row, waiting.get(row.id, 0), dead.get(row.id, 0), delivered.get(row.id)) for row in rows]


def _row(session: Session, row: Destination, waiting: int, dead: int, delivered: datetime | None) -> DestinationRow:
    return DestinationRow(
        id=row.id,
        kind=row.kind,
        name=row.name,
        config_sealed=row.config_sealed,
        events=tuple(row.events),
        least_quality=row.least_quality,
        location_ids=tuple(UUID(place) for place in row.location_ids),
        enabled=row.enabled,
        from_environment=row.from_environment,
        paused_reason=row.paused_reason,
        paused=row.paused_at is not None,
        recent=row.recent,
        breaker_until=row.breaker_until,
        delivered_at=delivered,
        dead=dead,
        waiting=waiting,
        last_error=_last_error(session, row) if row.recent.endswith('x') else None,
    )


def _counts(session: Session, scope: Scope, which: sa.ColumnElement[bool] | sa.TextClause) -> dict[UUID, int]:
    query = sa.select(col(Delivery.destination_id), sa.func.count()).where(which, col(Delivery.tenant_id) == scope.tenant_id)
    return {row[0]: row[1] for row in session.execute(query.group_by(col(Delivery.destination_id)))}


def _delivered(session: Session, scope: Scope) -> dict[UUID, datetime]:
    """When each was last heard to take something, among the latest deliveries: without a limit an idle one would cost a long walk."""
    latest = (
        sa.select(col(Delivery.destination_id).label('place'), col(Delivery.settled_at).label('at'))
        .where(col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.state) == State.SENT)
        .order_by(col(Delivery.id).desc())
        .limit(LATEST)
        .subquery()
    )
    return {row[0]: row[1] for row in session.execute(sa.select(latest.c.place, sa.func.max(latest.c.at)).group_by(latest.c.place))}


def _last_error(session: Session, row: Destination) -> str | None:
    query = sa.select(col(Delivery.last_error)).where(
        OPEN_ROW, col(Delivery.destination_id) == row.id, col(Delivery.last_error).is_not(None)
    )
    found: str | None = session.execute(query.order_by(col(Delivery.id).desc()).limit(1)).scalar()
    return found


def disconnect_destination(session: Session, actor: Actor, destination_id: UUID, box: SecretBox) -> None:
    """Switch it off and forget its address; the alert that it raised is over with it. Raises NotFound or Conflict."""
    destination = disconnect(session, actor, destination_id, box)
    close_alert(session, actor, f'destination:{destination.id}')
