"""What a person has set for themselves; it follows them to every browser they sign in with."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from domain.access.models import User
from domain.access.quiet import QUIET, check_quiet
from domain.base.errors import Forbidden, Invalid
from domain.base.scope import Actor, Scope


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise Invalid('This can only be on or off.')
    return value


# shortcuts: whether single keys do something; quietHours: when not to be told, see the room's `quiet`
KNOWN: dict[str, Callable[[object], Any]] = {'shortcuts': _switch, QUIET: check_quiet}


def preferences(session: Session, scope: Scope, user_id: UUID | None) -> dict[str, Any]:
    """What this person has set; empty for whoever is no person of the tenant."""
    user = session.exec(select(User).where(User.tenant_id == scope.tenant_id, User.id == user_id)).first()
    return dict(user.preferences) if user else {}


def set_preference(session: Session, actor: Actor, name: str, value: object) -> None:
    """Set one of the acting person's own preferences; raises Invalid for an unknown name or a value of another kind, Forbidden for keys."""
    if actor.id is None or actor.role is None:
        raise Forbidden('Only a person who is signed in has preferences.')
    if name not in KNOWN:
        raise Invalid(f'"{name}" cannot be set to this; known are {", ".join(KNOWN)}.')
    checked = KNOWN[name](value)
    user = session.exec(select(User).where(User.tenant_id == actor.tenant_id, User.id == actor.id).with_for_update()).one()
    user.preferences = {**user.preferences, name: checked}
    session.add(user)
