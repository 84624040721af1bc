"""The desk API of receipts, and of those in the quarantine."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import pydantic_core
from fastapi import APIRouter, Body, Request

from domain.base.errors import NotFound
from domain.inbound.models import Submission
from domain.intake.messages import Correction
from domain.intake.queries import quarantined, submission
from domain.intake.release import release
from ui.guard import doors_of
from ui.routes.desk import Answer, Limit, Mender, Reader

router = APIRouter(prefix='/api/v1', tags=['desk'])


class ReceiptOut(Answer):
    """A receipt; `raw` is the body as it came, undecodable bytes as U+FFFD."""

    id: UUID
    lead_id: UUID | None
    outcome: str
    route: str
    content_type: str
    received_at: datetime
    problems: list[dict[str, str]]
    raw: str


class ReceiptList(Answer):
    """One page of receipts, newest first."""

    items: list[ReceiptOut]
    next_cursor: UUID | None


class ReleasedOut(Answer):
    """Where a quarantined submission went; `outcome` resubmitted: to the lead of a person who was known."""

    lead_id: UUID
    event_id: UUID
    outcome: str


@router.get('/quarantine')
def get_quarantine(request: Request, actor: Reader, limit: Limit = 50, cursor: UUID | None = None) -> ReceiptList:
    """Submissions that were kept but not understood, newest first."""
    with doors_of(request).db.reading() as session:
        rows = quarantined(session, actor.scope, limit=limit + 1, before=cursor)
        items = [_receipt_out(row) for row in rows[:limit]]
    return ReceiptList(items=items, next_cursor=rows[limit - 1].id if len(rows) > limit else None)


@router.post('/quarantine/{receipt_id}/release')
def post_release(request: Request, actor: Mender, receipt_id: str, body: Annotated[Correction | None, Body()] = None) -> ReleasedOut:
    """Make a lead of a quarantined submission; what the body does not name stays as it was read."""
    doors = doors_of(request)
    with doors.db.transaction() as session:
        released = release(session, actor, _receipt_id(receipt_id), body or Correction(), sign=doors.box.sign, expire=doors.facts.expire)
    return ReleasedOut.model_validate(released)


@router.get('/receipts/{receipt_id}')
def get_receipt(request: Request, actor: Reader, receipt_id: str) -> ReceiptOut:
    """One raw submission; a signed receipt id serves as well as the bare one."""
    id_ = _receipt_id(receipt_id)
    with doors_of(request).db.reading() as session:
        row = submission(session, actor.scope, id_)
        if row is None:
            raise NotFound('There is no such receipt.')
        return _receipt_out(row)


def _receipt_id(text: str) -> UUID:
    try:
        return UUID(text.partition('.')[0])
    except ValueError:
        raise NotFound('There is no such receipt.') from None


def _receipt_out(row: Submission) -> ReceiptOut:
    fields: dict[str, Any] = pydantic_core.to_jsonable_python(row, exclude={'raw'})
    return ReceiptOut.model_validate({**fields, 'raw': row.raw.decode('utf-8', 'replace')})
