"""Values of the leads room: what a person may change, and what it takes to take a change back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.leads.models import Quality, Stage, Status

TAGS_MOST, TAG_LONGEST = 20, 40
NOTE_LONGEST = 10_000
_CONTROL = re.compile('[\x00-\x1f\x7f-\x9f]')


@dataclass(frozen=True, slots=True)
class Change:
    """What one deed did to one lead, by the names of its columns; `clock.…` are those of its first-reply clock.

    `identities` are the lead's addresses and numbers as `kind:value`.
    """

    lead_id: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take a deed back; `what` is the sentence that says what was done. Without changes there was nothing to do."""

    what: str
    changes: tuple[Change, ...] = ()


def _line(text: str) -> str:
    return _CONTROL.sub('', text).strip()


def _tags(tags: list[str]) -> list[str]:
    """Without empty ones and twins; of twins in other letters the first spelling stays."""
    cleaned = {tag.casefold(): tag for tag in reversed([_line(tag) for tag in tags]) if tag}
    return list(reversed(cleaned.values()))


def _text(value: object) -> object:
    """A year may come as a number, and null means empty."""
    return '' if value is None else str(value) if isinstance(value, int) else value


Line = Annotated[str, AfterValidator(_line), Field(max_length=300)]
Part = Annotated[str, BeforeValidator(_text), AfterValidator(_line), Field(max_length=300)]
Tag = Annotated[str, Field(max_length=TAG_LONGEST)]


class Vehicle(BaseModel):
    """What stands in the yard; empty parts are not kept."""

    model_config = ConfigDict(extra='forbid')

    year: Part = ''
    make: Part = ''
    model: Part = ''
    size: Part = ''


class LeadEdit(BaseModel):
    """What a person changes by hand; what is left out stays. An empty text empties its field."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra='forbid')

    name: Line | None = None
    email: Annotated[str, AfterValidator(_line), Field(max_length=320)] | None = None
    phone: Annotated[str, AfterValidator(_line), Field(max_length=64)] | None = None
    location_id: UUID | None = None
    status: Status | None = None
    stage: Stage | None = None
    lost_reason: Line | None = None
    quality: Quality | None = None
    quality_reason: Line | None = None
    vehicle: Vehicle | None = None
    tags: Annotated[list[Tag], AfterValidator(_tags), Field(max_length=TAGS_MOST)] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of an event's payload that are not columns of the lead."""

    title: str
    due_at: datetime | None
    place_name: str
    time_zone: str
    changed: tuple[str, ...] = ()
