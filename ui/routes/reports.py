"""Reports over HTTP: first replies over a range."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from domain.desk.reports import Figures, Part, first_replies
from ui.guard import doors_of
from ui.routes.desk import Answer, Reader

router = APIRouter(prefix='/api/v1', tags=['reports'])

Days = Annotated[int, Query(ge=1, le=366)]


class FiguresOut(Answer):
    """What was counted; times in counted seconds (opening hours where the policy says so), `inTime` a share from 0 to 1."""

    leads: int
    replied: int
    met: int
    missed: int
    waiting: int
    in_time: float | None
    median: float | None
    p90: float | None


class PartOut(FiguresOut):
    """The same of one quality, location, person or hour of arrival."""

    key: str
    name: str


class FirstReplyOut(Answer):
    """First replies of the leads that arrived from `since` to `until`; `before` is the same number of days before them."""

    since: datetime
    until: datetime
    days: int
    location_id: UUID | None
    business_hours: bool
    total: FiguresOut
    before: FiguresOut
    qualities: list[PartOut]
    locations: list[PartOut]
    people: list[PartOut]
    hours: list[PartOut]


@router.get('/reports/first-reply')
def get_first_reply(request: Request, actor: Reader, days: Days = 30, location: UUID | None = None) -> FirstReplyOut:
    """Median, 90th percentile and share in time of the first replies of the last so many days, today included."""
    with doors_of(request).db.reading() as session:
        found = first_replies(session, actor.scope, days, location)
    return FirstReplyOut(
        since=found.since,
        until=found.until,
        days=found.days,
        location_id=found.location_id,
        business_hours=found.business_hours,
        total=_figures(found.total),
        before=_figures(found.before),
        qualities=[_part(part) for part in found.qualities],
        locations=[_part(part) for part in found.places],
        people=[_part(part) for part in found.people],
        hours=[_part(part) for part in found.hours],
    )


def _figures(figures: Figures) -> FiguresOut:
    return FiguresOut.model_validate(figures)


def _part(part: Part) -> PartOut:
    return PartOut(key=part.key, name=part.name, **_figures(part.figures).model_dump())
