"""Signing in and out: who somebody is, and the session that remembers it."""

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.models import User, UserSession
from domain.access.presence import leave
from domain.access.queries import user_by_email
from domain.access.rules import SEEN_GRAIN, passwords
from domain.base.clock import now as app_now
from domain.base.db import ring
from domain.base.errors import NotSignedIn
from domain.base.scope import Actor, ActorType, Scope
from domain.base.secrets import digest, token


@cache
def _nobody() -> str:
    """Verifying against this costs as long as against a real one: the answer's time does not tell whether the address is known."""
    return passwords.hash(token())


def sign_in(session: Session, email: str, password: str, *, hours: int, user_agent: str = '') -> tuple[str, User]:
    """`recognise` and `begin_session` in one transaction, for where nobody else waits for it."""
    user_id, better = recognise(session, email, password)
    return begin_session(session, user_id, better, hours=hours, user_agent=user_agent)


def recognise(session: Session, email: str, password: str) -> tuple[UUID, str | None]:
    """Whose address and password these are, and a stronger hash of the password if the stored one is outdated; only reads.

    Takes as long as argon2 takes, so never under the writer's lock. Raises NotSignedIn without saying which of the two was wrong.
    """
    user = user_by_email(session, email)
    good, better = passwords.verify_and_update(password, user.password_hash if user else _nobody())
    if not good or user is None or user.disabled_at is not None:
        raise NotSignedIn('E-mail or password is wrong.')
    return user.id, better


def begin_session(session: Session, user_id: UUID, better: str | None, *, hours: int, user_agent: str = '') -> tuple[str, User]:
    """A new session's token, shown once, and the person; raises NotSignedIn when the account was closed meanwhile."""
    user = session.exec(select(User).where(User.id == user_id)).one()
    if user.disabled_at is not None:
        raise NotSignedIn('E-mail or password is wrong.')
    if better:
        user.password_hash = better
    moment = app_now()
    secret = token()
    user.signed_in_at = moment
    session.add(user)
    session.add(
        UserSession(
            tenant_id=user.tenant_id,
            user_id=user.id,
            token_hash=digest(secret),
            user_agent=user_agent[:300],
            created_at=moment,
            seen_at=moment,
            expires_at=moment + timedelta(hours=hours),
        )
    )
    return secret, user


def sign_out(session: Session, secret: str) -> None:
    """End the session with this token; open pages hear of it."""
    row = session.exec(select(UserSession).where(UserSession.token_hash == digest(secret), col(UserSession.ended_at).is_(None))).first()
    if row:
        row.ended_at = app_now()
        session.add(row)
        ring(session, 'session', row.tenant_id, row.id)
        session.flush()
        leave(session, Actor(Scope(row.tenant_id), ActorType.AGENT, row.user_id))


def seen(session: Session, row: UserSession, now: datetime, idle: timedelta) -> None:
    """Note that a session is in use, to the minute; ends it and raises NotSignedIn when it was idle for too long."""
    if now - row.seen_at > idle:
        row.ended_at = now
        session.add(row)
        raise NotSignedIn('You were away for a while; please sign in again.')
    if now - row.seen_at > SEEN_GRAIN:
        row.seen_at = now
        session.add(row)
