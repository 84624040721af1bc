"""How fast somebody has to answer, and the clocks that run."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC
from domain.base.ids import uuid7


class ClockKind(StrEnum):
    """What a clock waits for."""

    FIRST_REPLY = 'first_reply'


class SlaPolicy(SQLModel, table=True):
    """The window for one quality of lead, in seconds, round the clock."""

    __tablename__ = 'sla_policies'
    __table_args__ = (sa.UniqueConstraint('tenant_id', 'quality'), sa.CheckConstraint('first_reply_seconds > 0', name='positive'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    quality: str = Field(max_length=8)
    first_reply_seconds: int


RUNNING = 'answered_at IS NULL AND stopped_at IS NULL'
RUNNING_FIRST = sa.Index('ix_sla_clocks_running', 'tenant_id', 'due_at', sqlite_where=sa.text(RUNNING), postgresql_where=sa.text(RUNNING))


class SlaClock(SQLModel, table=True):
    """One running or stopped clock of a lead: the truth about its deadline."""

    __tablename__ = 'sla_clocks'
    __table_args__ = (sa.UniqueConstraint('lead_id', 'kind'), RUNNING_FIRST)

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

    @property
    def runs(self) -> bool:
        """Somebody is still waiting for the first reply."""
        return self.answered_at is None and self.stopped_at is None
