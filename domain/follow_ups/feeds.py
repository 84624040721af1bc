"""A person's calendar feed: the secret address, and what stands under it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.models import User
from domain.access.queries import actor_of
from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.errors import NotFound
from domain.base.scope import Actor, Scope
from domain.base.secrets import digest, token
from domain.follow_ups.ics import Fed
from domain.follow_ups.models import CalendarFeed
from domain.follow_ups.queries import open_tasks


def create_feed(session: Session, actor: Actor, user_id: UUID) -> str:
    """A new secret for a person's feed, `GET /calendar/{secret}.ics`; it is shown once, and the former one ends.

    Everybody may have their own; those of others are for who keeps the people: raises Forbidden, NotFound.
    """
    user = _user(session, actor, user_id)
    _revoke(session, actor, user.id)
    text = token()
    session.add(CalendarFeed(tenant_id=actor.tenant_id, user_id=user.id, token_hash=digest(text)))
    note(session, actor, 'calendar_feed.created', user.email)
    return text


def revoke_feed(session: Session, actor: Actor, user_id: UUID) -> bool:
    """End a person's feed at once; False when there was none. Raises as `create_feed` does."""
    user = _user(session, actor, user_id)
    ended = _revoke(session, actor, user.id)
    if ended:
        note(session, actor, 'calendar_feed.revoked', user.email)
    return ended


def feed_since(session: Session, scope: Scope, user_id: UUID) -> datetime | None:
    """Since when a person has a feed; None: there is none."""
    rows = _living(session, scope, user_id)
    return rows[0].created_at if rows else None


def fed(session: Session, secret: str, moment: datetime) -> Fed:
    """What stands under a secret; raises NotFound for one that is unknown or revoked, or whose person is switched off."""
    found = session.exec(
        select(CalendarFeed, User)
        .join(User, col(User.id) == col(CalendarFeed.user_id))
        .where(CalendarFeed.token_hash == digest(secret), col(CalendarFeed.revoked_at).is_(None), col(User.disabled_at).is_(None))
    ).first()
    if found is None:
        raise NotFound('There is no such calendar. Make a new address in the desk, under Follow-ups.')
    _, user = found
    scope: Scope = actor_of(user).scope
    return Fed(user.name, open_tasks(session, scope, user.id, moment=moment))


def _user(session: Session, actor: Actor, user_id: UUID) -> User:
    require(actor, Permission.LEADS_READ)
    user = session.exec(select(User).where(User.tenant_id == actor.tenant_id, User.id == user_id)).first()
    if user is None:
        raise NotFound('There is no such person on this desk.')
    if user.id != actor.id:
        require(actor, Permission.PEOPLE_EDIT)
    return user


def _living(session: Session, scope: Scope, user_id: UUID) -> list[CalendarFeed]:
    query = select(CalendarFeed).where(
        CalendarFeed.tenant_id == scope.tenant_id, CalendarFeed.user_id == user_id, col(CalendarFeed.revoked_at).is_(None)
    )
    return list(session.exec(query))


def _revoke(session: Session, actor: Actor, user_id: UUID) -> bool:
    rows = _living(session, actor.scope, user_id)
    for row in rows:
        row.revoked_at = now()
        session.add(row)
    return bool(rows)
