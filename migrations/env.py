"""Alembic's entry: runs the revisions on the connection it is handed."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from domain.base.columns import UTC
from migrations.models import metadata


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column type by name in generated revisions."""
    if kind == 'type' and isinstance(item, AutoString):
        return f'sa.String(length={item.length})' if item.length else 'sa.String()'
    if kind == 'type' and isinstance(item, UTC):
        autogen.imports.add('from domain.base.columns import UTC')
        return 'UTC()'
    return False


connection = context.config.attributes['connection']
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == 'sqlite',
    render_item=render_item,
    compare_type=False,  # the two engines name the same types differently; a test compares the CHECKs and columns
)
with context.begin_transaction():
    context.run_migrations()
