"""The alarms of running clocks: warning, breach, escalation. What is due is told once, by whichever worker has the lead first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.events import EventType
from domain.base.scope import system
from domain.leads.changing import Held, News, hold, tell_all
from domain.leads.models import Lead, Status
from domain.sla.actions import arm
from domain.sla.models import ClockKind, SlaClock
from domain.timeline.models import EntryType

MOST = 50  # alarms of one transaction: on SQLite it holds the only writer
LATE = timedelta(seconds=2)  # the promise; what comes later than this, and while nobody watched, was found late

NOUNS = {ClockKind.FIRST_REPLY: 'First reply', ClockKind.NEXT_REPLY: 'Next reply', ClockKind.RESOLUTION: 'Resolution'}


class Alarm(StrEnum):
    """What a clock says, in this order."""

    WARNING = 'warning'
    BREACH = 'breach'
    ESCALATION = 'escalation'


_COLUMNS = {Alarm.WARNING: 'warned_at', Alarm.BREACH: 'breached_at', Alarm.ESCALATION: 'escalated_at'}
_ENTRIES = {Alarm.WARNING: EntryType.SLA_WARNING, Alarm.BREACH: EntryType.SLA_BREACHED, Alarm.ESCALATION: EntryType.SLA_BREACHED}


@dataclass(frozen=True, slots=True)
class Fired:
    """One alarm that was told; `late` in seconds after it was due, `found_late`: nobody watched when it was."""

    alarm: Alarm
    tenant_id: UUID
    lead_id: UUID
    kind: ClockKind
    title: str
    owner_id: UUID | None
    location_id: UUID
    due_at: datetime  # of the clock: the deadline itself
    at: datetime
    late: float
    found_late: bool


def next_alarm(session: Session) -> datetime | None:
    """When the next alarm of any tenant is due; None: there is none."""
    return session.exec(select(sa.func.min(SlaClock.fires_at)).where(col(SlaClock.fires_at).is_not(None))).one()


def fire(session: Session, moment: datetime, watched_since: datetime, *, most: int = MOST) -> list[Fired]:
    """Tell the alarms that are due by now, at most so many, in the caller's transaction; workers serve all tenants.

    Leads that another worker holds are left to it. What was due before `watched_since` was found late. The clock's own columns say what
    was told, in this same transaction: nobody tells it again.
    """
    fired: list[Fired] = []
    for tenant_id, lead_ids in _take(session, moment, most).items():
        actor = system(tenant_id)
        held = {each.lead.id: each for each in hold(session, actor, lead_ids, merged=True)}
        news: list[News] = []
        for clock in _due(session, tenant_id, lead_ids, moment):
            each = held[clock.lead_id]
            if each.lead.merged_into is not None or each.lead.status is Status.CLOSED:
                clock.fires_at = None  # nobody waits for it any more
                session.add(clock)
                continue
            for one in _told(each, clock, moment, watched_since):
                fired.append(one)
                news.append(_news(each, clock, one))
        tell_all(session, actor, news)
    return fired


def overdue(held: Held, moment: datetime) -> list[News]:
    """What its clocks have to say by now and nobody told yet: for whoever is about to move their deadlines, and tells it first."""
    found = [(clock, one) for _, clock in held.clocks() for one in _told(held, clock, moment, moment)]
    return [_news(held, clock, one) for clock, one in found]


def _take(session: Session, moment: datetime, most: int) -> dict[UUID, set[UUID]]:
    """The leads with a due alarm that nobody else holds, ours from now on, by tenant."""
    query = (
        sa.select(col(Lead.tenant_id), col(Lead.id))
        .join(SlaClock, col(SlaClock.lead_id) == col(Lead.id))
        .where(col(SlaClock.fires_at) <= moment)
        .order_by(col(SlaClock.fires_at))
        .limit(most)
        .with_for_update(of=Lead, skip_locked=True)
    )
    found: dict[UUID, set[UUID]] = {}
    for tenant_id, lead_id in session.execute(query):
        found.setdefault(tenant_id, set()).add(lead_id)
    return found


def _due(session: Session, tenant_id: UUID, lead_ids: Iterable[UUID], moment: datetime) -> list[SlaClock]:
    """Their clocks as they are now that the leads are ours: another worker may have told them a moment ago."""
    query = select(SlaClock).where(
        SlaClock.tenant_id == tenant_id, col(SlaClock.lead_id).in_(list(lead_ids)), col(SlaClock.fires_at) <= moment
    )
    ordered = query.order_by(col(SlaClock.fires_at), col(SlaClock.id))
    return list(session.exec(ordered.with_for_update().execution_options(populate_existing=True)))


def _told(held: Held, clock: SlaClock, moment: datetime, watched_since: datetime) -> list[Fired]:
    """All that this clock has to say by now, noted on it; after a long silence that is a warning and a breach at once."""
    told: list[Fired] = []
    name = next(name for name, each in held.clocks() if each is clock)
    while clock.fires_at is not None and clock.fires_at <= moment:
        planned, alarm = clock.fires_at, _next(clock)
        held.set(f'{name}.{_COLUMNS[alarm]}', moment)
        arm(clock)
        late = moment - planned
        found_late = late > LATE and planned < watched_since
        kind = ClockKind(clock.kind)
        title = _title(alarm, kind, clock.due_at, moment, held.place.time_zone)
        lead = held.lead
        told.append(
            Fired(
                alarm,
                lead.tenant_id,
                lead.id,
                kind,
                title,
                lead.owner_id,
                lead.location_id,
                clock.due_at,
                moment,
                late.total_seconds(),
                found_late,
            )
        )
    return told


def _next(clock: SlaClock) -> Alarm:
    """What a clock whose time has come says now; see `sla.rules.fires_at`."""
    if clock.breached_at is not None:
        return Alarm.ESCALATION
    return Alarm.WARNING if clock.warned_at is None and clock.warn_at is not None else Alarm.BREACH


def _news(held: Held, clock: SlaClock, fired: Fired) -> News:
    said = f'Nobody watched when this alarm was due: it was found late, after {lasting(fired.late)}.' if fired.found_late else ''
    facts: dict[str, Any] = {'alarm': fired.alarm.value, 'clock': fired.kind.value, 'dueAt': fired.due_at.isoformat()}
    facts |= {'lateSeconds': round(fired.late, 3), 'foundLate': fired.found_late}
    told = {**facts, 'firedAt': fired.at.isoformat(), 'escalation': fired.alarm is Alarm.ESCALATION}
    event_type = EventType.SLA_WARNING if fired.alarm is Alarm.WARNING else EventType.SLA_BREACHED
    title = f'{fired.title} (found late)' if fired.found_late else fired.title
    return News(held, event_type, ((_ENTRIES[fired.alarm], title, said),), facts, told)


def _title(alarm: Alarm, kind: ClockKind, due_at: datetime, moment: datetime, zone: str) -> str:
    noun, when = NOUNS[kind], _when(due_at, moment, zone)
    match alarm:
        case Alarm.WARNING:
            return f'{noun} {"is" if due_at > moment else "was"} due at {when}'
        case Alarm.BREACH:
            return f'{noun} is late: it was due at {when}'
        case Alarm.ESCALATION:
            return f'Still no {noun.lower()}: it was due at {when}'


def _when(at: datetime, moment: datetime, zone: str) -> str:
    there, today = at.astimezone(ZoneInfo(zone)), moment.astimezone(ZoneInfo(zone)).date()
    return f'{there:%H:%M}' if there.date() == today else f'{there:%H:%M} on {there:%a} {there.day} {there:%b}'


def lasting(seconds: float) -> str:
    """So many seconds as people say them."""
    if seconds < 60:
        return f'{round(seconds)} s'
    return f'{round(seconds / 60)} min' if seconds < 2 * 3600 else f'{round(seconds / 3600)} h'
