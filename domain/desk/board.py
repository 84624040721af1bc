"""The SLA board: who waits for a reply, in the columns of the screen, and the cards that changed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.access.models import User
from domain.base.clock import now
from domain.base.ids import short
from domain.base.scope import Scope
from domain.desk.board_values import Board, Card, Changes, Column, Mark, Only, worst_first
from domain.leads.models import Group, Lead
from domain.search.texts import mine
from domain.sla.models import REPLIES, ClockKind, SlaClock
from domain.sla.queries import running
from domain.tenancy.models import Location
from domain.tenancy.queries import default_location

SOON = timedelta(minutes=30)  # a running clock with less than this left stands in the second column


def board(session: Session, scope: Scope, only: Only, *, limit: int) -> Board:
    """The first `limit` cards of each column, worst first. Pages go by the deadline alone, which is an index; the eye sees heat too."""
    moment, today = now(), midnight(session, scope)
    found: list[Card] = []
    ends: dict[Column, Mark] = {}
    for column in Column:
        some = _of_column(session, scope, only, column, moment, today, limit=limit + 1)
        found += worst_first(some[:limit])
        if len(some) > limit:
            ends[column] = some[limit - 1].mark
    return Board(only, tuple(found), ends, tally(session, scope), moment, today)


def more_cards(session: Session, scope: Scope, only: Only, after: Mark, *, limit: int) -> tuple[list[Card], Mark | None]:
    """The cards of a column that come after this one, and where the next ones begin; None: these were the last."""
    some = _of_column(session, scope, only, after.column, now(), midnight(session, scope), limit=limit + 1, after=after)
    return worst_first(some[:limit]), some[limit - 1].mark if len(some) > limit else None


def cards(session: Session, scope: Scope, lead_ids: Collection[UUID]) -> list[Card]:
    """The cards of these leads; those that are not on the board, or not in scope, are left out."""
    moment, today = now(), midnight(session, scope)
    query = _joined(scope).where(mine(scope, list(lead_ids)), sa.or_(_runs(), _answered(today)))
    found: dict[UUID, Card] = {}
    for row in session.execute(query):
        card = _card(row, moment)
        if card.lead_id not in found or card.answered_at is None:  # a running clock comes before a reply of today
            found[card.lead_id] = card
    return list(found.values())


def changes(session: Session, scope: Scope, lead_ids: Collection[UUID], since: datetime | None, *, limit: int) -> Changes | None:
    """What is true now of these leads, and of those that changed after `since`; None: more than `limit`, read the board anew."""
    ids = set(lead_ids)
    if since:
        changed = sa.select(col(Lead.id)).where(
            col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group).in_(list(Group)), col(Lead.changed_at) > since
        )
        ids |= set(session.execute(changed.order_by(col(Lead.changed_at).desc()).limit(limit + 1)).scalars())
    if len(ids) > limit:
        return None
    found = tuple(cards(session, scope, ids)) if ids else ()
    return Changes(found, tuple(sorted(ids - {card.lead_id for card in found})), tally(session, scope))


def tally(session: Session, scope: Scope) -> dict[tuple[Column, str, UUID], int]:
    """How many cards there are of each column, quality and location."""
    moment, today = now(), midnight(session, scope)
    breached, paused = col(SlaClock.breached_at).is_not(None), col(SlaClock.paused_at).is_not(None)
    column = sa.case(
        (breached, Column.BREACHED.value),
        (paused, Column.PAUSED.value),
        (col(SlaClock.due_at) <= moment + SOON, Column.DUE.value),
        else_=Column.TRACK.value,
    ).label('board_column')
    counted = sa.func.count()
    waiting = _scoped(
        scope, sa.select(column, col(Lead.quality), col(Lead.location_id), counted).join(Lead, col(Lead.id) == SlaClock.lead_id)
    )
    waiting = waiting.where(col(SlaClock.tenant_id) == scope.tenant_id, _runs()).group_by(
        sa.text('board_column'), col(Lead.quality), col(Lead.location_id)
    )
    replied = _scoped(scope, sa.select(col(Lead.quality), col(Lead.location_id), counted).join(SlaClock, col(SlaClock.lead_id) == Lead.id))
    replied = replied.where(col(Lead.tenant_id) == scope.tenant_id, _answered(today)).group_by(col(Lead.quality), col(Lead.location_id))
    out = {(Column(where), str(quality), place): int(number) for where, quality, place, number in session.execute(waiting)}
    return out | {(Column.RESPONDED, str(quality), place): int(number) for quality, place, number in session.execute(replied)}


def late_count(session: Session, scope: Scope) -> int:
    """How many leads are past their reply time."""
    query = sa.select(sa.func.count()).select_from(SlaClock).where(col(SlaClock.tenant_id) == scope.tenant_id, _runs())
    query = query.where(col(SlaClock.breached_at).is_not(None))
    if scope.location_ids is not None:
        query = query.join(Lead, col(Lead.id) == SlaClock.lead_id).where(col(Lead.location_id).in_(scope.location_ids))
    return int(session.execute(query).scalar_one())


def midnight(session: Session, scope: Scope) -> datetime:
    """When today began, in the time zone of the tenant's default location."""
    zone = ZoneInfo(default_location(session, scope).time_zone)
    return now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _of_column(
    session: Session, scope: Scope, only: Only, column: Column, moment: datetime, today: datetime, *, limit: int, after: Mark | None = None
) -> list[Card]:
    at: Any = SlaClock.answered_at if column is Column.RESPONDED else SlaClock.due_at
    query = _joined(scope).where(*_stands(scope, column, moment, today))
    if only.quality:
        query = query.where(col(Lead.quality) == only.quality)
    if only.location_id:
        query = query.where(col(Lead.location_id) == only.location_id)
    if column is Column.RESPONDED:
        if after:
            query = query.where(sa.tuple_(at, SlaClock.lead_id) < sa.tuple_(sa.literal(after.at), sa.literal(after.lead_id)))
        query = query.order_by(col(at).desc(), col(SlaClock.lead_id).desc())
    else:
        if after:
            query = query.where(sa.tuple_(at, SlaClock.lead_id) > sa.tuple_(sa.literal(after.at), sa.literal(after.lead_id)))
        query = query.order_by(col(at), col(SlaClock.lead_id))
    return [_card(row, moment) for row in session.execute(query.limit(limit))]


