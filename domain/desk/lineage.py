"""Speed to lead, link by link: when a lead came, was stored, given to somebody, told, seen and answered, and which link was slowest."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.clock import now
from domain.base.scope import ActorType, Scope
from domain.inbound.models import Submission
from domain.leads.models import Lead, Status
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead
from domain.outbox.models import Delivery, State
from domain.sla.queries import first_reply_clock
from domain.timeline.models import EntryType, TimelineEntry

STEPS = ('received', 'stored', 'assigned', 'alerted', 'seen', 'replied')


@dataclass(frozen=True, slots=True)
class Step:
    """One station. `at` None: it has not happened; `seconds` since the one before it in time."""

    name: str
    at: datetime | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The stations in their order, and the slowest link, named by where it ends; `waiting`: for a reply that nobody has given yet."""

    lead_id: UUID
    steps: tuple[Step, ...]
    slowest: str
    seconds: float
    waiting: bool
    total: float | None  # seconds from receipt to the first reply of a person


def lineage(session: Session, scope: Scope, lead_id: UUID) -> Lineage | None:
    """The stations of this lead and of those that are part of it; None when there is none in scope."""
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        return None
    clock = first_reply_clock(session, scope, lead.id)
    replied = clock.answered_at if clock else None
    moments = {**_told(session, scope, lead), 'stored': lead.created_at, 'replied': replied}
    former: datetime | None = None
    gaps: dict[str, float] = {}
    in_time = sorted((name for name in STEPS if moments[name]), key=lambda name: (moments[name], STEPS.index(name)))
    for name in in_time:
        at = moments[name]
        assert at is not None
        gaps[name] = (at - former).total_seconds() if former else 0.0
        former = max(at, former) if former else at
    steps = tuple(Step(name, moments[name], gaps.get(name)) for name in STEPS)
    waiting = replied is None and lead.status is not Status.CLOSED
    links = gaps | ({'replied': (now() - former).total_seconds()} if waiting and former else {})
    slowest = max(links, key=lambda name: links[name])
    received = moments['received']
    total = (replied - received).total_seconds() if replied and received else None
    return Lineage(lead.id, steps, slowest, links[slowest], waiting, total)


def _told(session: Session, scope: Scope, lead: Lead) -> dict[str, datetime | None]:
    """When it was received, given to somebody, told to a destination and opened by a person, as the rows say it."""
    ids = family(session, scope, lead.id)
    received = session.execute(
        sa.select(sa.func.min(col(Submission.received_at))).where(
            col(Submission.tenant_id) == scope.tenant_id, col(Submission.lead_id).in_(ids)
        )
    ).scalar_one()
    alerted = session.execute(
        sa.select(sa.func.min(col(Delivery.settled_at))).where(
            col(Delivery.tenant_id) == scope.tenant_id,
            col(Delivery.lead_id).in_(ids),
            col(Delivery.state) == State.SENT,
            col(Delivery.event_id).is_not(None),
        )
    ).scalar_one()
    entries = session.exec(
        select(TimelineEntry)
        .where(
            TimelineEntry.tenant_id == scope.tenant_id,
            col(TimelineEntry.lead_id).in_(ids),
            sa.or_(col(TimelineEntry.event_type) == EntryType.ASSIGNED, col(TimelineEntry.actor_type) == ActorType.AGENT),
        )
        .order_by(col(TimelineEntry.at), col(TimelineEntry.id))
    ).all()
    given = [entry.at for entry in entries if entry.event_type is EntryType.ASSIGNED and entry.title.startswith('Assigned')]
    # Who did something with a lead has seen it, also where opening it was not noted; giving it to somebody is not looking at it.
    acted = [entry.at for entry in entries if entry.actor_type is ActorType.AGENT and entry.event_type is not EntryType.ASSIGNED]
    assigned = given[0] if given else lead.created_at if lead.owner_id else None
    return {'received': received or lead.created_at, 'assigned': assigned, 'alerted': alerted, 'seen': acted[0] if acted else None}
