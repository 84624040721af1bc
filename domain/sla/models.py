"""How fast somebody has to answer, and the clocks that run."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.ids import uuid7


class ClockKind(StrEnum):
    """What a clock waits for."""

    FIRST_REPLY = 'first_reply'
    NEXT_REPLY = 'next_reply'
    RESOLUTION = 'resolution'


REPLIES = (ClockKind.FIRST_REPLY, ClockKind.NEXT_REPLY)  # the clocks that a customer waits by; one of them runs at a time


class CountedTime(StrEnum):
    """Which time counts."""

    ALWAYS = 'always'
    BUSINESS = 'business'  # only while the lead's location is open


class SlaPolicy(SQLModel, table=True):
    """The windows for one quality of lead, in seconds; what warns, what escalates, and what pauses a clock."""

    __tablename__ = 'sla_policies'
    __table_args__ = (sa.UniqueConstraint('tenant_id', 'quality'), sa.CheckConstraint('first_reply_seconds > 0', name='positive'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    quality: str = Field(max_length=8)
    first_reply_seconds: int
    next_reply_seconds: int | None = None
    resolution_seconds: int | None = None
    clock: CountedTime = Field(
        default=CountedTime.ALWAYS, sa_type=words(CountedTime, 'clock'), sa_column_kwargs={'server_default': CountedTime.ALWAYS.value}
    )
    pausing: list[str] = Field(default_factory=lambda: ['waiting'], sa_type=Json, sa_column_kwargs={'server_default': '["waiting"]'})
    warn_seconds: int = Field(default=30 * 60, sa_column_kwargs={'server_default': '1800'})  # before the deadline
    warn_share: float = Field(default=0.5, sa_column_kwargs={'server_default': '0.5'})  # of windows under an hour, instead of that
    escalate_seconds: int = Field(default=15 * 60, sa_column_kwargs={'server_default': '900'})  # after the deadline
    assistant_counts: bool = Field(default=False, sa_column_kwargs={'server_default': sa.false()})  # its reply is a first reply
    version: int = Field(default=1, sa_column_kwargs={'server_default': '1'})


RUNNING = 'answered_at IS NULL AND stopped_at IS NULL'
RUNNING_FIRST = sa.Index('ix_sla_clocks_running', 'tenant_id', 'due_at', sqlite_where=sa.text(RUNNING), postgresql_where=sa.text(RUNNING))
ARMED_FIRST = sa.Index(
    'ix_sla_clocks_armed', 'fires_at', sqlite_where=sa.text('fires_at IS NOT NULL'), postgresql_where=sa.text('fires_at IS NOT NULL')
)


class SlaClock(SQLModel, table=True):
    """One running or stopped clock of a lead: the truth about its deadline."""

    __tablename__ = 'sla_clocks'
    __table_args__ = (sa.UniqueConstraint('lead_id', 'kind'), RUNNING_FIRST, ARMED_FIRST)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    lead_id: UUID = Field(foreign_key='leads.id')
    conversation_id: UUID | None = None
    kind: str = Field(default=ClockKind.FIRST_REPLY, max_length=16)
    started_at: datetime = Field(default_factory=now, sa_type=UTC)
    due_at: datetime = Field(sa_type=UTC)
    window_seconds: int
    answered_at: datetime | None = Field(default=None, sa_type=UTC)
    stopped_at: datetime | None = Field(default=None, sa_type=UTC)  # closed without a reply
    breached_at: datetime | None = Field(default=None, sa_type=UTC)
    clock: CountedTime = Field(
        default=CountedTime.ALWAYS, sa_type=words(CountedTime, 'clock'), sa_column_kwargs={'server_default': CountedTime.ALWAYS.value}
    )
    paused_at: datetime | None = Field(default=None, sa_type=UTC)  # it waits for the customer since
    pauses: list[list[str]] = Field(
        default_factory=list, sa_type=Json, sa_column_kwargs={'server_default': '[]'}
    )  # [from, to] of the former
    warn_at: datetime | None = Field(default=None, sa_type=UTC)
    warned_at: datetime | None = Field(default=None, sa_type=UTC)
    escalate_seconds: int = Field(default=15 * 60, sa_column_kwargs={'server_default': '900'})
    escalated_at: datetime | None = Field(default=None, sa_type=UTC)
    fires_at: datetime | None = Field(default=None, sa_type=UTC)  # of its next alarm: warning, breach or escalation; None: there is none

    @property
    def runs(self) -> bool:
        """Somebody is still waiting for what it measures."""
        return self.answered_at is None and self.stopped_at is None
