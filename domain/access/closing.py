"""What must hold whenever an account loses something: its sessions end, its open links end, and one owner is left."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import Invitation, User, UserSession
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict
from domain.base.scope import Role


def end_sessions(session: Session, user: User) -> int:
    """End all sessions of this person, and give back how many; their open pages leave within seconds."""
    ended = session.execute(
        sa.update(UserSession)
        .where(col(UserSession.user_id) == user.id, col(UserSession.ended_at).is_(None))
        .values(ended_at=now())
        .returning(col(UserSession.id))
    )
    ids = list(ended.scalars())
    ring(session, 'session', user.tenant_id, *ids)
    ring(session, 'access', user.tenant_id, user.id)
    return len(ids)


def end_links(session: Session, tenant_id: UUID, email: str) -> None:
    """Take back the open links of this address: they were made for what the account was."""
    session.execute(
        sa.update(Invitation)
        .where(
            col(Invitation.tenant_id) == tenant_id,
            col(Invitation.email) == email,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
        )
        .values(revoked_at=now())
    )


def keep_an_owner(session: Session, leaving: User) -> None:
    """Raises Conflict when `leaving` is the last owner who can sign in; the owners stay locked, so that two cannot go at once."""
    owners = session.exec(
        select(User.id)
        .where(User.tenant_id == leaving.tenant_id, User.role == Role.OWNER, col(User.disabled_at).is_(None))
        .order_by(col(User.id))
        .with_for_update()
    ).all()
    if set(owners) <= {leaving.id}:
        raise Conflict(f'{leaving.email} is the last owner; make another one first.')
