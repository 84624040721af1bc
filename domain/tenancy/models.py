"""Organisations and the places they work from."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC
from domain.base.ids import uuid7


class Tenant(SQLModel, table=True):
    """One organisation; all its rows carry its id."""

    __tablename__ = 'tenants'
    __table_args__ = (sa.UniqueConstraint('slug'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    slug: str = Field(max_length=64)
    name: str = Field(max_length=200)
    phone_region: str = Field(default='US', max_length=2)  # ISO 3166: how numbers without a country code are read
    created_at: datetime = Field(default_factory=now, sa_type=UTC)


class Location(SQLModel, table=True):
    """A shop or office with its own time zone; each tenant has exactly one default."""

    __tablename__ = 'locations'
    __table_args__ = (
        sa.UniqueConstraint('tenant_id', 'slug'),
        sa.Index(
            'uq_locations_default',
            'tenant_id',
            unique=True,
            sqlite_where=sa.text('is_default'),
            postgresql_where=sa.text('is_default'),
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    slug: str = Field(max_length=64)
    name: str = Field(max_length=200)
    time_zone: str = Field(default='UTC', max_length=64)  # IANA name
    is_default: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UTC)
