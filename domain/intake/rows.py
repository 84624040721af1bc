"""Writes the rows of a new lead in the caller's transaction, by the same text the keepers use."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from domain.base.keep_sqlite import bound
from domain.intake.statement import INSERTS, named, rings


def insert_rows(session: Session, values: dict[str, Any], lines: Sequence[tuple[str | None, str]] = INSERTS) -> None:
    """Run these lines of INSERTS with the values that `record()` made, and ring once they are committed."""
    for each, text in lines:
        insert = sa.text(named(text))
        for item in values[each] if each else ({},):
            session.execute(insert, _bound(session, {**values, **item}))
    session.info.setdefault('rings', []).extend(rings(values))


def _bound(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The hand-written text carries no types: on SQLite ids and instants are bound in the form its tables hold them."""
    plain = {name: value for name, value in values.items() if not isinstance(value, list)}
    return bound(plain) if session.get_bind().dialect.name == 'sqlite' else plain
