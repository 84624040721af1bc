"""The full-text part of both engines: how tokens are stored, and how conditions are asked. FTS5 on SQLite, a GIN index on PostgreSQL."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, SQLModel, col

from domain.base.scope import Scope
from domain.leads.models import Group, Lead
from domain.search.models import SearchText
from domain.search.rules import Phrase, Term

SAMPLE = 1_000  # matches of a common word that are looked at on PostgreSQL before the newest leads are asked instead
NEWEST = 10_000  # how many of those

_POSITION_MOST = 16_383  # of a lexeme in a tsvector
_index = sa.table('search_index', sa.column('rowid'), sa.column('search_index'))  # SQLite's; see the migration


def stored(session: Session, tokens: Sequence[str]) -> str:
    """The tokens as the column takes them."""
    if _is_sqlite(session):
        return ' '.join(tokens)
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(min(place, _POSITION_MOST))
    return ' '.join(f"'{token}':{','.join(map(str, at[:200]))}" for token, at in places.items())


def upsert(session: Session, table: type[SQLModel]) -> Any:
    """An INSERT that knows ON CONFLICT; both engines spell it alike."""
    return sqlite_insert(table) if _is_sqlite(session) else postgresql_insert(table)


def matches(session: Session, scope: Scope, terms: Sequence[Term], limit: int) -> list[UUID]:
    """The newest leads in scope of which all terms hold."""
    return (_on_sqlite if _is_sqlite(session) else _on_postgres)(session, scope, terms, limit)


def _on_sqlite(session: Session, scope: Scope, terms: Sequence[Term], limit: int) -> list[UUID]:
    """The full-text table gives its rows newest first and stops when there are enough."""
    asked = _written(scope, terms, _fts_phrase, ' AND ', ' OR ')
    row = sa.and_(col(SearchText.tenant_id) == scope.tenant_id, col(SearchText.spot) == _index.c.rowid)
    # A left join keeps the full-text table in front: only so its own order serves.
    query = (
        sa.select(col(Lead.id))
        .select_from(_index)
        .join(SearchText, row, isouter=True)
        .join(Lead, col(Lead.id) == SearchText.lead_id, isouter=True)
        .where(_index.c.search_index.op('MATCH')(asked), *_visible(scope))
        .order_by(_index.c.rowid.desc())
        .limit(limit)
    )
    return list(session.execute(query).scalars())


def _on_postgres(session: Session, scope: Scope, terms: Sequence[Term], limit: int) -> list[UUID]:
    """A rare word's matches are few and sorted; of a common one the newest leads hold enough."""
    asked = sa.cast(_written(scope, terms, _ts_phrase, ' & ', ' | '), TSQUERY)
    holds = col(SearchText.terms).op('@@')(asked)
    mine = sa.select(col(SearchText.lead_id), col(SearchText.spot), col(SearchText.terms)).where(
        col(SearchText.tenant_id) == scope.tenant_id
    )
    sample = mine.where(holds).limit(SAMPLE).cte('sample').prefix_with('materialized')
    found = _newest(session, scope, sample, limit, sa.select(sa.func.count()).select_from(sample).scalar_subquery())
    if not found or found[0][2] < SAMPLE:
        return [lead_id for lead_id, *_ in found]
    newest = mine.order_by(col(SearchText.spot).desc()).limit(NEWEST).subquery()
    fresh = _newest(session, scope, newest, limit, sa.literal(0), newest.c.terms.op('@@')(asked))
    both = {lead_id: spot for lead_id, spot, _ in (*found, *fresh)}
    return sorted(both, key=lambda lead_id: both[lead_id], reverse=True)[:limit]


def _newest(session: Session, scope: Scope, rows: Any, limit: int, more: Any, *conditions: Any) -> list[Any]:
    query = sa.select(rows.c.lead_id, rows.c.spot, more).join(Lead, col(Lead.id) == rows.c.lead_id).where(*conditions, *_visible(scope))
    return list(session.execute(query.order_by(rows.c.spot.desc()).limit(limit)))


def _visible(scope: Scope) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group) != Group.MERGED]
    return conditions if scope.location_ids is None else [*conditions, col(Lead.location_id).in_(scope.location_ids)]


def _written(scope: Scope, terms: Sequence[Term], phrase: Callable[[Phrase], str], and_: str, or_: str) -> str:
    """The conditions as the engine reads them; tenant and locations are among the words, so that others' rows cost nothing."""
    fixed: list[Term] = [(Phrase((f'#{scope.tenant_id.hex}',)),)]
    if scope.location_ids is not None:
        fixed.append(tuple(Phrase((f'@{each.hex}',)) for each in sorted(scope.location_ids)) or (Phrase(('@',)),))
    return and_.join('(' + or_.join(phrase(each) for each in term) + ')' for term in (*fixed, *terms))


def _fts_phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"' + ('*' if phrase.open_end else '')


def _ts_phrase(phrase: Phrase) -> str:
    return ' <-> '.join(f"'{token}'" for token in phrase.tokens) + (':*' if phrase.open_end else '')


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == 'sqlite'
