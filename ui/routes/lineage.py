"""The way of one lead over HTTP, from its receipt to the first reply."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request

from domain.base.errors import NotFound
from domain.desk.lineage import lineage
from ui.guard import doors_of
from ui.routes.desk import Answer, Reader

router = APIRouter(prefix='/api/v1', tags=['reports'])


class StepOut(Answer):
    """One station; `seconds` since the one before it in time, null while it has not happened."""

    name: str
    at: datetime | None
    seconds: float | None


class LineageOut(Answer):
    """The way of a lead; `slowest` names the station its slowest link leads to, `waiting`: nobody has replied yet."""

    lead_id: UUID
    steps: list[StepOut]
    slowest: str
    seconds: float
    waiting: bool
    total: float | None


@router.get('/leads/{lead_id}/lineage')
def get_lineage(request: Request, actor: Reader, lead_id: UUID) -> LineageOut:
    """When a lead was received, stored, assigned, alerted, seen and answered, and the slowest link between these."""
    with doors_of(request).db.reading() as session:
        found = lineage(session, actor.scope, lead_id)
    if found is None:
        raise NotFound('There is no such lead.')
    return LineageOut.model_validate(found)
