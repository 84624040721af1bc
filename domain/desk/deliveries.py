"""What the deliveries screen reads: counters, a page of rows, one delivery with its tries, and the destinations that need somebody."""

import statistics
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.db import now
from domain.base.scope import Scope
from domain.desk.delivery_values import Counters, Detail, Group, Line, Overview, Place, Try, Wanted
from domain.leads.models import Lead
from domain.outbox.messages import ReplayOrder
from domain.outbox.models import Attempt, Delivery, Destination, LeadEvent, State
from domain.outbox.queries import destinations, in_scope, matching_count, of_places
from domain.outbox.rules import earliest_id

PAGE = 200
MEDIAN_OF = 1000  # the latest sent rows of the range
MOST_LOOKED_AT = 20_000  # sent rows whose lead is looked at, for who sees some locations only
MOST_OPEN = 10_000  # open rows that are told apart; more than these are counted as so many
OVER = (State.SENT, State.SKIPPED, State.SUPERSEDED, State.CANCELLED)  # of these only what is younger than the range is shown
_STATES: dict[Group, tuple[State, ...]] = {
    '': tuple(State),
    'attention': (State.DEAD, State.HELD),
    'sent': (State.SENT,),
    'queued': (State.PENDING, State.LEASED),
    'retrying': (State.PENDING,),
    'held': (State.HELD,),
    'dead': (State.DEAD,),
    'waiting': (State.PENDING,),
}


def overview(session: Session, scope: Scope, wanted: Wanted, also: Iterable[UUID] = ()) -> Overview:
    """Counters, the first page, and of the rows `also` named those that are still wanted, in one reading."""
    moment = now(session)
    places = destinations(session, scope)
    idle = [place.id for place in places if place.paused_at is not None or not place.enabled]
    found = _page(session, scope, wanted, moment, idle)
    lines = found[:PAGE]
    if rest := set(also) - {line.id for line in lines}:
        lines += _lines(session, [*_conditions(scope, wanted, moment, idle, also=rest)])
    return Overview(
        wanted=wanted,
        counters=_counters(session, scope, wanted, moment, idle),
        lines=tuple(lines),
        page=min(len(found), PAGE),
        more=len(found) > PAGE,
        places=tuple(_place(place, moment) for place in places),
    )


def more_lines(session: Session, scope: Scope, wanted: Wanted, before: UUID) -> tuple[list[Line], bool]:
    """The page after the row `before`, and whether there are more."""
    idle = [place.id for place in destinations(session, scope) if place.paused_at is not None or not place.enabled]
    found = _page(session, scope, wanted, now(session), idle, before)
    return found[:PAGE], len(found) > PAGE


def detail(session: Session, scope: Scope, delivery_id: UUID) -> Detail | None:
    """One delivery that the caller may see."""
    row = session.execute(
        sa.select(Delivery, LeadEvent, col(Destination.paused_reason))
        .join(Destination, col(Destination.id) == Delivery.destination_id)
        .join(LeadEvent, col(LeadEvent.id) == Delivery.event_id, isouter=True)
        .where(in_scope(scope), col(Delivery.id) == delivery_id)
    ).first()
    if row is None:
        return None
    delivery, event, paused_reason = row
    return Detail(
        line=_lines(session, [[in_scope(scope), col(Delivery.id) == delivery_id]])[0],
        tries=_tries(session, scope, delivery_id),
        event_id=delivery.event_id,
        provider_key=delivery.provider_key,
        generation=delivery.generation,
        kept_at=event.created_at if event else delivery.created_at,
        expires_at=delivery.expires_at,
        payload=dict(event.payload) if event else {},
        paused_reason=paused_reason,
    )


def attention(session: Session, scope: Scope) -> int:
    """How many deliveries need somebody: dead letters and decisions, of any age; two short stretches of one index."""
    return sum(_count(session, scope, state) for state in (State.DEAD, State.HELD))


def dead_count(session: Session, scope: Scope, since: datetime, destination: str | None = None) -> int:
    """How many dead letters "all dead since" would send again now; raises Invalid for an unknown destination."""
    return matching_count(session, scope, ReplayOrder(since=since, destination=destination, dead=True))


def _tries(session: Session, scope: Scope, delivery_id: UUID) -> tuple[Try, ...]:
    query = select(Attempt).where(Attempt.tenant_id == scope.tenant_id, Attempt.delivery_id == delivery_id)
    latest = session.exec(query.order_by(col(Attempt.id).desc()).limit(50)).all()
    return tuple(
        Try(
            at=each.started_at,
            status=each.status.value,
            http_status=each.http_status,
            error_class=each.error_class,
            said=each.error_message or '',
            excerpt=each.excerpt,
            seconds=max(0.0, (each.ended_at - each.started_at).total_seconds()),
        )
        for each in reversed(latest)
    )


def _place(place: Destination, moment: datetime) -> Place:
    resting = place.breaker_until if place.breaker_until and place.breaker_until > moment and place.paused_at is None else None
    return Place(place.id, place.name, place.kind, place.enabled, place.paused_at, place.paused_reason, resting)


