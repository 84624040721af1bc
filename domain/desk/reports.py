"""First replies over a range of days: how fast they were and how many in time, by quality, location, person and hour of arrival."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.clock import now
from domain.base.scope import ActorType, Scope
from domain.desk.board import midnight
from domain.leads.models import Group, Lead, Quality
from domain.sla.models import ClockKind, SlaClock
from domain.sla.queries import terms
from domain.sla.rules import counting, elapsed, pauses_of
from domain.tenancy.calendars import Calendar
from domain.tenancy.models import Location
from domain.tenancy.queries import calendars, locations
from domain.timeline.models import EntryType, TimelineEntry

ASSISTANT, OTHERS = 'Assistant', 'Other systems'


@dataclass(slots=True)
class Figures:
    """What was counted of some leads. `met` and `missed` are those whose deadline has been decided; times in counted seconds."""

    leads: int = 0
    replied: int = 0
    met: int = 0
    missed: int = 0
    waiting: int = 0  # nobody has answered, and the clock runs
    times: list[float] = field(default_factory=list)

    def add(self, seconds: float | None, in_time: bool | None, waits: bool) -> None:
        """One more lead; `seconds` None: no reply yet, `in_time` None: not decided yet."""
        self.leads += 1
        self.waiting += waits
        if seconds is not None:
            self.replied += 1
            self.times.append(seconds)
        if in_time is not None:
            self.met += in_time
            self.missed += not in_time

    @property
    def in_time(self) -> float | None:
        """The share that was answered in time, of those that were or can no longer be; None: of nobody."""
        decided = self.met + self.missed
        return self.met / decided if decided else None

    @property
    def median(self) -> float | None:
        """Half of the replies were faster, in seconds; None: there was none."""
        return percentile(self.times, 0.5)

    @property
    def p90(self) -> float | None:
        """Nine of ten replies were faster, in seconds; None: there was none."""
        return percentile(self.times, 0.9)


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one quality, location, person or hour."""

    key: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class FirstReplies:
    """The report over whole days; `before` holds the same number of days before them."""

    since: datetime
    until: datetime
    days: int
    location_id: UUID | None
    total: Figures
    before: Figures
    qualities: tuple[Part, ...]
    places: tuple[Part, ...]
    people: tuple[Part, ...]  # of the replies that each gave
    hours: tuple[Part, ...]  # of arrival, 0 to 23, where the lead's location is
    hot_days: tuple[Part, ...]  # hot leads alone by day of arrival, the first day first; a day without any is there too
    hot_limit: int  # seconds that the policy of today gives for the first reply to a hot lead
    business_hours: bool  # some of these clocks count only opening hours


def first_replies(session: Session, scope: Scope, days: int, location_id: UUID | None = None) -> FirstReplies:
    """The leads that arrived in the last so many days, today included; a day begins where the default location is."""
    until = now()
    since = midnight(session, scope) - timedelta(days=days - 1)
    earlier = since - timedelta(days=days)
    rows = list(session.execute(_clocks(scope, earlier, location_id)))
    places = {place.id: place for place in locations(session, scope)}
    hours = calendars(session, scope, places)
    who = _repliers(session, scope, since, {row.lead_id: row.answered_at for row in rows if row.answered_at and row.started_at >= since})
    total, before = Figures(), Figures()
    parts: dict[str, dict[str, Figures]] = {name: {} for name in ('quality', 'place', 'person', 'hour', 'day')}
    business = False
    for row in rows:
        judged = _judged(row, hours.get(row.location_id), until)
        if row.started_at < since:
            before.add(*judged)
            continue
        total.add(*judged)
        business = business or counting(row.clock, hours.get(row.location_id)) is not None
        local = row.started_at.astimezone(ZoneInfo(places[row.location_id].time_zone))
        keys = {'quality': str(row.quality), 'place': str(row.location_id), 'hour': str(local.hour)}
        if row.quality == Quality.HOT:
            keys['day'] = row.started_at.astimezone(since.tzinfo).date().isoformat()
        if row.lead_id in who:
            keys['person'] = who[row.lead_id]
        for name, key in keys.items():
            parts[name].setdefault(key, Figures()).add(*judged)
    return FirstReplies(
        since=since,
        until=until,
        days=days,
        location_id=location_id,
        total=total,
        before=before,
        qualities=tuple(Part(each.value, each.value, parts['quality'].get(each.value, Figures())) for each in Quality),
        places=_slowest_first(Part(key, places[UUID(key)].name, figures) for key, figures in parts['place'].items()),
        people=_slowest_first(Part(key, key, figures) for key, figures in parts['person'].items()),
        hours=tuple(Part(str(hour), f'{hour:02}:00', parts['hour'].get(str(hour), Figures())) for hour in range(24)),
        hot_days=tuple(Part(day, day, parts['day'].get(day, Figures())) for day in _days(since, days)),
        hot_limit=terms(session, scope)[Quality.HOT].first_reply,
        business_hours=business,
    )


