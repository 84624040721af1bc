"""How a tenant gives out its leads."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class AssignmentSettings(SQLModel, table=True):
    """The rule of one tenant; without a row it is on, with the defaults."""

    __tablename__ = 'assignment_settings'
    __table_args__ = (
        sa.CheckConstraint('take_back_seconds IS NULL OR take_back_seconds > 0', name='take_back'),
        sa.CheckConstraint('default_capacity IS NULL OR default_capacity > 0', name='capacity'),
    )

    tenant_id: UUID = Field(foreign_key='tenants.id', primary_key=True)
    enabled: bool = True
    queue: str = Field(default='Arrivals', max_length=64)
    take_back_seconds: int | None = None  # of silence after a lead was given to somebody; None: it stays
    # Of people who have no number of their own; None: no limit. Without a default here: it would be written in place of None.
    default_capacity: int | None = None
