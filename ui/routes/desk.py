"""What the routes of the desk API share, and its alerts. An API key or a signed-in session."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from domain.access.rules import Permission
from domain.alerts.queries import open_alerts
from domain.base.scope import Actor
from ui.guard import doors_of
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['desk'])

Limit = Annotated[int, Query(ge=1, le=200)]
Reader = Annotated[Actor, Depends(allowed(Permission.LEADS_READ))]
Mender = Annotated[Actor, Depends(allowed(Permission.LEADS_WRITE))]
Writer = Annotated[Actor, Depends(allowed(Permission.LEADS_CAPTURE))]


class Answer(BaseModel):
    """An answer's shape: camelCase outside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class AlertOut(Answer):
    """An open alert."""

    id: UUID
    key: str
    severity: str
    title: str
    detail: str
    count: int
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


class AlertList(Answer):
    """What is wrong now, newest first."""

    items: list[AlertOut]
    next_cursor: None = None


@router.get('/alerts')
def get_alerts(request: Request, actor: Reader) -> AlertList:
    """What is wrong now."""
    with doors_of(request).db.reading() as session:
        return AlertList(items=[AlertOut.model_validate(row) for row in open_alerts(session, actor.scope)])
