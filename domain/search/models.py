"""What is searched: one row per lead with all its words as plain tokens, and how far the index has come."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from domain.base.columns import UTC


class SearchText(SQLModel, table=True):
    """The words of one lead, made from it at `changed_at`; an erased lead takes its row along.

    `spot` orders leads by their making and is the rowid of SQLite's full-text table, which triggers keep in step with this one.
    """

    __tablename__ = 'search_texts'
    __table_args__ = (sa.Index(None, 'tenant_id', 'spot'),)

    lead_id: UUID = Field(primary_key=True, foreign_key='leads.id', ondelete='CASCADE')
    tenant_id: UUID
    spot: int = Field(sa_type=sa.BigInteger)
    changed_at: datetime = Field(sa_type=UTC)  # the lead's own changed_at when it was read
    terms: str = Field(sa_type=sa.Text().with_variant(TSVECTOR(), 'postgresql'))


class SearchMark(SQLModel, table=True):
    """How far a tenant's index has come: leads changed after `filled_from` and up to `caught_up` are in it.

    `filled_from` is None once the past is in it too: it moves backwards from the day the index was begun.
    """

    __tablename__ = 'search_marks'

    tenant_id: UUID = Field(primary_key=True, foreign_key='tenants.id')
    caught_up: datetime = Field(sa_type=UTC)
    filled_from: datetime | None = Field(default=None, sa_type=UTC)
