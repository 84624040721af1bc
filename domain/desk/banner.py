"""What every open desk has to say above its place: how many replies are late, and of whom nobody was told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.alerts.queries import unheard
from domain.base.scope import Scope
from domain.leads.models import Group, Lead
from domain.sla.models import RUNNING, ClockKind, SlaClock
from domain.tenancy.models import Location

_REPLIES = (ClockKind.FIRST_REPLY, ClockKind.NEXT_REPLY)


@dataclass(frozen=True, slots=True)
class Case:
    """One lead that somebody has to see now; `since` is when its reply was due, or when it came."""

    lead_id: UUID
    name: str
    place: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Banner:
    """`late` replies and the longest of them; `unheard` hot leads whose alert no channel has taken, the longest waiting first."""

    late: int = 0
    worst: Case | None = None
    unheard: tuple[Case, ...] = ()


def banner(session: Session, scope: Scope) -> Banner:
    """Of the caller's locations; a paused clock is not late, it waits for the customer."""
    places = dict(session.execute(sa.select(col(Location.id), col(Location.name)).where(col(Location.tenant_id) == scope.tenant_id)).all())
    late: list[Any] = [
        col(SlaClock.tenant_id) == scope.tenant_id,
        sa.text(RUNNING),
        col(SlaClock.breached_at).is_not(None),
        col(SlaClock.paused_at).is_(None),
        col(SlaClock.kind).in_(_REPLIES),
        col(Lead.inbox_group) != Group.MERGED,
    ]
    if scope.location_ids is not None:
        late.append(col(Lead.location_id).in_(scope.location_ids))
    joined = sa.join(SlaClock, Lead, col(Lead.id) == col(SlaClock.lead_id))
    count = session.execute(sa.select(sa.func.count()).select_from(joined).where(*late)).scalar_one()
    worst = None
    if count:
        query = sa.select(col(Lead.id), col(Lead.name), col(Lead.location_id), col(SlaClock.due_at)).select_from(joined).where(*late)
        row = session.execute(query.order_by(col(SlaClock.due_at)).limit(1)).one()
        worst = Case(row.id, row.name, places[row.location_id], row.due_at)
    nobody = tuple(Case(lead.id, lead.name, places[lead.location_id], lead.created_at) for lead in unheard(session, scope))
    return Banner(count, worst, nobody)