def _counters(session: Session, scope: Scope, wanted: Wanted, moment: datetime, idle: list[UUID]) -> Counters:
    told = _filter(wanted)
    pending = (
        sa.select(col(Delivery.destination_id), (col(Delivery.attempts) > 0).label('tried'))
        .where(in_scope(scope), col(Delivery.state) == State.PENDING, *told)
        .limit(MOST_OPEN + 1)
        .subquery()
    )
    groups = {'queued': _count(session, scope, State.LEASED, *told), 'retrying': 0, 'waiting': 0}
    open_rows = 0
    counted = sa.select(pending.c.destination_id, pending.c.tried, sa.func.count()).group_by(pending.c.destination_id, pending.c.tried)
    for destination_id, tried, count in session.execute(counted):
        groups['waiting' if destination_id in idle else 'retrying' if tried else 'queued'] += count
        open_rows += count
    sent, more_sent, median = _sent(session, scope, wanted, earliest_id(moment - wanted.span))
    return Counters(
        sent=sent,
        held=_count(session, scope, State.HELD, *told),
        dead=_count(session, scope, State.DEAD, *told),
        more_open=open_rows > MOST_OPEN,
        more_sent=more_sent,
        median=median,
        **groups,
    )


def _count(session: Session, scope: Scope, state: State, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Delivery).where(in_scope(scope), col(Delivery.state) == state, *conditions)
    return int(session.execute(query).scalar_one())


def _sent(session: Session, scope: Scope, wanted: Wanted, bound: UUID) -> tuple[int, bool, float | None]:
    """How many were sent, whether there may be more, and the median of their seconds.

    All of them are counted from the index alone; whose location a row is takes a look at its lead, which is done for the latest only.
    """
    stretch = [col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.state) == State.SENT, col(Delivery.id) >= bound, *_filter(wanted)]
    newest = sa.select(col(Delivery.created_at), col(Delivery.settled_at), col(Delivery.lead_id), col(Delivery.event_id)).where(*stretch)
    newest = newest.order_by(col(Delivery.id).desc())
    if scope.location_ids is None:
        total = int(session.execute(sa.select(sa.func.count()).select_from(Delivery).where(*stretch)).scalar_one())
        return total, False, _median(session.execute(newest.limit(MEDIAN_OF)))
    latest = newest.limit(MOST_LOOKED_AT).subquery()
    here = of_places(scope, latest.c.lead_id, latest.c.event_id)
    looked_at, own = session.execute(sa.select(sa.func.count(), sa.func.count(sa.case((here, 1)))).select_from(latest)).one()
    median = _median(session.execute(sa.select(latest).where(here).limit(MEDIAN_OF)))
    return int(own), looked_at == MOST_LOOKED_AT, median


def _median(rows: Iterable[Any]) -> float | None:
    took = [(settled - created).total_seconds() for created, settled, *_ in rows if settled]
    return max(0.0, statistics.median(took)) if took else None


def _filter(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [] if wanted.destination_id is None else [col(Delivery.destination_id) == wanted.destination_id]


def _conditions(
    scope: Scope, wanted: Wanted, moment: datetime, idle: list[UUID], *, before: UUID | None = None, also: Iterable[UUID] | None = None
) -> Iterable[list[sa.ColumnElement[bool]]]:
    """One list of conditions per state, each a stretch of the index (tenant, state, id)."""
    bound = earliest_id(moment - wanted.span)
    resting = col(Delivery.destination_id).in_(idle)
    for state in _STATES[wanted.group]:
        conditions = [in_scope(scope), col(Delivery.state) == state, *_filter(wanted)]
        if state in OVER:
            conditions.append(col(Delivery.id) >= bound)
        if before is not None:
            conditions.append(col(Delivery.id) < before)
        if also is not None:
            conditions.append(col(Delivery.id).in_(list(also)))
        if state == State.PENDING and wanted.group == 'waiting':
            conditions.append(resting)
        elif state == State.PENDING and wanted.group:
            conditions += [sa.not_(resting), col(Delivery.attempts) > 0 if wanted.group == 'retrying' else col(Delivery.attempts) == 0]
        yield conditions


def _page(session: Session, scope: Scope, wanted: Wanted, moment: datetime, idle: list[UUID], before: UUID | None = None) -> list[Line]:
    """One row more than a page, newest first."""
    return _lines(session, _conditions(scope, wanted, moment, idle, before=before))


def _lines(session: Session, stretches: Iterable[list[sa.ColumnElement[bool]]]) -> list[Line]:
    """The newest rows of all stretches, one more than a page."""
    newest = [
        sa.select(sa.select(col(Delivery.id)).where(*conditions).order_by(col(Delivery.id).desc()).limit(PAGE + 1).subquery().c.id)
        for conditions in stretches
    ]
    found = sa.union_all(*newest).subquery()
    ids = sa.select(found.c.id).order_by(found.c.id.desc()).limit(PAGE + 1).subquery()
    query = (
        sa.select(
            *(col(Delivery.id), col(Delivery.lead_id), sa.func.coalesce(col(Lead.name), ''), col(LeadEvent.event_type)),
            *(col(Destination.name), col(Destination.kind), col(Delivery.state)),
            sa.or_(col(Destination.paused_at).is_not(None), sa.not_(col(Destination.enabled))),
            *(col(Delivery.attempts), col(Delivery.next_at), col(Delivery.created_at), col(Delivery.settled_at)),
            *(col(Delivery.last_class), col(Delivery.last_error), col(Delivery.provider_ref), col(Delivery.uncertain)),
        )
        .select_from(ids)
        .join(Delivery, col(Delivery.id) == ids.c.id)
        .join(Destination, col(Destination.id) == Delivery.destination_id)
        .join(LeadEvent, col(LeadEvent.id) == Delivery.event_id, isouter=True)
        .join(Lead, col(Lead.id) == Delivery.lead_id, isouter=True)
        .order_by(ids.c.id.desc())
    )
    return [_line(*row) for row in session.execute(query)]


def _line(id_: UUID, lead_id: UUID | None, lead: str, event_type: str | None, name: str, kind: str, state: State, *rest: Any) -> Line:
    return Line(id_, lead_id, lead, str(event_type or 'test'), name, kind, str(state), bool(rest[0]), *rest[1:])
