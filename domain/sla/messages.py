"""What people send in about policies."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.sla.models import CountedTime

LONGEST = 366 * 24 * 60 * 60  # seconds: no window is longer than a year

Window = Annotated[int, Field(strict=True, gt=0, le=LONGEST)]
Lead = Annotated[int, Field(strict=True, ge=0, le=LONGEST)]  # how long before or after a deadline
Share = Annotated[float, Field(ge=0, le=1)]
Pausing = Literal['waiting', 'snoozed']  # the statuses in which nobody at the desk is waited for
Grade = Literal['hot', 'warm', 'cold']


class PolicyOrder(BaseModel):
    """POST /api/v1/sla/policies: all that holds for leads of a quality; what is left out is the default. Times in seconds."""

    model_config = ConfigDict(extra='forbid', alias_generator=to_camel, populate_by_name=True)

    quality: Grade
    first_reply_seconds: Window
    next_reply_seconds: Window | None = None
    resolution_seconds: Window | None = None
    clock: CountedTime = CountedTime.ALWAYS
    pausing: list[Pausing] = ['waiting']
    warn_seconds: Lead = 30 * 60
    warn_share: Share = 0.5
    escalate_seconds: Lead = 15 * 60
    assistant_counts: bool = Field(default=False, strict=True)


class PolicyChange(BaseModel):
    """PATCH /api/v1/sla/policies/{id}; what is left out stays, `null` takes the next reply or the resolution away."""

    model_config = ConfigDict(extra='forbid', alias_generator=to_camel, populate_by_name=True)

    quality: Grade | None = None  # may be repeated; a policy stays with its quality
    first_reply_seconds: Window | None = None
    next_reply_seconds: Window | None = None
    resolution_seconds: Window | None = None
    clock: CountedTime | None = None
    pausing: list[Pausing] | None = None
    warn_seconds: Lead | None = None
    warn_share: Share | None = None
    escalate_seconds: Lead | None = None
    assistant_counts: bool | None = Field(default=None, strict=True)
