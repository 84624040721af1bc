"""Values of assignment: the rule, what may be changed of it, who could take a lead, and what was decided and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from domain.base.errors import FieldError, Invalid
from domain.base.scope import Role
from domain.leads.placing import FIRST_QUEUE

TAKE_BACK_MOST = 7 * 24 * 60 * 60  # seconds


@dataclass(frozen=True, slots=True)
class Rule:
    """How the tenant gives out its leads; `take_back_seconds` of silence after which a lead goes on, None: never."""

    enabled: bool = True
    queue: str = FIRST_QUEUE
    take_back_seconds: int | None = None
    default_capacity: int | None = 50


def _name(text: str) -> str:
    name = ' '.join(text.split())
    if not name or not name.isprintable():
        raise ValueError('must have 1 to 64 characters')
    return name


class RuleChange(BaseModel):
    """What is left out stays; null takes a limit away."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra='forbid')

    enabled: bool | None = None
    queue: Annotated[str, AfterValidator(_name), Field(max_length=64)] | None = None
    take_back_seconds: Annotated[int, Field(ge=1, le=TAKE_BACK_MOST)] | None = None
    default_capacity: Annotated[int, Field(ge=1, le=10_000)] | None = None


def rule_change(**fields: Any) -> RuleChange:
    """What was typed, checked; raises Invalid that names the fields."""
    try:
        return RuleChange.model_validate(fields)
    except ValidationError as trouble:
        errors = [FieldError(str(each['loc'][0]), _plainly(each)) for each in trouble.errors()]
        raise Invalid('; '.join(f'{each.field} {each.message}' for each in errors) + '.', errors=errors) from None


def _plainly(error: Any) -> str:
    """What is wrong, as it follows the field's name."""
    bounds = error.get('ctx', {})
    match error['type']:
        case 'greater_than_equal' | 'less_than_equal':
            return f'must be at {"least" if "ge" in bounds else "most"} {bounds.get("ge", bounds.get("le")):,}'
        case 'string_too_long':
            return f'must have at most {bounds["max_length"]} characters'
        case 'value_error':
            return str(bounds['error'])
    return 'cannot be taken as it is'


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might be given a lead. `load` counts the leads of theirs that wait for a reply; `turn`: when the last one was given."""

    id: UUID
    name: str
    present: bool = True
    load: int = 0
    capacity: int | None = None
    skills: tuple[str, ...] = ()
    location_ids: frozenset[UUID] = frozenset()  # empty: all
    turn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known of a lead that nobody has; `words` are those of the service it asks for."""

    location_id: UUID
    location: str = ''
    tags: tuple[str, ...] = ()
    words: str = ''
    passed_over: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one person can take the lead, and the reason in words that follow their name."""

    candidate: Candidate
    fits: bool
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets the lead, None: nobody can take it; `why` is the sentence shown to the agent. `verdicts` come in the order of turns."""

    taker: Candidate | None
    why: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A lead and who gets it, with the sentence that says why."""

    lead_id: UUID
    taker: Candidate
    why: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """The leads with which something is to be done now; `in_vain`: others wait and nobody can take them, and `why`."""

    lead_ids: tuple[UUID, ...]
    why: str
    in_vain: bool = False


@dataclass(frozen=True, slots=True)
class Worker:
    """A person as the settings of assignment show them."""

    id: UUID
    name: str
    role: Role
    present: bool
    present_at: datetime | None
    load: int
    capacity: int | None  # their own; None: the desk's
    skills: tuple[str, ...]
    location_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Stray:
    """An open lead that could be forgotten: `missing` names owner and queue, or the next date."""

    lead_id: UUID
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """How many leads are open, and those of them that could be forgotten."""

    open: int
    strays: Sequence[Stray]
