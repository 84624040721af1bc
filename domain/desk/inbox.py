"""The list of leads: page by page in the order of its groups, and the rows that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.access.models import User
from domain.base.ids import short
from domain.base.scope import Scope
from domain.desk.messages import InboxRow, Pip
from domain.leads.models import Group, Lead
from domain.leads.queries import parts, shown_clock
from domain.outbox.models import Delivery, Destination, State
from domain.search.texts import mine
from domain.sla.models import SlaClock
from domain.sla.queries import running
from domain.tenancy.models import Location

GROUPS = (Group.NEEDS_REPLY, Group.IN_CONVERSATION, Group.SNOOZED, Group.CLOSED)

# How the worst of several deliveries to one destination is chosen for its pip.
_WORST = (State.DEAD, State.HELD, State.PENDING, State.LEASED, State.SENT, State.SKIPPED, State.SUPERSEDED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which leads the list shows; an empty value does not narrow."""

    owner: str = ''  # a user's id, or 'nobody'
    qualities: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()  # by name, as the rows show them
    unread: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """As conditions on leads and their location."""
        out: list[sa.ColumnElement[bool]] = []
        if self.owner == 'nobody':
            out.append(col(Lead.owner_id).is_(None))
        elif self.owner:
            out.append(col(Lead.owner_id) == UUID(self.owner))
        if self.qualities:
            out.append(col(Lead.quality).in_(self.qualities))
        if self.locations:
            out.append(col(Location.name).in_(self.locations))
        if self.unread:
            out.append(col(Lead.unread).is_(True))
        return out


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: its group, the time it is ordered by, and its id."""

    group: str
    at: datetime
    id: UUID


def inbox(session: Session, scope: Scope, *, limit: int = 200, after: Cursor | None = None, only: Filter | None = None) -> list[InboxRow]:
    """A page: who waits for a reply, the first or the next, soonest due first, then the other groups by their last change; all by index."""
    rows: list[Any] = []
    start = GROUPS.index(Group(after.group)) if after else 0
    for group in GROUPS[start:]:
        query = _of_group(scope, group, after if after and after.group == group else None)
        for condition in (only or Filter()).conditions():
            query = query.where(condition)
        rows += session.execute(query.limit(limit - len(rows)))
        if len(rows) >= limit:
            break
    return _inbox_rows(session, scope, rows)


def cursor(row: InboxRow) -> Cursor:
    """Where the page after this row begins."""
    by_due = row.group == Group.NEEDS_REPLY and row.due_at is not None
    return Cursor(row.group, row.due_at if by_due and row.due_at else row.changed_at, row.id)


def inbox_rows(session: Session, scope: Scope, ids: Iterable[UUID]) -> list[InboxRow]:
    """The rows of these leads, as far as they are in scope; in no order."""
    return _inbox_rows(session, scope, list(session.execute(_joined(scope).where(mine(scope, list(ids))))))


def changed_since(session: Session, scope: Scope, since: datetime, *, limit: int = 200) -> list[InboxRow]:
    """The rows that changed after `since`, newest first: what a page missed. Merged ones too: they have to go."""
    query = _rows(scope).where(col(Lead.inbox_group).in_(list(Group)), col(Lead.changed_at) > since)
    return _inbox_rows(session, scope, list(session.execute(query.order_by(col(Lead.changed_at).desc()).limit(limit))))


def open_count(session: Session, scope: Scope) -> int:
    """How many leads are neither closed nor part of another one."""
    query = sa.select(sa.func.count()).where(
        col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group).in_((Group.NEEDS_REPLY, Group.IN_CONVERSATION, Group.SNOOZED))
    )
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    return int(session.execute(query).scalar_one())


def lately(now: datetime) -> datetime:
    """How far back a page looks again after a ring that does not say what changed: clocks of two processes may differ a little."""
    return now - timedelta(seconds=5)


def _of_group(scope: Scope, group: Group, after: Cursor | None) -> sa.Select[*tuple[Any, ...]]:
    query = _rows(scope).where(col(Lead.inbox_group) == group)
    if group is not Group.NEEDS_REPLY:
        if after:
            query = query.where(sa.tuple_(Lead.changed_at, Lead.id) < sa.tuple_(sa.literal(after.at), sa.literal(after.id)))
        return query.order_by(col(Lead.changed_at).desc(), col(Lead.id).desc())
    # By the clocks that run: their partial index is the order of the list.
    query = query.where(col(SlaClock.tenant_id) == scope.tenant_id, running())
    if after:
        query = query.where(sa.tuple_(SlaClock.due_at, SlaClock.lead_id) > sa.tuple_(sa.literal(after.at), sa.literal(after.id)))
    return query.order_by(col(SlaClock.due_at), col(SlaClock.lead_id))


def _rows(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    return _joined(scope).where(col(Lead.tenant_id) == scope.tenant_id)


def _joined(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Lead, SlaClock, col(Location.name), col(User.name))
        .join(SlaClock, shown_clock(), isouter=True)
        .join(Location, col(Location.id) == Lead.location_id)
        .join(User, col(User.id) == Lead.owner_id, isouter=True)
    )
    return query if scope.location_ids is None else query.where(col(Lead.location_id).in_(scope.location_ids))


def _inbox_rows(session: Session, scope: Scope, rows: Sequence[Any]) -> list[InboxRow]:
    pips = _pips(session, scope, [lead.id for lead, *_ in rows])
    return [_inbox_row(lead, clock, place, owner, pips.get(lead.id, ())) for lead, clock, place, owner in rows]


def _inbox_row(lead: Lead, clock: SlaClock | None, place: str, owner: str | None, pips: tuple[Pip, ...]) -> InboxRow:
    return InboxRow(
        id=lead.id,
        name=lead.name,
        quality=lead.quality,
        message=lead.last_message,
        source=lead.source,
        location=place,
        group=lead.inbox_group,
        unread=lead.unread,
        received_at=lead.created_at,
        changed_at=lead.changed_at,
        due_at=clock.due_at if clock else None,
        window_seconds=clock.window_seconds if clock else 0,
        answered_at=clock.answered_at if clock else None,
        owner=owner,
        owner_id=lead.owner_id,
        reference=f'L-{short(lead.id)}',
        pips=pips,
        snoozed_until=lead.snoozed_until,
    )


def _pips(session: Session, scope: Scope, lead_ids: list[UUID]) -> dict[UUID, tuple[Pip, ...]]:
    """One mark per destination, by name; of several deliveries, those of merged leads too, the one that needs somebody most."""
    if not lead_ids:
        return {}
    kept = parts(session, scope, lead_ids)
    query = (
        sa.select(col(Delivery.lead_id), col(Delivery.state), col(Destination.name), col(Destination.kind), col(Destination.paused_at))
        .join(Destination, col(Destination.id) == Delivery.destination_id)
        .where(col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.lead_id).in_([*lead_ids, *kept]))
    )
    worst: dict[UUID, dict[str, Pip]] = {}
    for lead_id, state, name, kind, paused_at in session.execute(query):
        marks = worst.setdefault(kept.get(lead_id, lead_id), {})
        held = marks.get(name)
        if held is None or _WORST.index(state) < _WORST.index(State(held.state)):
            marks[name] = Pip(name, kind, str(state), paused_at is not None)
    return {lead_id: tuple(marks[name] for name in sorted(marks)) for lead_id, marks in worst.items()}
