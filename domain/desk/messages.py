"""What the screens are given: joined rows as plain values, times aware and in UTC, texts unescaped."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Pip:
    """One destination's mark on a lead: `state` is a delivery state of surface.md (pending, leased, sent, dead, …)."""

    destination: str
    kind: str
    state: str
    paused: bool = False


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One lead in the list, with the clock of the reply that is awaited, else of the first. `due_at` None: no clock; `answered_at` set:
    that reply was given.

    `group` is needs_reply, in_conversation, snoozed or closed.
    """

    id: UUID
    name: str
    quality: str
    message: str
    source: str
    location: str
    group: str
    unread: bool
    received_at: datetime
    changed_at: datetime
    due_at: datetime | None
    window_seconds: int
    answered_at: datetime | None
    owner: str | None
    owner_id: UUID | None
    reference: str
    pips: tuple[Pip, ...] = ()
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a lead's timeline (conversation_timeline)."""

    id: UUID
    at: datetime
    event_type: str
    title: str
    description: str
    actor_type: str
    actor: str
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One hand-over of one event to one destination, with its last answer in words."""

    id: UUID
    event_id: UUID | None
    event_type: str
    destination_id: UUID
    destination: str
    kind: str
    state: str
    paused: bool
    attempts: int
    next_at: datetime | None
    settled_at: datetime | None
    last_class: str | None
    last_error: str | None
    provider_ref: str | None
    possible_duplicate: bool
    provider_key: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Everything the lead page shows; timeline oldest first (the latest 200), deliveries newest first (the latest 100)."""

    row: InboxRow
    email: str
    phone: str
    status: str
    stage: str
    quality_reason: str
    kept_at: datetime
    location_time_zone: str
    vehicle: str
    facts: dict[str, str]
    possible_duplicates: tuple[UUID, ...]
    timeline: tuple[Entry, ...]
    deliveries: tuple[DeliveryRow, ...]
    suppressed_twins: int = 0  # the same words came again this often, and nobody was told anew
