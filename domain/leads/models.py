"""People who want something, and the identities that tell them apart."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.ids import uuid7


class Quality(StrEnum):
    """How likely and how soon this lead buys."""

    HOT = 'hot'
    WARM = 'warm'
    COLD = 'cold'


class Status(StrEnum):
    """Whether somebody has to do something now."""

    OPEN = 'open'
    WAITING = 'waiting'
    SNOOZED = 'snoozed'
    CLOSED = 'closed'


class Stage(StrEnum):
    """How far the sale is."""

    NEW = 'new'
    CONTACTED = 'contacted'
    QUALIFIED = 'qualified'
    BOOKED = 'booked'
    WON = 'won'
    LOST = 'lost'


class Group(StrEnum):
    """Where a lead stands in the inbox; `rules.group` says which."""

    NEEDS_REPLY = 'needs_reply'
    IN_CONVERSATION = 'in_conversation'
    SNOOZED = 'snoozed'
    CLOSED = 'closed'
    MERGED = 'merged'  # in another lead now, and in no list


class IdentityKind(StrEnum):
    """What a person is recognised by."""

    EMAIL = 'email'
    PHONE = 'phone'


class Lead(SQLModel, table=True):
    """One person's wish. `version` grows by one with each event, which takes it as its sequence number."""

    __tablename__ = 'leads'
    __table_args__ = (
        sa.Index(None, 'tenant_id', 'inbox_group', 'changed_at'),
        sa.CheckConstraint('length(name) <= 300', name='name_length'),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    location_id: UUID = Field(foreign_key='locations.id')
    name: str = Field(default='', max_length=300)
    email: str = Field(default='', max_length=320)
    phone: str = Field(default='', max_length=64)
    quality: Quality = Field(sa_type=words(Quality, 'quality'))
    quality_points: int = 0
    quality_reason: str = ''
    status: Status = Field(default=Status.OPEN, sa_type=words(Status, 'status'))
    stage: Stage = Field(default=Stage.NEW, sa_type=words(Stage, 'stage'))
    inbox_group: Group = Field(
        default=Group.NEEDS_REPLY, sa_type=words(Group, 'inbox_group'), sa_column_kwargs={'server_default': Group.NEEDS_REPLY.value}
    )  # status and clock in one word, written with them: lists read it from an index
    lost_reason: str = Field(default='', max_length=300, sa_column_kwargs={'server_default': ''})
    snoozed_until: datetime | None = Field(default=None, sa_type=UTC)
    tags: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={'server_default': '[]'})
    merged_into: UUID | None = Field(default=None, foreign_key='leads.id')
    owner_id: UUID | None = Field(default=None, foreign_key='users.id')
    assigned_at: datetime | None = Field(default=None, sa_type=UTC)  # when the owner was given it
    passed_over: list[str] = Field(
        default_factory=list, sa_type=Json, sa_column_kwargs={'server_default': '[]'}
    )  # whom it was taken from: the rule does not give it to them again
    queue: str | None = Field(default=None, max_length=64)
    next_at: datetime | None = Field(default=None, sa_type=UTC)
    opted_out_at: datetime | None = Field(default=None, sa_type=UTC)  # asked for no more automatic messages
    source: str = Field(default='', max_length=64)
    last_message: str = Field(default='', max_length=300)
    unread: bool = True
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # what was asked for and where it came from; see intake.rules
    possible_duplicates: list[str] = Field(default_factory=list, sa_type=Json)
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    changed_at: datetime = Field(default_factory=now, sa_type=UTC)


class LeadIdentity(SQLModel, table=True):
    """An address or number, normalised, that belongs to exactly one lead of its tenant."""

    __tablename__ = 'lead_identities'
    __table_args__ = (sa.PrimaryKeyConstraint('tenant_id', 'kind', 'value'),)

    tenant_id: UUID
    kind: IdentityKind = Field(sa_type=words(IdentityKind, 'kind'))
    value: str = Field(max_length=320)
    lead_id: UUID = Field(foreign_key='leads.id')


class LeadMerge(SQLModel, table=True):
    """One lead became part of another; `before` holds what an undo needs to make both what they were."""

    __tablename__ = 'lead_merges'
    __table_args__ = (sa.Index(None, 'tenant_id', 'kept_id'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    kept_id: UUID = Field(foreign_key='leads.id')
    merged_id: UUID = Field(foreign_key='leads.id')
    by_id: UUID | None = None
    by_name: str = Field(default='', max_length=200)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    at: datetime = Field(default_factory=now, sa_type=UTC)
    undone_at: datetime | None = Field(default=None, sa_type=UTC)
