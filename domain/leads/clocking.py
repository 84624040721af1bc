"""How a lead's clocks follow what is done to it: its status pauses them, its quality and its place set them anew, its end stops them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.base.scope import Actor, ActorType
from domain.leads.changing import Held
from domain.leads.models import Status
from domain.sla.models import ClockKind
from domain.sla.rules import answered, recounted, restated, resumed

NEXT, RESOLUTION = 'next_reply', 'resolution'


def follow(held: Held, moment: datetime) -> None:
    """Pause or resume the clocks that run, as the policy says for the status the lead has now."""
    waits = held.lead.status in held.terms.pausing and held.lead.status is not Status.CLOSED
    for name, clock in held.clocks():
        if not clock.runs:
            continue
        if waits and clock.paused_at is None:
            held.set(f'{name}.paused_at', moment)
        elif not waits and clock.paused_at is not None:
            _rewrite(held, name, resumed(clock, moment, held.calendar))


def restate(held: Held, moment: datetime) -> None:
    """Count the clocks that run by the policy of the quality the lead has now, from where they began."""
    for name, clock in held.clocks():
        if clock.runs:
            _rewrite(held, name, restated(clock, held.terms, moment, held.calendar))
    follow(held, moment)  # the other policy may pause in another status


def recount(held: Held, moment: datetime) -> None:
    """Count the clocks that run by the hours of the lead's place as they are now."""
    for name, clock in held.clocks():
        if clock.runs:
            _rewrite(held, name, recounted(clock, held.terms, moment, held.calendar))


def end(held: Held, moment: datetime) -> None:
    """The lead is closed: who was not answered need not be any more, and what was to be resolved is."""
    follow(held, moment)
    for name, clock in held.clocks():
        if not clock.runs:
            continue
        if clock.kind == ClockKind.RESOLUTION:
            _rewrite(held, name, answered(clock, moment, held.calendar))
        else:
            held.set(f'{name}.stopped_at', moment)


def again(held: Held, moment: datetime) -> None:
    """A closed lead is open again by hand: its clocks run on to their old deadlines, for the customer has waited all the while.

    Who waits for a first reply waits for no next one: that clock is of a conversation that ended before.
    """
    for name, clock in held.clocks():
        if clock.stopped_at is not None and not (name == NEXT and held.awaits_first_reply):
            held.set(f'{name}.stopped_at', None)
        if clock.kind == ClockKind.RESOLUTION and clock.answered_at is not None:
            held.set(f'{name}.answered_at', None)
    follow(held, moment)


def replied(held: Held, at: datetime) -> bool:
    """A reply ends the wait for the next one; whether anybody waited."""
    clock = held.others.get(ClockKind.NEXT_REPLY)
    if clock is None or not clock.runs:
        return False
    _rewrite(held, NEXT, answered(clock, at, held.calendar))
    return True


def counts(actor: Actor, held: Held) -> bool:
    """Whether what this one sends is a reply: people's is, the assistant's where the tenant lets it count, the desk's own never."""
    if actor.type is ActorType.BOT:
        return held.terms.assistant_counts
    return actor.type is ActorType.AGENT


def _rewrite(held: Held, name: str, columns: Mapping[str, Any]) -> None:
    for column, value in columns.items():
        held.set(f'{name}.{column}', value)
