"""Writing the index."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.scope import Actor
from domain.search.engines import stored, upsert
from domain.search.messages import Behind, Document
from domain.search.models import SearchMark, SearchText
from domain.search.rules import spot


def store(session: Session, actor: Actor, documents: Sequence[Document], reached: Behind | None) -> None:
    """Put these documents into the index, and note how far it has come with them; a row that was made later stays as it is."""
    require(actor, Permission.LEADS_READ)
    rows: list[dict[str, Any]] = [
        {
            'lead_id': each.lead_id,
            'tenant_id': actor.tenant_id,
            'spot': spot(each.lead_id),
            'changed_at': each.changed_at,
            'terms': stored(session, each.tokens),
        }
        for each in documents
    ]
    if rows:
        into = upsert(session, SearchText)
        new = into.excluded
        newer = {name: new[name] for name in ('changed_at', 'terms')}
        replacing = into.on_conflict_do_update(index_elements=['lead_id'], set_=newer, where=col(SearchText.changed_at) < new.changed_at)
        session.execute(replacing, rows)
    if reached:
        _note(session, actor, reached)


def refill(session: Session, actor: Actor) -> None:
    """Have the index look through all leads again for those it lacks."""
    require(actor, Permission.LEADS_READ)
    session.execute(sa.update(SearchMark).where(col(SearchMark.tenant_id) == actor.tenant_id).values(filled_from=now()))


def _note(session: Session, actor: Actor, reached: Behind) -> None:
    """Two who do this at once never set the mark back; what the slower one lacks, the look back finds."""
    first = upsert(session, SearchMark).values(tenant_id=actor.tenant_id, caught_up=reached.caught_up, filled_from=reached.filled_from)
    session.execute(first.on_conflict_do_nothing())
    mine = sa.update(SearchMark).where(col(SearchMark.tenant_id) == actor.tenant_id)
    if reached.past:
        session.execute(mine.values(filled_from=reached.filled_from))
    else:
        session.execute(mine.where(col(SearchMark.caught_up) < reached.caught_up).values(caught_up=reached.caught_up))
