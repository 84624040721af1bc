"""What a policy would have made of the leads that came: their clocks run again, under other terms, beside the rows and never into them."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.queries import users
from domain.base.clock import now
from domain.base.errors import FieldError, Invalid
from domain.base.scope import Scope
from domain.leads.models import Lead, Status
from domain.outbox.models import LeadEvent
from domain.sla.messages import PolicyOrder
from domain.sla.models import ClockKind, SlaClock
from domain.sla.policies import ordered_terms
from domain.sla.queries import terms
from domain.sla.rules import State, Terms, begun, restated, resumed, state
from domain.tenancy.calendars import Calendar
from domain.tenancy.queries import calendars, locations

DAYS_MOST = 366
NOBODY = 'Nobody'  # has the leads without an owner
_TOGETHER = timedelta(seconds=2)  # a clock and the event of its start are written one after the other


class Turn(NamedTuple):
    """What a lead was from a moment on."""

    at: datetime
    quality: str
    status: str
    location_id: UUID


@dataclass(slots=True)
class Count:
    """How many first replies were given in time, late (or are late now), can still be in time, or were not needed: closed before."""

    met: int = 0
    missed: int = 0
    open: int = 0
    closed: int = 0

    def add(self, outcome: str) -> None:
        """One more that ended so."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def leads(self) -> int:
        """All of them."""
        return self.met + self.missed + self.open + self.closed


@dataclass(slots=True)
class Line:
    """One agent or location, or all leads: as it was, and as it would have been."""

    id: UUID | None
    name: str
    before: Count = field(default_factory=Count)
    after: Count = field(default_factory=Count)


@dataclass(frozen=True, slots=True)
class Simulation:
    """The leads that came within `days`, counted twice. `differ` is how many would have ended otherwise."""

    days: int
    leads: int
    differ: int
    total: Line
    agents: tuple[Line, ...]
    locations: tuple[Line, ...]


def simulate(session: Session, scope: Scope, policies: Iterable[PolicyOrder], days: int = 30) -> Simulation:
    """The first replies to the leads of the last `days`, as they were and as they would have been under these policies.

    Qualities that no policy is given for keep the terms of today. Arrival, first reply, changes of quality, status and location are
    those that happened. Reads only. Raises Invalid for a time that is not 1 to 366 days.
    """
    if not 1 <= days <= DAYS_MOST:
        raise Invalid(f'Choose 1 to {DAYS_MOST} days.', errors=[FieldError('days', f'must be 1 to {DAYS_MOST}')])
    moment = now()
    held_to: dict[str, Terms] = terms(session, scope)
    held_to.update((order.quality, ordered_terms(order)) for order in policies)
    cases = cases_since(session, scope, moment - timedelta(days=days))
    turns = turns_since(session, scope, moment - timedelta(days=days))
    open_when = calendars(
        session, scope, {lead.location_id for lead, _ in cases} | {turn.location_id for each in turns.values() for turn in each}
    )
    total, agents, places = Line(None, 'All leads'), _agents(session, scope), _places(session, scope)
    differ = 0
    for lead, clock in cases:
        again = replay(clock, turns.get(lead.id) or [_as_it_is(lead, clock)], held_to, open_when)
        before, after = outcome(clock, moment), outcome(again, moment)
        differ += before != after
        for line in (total, agents[lead.owner_id], places[lead.location_id]):
            line.before.add(before)
            line.after.add(after)
    return Simulation(days, len(cases), differ, total, _busy(agents.values()), _busy(places.values()))


def replay(clock: SlaClock, turns: Sequence[Turn], held_to: Mapping[str, Terms], open_when: Mapping[UUID, Calendar]) -> SlaClock:
    """The first-reply clock of a lead as it would stand had these terms held from the start: by the laws that real clocks go by.

    `turns` are what the lead was, in the order of time.
    """
    first = max(0, bisect_right(turns, clock.started_at + _TOGETHER, key=lambda turn: turn.at) - 1)
    ended = clock.answered_at or clock.stopped_at
    again = SlaClock(
        tenant_id=clock.tenant_id, lead_id=clock.lead_id, started_at=clock.started_at, due_at=clock.started_at, window_seconds=0
    )
    was = turns[first]
    _become(again, begun(ClockKind.FIRST_REPLY, held_to[was.quality], clock.started_at, open_when.get(was.location_id)))
    if was.status in held_to[was.quality].pausing:
        again.paused_at = clock.started_at
    for turn in turns[first + 1 :]:
        if ended is not None and turn.at >= ended:
            break
        _turn(again, was, turn, held_to[turn.quality], open_when)
        was = turn
    again.answered_at, again.stopped_at = clock.answered_at, clock.stopped_at
    return again


