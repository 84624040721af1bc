"""What an owner or admin does with the accounts of others."""

from uuid import UUID

from sqlmodel import Session, select

from domain.access.closing import end_links, end_sessions, keep_an_owner
from domain.access.models import User
from domain.access.rules import Permission, check_may_manage, require
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict, NotFound
from domain.base.scope import Actor, Role


def change_role(session: Session, actor: Actor, user_id: UUID, role: Role) -> Role:
    """Give somebody another role and end their sessions; gives back the role they had.

    Raises NotFound, Forbidden where owners are touched by others, Conflict for oneself and for the last owner.
    """
    user = managed(session, actor, user_id)
    check_may_manage(actor, user.role, role)
    _not_oneself(actor, user, 'change your own role')
    before = user.role
    if before is role:
        return before
    if before is Role.OWNER and user.disabled_at is None:
        keep_an_owner(session, user)
    user.role = role
    session.add(user)
    end_sessions(session, user)
    end_links(session, user.tenant_id, user.email)
    note(session, actor, 'user.role_changed', user.email, before=before.value, after=role.value)
    return before


def disable(session: Session, actor: Actor, user_id: UUID) -> None:
    """Close an account and end its sessions; raises as `change_role` does."""
    user = managed(session, actor, user_id)
    check_may_manage(actor, user.role)
    _not_oneself(actor, user, 'disable your own account')
    if user.disabled_at is not None:
        return
    if user.role is Role.OWNER:
        keep_an_owner(session, user)
    user.disabled_at = now()
    session.add(user)
    end_sessions(session, user)
    end_links(session, user.tenant_id, user.email)
    note(session, actor, 'user.disabled', user.email)


def enable(session: Session, actor: Actor, user_id: UUID) -> None:
    """Open a closed account again, with the password it had; raises NotFound or Forbidden."""
    user = managed(session, actor, user_id)
    check_may_manage(actor, user.role)
    if user.disabled_at is None:
        return
    user.disabled_at = None
    session.add(user)
    ring(session, 'access', actor.tenant_id, user.id)
    note(session, actor, 'user.enabled', user.email)


def sign_out_everywhere(session: Session, actor: Actor, user_id: UUID) -> int:
    """End all sessions of a person, and give back how many there were; raises NotFound or Forbidden."""
    user = managed(session, actor, user_id)
    if user.id != actor.id:
        check_may_manage(actor, user.role)
    ended = end_sessions(session, user)
    note(session, actor, 'user.signed_out_everywhere', user.email, sessions=ended)
    return ended


def managed(session: Session, actor: Actor, user_id: UUID) -> User:
    """The account, locked, for one who may edit people; raises NotFound."""
    require(actor, Permission.PEOPLE_EDIT)
    query = select(User).where(User.tenant_id == actor.tenant_id, User.id == user_id)
    user = session.exec(query.with_for_update()).first()
    if user is None:
        raise NotFound('There is no such account.')
    return user


def _not_oneself(actor: Actor, user: User, what: str) -> None:
    if actor.id == user.id:
        raise Conflict(f'You cannot {what}. Ask another owner or admin to do it.')