def _stands(scope: Scope, column: Column, moment: datetime, today: datetime) -> list[sa.ColumnElement[bool]]:
    """What puts a card into this column."""
    if column is Column.RESPONDED:
        return [col(Lead.tenant_id) == scope.tenant_id, _answered(today)]
    mine_ = [col(SlaClock.tenant_id) == scope.tenant_id, _runs()]
    late, paused = col(SlaClock.breached_at).is_not(None), col(SlaClock.paused_at).is_not(None)
    match column:
        case Column.BREACHED:
            return [*mine_, late]
        case Column.PAUSED:
            return [*mine_, sa.not_(late), paused]
        case Column.DUE:
            return [*mine_, sa.not_(late), sa.not_(paused), col(SlaClock.due_at) <= moment + SOON]
    return [*mine_, sa.not_(late), sa.not_(paused), col(SlaClock.due_at) > moment + SOON]


def _runs() -> sa.ColumnElement[bool]:
    """A reply clock runs."""
    return sa.and_(running(), col(SlaClock.kind).in_(REPLIES))


def _answered(today: datetime) -> sa.ColumnElement[bool]:
    """The first reply was given today. The lead changed with it: its index finds the few of today among all there ever were."""
    other = aliased(SlaClock)
    waits_again = sa.exists().where(
        col(other.lead_id) == Lead.id,
        col(other.kind) == ClockKind.NEXT_REPLY,
        col(other.answered_at).is_(None),
        col(other.stopped_at).is_(None),
    )
    return sa.and_(
        col(Lead.inbox_group).in_([group for group in Group if group is not Group.MERGED]),
        col(Lead.changed_at) >= today,
        col(SlaClock.kind) == ClockKind.FIRST_REPLY,
        col(SlaClock.answered_at) >= today,
        sa.not_(waits_again),
    )


def _joined(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Lead, SlaClock, col(Location.name), col(User.name))
        .join(SlaClock, col(SlaClock.lead_id) == Lead.id)
        .join(Location, col(Location.id) == Lead.location_id)
        .join(User, col(User.id) == Lead.owner_id, isouter=True)
    )
    return query if scope.location_ids is None else query.where(col(Lead.location_id).in_(scope.location_ids))


def _scoped(scope: Scope, query: Any) -> Any:
    return query if scope.location_ids is None else query.where(col(Lead.location_id).in_(scope.location_ids))


def _card(row: Any, moment: datetime) -> Card:
    lead, clock, place, owner = row
    return Card(
        lead_id=lead.id,
        column=_column(clock, moment),
        name=lead.name,
        quality=lead.quality,
        message=lead.last_message,
        location=place,
        location_id=lead.location_id,
        phone=lead.phone,
        email=lead.email,
        owner=owner,
        owner_id=lead.owner_id,
        reference=f'L-{short(lead.id)}',
        kind=clock.kind,
        started_at=clock.started_at,
        due_at=clock.due_at,
        window_seconds=clock.window_seconds,
        answered_at=clock.answered_at,
        snoozed_until=lead.snoozed_until,
    )


def _column(clock: SlaClock, moment: datetime) -> Column:
    if clock.answered_at is not None:
        return Column.RESPONDED
    if clock.breached_at is not None:
        return Column.BREACHED
    if clock.paused_at is not None:
        return Column.PAUSED
    return Column.DUE if clock.due_at <= moment + SOON else Column.TRACK
