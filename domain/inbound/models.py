"""What arrived, word for word, before anybody understood it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.ids import uuid7


class Outcome(StrEnum):
    """What became of a receipt; each receipt is exactly one of these."""

    CREATED = 'created'
    RESUBMITTED = 'resubmitted'
    TWIN = 'twin'
    SPAM = 'spam'
    QUARANTINED = 'quarantined'
    NOT_QUALIFIED = 'not_qualified'
    ERASED = 'erased'


class Submission(SQLModel, table=True):
    """A receipt: the raw bytes, where they came from, and what became of them. Rows are never changed but by erasure or release."""

    __tablename__ = 'submissions'
    __table_args__ = (
        sa.Index(None, 'tenant_id', 'lead_id'),
        sa.Index(
            'ix_submissions_quarantined',
            'tenant_id',
            'id',
            sqlite_where=sa.text("outcome = 'quarantined'"),
            postgresql_where=sa.text("outcome = 'quarantined'"),
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    lead_id: UUID | None = Field(default=None, foreign_key='leads.id')
    event_id: UUID | None = None
    outcome: Outcome = Field(sa_type=words(Outcome, 'outcome'))
    route: str = Field(max_length=64)
    credential: str = Field(max_length=64)  # 'api:<id>', 'widget:<id>', 'none', 'desk:<user id>'
    content_type: str = Field(max_length=100)
    raw: bytes
    headers: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    address_hash: str = Field(default='', max_length=32)
    problems: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)  # [{field, message}] of a quarantined one
    received_at: datetime = Field(default_factory=now, sa_type=UTC)
