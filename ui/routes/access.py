"""The desk API for accounts: who there is, with which role, open or closed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from domain.access.people import change_role, disable, enable, managed
from domain.access.queries import users
from domain.access.rules import Permission
from domain.base.scope import Actor, Role
from ui.guard import doors_of
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['desk'])

Manager = Annotated[Actor, Depends(allowed(Permission.PEOPLE_EDIT))]


class UserOut(BaseModel):
    """An account."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)

    id: UUID
    email: str
    name: str
    role: Role
    disabled_at: datetime | None
    signed_in_at: datetime | None


class UserList(BaseModel):
    """Everybody, by address."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    items: list[UserOut]
    next_cursor: None = None


class UserChange(BaseModel):
    """What may be changed; what is not named stays."""

    model_config = ConfigDict(extra='forbid')

    role: Role | None = None
    disabled: bool | None = None


@router.get('/users')
def get_users(request: Request, actor: Manager) -> UserList:
    """The tenant's accounts."""
    with doors_of(request).db.reading() as session:
        return UserList(items=[UserOut.model_validate(row) for row in users(session, actor.scope)])


@router.patch('/users/{user_id}')
def patch_user(request: Request, actor: Manager, user_id: UUID, change: Annotated[UserChange | None, Body()] = None) -> UserOut:
    """Give somebody another role, or close or open the account; both end the person's sessions."""
    wanted = change or UserChange()
    with doors_of(request).db.transaction() as session:
        if wanted.role is not None:
            change_role(session, actor, user_id, wanted.role)
        if wanted.disabled is not None:
            (disable if wanted.disabled else enable)(session, actor, user_id)
        return UserOut.model_validate(managed(session, actor, user_id))
