"""What somebody has promised to do next for a lead, and the sequences of messages and tasks that run by themselves."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.ids import uuid7


class TaskKind(StrEnum):
    """What is to be done."""

    CALL = 'call'
    EMAIL = 'email'
    MESSAGE = 'message'
    DOCUMENT = 'document'
    APPOINTMENT = 'appointment'
    TASK = 'task'


class TaskStatus(StrEnum):
    """How far it is; `overdue` is written at the second it became so."""

    SCHEDULED = 'scheduled'
    OVERDUE = 'overdue'
    COMPLETED = 'completed'
    CANCELLED = 'cancelled'


class StepChannel(StrEnum):
    """How a step of a sequence reaches the customer; a task reaches a colleague."""

    EMAIL = 'email'
    SMS = 'sms'
    WHATSAPP = 'whatsapp'
    TASK = 'task'


class RunState(StrEnum):
    """Where a sequence stands with one lead."""

    RUNNING = 'running'
    COMPLETED = 'completed'
    STOPPED = 'stopped'


class StepState(StrEnum):
    """What became of one step."""

    SENT = 'sent'  # handed over; its delivery says whether it arrived
    TASK = 'task'  # a task was made
    NOT_CONNECTED = 'not_connected'  # nothing carries it yet; its words are kept


OPEN_STATUSES = (TaskStatus.SCHEDULED, TaskStatus.OVERDUE)
ARMED = sa.text('fires_at IS NOT NULL')
RUNNING = sa.text("state = 'running'")


class FollowUpTask(SQLModel, table=True):
    """Something to do for a lead at a time. `fires_at` is its next moment: the reminder, then when it is due, then its latest time."""

    __tablename__ = 'follow_up_tasks'
    __table_args__ = (
        sa.Index(None, 'tenant_id', 'status', 'follow_up_date'),
        sa.Index(None, 'tenant_id', 'lead_id'),
        sa.Index('ix_follow_up_tasks_armed', 'tenant_id', 'fires_at', sqlite_where=ARMED, postgresql_where=ARMED),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    lead_id: UUID = Field(foreign_key='leads.id')
    conversation_id: UUID | None = Field(default=None, foreign_key='conversations.id')
    run_id: UUID | None = Field(default=None, foreign_key='sequence_runs.id')  # of the sequence that made it
    kind: TaskKind = Field(default=TaskKind.TASK, sa_type=words(TaskKind, 'kind'))
    title: str = Field(max_length=300)
    note: str = ''
    follow_up_date: datetime = Field(sa_type=UTC)  # when it is due
    status: TaskStatus = Field(default=TaskStatus.SCHEDULED, sa_type=words(TaskStatus, 'status'))
    sla_deadline: datetime | None = Field(default=None, sa_type=UTC)  # the latest time at which it may be done
    sla_breached: bool = False
    remind_at: datetime | None = Field(default=None, sa_type=UTC)
    reminded_at: datetime | None = Field(default=None, sa_type=UTC)
    fires_at: datetime | None = Field(default=None, sa_type=UTC)  # None: nothing more happens by itself
    owner_id: UUID | None = Field(default=None, foreign_key='users.id')
    outcome: str = Field(default='', max_length=300)
    completed_at: datetime | None = Field(default=None, sa_type=UTC)
    completed_by: UUID | None = None
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    changed_at: datetime = Field(default_factory=now, sa_type=UTC)

    @property
    def is_open(self) -> bool:
        """Somebody still has to do it."""
        return self.status in OPEN_STATUSES


class Template(SQLModel, table=True):
    """Words for a step, with the variables of `templates.VARIABLES` in double braces."""

    __tablename__ = 'templates'
    __table_args__ = (sa.UniqueConstraint('tenant_id', 'name'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    name: str = Field(max_length=120)
    subject: str = Field(default='', max_length=300)
    body: str
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=UTC)


class Sequence(SQLModel, table=True):
    """Steps that every new lead goes through from the moment it was switched on; see `messages.Step` for what a step holds."""

    __tablename__ = 'sequences'
    __table_args__ = (sa.UniqueConstraint('tenant_id', 'name'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    name: str = Field(max_length=120)
    enabled_at: datetime | None = Field(default=None, sa_type=UTC)  # None: switched off; leads that came before it are left alone
    qualities: list[str] = Field(default_factory=list, sa_type=Json)  # empty: all
    location_ids: list[str] = Field(default_factory=list, sa_type=Json)  # empty: all
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=UTC)


class SequenceRun(SQLModel, table=True):
    """One sequence with one lead. It keeps the steps it began with; `step` is the number of the next one, `next_at` when it is due."""

    __tablename__ = 'sequence_runs'
    __table_args__ = (
        sa.UniqueConstraint('sequence_id', 'lead_id'),
        sa.Index(None, 'tenant_id', 'lead_id'),
        sa.Index('ix_sequence_runs_due', 'tenant_id', 'next_at', sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    sequence_id: UUID = Field(foreign_key='sequences.id')
    lead_id: UUID = Field(foreign_key='leads.id')
    state: RunState = Field(default=RunState.RUNNING, sa_type=words(RunState, 'state'))
    stopped_because: str = Field(default='', max_length=300)
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    step: int = 0
    started_at: datetime = Field(sa_type=UTC)  # what the hours of its steps count from: the lead's arrival, later after an outage
    next_at: datetime | None = Field(default=None, sa_type=UTC)
    next_is_task: bool = False  # the next step is one: a touch by a person
    ended_at: datetime | None = Field(default=None, sa_type=UTC)


class SequenceStep(SQLModel, table=True):
    """A step that was taken, once: the words as they went out or would have, and what carries them."""

    __tablename__ = 'sequence_steps'
    __table_args__ = (sa.UniqueConstraint('run_id', 'step'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID
    run_id: UUID = Field(foreign_key='sequence_runs.id')
    step: int
    channel: StepChannel = Field(sa_type=words(StepChannel, 'channel'))
    state: StepState = Field(sa_type=words(StepState, 'state'))
    detail: str = Field(default='', max_length=300)  # why it is not connected
    subject: str = ''
    body: str = ''
    message_id: UUID | None = Field(default=None, foreign_key='chat_messages.id')
    task_id: UUID | None = Field(default=None, foreign_key='follow_up_tasks.id')
    due_at: datetime = Field(sa_type=UTC)
    at: datetime = Field(default_factory=now, sa_type=UTC)


class CalendarFeed(SQLModel, table=True):
    """A secret address under which a person's calendar program reads what is theirs to do; the row holds its hash."""

    __tablename__ = 'calendar_feeds'
    __table_args__ = (sa.UniqueConstraint('token_hash'), sa.Index(None, 'tenant_id', 'user_id'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    user_id: UUID = Field(foreign_key='users.id')
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC)
