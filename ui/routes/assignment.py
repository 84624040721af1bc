"""The desk API of assignment: the rule, who works with which leads, and who would get one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request

from domain.access.rules import Permission
from domain.assignment.actions import set_rule
from domain.assignment.messages import Decision, RuleChange
from domain.assignment.queries import dry_run, dry_run_of, rule
from domain.base.scope import Actor
from ui.guard import doors_of
from ui.routes.desk import Answer, Reader
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['assignment'])

Editor = Annotated[Actor, Depends(allowed(Permission.SETTINGS_EDIT))]
Words = Annotated[str, Query(max_length=300)]
Tags = Annotated[list[str] | None, Query(max_length=20)]


class RuleOut(Answer):
    """The rule; `takeBackSeconds` null: a lead stays with whoever has it, `defaultCapacity` null: no limit."""

    enabled: bool
    queue: str
    take_back_seconds: int | None
    default_capacity: int | None


class VerdictOut(Answer):
    """One person, and why they can or cannot take it."""

    user_id: UUID
    name: str
    can: bool
    why: str


class DecisionOut(Answer):
    """Who would get the lead now; `ownerId` null: nobody can take it, and it would wait in `queue`."""

    owner_id: UUID | None
    owner: str | None
    queue: str | None
    why: str
    people: list[VerdictOut]


@router.get('/assignment')
def get_rule(request: Request, actor: Reader) -> RuleOut:
    """How new leads are given out."""
    with doors_of(request).db.reading() as session:
        return RuleOut.model_validate(rule(session, actor.scope))


@router.patch('/assignment')
def patch_rule(request: Request, actor: Editor, change: Annotated[RuleChange, Body()]) -> RuleOut:
    """Change the rule; what is left out stays, null takes a limit away."""
    with doors_of(request).db.transaction() as session:
        set_rule(session, actor, change)
        session.flush()
        return RuleOut.model_validate(rule(session, actor.scope))


@router.get('/assignment/preview')
def get_preview(
    request: Request,
    actor: Reader,
    lead_id: Annotated[UUID | None, Query(alias='leadId')] = None,
    location_id: Annotated[UUID | None, Query(alias='locationId')] = None,
    tag: Tags = None,
    service: Words = '',
) -> DecisionOut:
    """Who would get this lead if nobody had it, or a new one like this, and why; writes nothing."""
    with doors_of(request).db.reading() as session:
        queue = rule(session, actor.scope).queue
        if lead_id is not None:
            return _decision(dry_run(session, actor.scope, lead_id), queue)
        return _decision(dry_run_of(session, actor.scope, location_id, tuple(tag or ()), service), queue)


def _decision(found: Decision, queue: str) -> DecisionOut:
    people: list[dict[str, Any]] = [
        {'user_id': each.candidate.id, 'name': each.candidate.name, 'can': each.fits, 'why': each.why} for each in found.verdicts
    ]
    taker = found.taker
    return DecisionOut(
        owner_id=taker.id if taker else None,
        owner=taker.name if taker else None,
        queue=None if taker else queue,
        why=found.why,
        people=[VerdictOut.model_validate(each) for each in people],
    )
