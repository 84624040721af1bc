"""Two leads side by side before they are merged: what each has, and which value counts afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import User
from domain.base.clock import now
from domain.base.errors import Conflict, NotFound
from domain.base.ids import short
from domain.base.scope import ActorType, Scope
from domain.conversations.models import Conversation, Message
from domain.desk.merge_plan import Half, plan
from domain.desk.merging import newer_words
from domain.inbound.models import Submission
from domain.leads.models import Lead
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead
from domain.outbox.models import Delivery
from domain.sla.models import ClockKind, SlaClock
from domain.sla.queries import clocks
from domain.tenancy.models import Location
from domain.tenancy.queries import calendars
from domain.timeline.models import EntryType, TimelineEntry


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two; the counts are of all that comes with it."""

    id: UUID
    reference: str
    name: str
    received_at: datetime
    due_at: datetime | None  # None: nobody waits for a first reply
    messages: int
    deliveries: int
    receipts: int
    notes: int


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both, and what it will be; `wins` is kept, merged, or both where they agree or are put together."""

    field: str
    kept: str
    merged: str
    result: str
    wins: str


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Both leads, their fields in the order they are read, and the deadline that will count."""

    kept: Side
    merged: Side
    rows: tuple[Row, ...]
    due_at: datetime | None


def preview(session: Session, scope: Scope, kept_id: UUID, merged_id: UUID) -> MergePreview:
    """What `merging.merge` would make of them; raises NotFound, or Conflict when they are one lead already."""
    kept, merged = find_lead(session, scope, kept_id), find_lead(session, scope, merged_id)
    if kept is None or merged is None:
        raise NotFound('There is no such lead.')
    if kept.id == merged.id:
        raise Conflict('These two are one lead already.')
    found = clocks(session, scope, [kept.id, merged.id])
    hours = calendars(session, scope, {kept.location_id, merged.location_id})
    one, two = (Half(lead, found.get(lead.id, {}), hours.get(lead.location_id)) for lead in (kept, merged))
    clock, other = (half.clocks.get(ClockKind.FIRST_REPLY) for half in (one, two))
    wanted = dict(plan(one, two, now(), newer_words=newer_words(session, scope, kept.id, merged.id)))
    names = _names(session, scope, kept, merged)
    rows = [_row('location', names[kept.location_id], names[merged.location_id], names[kept.location_id])]
    for field in ('name', 'email', 'phone', 'quality', 'status', 'stage', 'tags'):
        result = wanted.get(field, getattr(kept, field))
        rows.append(_row(field, _text(getattr(kept, field)), _text(getattr(merged, field)), _text(result)))
    vehicles = [_vehicle(facts) for facts in (kept.facts, merged.facts, wanted['facts'])]
    rows.append(_row('vehicle', *vehicles))
    rows.append(_row('owner', *(names.get(owner, '') for owner in (kept.owner_id, merged.owner_id, wanted['owner_id']))))
    counting = clock or other  # a lead without a clock takes the other's
    due = wanted.get('clock.due_at', counting.due_at if counting and counting.runs else None)
    return MergePreview(_side(session, scope, kept, clock), _side(session, scope, merged, other), tuple(rows), due)


def _row(field: str, kept: str, merged: str, result: str) -> Row:
    if kept == merged or result not in (kept, merged):
        return Row(field, kept, merged, result, 'both')
    return Row(field, kept, merged, result, 'kept' if result == kept else 'merged')


def _side(session: Session, scope: Scope, lead: Lead, clock: SlaClock | None) -> Side:
    ids = family(session, scope, lead.id)

    def count(query: sa.Select[Any]) -> int:
        return int(session.execute(query).scalar_one())

    def own(table: Any) -> sa.Select[Any]:
        return sa.select(sa.func.count()).where(table.tenant_id == scope.tenant_id, col(table.lead_id).in_(ids))

    said = sa.select(sa.func.count()).join_from(Message, Conversation, col(Conversation.id) == col(Message.conversation_id))
    return Side(
        id=lead.id,
        reference=f'L-{short(lead.id)}',
        name=lead.name,
        received_at=lead.created_at,
        due_at=clock.due_at if clock and clock.runs else None,
        messages=count(said.where(col(Message.tenant_id) == scope.tenant_id, col(Conversation.lead_id).in_(ids))),
        deliveries=count(own(Delivery)),
        receipts=count(own(Submission)),
        notes=count(
            own(TimelineEntry).where(col(TimelineEntry.event_type) == EntryType.NOTE, col(TimelineEntry.actor_type) == ActorType.AGENT)
        ),
    )


def _names(session: Session, scope: Scope, *leads: Lead) -> dict[UUID | None, str]:
    """The names of their places and owners, by id."""
    places = session.exec(
        select(Location).where(Location.tenant_id == scope.tenant_id, col(Location.id).in_([x.location_id for x in leads]))
    )
    owners = [lead.owner_id for lead in leads if lead.owner_id]
    people = session.exec(select(User).where(User.tenant_id == scope.tenant_id, col(User.id).in_(owners)))
    return {**{place.id: place.name for place in places}, **{user.id: user.name for user in people}}


def _text(value: Any) -> str:
    return ', '.join(value) if isinstance(value, list) else str(value or '')


def _vehicle(facts: dict[str, Any]) -> str:
    vehicle = facts.get('vehicle', '')
    return ' '.join(str(part) for part in vehicle.values()) if isinstance(vehicle, dict) else str(vehicle)
