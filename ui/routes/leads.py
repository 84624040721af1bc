"""The desk API of leads for other systems: list, create through capture, read, change, assign, note, merge."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.access.rules import Permission, require
from domain.base.db import Session
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.scope import Actor
from domain.conversations.actions import note
from domain.desk.merging import merge
from domain.desk.queries import timeline
from domain.intake import rules
from domain.intake.actions import capture
from domain.intake.facts import Credential, Facts
from domain.intake.messages import Arrival, ContactMessage
from domain.intake.queries import snapshot
from domain.leads.actions import assign, reopen, snooze
from domain.leads.editing import edit
from domain.leads.messages import NOTE_LONGEST, TAG_LONGEST, LeadEdit
from domain.leads.models import Lead, Quality, Status
from domain.leads.queries import lead as find_lead
from domain.leads.queries import leads as list_leads
from domain.sla.queries import first_reply_clocks
from ui.doors import Doors
from ui.guard import doors_of
from ui.routes.desk import Answer, Limit, Reader
from ui.routes.intake import idempotency_key
from ui.routes.search import find_leads
from ui.routes.security import allowed, presented

router = APIRouter(prefix='/api/v1', tags=['leads'])

Capturer = Annotated[Actor, Depends(allowed(Permission.LEADS_CAPTURE))]
Editor = Annotated[Actor, Depends(allowed(Permission.LEADS_WRITE))]


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
    lost_reason: str
    snoozed_until: datetime | None
    tags: list[str]
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


class LeadPatch(LeadEdit):
    """PATCH: what is left out stays. `ownerId` null takes the owner away, `snoozedUntil` null brings a snoozed lead back."""

    owner_id: UUID | None = None
    snoozed_until: AwareDatetime | None = None


class Order(BaseModel):
    """A body in camelCase without unknown fields."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra='forbid')


class Assignment(Order):
    """Who owns the lead from now on; null: nobody."""

    owner_id: UUID | None


class Note(Order):
    """A note for colleagues."""

    text: str = Field(max_length=NOTE_LONGEST)


class NoteOut(Answer):
    """The timeline entry that holds the note."""

    id: UUID


class MergeOrder(Order):
    """The lead that becomes part of the one in the path."""

    lead_id: UUID


class MergeOut(Answer):
    """The merge, and the lead that both are now."""

    id: UUID
    lead_id: UUID


