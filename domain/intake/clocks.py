"""What a person's new message does to the clocks of the lead they are."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.base.scope import Scope
from domain.conversations.models import Conversation
from domain.intake.facts import Facts
from domain.intake.record import PRIORITY
from domain.leads.models import Lead, Quality, Status
from domain.leads.rules import Score
from domain.sla.actions import arm
from domain.sla.models import ClockKind, SlaClock
from domain.sla.queries import clocks
from domain.sla.rules import Terms, begun, restated, resumed
from domain.tenancy.calendars import Calendar
from domain.tenancy.queries import calendar


def run_clocks(session: Session, lead: Lead, conversation: Conversation, graded: Score, facts: Facts, moment: datetime) -> SlaClock:
    """Bring the clocks of a lead whose customer wrote up to date, before its columns are; gives back that of the reply
    that is awaited now, else of the first.

    A closed lead starts over. Else what was paused runs again, a hotter quality brings deadlines forward, and who was answered before
    waits for the next reply, where the policy has a window for that.
    """
    closed = lead.status == Status.CLOSED
    hotter = PRIORITY[graded.quality] < PRIORITY[Quality(lead.quality)]
    terms = facts.terms[graded.quality if hotter or closed else Quality(lead.quality)]
    hours = facts.calendar if lead.location_id == facts.place.id else calendar(session, Scope(lead.tenant_id), lead.location_id)
    found = clocks(session, Scope(lead.tenant_id), [lead.id]).get(lead.id, {})
    for clock in found.values():
        if not closed and clock.runs:
            _write(clock, resumed(clock, moment, hours))
            _write(clock, restated(clock, terms, moment, hours) if hotter else {})
    first, next_one = found.get(ClockKind.FIRST_REPLY), found.get(ClockKind.NEXT_REPLY)
    anew: list[ClockKind] = []
    if first is None or closed:
        anew = [ClockKind.FIRST_REPLY, ClockKind.RESOLUTION]
    elif first.answered_at is not None and not (next_one and next_one.runs):
        anew = [ClockKind.NEXT_REPLY]
    for kind in anew:
        _begin(found, kind, lead, terms, moment, hours)
    for clock in found.values():
        clock.conversation_id = conversation.id
        arm(clock)
    first, next_one = found[ClockKind.FIRST_REPLY], found.get(ClockKind.NEXT_REPLY)
    conversation.sla_response_deadline, conversation.first_response_at = first.due_at, first.answered_at
    conversation.sla_breached = first.breached_at is not None
    session.add_all((*found.values(), conversation))
    return next_one if next_one and next_one.runs and not first.runs else first


def due_of(session: Session, lead: Lead) -> datetime | None:
    """The first deadline of the clocks that run; None: none does."""
    running = [clock.due_at for clock in clocks(session, Scope(lead.tenant_id), [lead.id]).get(lead.id, {}).values() if clock.runs]
    return min(running, default=None)


def _begin(found: dict[ClockKind, SlaClock], kind: ClockKind, lead: Lead, terms: Terms, moment: datetime, hours: Calendar | None) -> None:
    """One clock of each kind is all a lead has: it starts over."""
    columns = begun(kind, terms, moment, hours)
    if not columns:
        return
    if kind in found:
        _write(found[kind], columns)
    else:
        found[kind] = SlaClock(tenant_id=lead.tenant_id, lead_id=lead.id, kind=kind, **columns)


def _write(clock: SlaClock, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(clock, name, value)
