"""Column types that mean the same on SQLite and PostgreSQL, and the names of constraints."""

from datetime import UTC as utc
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB as PgJson
from sqlmodel import SQLModel

# Before any table: SQLite's batch migrations can only change constraints that have names.
SQLModel.metadata.naming_convention = {
    'ix': 'ix_%(table_name)s_%(column_0_N_name)s',
    'uq': 'uq_%(table_name)s_%(column_0_N_name)s',
    'ck': 'ck_%(table_name)s_%(constraint_name)s',
    'fk': 'fk_%(table_name)s_%(column_0_N_name)s',
    'pk': 'pk_%(table_name)s',
}


class UTC(sa.TypeDecorator[datetime]):
    """An instant. Refuses naive values; SQLite drops the zone, so it is put back when read."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f'naive datetime {value!r}: every stored instant carries its zone')
        return value.astimezone(utc)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=utc)


Json = sa.JSON(none_as_null=True).with_variant(PgJson(none_as_null=True), 'postgresql')


def words(enum: type[StrEnum], column: str) -> Any:
    """A text column that holds one of the enum's values, with a named CHECK on both engines."""
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=column,
        values_callable=lambda members: [member.value for member in members],
    )
