"""The desk API of the clock: its policies."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from domain.access.rules import Permission
from domain.base.scope import Actor
from domain.sla.messages import PolicyChange, PolicyOrder
from domain.sla.models import CountedTime
from domain.sla.policies import change_policy, policies, set_policy
from ui.guard import doors_of
from ui.routes.desk import Answer, Reader
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['sla'])

Editor = Annotated[Actor, Depends(allowed(Permission.SETTINGS_EDIT))]


class PolicyOut(Answer):
    """What holds for leads of one quality; times in seconds. `version` 0: the default, which nobody has changed."""

    id: UUID
    quality: str
    first_reply_seconds: int
    next_reply_seconds: int | None
    resolution_seconds: int | None
    clock: CountedTime
    pausing: list[str]
    warn_seconds: int
    warn_share: float
    escalate_seconds: int
    assistant_counts: bool
    version: int


class PolicyList(Answer):
    """Hot, warm and cold, in this order."""

    items: list[PolicyOut]
    next_cursor: None = None


@router.get('/sla/policies')
def get_policies(request: Request, actor: Reader) -> PolicyList:
    """What holds for each quality, the default where nothing else was said."""
    with doors_of(request).db.reading() as session:
        return PolicyList(items=[PolicyOut.model_validate(row) for row in policies(session, actor.scope)])


@router.post('/sla/policies', status_code=201)
def post_policy(request: Request, actor: Editor, body: PolicyOrder) -> PolicyOut:
    """Say what holds for a quality from now on: it takes the place of what was said before, and applies to new leads."""
    with doors_of(request).db.transaction() as session:
        return PolicyOut.model_validate(set_policy(session, actor, body))


@router.patch('/sla/policies/{policy_id}')
def patch_policy(request: Request, actor: Editor, policy_id: UUID, body: PolicyChange) -> PolicyOut:
    """Change what is named; it applies to new leads."""
    with doors_of(request).db.transaction() as session:
        return PolicyOut.model_validate(change_policy(session, actor, policy_id, body))
