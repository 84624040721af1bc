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
