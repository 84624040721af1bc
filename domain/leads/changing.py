"""How a deed changes leads: held together, each change noted so that it can be taken back, told once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base import clock as time
from domain.base.db import ring
from domain.base.errors import Conflict, Invalid, NotFound
from domain.base.events import EventType
from domain.base.ids import short
from domain.base.scope import Actor
from domain.leads.messages import Change, Told
from domain.leads.models import Group, Lead
from domain.leads.placing import place
from domain.leads.rules import group, payload
from domain.leads.touches import next_touches
from domain.outbox.messages import Fact
from domain.outbox.recording import record_all
from domain.sla.actions import arm, repeat
from domain.sla.models import ClockKind, CountedTime, SlaClock
from domain.sla.queries import clocks, terms
from domain.sla.rules import DEFAULT_TERMS, Terms
from domain.tenancy.calendars import Calendar
from domain.tenancy.models import Location
from domain.tenancy.queries import calendars, locations
from domain.timeline.actions import write
from domain.timeline.models import EntryType

MOST = 200
# The first names of the columns that a deed notes of a clock; `clock` is the first reply's.
CLOCKS: Mapping[str, ClockKind] = {'clock': ClockKind.FIRST_REPLY, 'next_reply': ClockKind.NEXT_REPLY, 'resolution': ClockKind.RESOLUTION}
REPEATED = frozenset({'clock.due_at', 'clock.answered_at', 'clock.breached_at'})  # what conversations say too


@dataclass(slots=True)
class Held:
    """One lead under a deed's hands, with its first-reply clock, the others it may have, its place, and what clocks are counted by."""

    lead: Lead
    clock: SlaClock | None
    place: Location
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    others: dict[ClockKind, SlaClock] = field(default_factory=dict)
    policies: Mapping[str, Terms] = field(default_factory=lambda: DEFAULT_TERMS)  # by quality
    calendar: Calendar | None = None  # of the place; None: always open, or nothing is counted by it

    @property
    def terms(self) -> Terms:
        """What the policy of its quality says."""
        return self.policies[self.lead.quality]

    def clocks(self) -> Iterator[tuple[str, SlaClock]]:
        """Its clocks, with the first names of their columns."""
        for name, kind in CLOCKS.items():
            clock = self.clock if kind is ClockKind.FIRST_REPLY else self.others.get(kind)
            if clock is not None:
                yield name, clock

    @property
    def awaited(self) -> SlaClock | None:
        """The running clock of the reply that the customer waits for: the first one, else the next; None: nobody waits."""
        found = (self.clock, self.others.get(ClockKind.NEXT_REPLY))
        return next((clock for clock in found if clock is not None and clock.runs), None)

    @property
    def awaits_reply(self) -> bool:
        """The customer waits for a reply."""
        return self.awaited is not None

    @property
    def awaits_first_reply(self) -> bool:
        """The customer was never answered, and waits."""
        return self.clock is not None and self.clock.runs

    def value(self, name: str) -> Any:
        """What a column holds now; `clock.…` of the first-reply clock, `next_reply.…` and `resolution.…` of the others."""
        owner, column = self._owner(name)
        return getattr(owner, column) if owner is not None else None

    def set(self, name: str, value: Any) -> None:
        """Write a column, and note what it held."""
        old = self.value(name)
        if old == value:
            return
        owner, column = self._owner(name)
        setattr(owner, column, value)
        self.before.setdefault(name, old)
        self.after[name] = value

    def _owner(self, name: str) -> tuple[Lead | SlaClock | None, str]:
        first, dot, column = name.partition('.')
        return (dict(self.clocks()).get(first), column) if dot else (self.lead, name)

    def regroup(self) -> None:
        """Where the lead stands in the inbox follows from its status and whether somebody waits for a reply."""
        own = group(self.lead.status, awaits_reply=self.awaits_reply)
        self.lead.inbox_group = Group.MERGED if self.lead.merged_into else own

    def change(self) -> Change:
        """What was done so far."""
        return Change(self.lead.id, dict(self.before), dict(self.after))


def hold(session: Session, actor: Actor, lead_ids: Iterable[UUID], *, merged: bool = False) -> list[Held]:
    """These leads, ours until the transaction ends, in the order of their ids: two deeds never wait for each other crosswise.

    Raises Invalid for more than 200, NotFound when one is not in the actor's scope, and Conflict when one is part of another lead now,
    unless `merged` ones are wanted too.
    """
    wanted = set(lead_ids)
    if len(wanted) > MOST:
        raise Invalid(f'At most {MOST} leads can be changed at once; these are {len(wanted)}.')
    query = select(Lead).where(Lead.tenant_id == actor.tenant_id, col(Lead.id).in_(wanted))
    if actor.scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(actor.scope.location_ids))
    rows = session.exec(query.order_by(col(Lead.id)).with_for_update().execution_options(populate_existing=True)).all()
    if len(rows) != len(wanted) or not rows:
        raise NotFound('There is no such lead.' if len(wanted) < 2 else 'One of these leads is not there; nothing was changed.')
    for lead in rows:
        if lead.merged_into is not None and not merged:
            raise Conflict(f'L-{short(lead.id)} is part of L-{short(lead.merged_into)} now; open that one.')
    return _held(session, actor, rows)