def outcome(clock: SlaClock, moment: datetime) -> str:
    """What a first-reply clock counts as: the name of a field of Count."""
    match state(clock, moment):
        case State.MET:
            return 'met'
        case State.LATE | State.BREACHED:
            return 'missed'
        case State.STOPPED:
            late = clock.breached_at is not None or (clock.stopped_at is not None and clock.stopped_at > clock.due_at)
            return 'missed' if late else 'closed'
    return 'open'


def _turn(again: SlaClock, was: Turn, turn: Turn, held_to: Terms, open_when: Mapping[UUID, Calendar]) -> None:
    """One change of the lead, as the deeds on leads do it to a real clock."""
    calendar = open_when.get(turn.location_id)
    if again.breached_at is None and again.paused_at is None and again.due_at <= turn.at:
        again.breached_at = again.due_at  # a breach that happened stays one, whatever comes after
    if again.paused_at is None and turn.status in held_to.pausing:
        again.paused_at = turn.at
    elif again.paused_at is not None and turn.status not in held_to.pausing:
        _become(again, resumed(again, turn.at, calendar))
    if (turn.quality, turn.location_id) != (was.quality, was.location_id):
        _become(again, restated(again, held_to, turn.at, calendar))


def _become(clock: SlaClock, columns: Mapping[str, object]) -> None:
    for name, value in columns.items():
        setattr(clock, name, value)


def cases_since(session: Session, scope: Scope, since: datetime) -> list[tuple[Lead, SlaClock]]:
    """The leads whose first reply was waited for since then; those that are part of another one count there."""
    query = (
        select(Lead, SlaClock)
        .join(SlaClock, col(SlaClock.lead_id) == col(Lead.id))
        .where(Lead.tenant_id == scope.tenant_id, SlaClock.tenant_id == scope.tenant_id, col(Lead.merged_into).is_(None))
        .where(SlaClock.kind == ClockKind.FIRST_REPLY, col(SlaClock.started_at) >= since)
    )
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    return [(lead, clock) for lead, clock in session.exec(query)]


def turns_since(session: Session, scope: Scope, since: datetime) -> dict[UUID, list[Turn]]:
    """What the leads were, from their events: each says quality, status and location as they were after it."""
    told = col(LeadEvent.payload)
    query = (
        sa.select(
            col(LeadEvent.lead_id),
            col(LeadEvent.created_at),
            told['quality'].as_string(),
            told['status'].as_string(),
            told['location']['id'].as_string(),
        )
        .join(SlaClock, sa.and_(col(SlaClock.lead_id) == col(LeadEvent.lead_id), col(SlaClock.kind) == ClockKind.FIRST_REPLY))
        .where(col(LeadEvent.tenant_id) == scope.tenant_id, col(SlaClock.started_at) >= since)
        .order_by(col(LeadEvent.lead_id), col(LeadEvent.lead_seq))
    )
    found: dict[UUID, list[Turn]] = {}
    for lead_id, rows in groupby(session.execute(query), key=lambda row: row[0]):
        # An arrival says no status: whoever writes is waited for by nobody.
        found[lead_id] = [
            Turn(at, quality, status or Status.OPEN, UUID(place)) for _, at, quality, status, place in rows if quality and place
        ]
    return found


def _as_it_is(lead: Lead, clock: SlaClock) -> Turn:
    """For a lead whose events are gone: as if it had always been what it is."""
    return Turn(clock.started_at, lead.quality, Status.OPEN, lead.location_id)


def _agents(session: Session, scope: Scope) -> dict[UUID | None, Line]:
    found: dict[UUID | None, Line] = {user.id: Line(user.id, user.name) for user in users(session, scope)}
    return found | {None: Line(None, NOBODY)}


def _places(session: Session, scope: Scope) -> dict[UUID, Line]:
    return {place.id: Line(place.id, place.name) for place in locations(session, scope)}


def _busy(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Those that have leads, the most first."""

    return tuple(sorted((line for line in lines if line.before.leads), key=lambda line: (-line.before.leads, line.name)))
