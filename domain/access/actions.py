"""Accounts: made, closed, and given a new password."""

from sqlmodel import Session

from domain.access.closing import end_links, end_sessions, keep_an_owner
from domain.access.models import User
from domain.access.queries import user_by_email
from domain.access.rules import (
    Permission,
    check_address,
    check_may_manage,
    check_password,
    passwords,
    require,
)
from domain.audit.actions import note
from domain.base.clock import now as app_now
from domain.base.db import ring
from domain.base.errors import Conflict, NotFound
from domain.base.scope import Actor, Role


def add_user(session: Session, actor: Actor, email: str, name: str, password: str, role: Role) -> User:
    """Make an account; raises Invalid for a bad address or password, Conflict when the address has one."""
    require(actor, Permission.PEOPLE_EDIT)
    check_may_manage(actor, role)
    address = check_address(email)
    check_password(password, address)
    if user_by_email(session, address):
        raise Conflict(f'There is an account for {address} already.')
    user = User(tenant_id=actor.tenant_id, email=address, name=name.strip() or address, password_hash=passwords.hash(password), role=role)
    session.add(user)
    end_links(session, user.tenant_id, user.email)  # an invitation of this address has nothing left to make
    ring(session, 'access', actor.tenant_id)
    note(session, actor, 'user.added', address, role=role.value)
    return user


def disable_user(session: Session, actor: Actor, email: str) -> User:
    """Close an account and end its sessions; raises NotFound, or Conflict for the last owner."""
    require(actor, Permission.PEOPLE_EDIT)
    user = _user(session, actor, email)
    check_may_manage(actor, user.role)
    if user.role is Role.OWNER:
        keep_an_owner(session, user)
    user.disabled_at = app_now()
    session.add(user)
    end_sessions(session, user)
    end_links(session, user.tenant_id, user.email)
    note(session, actor, 'user.disabled', user.email)
    return user


def reset_password(session: Session, actor: Actor, email: str, password: str) -> User:
    """Set a new password, end the person's sessions and open the account again if it was disabled."""
    require(actor, Permission.PEOPLE_EDIT)
    user = _user(session, actor, email)
    check_may_manage(actor, user.role)
    check_password(password, user.email)
    user.password_hash, user.disabled_at = passwords.hash(password), None
    session.add(user)
    end_sessions(session, user)
    end_links(session, user.tenant_id, user.email)
    note(session, actor, 'user.password_reset', user.email)
    return user


def _user(session: Session, actor: Actor, email: str) -> User:
    user = user_by_email(session, email)
    if user is None or user.tenant_id != actor.tenant_id:
        raise NotFound(f'There is no account for {email}.')
    return user
