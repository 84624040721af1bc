"""Trouble somebody has to know about."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, words
from domain.base.ids import uuid7


class Severity(StrEnum):
    """How loud."""

    WARNING = 'warning'
    CRITICAL = 'critical'


class Alert(SQLModel, table=True):
    """One open or closed trouble; at most one open row per tenant and key."""

    __tablename__ = 'alerts'
    __table_args__ = (
        sa.Index(
            'uq_alerts_open',
            'tenant_id',
            'key',
            unique=True,
            sqlite_where=sa.text('closed_at IS NULL'),
            postgresql_where=sa.text('closed_at IS NULL'),
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    key: str = Field(max_length=200)  # what it is about: 'destination:<id>', 'poison:<delivery id>'
    severity: Severity = Field(sa_type=words(Severity, 'severity'))
    title: str = Field(max_length=300)
    detail: str = ''
    count: int = 1
    opened_at: datetime = Field(default_factory=now, sa_type=UTC)
    last_at: datetime = Field(default_factory=now, sa_type=UTC)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UTC)
    acknowledged_by: str = Field(default='', max_length=200, sa_column_kwargs={'server_default': ''})
    closed_at: datetime | None = Field(default=None, sa_type=UTC)


class Step(StrEnum):
    """How far the alarm ladder went for a lead."""

    NEXT_CHANNEL = 'next_channel'
    UNHEARD = 'unheard'  # no channel at all: every open desk says so


class LadderStep(SQLModel, table=True):
    """A hot lead whose alert no channel took in time: what was done about it, once for each step."""

    __tablename__ = 'ladder_steps'
    __table_args__ = (sa.UniqueConstraint('lead_id', 'step'), sa.Index(None, 'tenant_id', 'step', 'at'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    lead_id: UUID = Field(foreign_key='leads.id')
    event_id: UUID = Field(foreign_key='lead_events.id')
    step: Step = Field(sa_type=words(Step, 'step'))
    destination_id: UUID | None = Field(default=None, foreign_key='destinations.id')  # None: there was no other one
    at: datetime = Field(default_factory=now, sa_type=UTC)


UNTOLD = 'told_at IS NULL'


class Notice(SQLModel, table=True):
    """What one person is told of one lead, on whatever page they have open; during their quiet hours it waits."""

    __tablename__ = 'notices'
    __table_args__ = (
        sa.Index('ix_notices_untold', 'show_at', sqlite_where=sa.text(UNTOLD), postgresql_where=sa.text(UNTOLD)),
        sa.Index(None, 'tenant_id', 'user_id', 'told_at'),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    user_id: UUID = Field(foreign_key='users.id')
    lead_id: UUID = Field(foreign_key='leads.id')
    kind: str = Field(max_length=16)  # warning, breach, escalation
    text: str = Field(max_length=300)
    made_at: datetime = Field(default_factory=now, sa_type=UTC)
    show_at: datetime = Field(sa_type=UTC)
    told_at: datetime | None = Field(default=None, sa_type=UTC)
    seen_at: datetime | None = Field(default=None, sa_type=UTC)


class Heartbeat(SQLModel, table=True):
    """One look at one service: the latest forty of each are kept and drawn."""

    __tablename__ = 'heartbeats'
    __table_args__ = (sa.Index(None, 'name', 'at'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str = Field(max_length=64)  # 'database', 'intake', 'workers', 'destination:<id>', …: of the installation, not of a tenant
    at: datetime = Field(default_factory=now, sa_type=UTC)
    state: str = Field(max_length=16)  # ok, degraded, down
    value: float = 0.0
    detail: str = ''
