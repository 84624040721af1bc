"""Who may come in: people, their sessions, API keys and widget keys. Passwords and keys are only here as hashes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, Json, words
from domain.base.ids import uuid7
from domain.base.scope import Role


class User(SQLModel, table=True):
    """A person who signs in; the e-mail address (lower case) is unique in the installation."""

    __tablename__ = 'users'
    __table_args__ = (sa.UniqueConstraint('email'), sa.Index(None, 'tenant_id'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    email: str = Field(max_length=320)
    name: str = Field(max_length=200)
    password_hash: str = Field(max_length=300)
    role: Role = Field(sa_type=words(Role, 'role'))
    preferences: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={'server_default': '{}'})
    disabled_at: datetime | None = Field(default=None, sa_type=UTC)
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    signed_in_at: datetime | None = Field(default=None, sa_type=UTC)
    # what assignment goes by: whether they take new leads now, how many, of which kind and from where
    present: bool = Field(default=False, sa_column_kwargs={'server_default': sa.false()})
    present_at: datetime | None = Field(default=None, sa_type=UTC)  # when somebody last set that; None: never
    capacity: int | None = None  # leads that wait for a reply at once; None: the desk's own number
    skills: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={'server_default': '[]'})
    location_ids: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={'server_default': '[]'})  # hex; empty: all
    last_assigned_at: datetime | None = Field(default=None, sa_type=UTC)  # by the rule: who waited longest is next


class UserSession(SQLModel, table=True):
    """A signed-in browser; the cookie holds a random token, this row its hash."""

    __tablename__ = 'user_sessions'
    __table_args__ = (sa.UniqueConstraint('token_hash'), sa.Index(None, 'tenant_id', 'user_id'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    user_id: UUID = Field(foreign_key='users.id')
    token_hash: str = Field(max_length=64)
    user_agent: str = Field(default='', max_length=300)
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    seen_at: datetime = Field(default_factory=now, sa_type=UTC)
    expires_at: datetime = Field(sa_type=UTC)
    ended_at: datetime | None = Field(default=None, sa_type=UTC)


class ApiKey(SQLModel, table=True):
    """A secret key for other systems: `lk_…`, shown once, stored as SHA-256, limited to its scopes."""

    __tablename__ = 'api_keys'
    __table_args__ = (sa.UniqueConstraint('key_hash'), sa.Index(None, 'tenant_id'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    name: str = Field(max_length=200)
    hint: str = Field(max_length=16)  # the last four characters
    key_hash: str = Field(max_length=64)
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    location_id: UUID | None = Field(default=None, foreign_key='locations.id')
    rate_limit: str | None = Field(default=None, max_length=64)
    from_environment: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    expires_at: datetime | None = Field(default=None, sa_type=UTC)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC)


class WidgetKey(SQLModel, table=True):
    """A publishable key in a web page: intake and chat only, and only from the origins it names."""

    __tablename__ = 'widget_keys'
    __table_args__ = (sa.UniqueConstraint('key_hash'), sa.Index(None, 'tenant_id'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    name: str = Field(max_length=200)
    hint: str = Field(max_length=16)
    key_hash: str = Field(max_length=64)
    origins: list[str] = Field(default_factory=list, sa_type=Json)
    location_id: UUID | None = Field(default=None, foreign_key='locations.id')
    rate_limit: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC)


class Invitation(SQLModel, table=True):
    """A link by which one person makes their account: the token is shown once, this row holds its hash; single use."""

    __tablename__ = 'invitations'
    __table_args__ = (sa.UniqueConstraint('token_hash'), sa.Index(None, 'tenant_id'))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    email: str = Field(max_length=320)
    name: str = Field(default='', max_length=200)
    role: Role = Field(sa_type=words(Role, 'role'))
    token_hash: str = Field(max_length=64)
    invited_by: str = Field(default='', max_length=200)
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
    expires_at: datetime = Field(sa_type=UTC)
    accepted_at: datetime | None = Field(default=None, sa_type=UTC)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC)
