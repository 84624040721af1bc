"""Links by which a person makes their account or chooses a new password: shown once, for seven days, for one use."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from domain.access.closing import end_links, end_sessions
from domain.access.models import Invitation, User
from domain.access.people import managed
from domain.access.queries import actor_of, invitation, user_by_email
from domain.access.rules import (
    INVITATION_LIFE,
    JOIN,
    RESET,
    Permission,
    check_address,
    check_may_manage,
    check_password,
    invitation_trouble,
    passwords,
    require,
)
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.scope import Actor, Role
from domain.base.secrets import digest, token

UNKNOWN = 'There is no such link. Look whether all of it was copied.'


def invite(session: Session, actor: Actor, email: str, name: str, role: Role) -> tuple[Invitation, str]:
    """A link that makes an account with this address and role, and its text, which cannot be shown again.

    A former link for the address ends. Raises Invalid for a bad address, Forbidden for an owner made by others, Conflict when the
    address has an account.
    """
    require(actor, Permission.PEOPLE_EDIT)
    check_may_manage(actor, role)
    address = check_address(email)
    if user_by_email(session, address):
        raise Conflict(f'There is an account for {address} already.')
    made = _link(session, actor, JOIN, address, name, role)
    note(session, actor, 'user.invited', address, role=role.value)
    return made


def reset_link(session: Session, actor: Actor, user_id: UUID) -> tuple[Invitation, str]:
    """A link by which a person chooses a new password; until then the old one holds.

    Raises NotFound, Forbidden for an owner, Conflict for a disabled account.
    """
    user = managed(session, actor, user_id)
    if user.id != actor.id:
        check_may_manage(actor, user.role)
    if user.disabled_at is not None:
        raise Conflict('This account is disabled; enable it first.')
    made = _link(session, actor, RESET, user.email, user.name, user.role)
    note(session, actor, 'user.reset_link_made', user.email)
    return made


def revoke_invitation(session: Session, actor: Actor, invitation_id: UUID) -> None:
    """Take a link back; raises NotFound, Conflict when it was used."""
    require(actor, Permission.PEOPLE_EDIT)
    query = select(Invitation).where(Invitation.tenant_id == actor.tenant_id, Invitation.id == invitation_id)
    row = session.exec(query.with_for_update()).first()
    if row is None:
        raise NotFound('There is no such link.')
    check_may_manage(actor, row.role)
    if row.accepted_at:
        raise Conflict(f'{row.email} has used this link already.')
    row.revoked_at = row.revoked_at or now()
    session.add(row)
    note(session, actor, 'user.invitation_revoked', row.email)
    ring(session, 'access', actor.tenant_id)


def opened(session: Session, text: str, moment: datetime) -> Invitation:
    """The link that can still be used; raises NotFound, or Conflict that says why it cannot."""
    row = invitation(session, text)
    if row is None:
        raise NotFound(UNKNOWN)
    if trouble := invitation_trouble(row, moment):
        raise Conflict(f'{trouble} Ask {row.invited_by or "an owner of the desk"} for a new one.')
    return row


def hashed(row: Invitation, password: str) -> str:
    """The hash of the new password; raises Invalid for one that may not be. Takes as long as argon2 does: never in a transaction."""
    check_password(password, row.email)
    return passwords.hash(password)


def accept(session: Session, text: str, name: str, password_hash: str) -> User:
    """Use the link up: make the account, or give it its new password and end its sessions. Raises as `opened` does, and Conflict when
    the account is no longer what the link was made for.
    """
    found = invitation(session, text)
    if found:
        session.refresh(found, with_for_update=True)  # of two who use it at once, one is first
    moment = now()
    row = opened(session, text, moment)
    user = _joined(session, row, name, password_hash) if text.startswith(JOIN) else _renewed(session, row, password_hash)
    row.accepted_at = moment
    session.add_all((row, user))
    session.flush()
    actor = actor_of(user)
    note(session, actor, 'user.joined' if text.startswith(JOIN) else 'user.password_reset', row.email, role=row.role.value)
    ring(session, 'access', row.tenant_id)
    return user


def _joined(session: Session, row: Invitation, name: str, password_hash: str) -> User:
    if user_by_email(session, row.email):
        raise Conflict(f'There is an account for {row.email} already; sign in with it.')
    name = name.strip()
    if len(name) > 200 or not name.isprintable():
        raise Invalid('The name cannot be taken.', errors=[FieldError('name', 'must have at most 200 characters')])
    return User(tenant_id=row.tenant_id, email=row.email, name=name or row.email, password_hash=password_hash, role=row.role)


def _renewed(session: Session, row: Invitation, password_hash: str) -> User:
    user = user_by_email(session, row.email)
    if user is None or user.tenant_id != row.tenant_id or user.disabled_at is not None or user.role is not row.role:
        raise Conflict('The account has changed since this link was made. Ask an owner or admin of the desk for a new one.')
    user.password_hash = password_hash
    end_sessions(session, user)
    return user


def _link(session: Session, actor: Actor, purpose: str, email: str, name: str, role: Role) -> tuple[Invitation, str]:
    end_links(session, actor.tenant_id, email)
    text = purpose + token()
    row = Invitation(
        tenant_id=actor.tenant_id,
        email=email,
        name=name.strip()[:200],
        role=role,
        token_hash=digest(text),
        invited_by=actor.name,
        expires_at=now() + INVITATION_LIFE,
    )
    session.add(row)
    session.flush()
    ring(session, 'access', actor.tenant_id)
    return row, text
