"""How a deadline came about, step by step: what counted, what did not and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, select

from domain.base.errors import NotFound
from domain.base.scope import Scope
from domain.sla.models import ClockKind, SlaClock
from domain.sla.rules import Pause, counting, due_at, pauses_of
from domain.tenancy.calendars import Calendar, Span
from domain.tenancy.queries import calendar

COUNTS, PAUSED = 'counts', 'paused: waiting for the customer'
WAITS = 'paused since then: the deadline moves on by as long as this lasts'
_SECOND = timedelta(seconds=1)
CLAMPED = 'the window was over by then; a change made it due at once, and a deadline is never set before the change'
FORMER = 'counted by the opening hours that held when the deadline was set'

# Leads lie above this room, so only the columns that lead to a clock are known here.
_LEADS = sa.table('leads', sa.column('id', sa.Uuid), sa.column('tenant_id', sa.Uuid), sa.column('location_id', sa.Uuid))


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time, how many of its seconds count (whole ones), and why."""

    start: datetime
    end: datetime
    counted_seconds: int
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A deadline and its steps, from arrival to it: their counted seconds add up to the window.

    `paused_at`: the clock waits since then, and the deadline moves on by as long as it does.
    """

    started_at: datetime
    due_at: datetime
    window_seconds: int
    steps: tuple[Step, ...]
    paused_at: datetime | None = None


def explain_lead(session: Session, scope: Scope, lead_id: UUID, kind: ClockKind = ClockKind.FIRST_REPLY) -> Explanation:
    """The arithmetic of a lead's deadline; raises NotFound for a lead that is not in scope, or has no such clock."""
    found = sa.select(_LEADS.c.location_id).where(_LEADS.c.tenant_id == scope.tenant_id, _LEADS.c.id == lead_id)
    if scope.location_ids is not None:
        found = found.where(_LEADS.c.location_id.in_(scope.location_ids))
    place_id = session.execute(found).scalar_one_or_none()
    clock = session.exec(
        select(SlaClock).where(SlaClock.tenant_id == scope.tenant_id, SlaClock.lead_id == lead_id, SlaClock.kind == kind)
    ).first()
    if place_id is None or clock is None:
        raise NotFound('There is no such lead.' if place_id is None else 'This lead has no such deadline.')
    return explain(clock, calendar(session, scope, place_id))


def explain(clock: SlaClock, hours: Calendar | None = None) -> Explanation:
    """The arithmetic of this clock's deadline; `hours` are those of its location. Pure."""
    return Explanation(clock.started_at, clock.due_at, clock.window_seconds, tuple(_steps(clock, hours)), clock.paused_at)


def _steps(clock: SlaClock, hours: Calendar | None) -> Iterator[Step]:
    window = timedelta(seconds=clock.window_seconds)
    total = timedelta(0)
    for span in _stretches(clock, counting(clock.clock, hours)):
        if total == window:
            break
        if not span.is_open:
            yield Step(span.start, span.end, 0, span.why)
            continue
        before, total = total, min(total + (span.end - span.start), window)
        # Whole seconds of the sum so far, less those said before: so the steps add up to the window, whatever fractions they begin at.
        yield Step(span.start, span.start + (total - before), total // _SECOND - before // _SECOND, COUNTS)
    at = due_at(clock.started_at, clock.window_seconds, counting(clock.clock, hours), pauses_of(clock)) if total == window else clock.due_at
    if total < window:
        yield Step(at, at, (window - total) // _SECOND, FORMER)
    elif at < clock.due_at:
        yield Step(at, clock.due_at, 0, CLAMPED)


def _stretches(clock: SlaClock, calendar: Calendar | None) -> Iterator[Span]:
    """From where it began to its deadline, in order: what counts, and what does not and why."""
    at, due = clock.started_at, clock.due_at
    edges: list[Pause] = [*pauses_of(clock), *([(clock.paused_at, clock.paused_at)] if clock.paused_at else [])]
    for begins, ends in sorted(edges):
        if ends < at or begins >= due:
            continue
        yield from _counting(at, max(at, begins), calendar)
        yield Span(max(at, begins), min(ends, due), is_open=False, why=PAUSED if ends > begins else WAITS)
        at = min(ends, due)
    yield from _counting(at, due, calendar)


def _counting(start: datetime, end: datetime, calendar: Calendar | None) -> Iterator[Span]:
    if calendar is not None:
        yield from calendar.spans(start, end)
    elif start < end:
        yield Span(start, end, is_open=True)