def _days(since: datetime, days: int) -> list[str]:
    return [(since.date() + timedelta(days=number)).isoformat() for number in range(days)]


def percentile(times: Iterable[float], share: float) -> float | None:
    """The value that this share of the times does not exceed (nearest rank); None of no times."""
    ordered = sorted(times)
    if not ordered:
        return None
    return ordered[max(0, -(-round(share * len(ordered) * 1000) // 1000) - 1)]


def _slowest_first(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: (2.0 if part.figures.in_time is None else part.figures.in_time, part.name)))


def _clocks(scope: Scope, since: datetime, location_id: UUID | None) -> sa.Select[*tuple[Any, ...]]:
    """A lead has changed since it arrived or when it did: that index finds those of the range."""
    query = (
        sa.select(
            col(Lead.quality),
            col(Lead.location_id),
            col(SlaClock.lead_id),
            col(SlaClock.started_at),
            col(SlaClock.due_at),
            col(SlaClock.answered_at),
            col(SlaClock.stopped_at),
            col(SlaClock.breached_at),
            col(SlaClock.clock),
            col(SlaClock.pauses),
        )
        .join(SlaClock, col(SlaClock.lead_id) == col(Lead.id))
        .join(Location, col(Location.id) == col(Lead.location_id))
        .where(col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group).in_([group for group in Group if group is not Group.MERGED]))
        .where(col(Lead.changed_at) >= since, col(SlaClock.kind) == ClockKind.FIRST_REPLY, col(SlaClock.started_at) >= since)
    )
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    return query if location_id is None else query.where(col(Lead.location_id) == location_id)


def _judged(row: Any, calendar: Calendar | None, moment: datetime) -> tuple[float | None, bool | None, bool]:
    """How long the reply took, whether it was in time, and whether somebody still waits for it."""
    if row.answered_at is not None:
        took = elapsed(row.started_at, row.answered_at, counting(row.clock, calendar), pauses_of(row))
        return took, row.breached_at is None and row.answered_at <= row.due_at, False
    late = row.breached_at is not None
    return None, False if late else None, row.stopped_at is None


def _repliers(session: Session, scope: Scope, since: datetime, answered: Mapping[UUID, datetime]) -> dict[UUID, str]:
    """Who gave the first reply to each lead, by name: the timeline notes it with the moment that stopped the clock."""
    at = col(TimelineEntry.facts)['at'].as_string()
    query = sa.select(
        col(TimelineEntry.lead_id), col(TimelineEntry.actor_type), col(TimelineEntry.actor_name), at.label('replied_at')
    ).where(
        col(TimelineEntry.tenant_id) == scope.tenant_id,
        col(TimelineEntry.event_type) == EntryType.STATUS_CHANGED,
        col(TimelineEntry.at) >= since,
        at.is_not(None),
    )
    found: dict[UUID, str] = {}
    for lead_id, actor_type, name, text in session.execute(query):
        if lead_id in answered and datetime.fromisoformat(text) == answered[lead_id]:
            found[lead_id] = name or (ASSISTANT if actor_type == ActorType.BOT else OTHERS)
    return found
