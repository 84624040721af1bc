"""What two leads become when one is merged into the other. Pure: preview and merge ask the same law."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.leads.changing import CLOCKS
from domain.leads.messages import TAGS_MOST
from domain.leads.models import Lead, Quality, Stage, Status
from domain.sla.models import REPLIES, ClockKind, SlaClock
from domain.sla.rules import resumed
from domain.tenancy.calendars import Calendar

_RANK = {Quality.HOT: 0, Quality.WARM: 1, Quality.COLD: 2}
TIMING = (
    *('started_at', 'due_at', 'window_seconds', 'answered_at', 'stopped_at', 'breached_at', 'warn_at', 'warned_at'),
    *('clock', 'paused_at', 'pauses', 'escalate_seconds', 'escalated_at'),
)  # all of a clock but whose it is, and its next alarm, which follows from these


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two, with its clocks, and the hours of its place (None: nothing is counted by them)."""

    lead: Lead
    clocks: Mapping[ClockKind, SlaClock]
    calendar: Calendar | None = None

    def running(self, kind: ClockKind) -> SlaClock | None:
        """Its clock of this kind, as long as it runs."""
        clock = self.clocks.get(kind)
        return clock if clock is not None and clock.runs and self.lead.status is not Status.CLOSED else None

    @property
    def waits(self) -> bool:
        """Its customer waits for a reply."""
        return any(self.running(kind) for kind in REPLIES)

    def due(self, kind: ClockKind, moment: datetime) -> datetime | None:
        """When its running clock of this kind is due, if one that is paused went on at this moment."""
        clock = self.running(kind)
        return None if clock is None else resumed(clock, moment, self.calendar).get('due_at', clock.due_at)


def plan(kept: Half, merged: Half, moment: datetime, *, newer_words: bool) -> Mapping[str, Any]:
    """The values of the kept lead's columns afterwards (`clock.…`, `next_reply.…`, `resolution.…` of its clocks), as far as they may
    change.

    What the kept lead has stays; what it lacks comes from the other. Of two qualities the hotter one counts, of two running deadlines
    of a kind the earlier one. Who waits for an answer goes on waiting. `newer_words`: the other wrote last.
    """
    mine, other = kept.lead, merged.lead
    filled = ('name', 'email', 'phone', 'owner_id', 'queue')
    wanted: dict[str, Any] = {name: getattr(mine, name) or getattr(other, name) for name in filled}
    if wanted['owner_id']:
        wanted['queue'] = None  # whoever has an owner waits in no queue; said here, so that an undo puts it back
    wanted['facts'] = {**other.facts, **mine.facts}
    known = {tag.casefold() for tag in mine.tags}
    wanted['tags'] = [*mine.tags, *(tag for tag in other.tags if tag.casefold() not in known)][:TAGS_MOST]
    wanted['unread'] = mine.unread or other.unread
    wanted['possible_duplicates'] = [twin for twin in mine.possible_duplicates if twin != other.id.hex]
    if newer_words and other.last_message:
        wanted['last_message'] = other.last_message
    if _RANK[other.quality] < _RANK[mine.quality]:
        wanted |= {name: getattr(other, name) for name in ('quality', 'quality_points', 'quality_reason')}
    if merged.waits and mine.status is not Status.OPEN:
        wanted |= {'status': Status.OPEN, 'snoozed_until': None}
        if mine.stage is Stage.LOST:
            wanted |= {'stage': other.stage, 'lost_reason': other.lost_reason}
    for name, kind in CLOCKS.items():
        if (clock := merged.clocks.get(kind)) is not None and _takes_over(kept, merged, kind, moment):
            wanted |= {f'{name}.{column}': getattr(clock, column) for column in TIMING}
    if other.status is not Status.CLOSED:
        wanted['next_at'] = earliest(mine.next_at if wanted.get('status', mine.status) is mine.status else None, other.next_at)
    return wanted


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are there."""
    return min((moment for moment in moments if moment is not None), default=None)


def _takes_over(kept: Half, merged: Half, kind: ClockKind, moment: datetime) -> bool:
    """Whether the deadline of the other lead is the one that counts.

    A closed lead that is open again by this starts over, of two running clocks the earlier one counts. Who was answered first is not
    asked again; who waits for a first reply waits for no next one; and what must be resolved still must be.
    """
    theirs, mine = merged.due(kind, moment), kept.due(kind, moment)
    closed = kept.lead.status is Status.CLOSED
    if theirs is None or (closed and not merged.waits):
        return False
    if mine is not None:
        return theirs < mine
    if kind is ClockKind.NEXT_REPLY:
        return kept.running(ClockKind.FIRST_REPLY) is None
    return closed or (kind is ClockKind.RESOLUTION and kind not in kept.clocks)
