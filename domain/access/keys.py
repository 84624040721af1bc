"""Keys for other systems and for pages: made, shown once, revoked."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.models import ApiKey, WidgetKey
from domain.access.rules import (
    KEY_PREFIX,
    WIDGET_PREFIX,
    Permission,
    check_name,
    check_origins,
    check_rate_limit,
    check_scopes,
    require,
)
from domain.audit.actions import note
from domain.base.clock import now as app_now
from domain.base.db import ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.scope import Actor
from domain.base.secrets import digest, token
from domain.tenancy.queries import locations


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


def _place(session: Session, actor: Actor, location_id: UUID | None) -> UUID | None:
    if location_id is not None and all(place.id != location_id for place in locations(session, actor.scope)):
        raise NotFound('There is no such location.')
    return location_id
