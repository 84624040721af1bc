"""Events, the destinations that hear of them, and one row per hand-over with its proof."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.events import EventType
from domain.base.ids import uuid7

OPEN = "state IN ('pending', 'leased')"
LEASED = "state = 'leased'"


class State(StrEnum):
    """Where a delivery stands; see surface.md for the words people read."""

    PENDING = 'pending'
    LEASED = 'leased'
    SENT = 'sent'
    HELD = 'held'
    DEAD = 'dead'
    SKIPPED = 'skipped'
    SUPERSEDED = 'superseded'
    CANCELLED = 'cancelled'


class LeadEvent(SQLModel, table=True):
    """What happened, once. `fanout` is how many destinations were subscribed then: the loss check compares it with the rows."""

    __tablename__ = 'lead_events'
    __table_args__ = (sa.UniqueConstraint('lead_id', 'lead_seq'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    lead_id: UUID | None = Field(default=None, foreign_key='leads.id')
    lead_seq: int | None = None
    conversation_id: UUID | None = None
    event_type: EventType = Field(sa_type=words(EventType, 'event_type'))
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    idempotency_key: str | None = Field(default=None, max_length=64)
    fanout: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UTC)


class Destination(SQLModel, table=True):
    """A place that hears about events, with its credentials encrypted, its breaker and its pace."""

    __tablename__ = 'destinations'
    __table_args__ = (sa.UniqueConstraint('tenant_id', 'name'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    kind: str = Field(max_length=24)
    name: str = Field(max_length=120)
    config_sealed: str
    events: list[str] = Field(default_factory=list, sa_type=Json)
    least_quality: str | None = Field(default=None, max_length=8)
    location_ids: list[str] = Field(default_factory=list, sa_type=Json)  # empty: all
    enabled: bool = True
    from_environment: bool = False
    rate: float | None = None  # messages a second; None: the setting of its kind
    concurrency: int = 4
    paused_at: datetime | None = Field(default=None, sa_type=UTC)
    paused_reason: str | None = None
    next_slot_at: datetime | None = Field(default=None, sa_type=UTC)  # not before this may the next message go out
    recent: str = Field(default='', max_length=20)  # the last outcomes, '.' good and 'x' bad, newest last: what the breaker judges by
    breaker_until: datetime | None = Field(default=None, sa_type=UTC)
    breaker_opened: int = 0  # how often in a row it opened: doubles the wait
    ladder: int | None = None  # its place in the alarm ladder; None: after those that have one, the oldest first
    created_at: datetime = Field(default_factory=now, sa_type=UTC)


class Delivery(SQLModel, table=True):
    """The hand-over of one event to one destination. `provider_key` is constant over retries and replays."""

    __tablename__ = 'deliveries'
    __table_args__ = (
        sa.UniqueConstraint('event_id', 'destination_id', 'generation'),
        sa.Index('ix_deliveries_due', 'destination_id', 'priority', 'next_at', sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN)),
        sa.Index('ix_deliveries_leased', 'destination_id', 'lease_until', sqlite_where=sa.text(LEASED), postgresql_where=sa.text(LEASED)),
        sa.Index(None, 'tenant_id', 'lead_id'),
        sa.Index(None, 'tenant_id', 'state', 'id'),  # counters and pages of the deliveries screen: ids are times
        sa.CheckConstraint('attempts >= 0 AND claims >= 0', name='counts'),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    event_id: UUID | None = Field(default=None, foreign_key='lead_events.id')  # None: a test
    lead_id: UUID | None = Field(default=None, foreign_key='leads.id')
    destination_id: UUID = Field(foreign_key='destinations.id')
    generation: int = 1
    provider_key: str = Field(max_length=64)
    priority: int = 1  # -1 a test, 0 hot, 1 warm, 2 cold: who goes first after an outage
    state: State = Field(default=State.PENDING, sa_type=words(State, 'state'))
    attempts: int = 0
    claims: int = 0  # claims without a settle
    fence: int = 0
    next_at: datetime = Field(default_factory=now, sa_type=UTC)
    lease_owner: str | None = Field(default=None, max_length=80)
    lease_until: datetime | None = Field(default=None, sa_type=UTC)
    dispatched_at: datetime | None = Field(default=None, sa_type=UTC)  # the request of the present claim went out
    uncertain: bool = False  # an earlier try may have had its effect
    provider_ref: str | None = Field(default=None, max_length=200)
    last_class: str | None = Field(default=None, max_length=24)
    last_error: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    expires_at: datetime = Field(sa_type=UTC)
    settled_at: datetime | None = Field(default=None, sa_type=UTC)


class AttemptStatus(StrEnum):
    """How one try ended."""

    SENT = 'sent'
    FAILED = 'failed'
    LATE = 'late'  # ended after another worker had taken the row over


class Attempt(SQLModel, table=True):
    """One try of one delivery: append-only."""

    __tablename__ = 'notification_logs'
    __table_args__ = (sa.Index(None, 'tenant_id', 'delivery_id'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    delivery_id: UUID = Field(foreign_key='deliveries.id')
    conversation_id: UUID | None = None
    channel: str = Field(max_length=24)
    status: AttemptStatus = Field(sa_type=words(AttemptStatus, 'status'))
    error_class: str | None = Field(default=None, max_length=24)
    error_message: str | None = None
    http_status: int | None = None
    excerpt: str = ''
    started_at: datetime = Field(sa_type=UTC)
    ended_at: datetime = Field(default_factory=now, sa_type=UTC)


class Lease(SQLModel, table=True):
    """Who leads a duty that one process does for all."""

    __tablename__ = 'leases'

    name: str = Field(primary_key=True, max_length=64)
    owner: str = Field(max_length=80)
    until: datetime = Field(sa_type=UTC)
