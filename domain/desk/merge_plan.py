"""What two leads become when one is merged into the other. Pure: preview and merge ask the same law."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.leads.messages import TAGS_MOST
from domain.leads.models import Lead, Quality, Stage, Status
from domain.sla.models import SlaClock

_RANK = {Quality.HOT: 0, Quality.WARM: 1, Quality.COLD: 2}
TIMING = (
    *('started_at', 'due_at', 'window_seconds', 'answered_at', 'stopped_at', 'breached_at', 'warn_at', 'warned_at'),
    *('clock', 'paused_at', 'pauses', 'escalate_seconds', 'escalated_at'),
)  # all of a clock but whose it is, and its next alarm, which follows from these


def plan(kept: Lead, clock: SlaClock | None, merged: Lead, other: SlaClock | None, *, newer_words: bool) -> Mapping[str, Any]:
    """The values of the kept lead's columns afterwards (`clock.…` of its clock), as far as they may change.

    What the kept lead has stays; what it lacks comes from the other. Of two qualities the hotter one counts, of two deadlines the
    earlier one. Who waits for an answer goes on waiting. `newer_words`: the other wrote last.
    """
    filled = ('name', 'email', 'phone', 'owner_id', 'queue')
    wanted: dict[str, Any] = {name: getattr(kept, name) or getattr(merged, name) for name in filled}
    if wanted['owner_id']:
        wanted['queue'] = None  # whoever has an owner waits in no queue; said here, so that an undo puts it back
    wanted['facts'] = {**merged.facts, **kept.facts}
    known = {tag.casefold() for tag in kept.tags}
    wanted['tags'] = [*kept.tags, *(tag for tag in merged.tags if tag.casefold() not in known)][:TAGS_MOST]
    wanted['unread'] = kept.unread or merged.unread
    wanted['possible_duplicates'] = [twin for twin in kept.possible_duplicates if twin != merged.id.hex]
    if newer_words and merged.last_message:
        wanted['last_message'] = merged.last_message
    if _RANK[merged.quality] < _RANK[kept.quality]:
        wanted |= {name: getattr(merged, name) for name in ('quality', 'quality_points', 'quality_reason')}
    waits = other is not None and other.runs and merged.status is not Status.CLOSED
    if waits and kept.status is not Status.OPEN:
        wanted |= {'status': Status.OPEN, 'snoozed_until': None}
        if kept.stage is Stage.LOST:
            wanted |= {'stage': merged.stage, 'lost_reason': merged.lost_reason}
    if waits and other is not None and clock is not None and _takes_over(kept, clock, other):
        wanted |= {f'clock.{name}': getattr(other, name) for name in TIMING}
    if merged.status is not Status.CLOSED:
        wanted['next_at'] = earliest(kept.next_at if wanted.get('status', kept.status) is kept.status else None, merged.next_at)
    return wanted


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are there."""
    return min((moment for moment in moments if moment is not None), default=None)


def _takes_over(kept: Lead, clock: SlaClock, other: SlaClock) -> bool:
    """Whether the deadline of the other lead is the one that counts: a closed lead starts over, a running clock takes the earlier."""
    return kept.status is Status.CLOSED or (clock.runs and other.due_at < clock.due_at)
