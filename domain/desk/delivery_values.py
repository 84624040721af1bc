"""What the deliveries screen is given: plain values, times aware and in UTC, texts unescaped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

Group = Literal['', 'attention', 'sent', 'queued', 'retrying', 'held', 'dead', 'waiting']
GROUPS: tuple[Group, ...] = ('', 'attention', 'sent', 'queued', 'retrying', 'held', 'dead', 'waiting')


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries to show. What is under way or needs somebody is shown whatever its age; `span` bounds the rest."""

    span: timedelta
    group: Group = ''
    destination_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """How many there are of each group; `median` in seconds from the event to its arrival, None when nothing was sent."""

    sent: int = 0
    queued: int = 0
    retrying: int = 0
    held: int = 0
    dead: int = 0
    waiting: int = 0
    more_open: bool = False  # there are more open rows than were told apart
    more_sent: bool = False  # there are more sent rows than were looked at
    median: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery in the table. `paused`: its destination sends nothing at present."""

    id: UUID
    lead_id: UUID | None
    lead: str
    event_type: str
    destination: str
    kind: str
    state: str
    paused: bool
    attempts: int
    next_at: datetime
    created_at: datetime
    settled_at: datetime | None
    last_class: str | None
    last_error: str | None
    provider_ref: str | None
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One try: `status` is sent, failed or late, `http_status` what was answered, `seconds` how long it took."""

    at: datetime
    status: str
    http_status: int | None
    error_class: str | None
    said: str
    excerpt: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Detail:
    """One delivery with all that is known of it; tries oldest first, the latest 50."""

    line: Line
    tries: tuple[Try, ...]
    event_id: UUID | None
    provider_key: str
    generation: int
    kept_at: datetime
    expires_at: datetime
    payload: dict[str, Any]
    paused_reason: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """One destination, for the filter; `paused_at` or `breaker_until` set: it needs somebody, or gets a rest."""

    id: UUID
    name: str
    kind: str
    enabled: bool
    paused_at: datetime | None = None
    paused_reason: str | None = None
    breaker_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the screen opens with; `more`: there is a further page. Lines after the first `page` ones were asked for by id."""

    wanted: Wanted
    counters: Counters
    lines: tuple[Line, ...]
    page: int
    more: bool
    places: tuple[Place, ...]
