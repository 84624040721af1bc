"""Who changed what: append-only."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json
from domain.base.ids import uuid7


class AuditEntry(SQLModel, table=True):
    """One act of a person or key on the desk itself; never holds a secret's value."""

    __tablename__ = 'audit_log'
    __table_args__ = (sa.Index(None, 'tenant_id', 'at'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    at: datetime = Field(default_factory=now, sa_type=UTC)
    actor_type: str = Field(max_length=16)
    actor_id: UUID | None = None
    actor_name: str = Field(max_length=200)
    action: str = Field(max_length=64)
    subject: str = Field(max_length=200)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
