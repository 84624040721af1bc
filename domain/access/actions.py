"""Letting people and systems in, and out again."""

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.closing import end_links, end_sessions, keep_an_owner
from domain.access.models import ApiKey, User, UserSession, WidgetKey
from domain.access.queries import user_by_email
from domain.access.rules import (
    KEY_PREFIX,
    SEEN_GRAIN,
    WIDGET_PREFIX,
    Permission,
    check_address,
    check_may_manage,
    check_name,
    check_origins,
    check_password,
    check_rate_limit,
    check_scopes,
    passwords,
    require,
)
from domain.audit.actions import note
from domain.base.clock import now as app_now
from domain.base.db import ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound, NotSignedIn
from domain.base.scope import Actor, Role
from domain.base.secrets import digest, token
from domain.tenancy.queries import locations


@cache
def _nobody() -> str:
    """Verifying against this costs as long as against a real one: the answer's time does not tell whether the address is known."""
    return passwords.hash(token())


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


def seen(session: Session, row: UserSession, now: datetime, idle: timedelta) -> None:
    """Note that a session is in use, to the minute; ends it and raises NotSignedIn when it was idle for too long."""
    if now - row.seen_at > idle:
        row.ended_at = now
        session.add(row)
        raise NotSignedIn('You were away for a while; please sign in again.')
    if now - row.seen_at > SEEN_GRAIN:
        row.seen_at = now
        session.add(row)


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


def create_key(
    session: Session,
    actor: Actor,
    name: str,
    scopes: list[str],
    *,
    location_id: UUID | None = None,
    rate_limit: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new API key and its text, which is not stored and cannot be shown again.

    Raises Invalid that names what is wrong, NotFound for a location that is not the caller's.
    """
    require(actor, Permission.KEYS_EDIT)
    check_scopes(scopes)
    if expires_at is not None and expires_at <= app_now():
        raise Invalid('The key would have ended before it began.', errors=[FieldError('expires_at', 'must lie in the future')])
    text = KEY_PREFIX + token()
    key = ApiKey(
        tenant_id=actor.tenant_id,
        name=check_name(name),
        hint=text[-4:],
        key_hash=digest(text),
        scopes=scopes,
        location_id=_place(session, actor, location_id),
        rate_limit=check_rate_limit(rate_limit),
        expires_at=expires_at,
    )
    session.add(key)
    note(session, actor, 'key.created', key.name, scopes=scopes, location=str(location_id or ''))
    ring(session, 'access', actor.tenant_id, key.id)
    return key, text


def revoke_key(session: Session, actor: Actor, key_id: UUID) -> ApiKey:
    """End an API key at once; raises NotFound, or Conflict for the one from the environment."""
    require(actor, Permission.KEYS_EDIT)
    key = session.exec(select(ApiKey).where(ApiKey.tenant_id == actor.tenant_id, ApiKey.id == key_id)).first()
    if key is None:
        raise NotFound(f'There is no API key {key_id}.')
    if key.from_environment:
        raise Conflict('This key comes from ADMIN_API_KEY: take it out of the environment and restart.')
    key.revoked_at = key.revoked_at or app_now()
    session.add(key)
    note(session, actor, 'key.revoked', key.name)
    ring(session, 'access', actor.tenant_id, key.id)
    return key


def create_widget_key(
    session: Session, actor: Actor, name: str, origins: list[str], *, location_id: UUID | None = None, rate_limit: str | None = None
) -> tuple[WidgetKey, str]:
    """A new publishable key for the pages of these origins (`https://host[:port]`, compared to the letter); raises as `create_key` does."""
    require(actor, Permission.KEYS_EDIT)
    text = WIDGET_PREFIX + token()
    key = WidgetKey(
        tenant_id=actor.tenant_id,
        name=check_name(name),
        hint=text[-4:],
        key_hash=digest(text),
        origins=check_origins(origins),
        location_id=_place(session, actor, location_id),
        rate_limit=check_rate_limit(rate_limit),
    )
    session.add(key)
    note(session, actor, 'widget_key.created', key.name, origins=key.origins)
    ring(session, 'access', actor.tenant_id, key.id)
    return key, text


def revoke_widget_key(session: Session, actor: Actor, key_id: UUID) -> WidgetKey:
    """End a widget key at once; raises NotFound."""
    require(actor, Permission.KEYS_EDIT)
    key = session.exec(select(WidgetKey).where(WidgetKey.tenant_id == actor.tenant_id, WidgetKey.id == key_id)).first()
    if key is None:
        raise NotFound(f'There is no widget key {key_id}.')
    key.revoked_at = key.revoked_at or app_now()
    session.add(key)
    note(session, actor, 'widget_key.revoked', key.name)
    ring(session, 'access', actor.tenant_id, key.id)
    return key


def adopt_environment_key(session: Session, actor: Actor, text: str | None) -> None:
    """Make the rows agree with ADMIN_API_KEY: one live key "from environment" with this text, or none."""
    require(actor, Permission.KEYS_EDIT)
    wanted = digest(text) if text else None
    rows = session.exec(select(ApiKey).where(ApiKey.tenant_id == actor.tenant_id, col(ApiKey.from_environment)))
    present = False
    for row in rows:
        mine = row.key_hash == wanted
        present = present or mine
        row.revoked_at = None if mine else row.revoked_at or app_now()
        session.add(row)
    if text and wanted and not present:
        session.add(
            ApiKey(tenant_id=actor.tenant_id, name='ADMIN_API_KEY', hint=text[-4:], key_hash=wanted, scopes=['all'], from_environment=True)
        )


def _user(session: Session, actor: Actor, email: str) -> User:
    user = user_by_email(session, email)
    if user is None or user.tenant_id != actor.tenant_id:
        raise NotFound(f'There is no account for {email}.')
    return user


def _place(session: Session, actor: Actor, location_id: UUID | None) -> UUID | None:
    if location_id is not None and all(place.id != location_id for place in locations(session, actor.scope)):
        raise NotFound('There is no such location.')
    return location_id
