"""The desk API for other systems: leads, timelines, receipts and the quarantine. An API key or a signed-in session."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import pydantic_core
from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from domain.access.rules import Permission, require
from domain.alerts.queries import open_alerts
from domain.base.errors import NotFound
from domain.base.scope import Actor
from domain.desk.queries import timeline
from domain.inbound.models import Submission
from domain.intake import rules
from domain.intake.actions import capture
from domain.intake.facts import Credential, Facts
from domain.intake.messages import Arrival, ContactMessage
from domain.intake.queries import quarantined, snapshot, submission
from domain.leads.models import Lead, Quality, Status
from domain.leads.queries import lead as find_lead
from domain.leads.queries import leads as list_leads
from domain.sla.queries import first_reply_clocks
from domain.tenancy.queries import locations
from ui.doors import Doors
from ui.guard import doors_of
from ui.routes.intake import idempotency_key
from ui.routes.security import allowed, presented

router = APIRouter(prefix='/api/v1', tags=['desk'])

Limit = Annotated[int, Query(ge=1, le=200)]
Reader = Annotated[Actor, Depends(allowed(Permission.LEADS_READ))]
Writer = Annotated[Actor, Depends(allowed(Permission.LEADS_CAPTURE))]


class Answer(BaseModel):
    """An answer's shape: camelCase outside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class LeadOut(Answer):
    """A lead."""

    id: UUID
    name: str
    email: str
    phone: str
    quality: str
    quality_reason: str
    status: str
    stage: str
    source: str
    location_id: UUID
    owner_id: UUID | None
    queue: str | None
    next_at: datetime | None
    sla_deadline: datetime | None = None
    first_response_at: datetime | None = None
    possible_duplicates: list[UUID]
    facts: dict[str, Any]
    created_at: datetime
    changed_at: datetime


class LeadList(Answer):
    """One page; `nextCursor` null: the last one."""

    items: list[LeadOut]
    next_cursor: UUID | None


class EntryOut(Answer):
    """One line of a timeline."""

    id: UUID
    at: datetime
    event_type: str
    title: str
    description: str
    actor_type: str
    actor: str
    facts: dict[str, Any]


class EntryList(Answer):
    """A timeline, oldest first."""

    items: list[EntryOut]
    next_cursor: None = None


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


class LocationOut(Answer):
    """A place of the tenant."""

    id: UUID
    name: str
    time_zone: str
    is_default: bool


class LocationList(Answer):
    """All places, the default one first."""

    items: list[LocationOut]
    next_cursor: None = None


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


class AlertList(Answer):
    """What is wrong now, newest first."""

    items: list[AlertOut]
    next_cursor: None = None


@router.get('/leads')
def get_leads(
    request: Request,
    actor: Reader,
    limit: Limit = 50,
    cursor: UUID | None = None,
    status: Status | None = None,
    quality: Quality | None = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
) -> LeadList:
    """Leads, newest first; `search` looks in name, e-mail and phone."""
    with doors_of(request).db.reading() as session:
        rows = list_leads(session, actor.scope, limit=limit + 1, before=cursor, status=status, quality=quality, text=search)
        page = rows[:limit]
        clocks = first_reply_clocks(session, actor.scope, [row.id for row in page])
        items = [_lead_out(row, clocks.get(row.id)) for row in page]
    return LeadList(items=items, next_cursor=page[-1].id if len(rows) > limit else None)


@router.post('/leads', status_code=201)
async def post_lead(request: Request, actor: Writer, body: Annotated[ContactMessage, Body()]) -> Response:
    """Make a lead through the same path as all others; the answer is that of intake."""
    doors = doors_of(request)
    facts = await asyncio.to_thread(_facts_of, request, doors, actor)
    arrival = Arrival(await request.body(), 'application/json', key=idempotency_key(request))
    cmd = rules.submission(body, arrival, 'desk', facts.region, may_grade=True)
    captured = await capture(cmd, facts, doors.keeper, doors.db)
    return Response(captured.text, 201, {'Idempotency-Replayed': 'true'} if captured.replayed else {}, 'application/json')


@router.get('/leads/{lead_id}')
def get_lead(request: Request, actor: Reader, lead_id: UUID) -> LeadOut:
    """One lead, by its id or by that of a receipt of its."""
    with doors_of(request).db.reading() as session:
        row = find_lead(session, actor.scope, lead_id)
        if row is None:
            raise NotFound('There is no such lead.')
        return _lead_out(row, first_reply_clocks(session, actor.scope, [row.id]).get(row.id))


@router.get('/leads/{lead_id}/timeline')
def get_timeline(request: Request, actor: Reader, lead_id: UUID, limit: Limit = 200) -> EntryList:
    """The latest entries, oldest first."""
    with doors_of(request).db.reading() as session:
        row = find_lead(session, actor.scope, lead_id)
        if row is None:
            raise NotFound('There is no such lead.')
        return EntryList(items=[EntryOut.model_validate(entry) for entry in timeline(session, actor.scope, row.id, limit=limit)])


@router.get('/quarantine')
def get_quarantine(request: Request, actor: Reader, limit: Limit = 50, cursor: UUID | None = None) -> ReceiptList:
    """Submissions that were kept but not understood, newest first."""
    with doors_of(request).db.reading() as session:
        rows = quarantined(session, actor.scope, limit=limit + 1, before=cursor)
        items = [_receipt_out(row) for row in rows[:limit]]
    return ReceiptList(items=items, next_cursor=rows[limit - 1].id if len(rows) > limit else None)


@router.get('/receipts/{receipt_id}')
def get_receipt(request: Request, actor: Reader, receipt_id: str) -> ReceiptOut:
    """One raw submission; a signed receipt id serves as well as the bare one."""
    try:
        id_ = UUID(receipt_id.partition('.')[0])
    except ValueError:
        raise NotFound('There is no such receipt.') from None
    with doors_of(request).db.reading() as session:
        row = submission(session, actor.scope, id_)
        if row is None:
            raise NotFound('There is no such receipt.')
        return _receipt_out(row)


@router.get('/locations')
def get_locations(request: Request, actor: Reader) -> LocationList:
    """The tenant's places."""
    with doors_of(request).db.reading() as session:
        return LocationList(items=[LocationOut.model_validate(row) for row in locations(session, actor.scope)])


@router.get('/alerts')
def get_alerts(request: Request, actor: Reader) -> AlertList:
    """What is wrong now."""
    with doors_of(request).db.reading() as session:
        return AlertList(items=[AlertOut.model_validate(row) for row in open_alerts(session, actor.scope)])


def _facts_of(request: Request, doors: Doors, actor: Actor) -> Facts:
    kind, key = presented(request)
    if kind == 'api':
        return doors.facts.load(key, 'api')
    require(actor, Permission.LEADS_CAPTURE)
    credential = Credential(f'desk:{actor.id.hex}' if actor.id else 'desk', 'desk', actor.id, actor.name)
    with doors.db.reading() as session:
        return snapshot(session, actor.scope, credential, sign=doors.box.sign, expire=doors.facts.expire)


def _lead_out(row: Lead, clock: Any) -> LeadOut:
    out = LeadOut.model_validate(row)
    if clock is not None:
        out.sla_deadline, out.first_response_at = clock.due_at, clock.answered_at
    return out


def _receipt_out(row: Submission) -> ReceiptOut:
    fields: dict[str, Any] = pydantic_core.to_jsonable_python(row, exclude={'raw'})
    return ReceiptOut.model_validate({**fields, 'raw': row.raw.decode('utf-8', 'replace')})