@router.get('/leads')
def get_leads(
    request: Request,
    actor: Reader,
    limit: Limit = 50,
    cursor: UUID | None = None,
    status: Status | None = None,
    quality: Quality | None = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
    owner_id: Annotated[UUID | None, Query(alias='ownerId')] = None,
    tag: Annotated[str | None, Query(max_length=TAG_LONGEST)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> LeadList:
    """Leads, newest first; `search` looks in name, e-mail and phone.

    `q` asks the search of the desk instead: names, numbers, addresses and all words of the timeline, best first, one page, no other filter.
    """
    if q and q.strip():
        return _found(request, actor, q, limit)
    with doors_of(request).db.reading() as session:
        rows = list_leads(
            session,
            actor.scope,
            limit=limit + 1,
            before=cursor,
            status=status,
            quality=quality,
            text=search,
            owner_id=owner_id,
            tag=tag,
        )
        page = rows[:limit]
        clocks = first_reply_clocks(session, actor.scope, [row.id for row in page])
        items = [_lead_out(row, clocks.get(row.id)) for row in page]
    return LeadList(items=items, next_cursor=page[-1].id if len(rows) > limit else None)


def _found(request: Request, actor: Actor, text: str, limit: int) -> LeadList:
    rows = find_leads(doors_of(request), actor, text, limit)
    with doors_of(request).db.reading() as session:
        clocks = first_reply_clocks(session, actor.scope, [row.id for row in rows])
    return LeadList(items=[_lead_out(row, clocks.get(row.id)) for row in rows], next_cursor=None)


@router.post('/leads', status_code=201)
async def post_lead(request: Request, actor: Capturer, body: Annotated[ContactMessage, Body()]) -> Response:
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
        return _answer(session, actor, _own(session, actor, lead_id))


@router.get('/leads/{lead_id}/timeline')
def get_timeline(request: Request, actor: Reader, lead_id: UUID, limit: Limit = 200) -> EntryList:
    """The latest entries, oldest first."""
    with doors_of(request).db.reading() as session:
        entries = timeline(session, actor.scope, _own(session, actor, lead_id), limit=limit)
        return EntryList(items=[EntryOut.model_validate(entry) for entry in entries])


@router.patch('/leads/{lead_id}')
def patch_lead(request: Request, actor: Editor, lead_id: UUID, body: LeadPatch) -> LeadOut:
    """Change a lead: all of it or nothing."""
    given = body.model_fields_set
    with doors_of(request).db.transaction() as session:
        id_ = _own(session, actor, lead_id)
        fields = body.model_dump(exclude_unset=True, exclude={'owner_id', 'snoozed_until'})
        snoozed = body.snoozed_until is not None
        if snoozed and fields.pop('status', Status.SNOOZED) is not Status.SNOOZED:
            raise Invalid(
                'A lead is snoozed until a time or has another status.', errors=[FieldError('status', 'contradicts snoozedUntil')]
            )
        if fields:
            edit(session, actor, id_, LeadEdit.model_validate(fields))
        if 'owner_id' in given:
            assign(session, actor, [id_], body.owner_id)
        if body.snoozed_until is not None:
            snooze(session, actor, [id_], body.snoozed_until)
        elif 'snoozed_until' in given and _lead(session, actor, id_).status is Status.SNOOZED:
            reopen(session, actor, [id_])
        session.flush()
        return _answer(session, actor, id_)


@router.post('/leads/{lead_id}/assign')
def post_assign(request: Request, actor: Editor, lead_id: UUID, body: Assignment) -> LeadOut:
    """Give the lead to a person of the desk, or to nobody."""
    with doors_of(request).db.transaction() as session:
        id_ = _own(session, actor, lead_id)
        assign(session, actor, [id_], body.owner_id)
        return _answer(session, actor, id_)


@router.post('/leads/{lead_id}/notes', status_code=201)
def post_note(request: Request, actor: Editor, lead_id: UUID, body: Note) -> NoteOut:
    """Keep a note on the lead's timeline."""
    with doors_of(request).db.transaction() as session:
        return NoteOut(id=note(session, actor, _own(session, actor, lead_id), body.text))


@router.post('/leads/{lead_id}/merge')
def post_merge(request: Request, actor: Editor, lead_id: UUID, body: MergeOrder) -> MergeOut:
    """Make another lead part of this one."""
    with doors_of(request).db.transaction() as session:
        id_ = _own(session, actor, lead_id)
        return MergeOut(id=merge(session, actor, id_, _own(session, actor, body.lead_id)), lead_id=id_)


def _facts_of(request: Request, doors: Doors, actor: Actor) -> Facts:
    kind, key = presented(request)
    if kind == 'api':
        return doors.facts.load(key, 'api')
    require(actor, Permission.LEADS_CAPTURE)
    credential = Credential(f'desk:{actor.id.hex}' if actor.id else 'desk', 'desk', actor.id, actor.name)
    with doors.db.reading() as session:
        return snapshot(session, actor.scope, credential, sign=doors.box.sign, expire=doors.facts.expire)


def _lead(session: Session, actor: Actor, lead_id: UUID) -> Lead:
    row = find_lead(session, actor.scope, lead_id)
    if row is None:
        raise NotFound('There is no such lead.')
    return row


def _own(session: Session, actor: Actor, lead_id: UUID) -> UUID:
    """The lead that an id names: its own, a receipt's, or that of a lead that is part of it."""
    return _lead(session, actor, lead_id).id


def _answer(session: Session, actor: Actor, lead_id: UUID) -> LeadOut:
    return _lead_out(_lead(session, actor, lead_id), first_reply_clocks(session, actor.scope, [lead_id]).get(lead_id))


def _lead_out(row: Lead, clock: Any) -> LeadOut:
    out = LeadOut.model_validate(row)
    if clock is not None:
        out.sla_deadline, out.first_response_at = clock.due_at, clock.answered_at
    return out
