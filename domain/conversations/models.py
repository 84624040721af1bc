"""What was said, by whom, through which channel."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.ids import uuid7


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = 'customer'
    AGENT = 'agent'
    BOT = 'bot'


class Conversation(SQLModel, table=True):
    """One thread of words with a lead. The three SLA columns repeat sla_clocks, written in the same transaction."""

    __tablename__ = 'conversations'
    __table_args__ = (sa.Index(None, 'tenant_id', 'lead_id'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    lead_id: UUID = Field(foreign_key='leads.id')
    source: str = Field(max_length=64)
    device_info: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=sa.Column('metadata', Json, nullable=False))
    sla_response_deadline: datetime | None = Field(default=None, sa_type=UTC)
    sla_breached: bool = False
    first_response_at: datetime | None = Field(default=None, sa_type=UTC)
    created_at: datetime = Field(default_factory=now, sa_type=UTC)


class Message(SQLModel, table=True):
    """One message, as it was written."""

    __tablename__ = 'chat_messages'
    __table_args__ = (sa.Index(None, 'tenant_id', 'conversation_id', 'id'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    conversation_id: UUID = Field(foreign_key='conversations.id')
    submission_id: UUID | None = Field(default=None, foreign_key='submissions.id')
    author: Author = Field(sa_type=words(Author, 'author'))
    content: str
    channel: str = Field(
        default='', max_length=24, sa_column_kwargs={'server_default': ''}
    )  # '' came through intake; 'email' went out by mail
    event_id: UUID | None = None  # of a message that went out: its deliveries are the proof
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
