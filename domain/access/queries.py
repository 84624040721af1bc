"""Who is this? Sessions, keys and people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from domain.access.models import ApiKey, Invitation, User, UserSession, WidgetKey
from domain.base.errors import NotFound, NotSignedIn
from domain.base.scope import Actor, ActorType, Role, Scope
from domain.base.secrets import digest

SIGN_IN = 'Your session has ended; please sign in again.'


def session_of(session: Session, token: str, now: datetime) -> tuple[UserSession, User]:
    """The live session with this token and its person; raises NotSignedIn."""
    row = session.exec(
        select(UserSession, User).join(User, col(User.id) == col(UserSession.user_id)).where(UserSession.token_hash == digest(token))
    ).first()
    if row is None or row[0].ended_at is not None or row[0].expires_at <= now or row[1].disabled_at is not None:
        raise NotSignedIn(SIGN_IN)
    return row[0], row[1]


def person(session: Session, token: str, now: datetime, idle: timedelta) -> Actor:
    """The person behind a session token, with the role of this moment; raises NotSignedIn, also after `idle` without use."""
    row, user = session_of(session, token, now)
    if now - row.seen_at > idle:
        raise NotSignedIn(SIGN_IN)
    return actor_of(user)


def actor_of(user: User) -> Actor:
    """A person as somebody who acts."""
    return Actor(Scope(user.tenant_id), ActorType.AGENT, user.id, user.name, user.role)


def living(session: Session, session_ids: Iterable[UUID], now: datetime, idle: timedelta) -> set[UUID]:
    """Of these sessions, the ones that still count, used within the last `idle`: one query for all open pages."""
    return set(
        session.exec(
            select(UserSession.id)
            .join(User, col(User.id) == col(UserSession.user_id))
            .where(
                col(UserSession.id).in_(list(session_ids)),
                col(UserSession.ended_at).is_(None),
                UserSession.expires_at > now,
                UserSession.seen_at > now - idle,
                col(User.disabled_at).is_(None),
            )
        )
    )


def api_key(session: Session, key: str, now: datetime) -> ApiKey | None:
    """The live API key with this text."""
    row = session.exec(select(ApiKey).where(ApiKey.key_hash == digest(key), col(ApiKey.revoked_at).is_(None))).first()
    return row if row and (row.expires_at is None or row.expires_at > now) else None


def widget_key(session: Session, key: str) -> WidgetKey | None:
    """The live widget key with this text."""
    return session.exec(select(WidgetKey).where(WidgetKey.key_hash == digest(key), col(WidgetKey.revoked_at).is_(None))).first()


def api_keys(session: Session, scope: Scope) -> list[ApiKey]:
    """All API keys of the tenant, newest first."""
    return list(session.exec(select(ApiKey).where(ApiKey.tenant_id == scope.tenant_id).order_by(col(ApiKey.id).desc())))


def users(session: Session, scope: Scope) -> list[User]:
    """All people of the tenant, by address."""
    return list(session.exec(select(User).where(User.tenant_id == scope.tenant_id).order_by(User.email)))


def account(session: Session, scope: Scope, user_id: UUID) -> User:
    """One person of the tenant; raises NotFound."""
    user = session.exec(select(User).where(User.tenant_id == scope.tenant_id, User.id == user_id)).first()
    if user is None:
        raise NotFound('There is no such account.')
    return user


@dataclass(frozen=True, slots=True)
class Person:
    """An account as others see it."""

    id: UUID
    email: str
    name: str
    role: Role
    disabled_at: datetime | None
    seen_at: datetime | None  # the last use of any of its sessions, to the minute
    sessions: int  # that are open now


def people(session: Session, scope: Scope, now: datetime) -> list[Person]:
    """Everybody of the tenant by name, with when they were last here."""
    last = select(UserSession.user_id, func.max(UserSession.seen_at)).where(UserSession.tenant_id == scope.tenant_id)
    latest: dict[UUID, datetime] = dict(session.exec(last.group_by(col(UserSession.user_id))).all())
    live = select(UserSession.user_id, func.count()).where(
        UserSession.tenant_id == scope.tenant_id, col(UserSession.ended_at).is_(None), UserSession.expires_at > now
    )
    count: dict[UUID, int] = dict(session.exec(live.group_by(col(UserSession.user_id))).all())
    return sorted(
        (
            Person(user.id, user.email, user.name, user.role, user.disabled_at, latest.get(user.id), count.get(user.id, 0))
            for user in users(session, scope)
        ),
        key=lambda person: (person.disabled_at is not None, person.name.casefold(), person.email),
    )


def invitations(session: Session, scope: Scope, now: datetime) -> list[Invitation]:
    """The links that still wait to be used, newest first."""
    query = select(Invitation).where(
        Invitation.tenant_id == scope.tenant_id,
        col(Invitation.accepted_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        Invitation.expires_at > now,
    )
    return list(session.exec(query.order_by(col(Invitation.id).desc())))


def invitation(session: Session, text: str) -> Invitation | None:
    """The link with this text, used or not."""
    return session.exec(select(Invitation).where(Invitation.token_hash == digest(text))).first()


def widget_keys(session: Session, scope: Scope) -> list[WidgetKey]:
    """All widget keys of the tenant, newest first."""
    return list(session.exec(select(WidgetKey).where(WidgetKey.tenant_id == scope.tenant_id).order_by(col(WidgetKey.id).desc())))


def user_by_email(session: Session, email: str) -> User | None:
    """The person with this address, in whatever tenant."""
    return session.exec(select(User).where(User.email == email.strip().lower())).first()


def anybody(session: Session) -> bool:
    """Whether there is any account at all: without one the first-run page is open."""
    return session.exec(select(User.id).limit(1)).first() is not None
