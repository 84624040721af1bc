"""The keys that make a repeated request harmless, and the forms a tenant defines."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json
from domain.base.ids import uuid7


class IdempotencyKey(SQLModel, table=True):
    """One handled request: `digest` is sha256(credential, route, key), or of the body itself when no key was sent."""

    __tablename__ = 'idempotency_keys'
    __table_args__ = (sa.PrimaryKeyConstraint('tenant_id', 'digest'), sa.Index(None, 'expires_at'))

    tenant_id: UUID
    digest: str = Field(max_length=64)
    body_hash: str = Field(max_length=64)
    keyed: bool
    submission_id: UUID = Field(foreign_key='submissions.id')
    response: str  # the JSON text of the first answer, byte for byte
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    expires_at: datetime = Field(sa_type=UTC)


class Form(SQLModel, table=True):
    """A form of the tenant's own: `fields` maps its field names to ours (name, email, phone, subject, message)."""

    __tablename__ = 'forms'
    __table_args__ = (sa.UniqueConstraint('tenant_id', 'slug'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    slug: str = Field(max_length=64)
    name: str = Field(max_length=200)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    thanks_url: str | None = Field(default=None, max_length=500)
    location_id: UUID | None = Field(default=None, foreign_key='locations.id')
