"""Organisations and the places they work from."""

from datetime import date, datetime
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
            'uq_locations_default', 'tenant_id', unique=True, sqlite_where=sa.text('is_default'), postgresql_where=sa.text('is_default')
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    slug: str = Field(max_length=64)
    name: str = Field(max_length=200)
    time_zone: str = Field(default='UTC', max_length=64)  # IANA name
    is_default: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UTC)


class LocationHours(SQLModel, table=True):
    """One period of a weekday in which a location is open, in its own time zone; a day may have several."""

    __tablename__ = 'location_hours'
    __table_args__ = (
        sa.UniqueConstraint('location_id', 'weekday', 'opens'),
        sa.Index(None, 'tenant_id', 'location_id'),
        sa.CheckConstraint('weekday BETWEEN 0 AND 6', name='weekday'),
        sa.CheckConstraint('opens >= 0 AND opens < closes AND closes <= 1440', name='period'),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    location_id: UUID = Field(foreign_key='locations.id')
    weekday: int  # 0 is Monday
    opens: int  # minutes after midnight
    closes: int  # 1440: midnight at the end of the day


class Holiday(SQLModel, table=True):
    """A day on which a location is closed, or a part of one; `yearly` ones come again on the same month and day."""

    __tablename__ = 'holidays'
    __table_args__ = (
        sa.Index(None, 'tenant_id', 'location_id', 'day'),
        sa.CheckConstraint(
            '(closed_from IS NULL) = (closed_to IS NULL) AND (closed_from IS NULL OR (closed_from >= 0 AND closed_from < closed_to'
            ' AND closed_to <= 1440))',
            name='part',
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    location_id: UUID = Field(foreign_key='locations.id')
    day: date
    name: str = Field(default='', max_length=200)
    yearly: bool = False
    closed_from: int | None = None  # minutes after midnight; None: the whole day
    closed_to: int | None = None
    source_uid: str = Field(default='', max_length=300)  # of the .ics entry it came from: imported again it is the same holiday
