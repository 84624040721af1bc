"""Values of the outbox: what a claim hands to a worker, what a settled row asks of others, what people send in and are shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.base.events import DEFAULT_SUBSCRIPTION, EventType


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a lead, to be recorded as its event number `lead_seq`."""

    event_type: EventType
    payload: dict[str, Any]
    lead_id: UUID
    lead_seq: int
    quality: str
    location_id: UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery, leased to one worker: all that is needed to make the call and to settle it."""

    delivery_id: UUID
    tenant_id: UUID
    destination_id: UUID
    fence: int
    attempts: int
    kind: str
    destination: str
    config_sealed: str
    from_environment: bool
    provider_key: str
    event_id: UUID | None
    event_type: str
    occurred_at: datetime
    payload: dict[str, Any]
    lead_id: UUID | None
    uncertain: bool
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Traits:
    """What the outbox has to know of a destination's channel: messages a second, whether a twin costs money, whether the provider drops
    twins, and how many messages may go out in 24 hours (None: any number).
    """

    rate: float
    costly: bool = False
    keyed: bool = False
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What the end of a try asks of others: an alert to raise, by key, title and detail, or one to close; `claim` where the row ended."""

    mine: bool
    state: str = ''
    claim: Claim | None = None
    reason: str = ''
    over_key: str = ''  # of the alert that is over now, if it is open
    alert_key: str = ''
    alert_title: str = ''
    alert_detail: str = ''
    critical: bool = False


class DestinationOrder(BaseModel):
    """POST /api/v1/destinations."""

    model_config = ConfigDict(extra='forbid')

    kind: str
    name: str = Field(min_length=1, max_length=120)
    config: dict[str, str]
    events: list[EventType] = Field(default_factory=lambda: list(DEFAULT_SUBSCRIPTION))
    least_quality: str | None = Field(default=None, alias='leastQuality', pattern='^(hot|warm|cold)$')
    location_ids: list[UUID] = Field(default_factory=list, alias='locationIds')
    enabled: bool = True
    rate: float | None = Field(default=None, gt=0)


class DestinationChange(BaseModel):
    """PATCH /api/v1/destinations/{id}; what is left out stays, `leastQuality: null` means any."""

    model_config = ConfigDict(extra='forbid')

    name: str | None = Field(default=None, min_length=1, max_length=120)
    config: dict[str, str] | None = None
    events: list[EventType] | None = None
    least_quality: str | None = Field(default=None, alias='leastQuality', pattern='^(hot|warm|cold)$')
    location_ids: list[UUID] | None = Field(default=None, alias='locationIds')
    enabled: bool | None = None
    paused: bool | None = None
    ladder: int | None = Field(default=None, ge=0, le=1000)  # its place in the alarm ladder; null: after those that have one


@dataclass(frozen=True, slots=True)
class ReplayOrder:
    """Which deliveries to send again: exactly one of event, delivery, lead, since and ids; `destination` and `dead` narrow them."""

    event_id: UUID | None = None
    delivery_id: UUID | None = None
    lead_id: UUID | None = None
    since: datetime | None = None
    destination: str | None = None
    dead: bool = False
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A delivery that a person ended, and what it was before: enough to take the decision back."""

    id: UUID
    lead_id: UUID | None
    destination: str
    state: str
    last_class: str | None
    last_error: str | None
