"""The desk API for accounts: who there is, with which role, open or closed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from domain.access.abilities import set_capacity, set_places, set_skills
from domain.access.people import change_role, disable, enable, managed
from domain.access.presence import set_present
from domain.access.queries import account, users
from domain.access.rules import Permission
from domain.base.scope import Actor, Role
from ui.guard import doors_of
from ui.routes.security import Caller, allowed

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
    present: bool
    present_at: datetime | None
    capacity: int | None
    skills: list[str]
    location_ids: list[UUID]


class UserList(BaseModel):
    """Everybody, by address."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    items: list[UserOut]
    next_cursor: None = None


class UserChange(BaseModel):
    """What may be changed; what is not named stays. `capacity` null: the desk's own number; `locationIds` empty: all locations."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra='forbid')

    role: Role | None = None
    disabled: bool | None = None
    present: bool | None = None
    capacity: int | None = None
    skills: list[str] | None = None
    location_ids: list[UUID] | None = None


@router.get('/users')
def get_users(request: Request, actor: Manager) -> UserList:
    """The tenant's accounts."""
    with doors_of(request).db.reading() as session:
        return UserList(items=[UserOut.model_validate(row) for row in users(session, actor.scope)])


@router.patch('/users/{user_id}')
def patch_user(request: Request, actor: Caller, user_id: UUID, change: Annotated[UserChange | None, Body()] = None) -> UserOut:
    """Give somebody another role, or close or open the account; both end the person's sessions. Or say whether they take new leads,
    how many, of which kind and from where; whether one is present oneself anybody may say who works with leads.
    """
    wanted = change or UserChange()
    with doors_of(request).db.transaction() as session:
        if wanted.role is not None:
            change_role(session, actor, user_id, wanted.role)
        if wanted.disabled is not None:
            (disable if wanted.disabled else enable)(session, actor, user_id)
        if wanted.present is not None:
            set_present(session, actor, user_id, wanted.present)
        if 'capacity' in wanted.model_fields_set:
            set_capacity(session, actor, user_id, wanted.capacity)
        if wanted.skills is not None:
            set_skills(session, actor, user_id, wanted.skills)
        if wanted.location_ids is not None:
            set_places(session, actor, user_id, wanted.location_ids)
        if wanted.model_fields_set == {'present'}:
            return UserOut.model_validate(account(session, actor.scope, user_id))
        return UserOut.model_validate(managed(session, actor, user_id))
