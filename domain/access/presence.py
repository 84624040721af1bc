"""Who takes new leads now: the switch of each person."""

from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.models import User, UserSession
from domain.access.people import managed
from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict
from domain.base.scope import Actor, Scope


def present_people(session: Session, scope: Scope) -> frozenset[UUID]:
    """Everybody of the tenant who takes new leads now."""
    return frozenset(session.exec(select(User.id).where(User.tenant_id == scope.tenant_id, col(User.present))))


def set_present(session: Session, actor: Actor, user_id: UUID, present: bool) -> bool:
    """Say whether somebody takes new leads now; gives back what it was. Oneself anybody may who works with leads.

    Raises NotFound, Forbidden for others where one may not edit people, Conflict for an account that is switched off.
    """
    if actor.id == user_id and actor.role is not None:
        require(actor, Permission.LEADS_WRITE)
        user = session.exec(select(User).where(User.tenant_id == actor.tenant_id, User.id == user_id).with_for_update()).one()
    else:
        user = managed(session, actor, user_id)
    if present and user.disabled_at is not None:
        raise Conflict(f'The account of {user.name} is switched off; nobody can answer leads with it.')
    before = user.present
    if before != present or user.present_at is None:
        user.present, user.present_at = present, now()
        session.add(user)
        if actor.id != user_id:
            note(session, actor, 'user.presence_set', user.email, present=present)
        ring(session, 'access', actor.tenant_id, user.id)
    return before


def leave(session: Session, actor: Actor) -> None:
    """Whoever has signed out of their last session is away: nobody there would see what they are given."""
    moment = now()
    live = select(UserSession.id).where(
        UserSession.tenant_id == actor.tenant_id,
        UserSession.user_id == actor.id,
        col(UserSession.ended_at).is_(None),
        UserSession.expires_at > moment,
    )
    if session.exec(live.limit(1)).first() is not None:
        return
    user = session.exec(select(User).where(User.tenant_id == actor.tenant_id, User.id == actor.id).with_for_update()).one()
    if user.present:
        user.present, user.present_at = False, moment
        session.add(user)
        ring(session, 'access', actor.tenant_id, user.id)
