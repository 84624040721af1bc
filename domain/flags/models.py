"""What is switched on, per tenant."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.base.clock import now
from domain.base.columns import UTC, words
from domain.base.ids import uuid7


class Flag(StrEnum):
    """The switches; their first value comes from the settings of the same name."""

    WHATSAPP = 'feature_whatsapp_enabled'
    CRM = 'feature_crm_enabled'
    SMS = 'feature_sms_enabled'


# The kinds of destination to which nothing goes while a switch is off.
SWITCHES = {'sms': Flag.SMS, 'whatsapp': Flag.WHATSAPP}


class FeatureFlag(SQLModel, table=True):
    """One switch of one tenant; once the row is there it decides, not the environment."""

    __tablename__ = 'feature_flags'
    __table_args__ = (sa.UniqueConstraint('tenant_id', 'name'),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    tenant_id: UUID = Field(foreign_key='tenants.id')
    name: Flag = Field(sa_type=words(Flag, 'name'))
    enabled: bool
    changed_at: datetime = Field(default_factory=now, sa_type=UTC)
