"""The audit trail of a lead, as people read it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.ids import uuid7
from domain.base.scope import ActorType


class EntryType(StrEnum):
    """What a timeline entry tells."""

    CREATED = 'created'
    STATUS_CHANGED = 'status_changed'
    MESSAGE = 'message'
    NOTIFICATION_SENT = 'notification_sent'
    NOTIFICATION_FAILED = 'notification_failed'
    ASSIGNED = 'assigned'
    QUALITY_SCORED = 'quality_scored'
    SLA_WARNING = 'sla_warning'
    SLA_BREACHED = 'sla_breached'
    CRM_SYNCED = 'crm_synced'
    TASK = 'task'
    APPOINTMENT = 'appointment'
    NOTE = 'note'
    MERGED = 'merged'
    AI = 'ai'


class TimelineEntry(SQLModel, table=True):
    """One line of a lead's timeline; strict order is `at`, then `id` (time-ordered)."""

    __tablename__ = 'conversation_timeline'
    __table_args__ = (sa.Index(None, 'tenant_id', 'lead_id', 'id'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    lead_id: UUID = Field(foreign_key='leads.id')
    conversation_id: UUID | None = Field(default=None, foreign_key='conversations.id')
    at: datetime = Field(default_factory=now, sa_type=UTC)
    event_type: EntryType = Field(sa_type=words(EntryType, 'event_type'))
    title: str = Field(max_length=300)
    description: str = ''
    actor_type: ActorType = Field(sa_type=words(ActorType, 'actor_type'))
    actor_id: UUID | None = None
    actor_name: str = Field(default='', max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=sa.Column('metadata', Json, nullable=False))