def _held(session: Session, actor: Actor, rows: Sequence[Lead]) -> list[Held]:
    by_lead = clocks(session, actor.scope, [lead.id for lead in rows])
    places = {place.id: place for place in locations(session, actor.scope)}
    policies = terms(session, actor.scope)
    counted = {each.clock for each in policies.values()} | {clock.clock for found in by_lead.values() for clock in found.values()}
    ids = {lead.location_id for lead in rows} if CountedTime.BUSINESS in counted else set()
    hours = calendars(session, actor.scope, ids) if ids else {}
    held = []
    for lead in rows:
        others = by_lead.get(lead.id, {})
        first = others.pop(ClockKind.FIRST_REPLY, None)
        here = lead.location_id
        held.append(Held(lead, first, places[here], others=others, policies=policies, calendar=hours.get(here)))
    return held


@dataclass(frozen=True, slots=True)
class News:
    """What is told of one lead: its event, its timeline entries (type, title, description), and facts for these."""

    held: Held
    event_type: EventType
    entries: tuple[tuple[EntryType, str, str], ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)  # what its event says beside the lead itself


def tell(
    session: Session,
    actor: Actor,
    held: Held,
    event_type: EventType,
    *entries: tuple[EntryType, str, str],
    facts: dict[str, Any] | None = None,
) -> list[UUID]:
    """`tell_all` of one lead; gives back the ids of its timeline entries."""
    return tell_all(session, actor, [News(held, event_type, entries, facts or {})])


def tell_all(session: Session, actor: Actor, news: Sequence[News]) -> list[UUID]:
    """Put the leads in their groups, write timeline entries and one event each, and ring; gives back the ids of the entries.

    All of them together: written lead by lead, two hundred would hold the only writer of SQLite for a second. An event says the first
    title of its lead.
    """
    if not news:
        return []
    moment = time.now()
    written: list[UUID] = []
    events: list[Fact] = []
    touches = next_touches(session, actor.scope, [each.held for each in news])
    for each in news:
        each.held.set('next_at', touches.get(each.held.lead.id, each.held.lead.next_at))
    place(session, actor.scope, [each.held for each in news], moment)
    for each in news:
        held, lead = each.held, each.held.lead
        held.regroup()
        lead.version, lead.changed_at = lead.version + 1, moment
        session.add(lead)
        _keep_clocks(session, actor, held)
        about = {**_plain(held), **each.facts}
        written += [write(session, actor, lead.id, kind, title, description=said, facts=about).id for kind, title, said in each.entries]
        due = held.awaited.due_at if held.awaited else None
        told = Told(each.entries[0][1], due, held.place.name, held.place.time_zone, tuple(sorted(held.after)))
        events.append(Fact(each.event_type, payload(lead, told) | dict(each.told), lead.id, lead.version, lead.quality, lead.location_id))
    record_all(session, actor, events)
    ring(session, 'lead', actor.tenant_id, *(each.held.lead.id for each in news))
    return written


def _keep_clocks(session: Session, actor: Actor, held: Held) -> None:
    """Arm the clocks that were changed; of the first reply's, the conversation repeats some columns."""
    touched = {name.partition('.')[0] for name in held.after if '.' in name}
    for name, clock in held.clocks():
        if name in touched:
            arm(clock)
            session.add(clock)
            if clock is held.clock and held.after.keys() & REPEATED:
                repeat(session, actor, clock)


def quietly(session: Session, actor: Actor, held: Held) -> None:
    """Keep what is nobody's news (read or not): open pages hear of it, timeline and subscribers do not."""
    held.lead.changed_at = time.now()
    session.add(held.lead)
    ring(session, 'lead', actor.tenant_id, held.lead.id)


def _plain(held: Held) -> dict[str, Any]:
    """Before and after as JSON values, for the timeline."""
    names = [name for name in held.after if name not in ('facts', 'identities')]
    return {'changed': {name: [plain(held.before[name]), plain(held.after[name])] for name in names}} if names else {}


def plain(value: Any) -> Any:
    """A column's value as JSON holds it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
