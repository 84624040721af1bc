"""Values of the follow-ups: what pages and routes show, what people send in, and what it takes to take a deed back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.follow_ups.models import StepChannel, TaskKind
from domain.leads.messages import NOTE_LONGEST, Line, Undo
from domain.leads.models import Quality
from domain.leads.rules import plain_text

HOURS_MOST = 24 * 366
STEPS_MOST = 20
TEMPLATE_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as lists show it. `status` is overdue from the second it is due; `sequence` names the one that made it, or ''."""

    id: UUID
    lead_id: UUID
    lead_name: str
    reference: str
    quality: str
    lead_open: bool
    title: str
    note: str
    kind: str
    due_at: datetime
    remind_at: datetime | None
    sla_deadline: datetime | None
    sla_breached: bool
    status: str
    owner_id: UUID | None
    owner_name: str
    outcome: str
    completed_at: datetime | None
    sequence: str
    version: int


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is to be done, sorted by when: each task stands in one list."""

    overdue: tuple[TaskRow, ...]
    today: tuple[TaskRow, ...]
    done_today: tuple[TaskRow, ...]
    upcoming: tuple[TaskRow, ...]


class Outcome(StrEnum):
    """How it ended with a lead that nobody has to come back to."""

    WON = 'won'
    LOST = 'lost'
    CLOSED = 'closed'


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What one deed did to one task, by the names of its columns; `made`: there was no such task before."""

    task_id: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    made: bool = False


@dataclass(frozen=True, slots=True)
class TaskUndo:
    """How to take a deed back; `what` is the sentence that says what was done, `lead` what was done to the lead with it."""

    what: str
    changes: tuple[TaskChange, ...] = ()
    lead: Undo | None = None

    @property
    def task_id(self) -> UUID:
        """The task the deed was about."""
        return self.changes[0].task_id


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done after a task: the same for a new one, at a later time."""

    due_at: datetime
    title: str = ''
    kind: TaskKind | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A sequence with one lead, as the lead's page shows it; `steps` are those that were taken."""

    id: UUID
    sequence_id: UUID
    sequence: str
    state: str
    stopped_because: str
    step: int
    of: int
    next_at: datetime | None
    started_at: datetime
    steps: tuple['StepRow', ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that was taken. `detail` says why it is not connected."""

    step: int
    channel: str
    state: str
    detail: str
    subject: str
    body: str
    due_at: datetime
    at: datetime


def _text(text: str) -> str:
    return plain_text(text).strip()


class _Order(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra='forbid')


class TaskOrder(_Order):
    """A new task. Without an owner it is the lead's owner's, else of whoever makes it."""

    lead_id: UUID
    title: Annotated[Line, Field(min_length=1)]
    due_at: AwareDatetime
    kind: TaskKind = TaskKind.TASK
    note: Annotated[str, AfterValidator(_text), Field(max_length=NOTE_LONGEST)] = ''
    remind_at: AwareDatetime | None = None
    sla_deadline: AwareDatetime | None = None
    owner_id: UUID | None = None


class TaskEdit(_Order):
    """What is to be different of a task; what is left out stays. `remindAt` and `slaDeadline` null: there is none."""

    title: Annotated[Line, Field(min_length=1)] | None = None
    kind: TaskKind | None = None
    note: Annotated[str, AfterValidator(_text), Field(max_length=NOTE_LONGEST)] | None = None
    due_at: AwareDatetime | None = None
    remind_at: AwareDatetime | None = None
    sla_deadline: AwareDatetime | None = None


class Step(_Order):
    """One step of a sequence, `afterHours` after the lead came.

    `templateId` names the words (of a task: its title and note). With `businessHours` it waits until the location is open;
    `outsideTemplateId` names the words for when it is closed. `kind` is what a task is.
    """

    after_hours: Annotated[float, Field(ge=0, le=HOURS_MOST, allow_inf_nan=False)]
    channel: StepChannel
    template_id: UUID
    outside_template_id: UUID | None = None
    business_hours: bool = False
    kind: TaskKind = TaskKind.CALL


class SequenceOrder(_Order):
    """A sequence: its steps in the order of their time; for which leads, where not for all."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    steps: Annotated[list[Step], Field(max_length=STEPS_MOST)]
    qualities: list[Quality] = Field(default_factory=list)
    location_ids: list[UUID] = Field(default_factory=list)
    enabled: bool = False


class SequenceEdit(_Order):
    """What is to be different of a sequence. Runs under way keep the steps they began with."""

    name: Annotated[Line, Field(min_length=1, max_length=120)] | None = None
    steps: Annotated[list[Step], Field(max_length=STEPS_MOST)] | None = None
    qualities: list[Quality] | None = None
    location_ids: list[UUID] | None = None
    enabled: bool | None = None


class TemplateOrder(_Order):
    """Words with variables: {{ lead.name }}, {{ lead.first_name }}, {{ location.name }}, {{ service }}, {{ company }}, {{ chat_link }}."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    subject: Line = ''
    body: Annotated[str, AfterValidator(_text), Field(min_length=1, max_length=TEMPLATE_LONGEST)]


class TemplateEdit(_Order):
    """What is to be different of a template; steps to come take the new words."""

    name: Annotated[Line, Field(min_length=1, max_length=120)] | None = None
    subject: Line | None = None
    body: Annotated[str, AfterValidator(_text), Field(min_length=1, max_length=TEMPLATE_LONGEST)] | None = None
