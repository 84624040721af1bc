"""Keeping the index behind the leads and not in their way: changes are looked for afterwards and written in small transactions.

Nothing is added to the transaction that keeps a lead. Every search first catches up what is new, so a lead is found the moment it is
stored, also where no worker runs; workers catch up now and then, and take in what was there before the index.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.clock import now
from domain.base.db import Database
from domain.base.ids import short
from domain.base.scope import Scope, system
from domain.leads.models import Group, Lead
from domain.search import rules
from domain.search.actions import refill, store
from domain.search.messages import Behind, Document
from domain.search.models import SearchMark, SearchText
from domain.search.texts import LeadTexts, mine, phones, region, texts

SLICE = 500  # leads that are read at once
WRITTEN = 20  # of them in one transaction: SQLite has one writer, and leads want to be kept meanwhile
LOOK_BACK = timedelta(seconds=5)  # a transaction may take as long to become visible after the moment it wrote down
LONG_LOOK_BACK = timedelta(minutes=1)  # for a worker, which looks seldom


def catch_up(db: Database, tenant_id: UUID, *, look_back: timedelta = LOOK_BACK) -> int:
    """Take in what changed since the last time, at most SLICE leads; gives back how many. Raises Unavailable, Conflict or Twin.

    Doing it twice at once is harmless: a row is only replaced by one made later.
    """
    with db.reading() as session:
        news = behind(session, Scope(tenant_id), SLICE, look_back=look_back)
    return _write(db, tenant_id, news)


def fill(db: Database, tenant_id: UUID) -> int:
    """Take in up to SLICE leads from before the index was begun, newest first; gives back how many, 0 when it is complete."""
    with db.reading() as session:
        news = behind(session, Scope(tenant_id), SLICE, past=True)
    return _write(db, tenant_id, news)


def check(db: Database, tenant_id: UUID) -> bool:
    """Have the past looked through again when leads are missing; whether they were.

    Samples and imports bring leads that changed before the index was begun, and nobody tells.
    """
    with db.reading() as session:
        short_of = missing(session, Scope(tenant_id))
    if short_of:
        with db.transaction() as session:
            refill(session, system(tenant_id))
    return short_of


def behind(session: Session, scope: Scope, limit: int, *, look_back: timedelta = LOOK_BACK, past: bool = False) -> Behind | None:
    """At most `limit` leads that changed since the index was caught up, oldest change first; None when there is nothing to do.

    With `past` those from before the index was begun, newest first, as long as there are any. `look_back` is how long a change may have
    taken to become visible.
    """
    moment = now()
    mark = session.get(SearchMark, scope.tenant_id)
    caught_up, filled_from = (mark.caught_up, mark.filled_from) if mark else (moment, moment)
    if past:
        if filled_from is None:
            return None
        rows = _stale(session, scope, limit, before=filled_from)
        filled_from = rows[-1][1] if len(rows) == limit else None
    else:
        rows = _stale(session, scope, limit, after=min(caught_up, moment - look_back))
        if not rows and mark:
            return None
        caught_up = max([caught_up, *(changed_at for _, changed_at in rows)])
    return Behind(_documents(session, scope, [lead_id for lead_id, _ in rows]), caught_up, filled_from, past)


def missing(session: Session, scope: Scope) -> bool:
    """Whether a complete index has fewer rows than there are leads."""
    mark = session.get(SearchMark, scope.tenant_id)
    leads, indexed = (
        session.execute(sa.select(sa.func.count()).select_from(table).where(tenant == scope.tenant_id)).scalar_one()
        for table, tenant in ((Lead, col(Lead.tenant_id)), (SearchText, col(SearchText.tenant_id)))
    )
    return mark is not None and mark.filled_from is None and bool(leads != indexed)


def _write(db: Database, tenant_id: UUID, news: Behind | None) -> int:
    if news is None:
        return 0
    documents = sorted(news.documents, key=lambda each: each.lead_id)  # always in one order: two who write never wait for each other
    for start in range(0, max(1, len(news.documents)), WRITTEN):
        with db.transaction() as session:
            part = documents[start : start + WRITTEN]
            store(session, system(tenant_id), part, news if start + WRITTEN >= len(news.documents) else None)
    return len(news.documents)


def _stale(
    session: Session, scope: Scope, limit: int, *, after: datetime | None = None, before: datetime | None = None
) -> list[tuple[UUID, datetime]]:
    """Group by group, as the index of the leads has them: each is read in order and only as far as needed."""
    changed: Any = col(Lead.changed_at)
    condition, order = (changed > after, changed) if after else (changed <= before, changed.desc())
    rows: list[Any] = []
    for group in Group:
        query = (
            sa.select(col(Lead.id), changed)
            .join(SearchText, col(SearchText.lead_id) == Lead.id, isouter=True)
            .where(col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group) == group, condition)
            .where(col(SearchText.lead_id).is_(None) | (col(SearchText.changed_at) < changed))
            .order_by(order)
            .limit(limit)
        )
        rows += session.execute(query)
    return sorted(((lead_id, at) for lead_id, at in rows), key=lambda row: row[1], reverse=before is not None)[:limit]


def _documents(session: Session, scope: Scope, ids: Sequence[UUID]) -> tuple[Document, ...]:
    if not ids:
        return ()
    leads = list(session.scalars(sa.select(Lead).where(mine(scope, ids))))
    said = texts(session, scope, leads)
    home = region(session, scope)
    return tuple(_document(lead, said[lead.id], home) for lead in leads)


def _document(lead: Lead, said: LeadTexts, home: str) -> Document:
    if lead.inbox_group == Group.MERGED:
        return Document(lead.id, lead.changed_at, ())
    tokens = rules.document(
        tenant_id=lead.tenant_id,
        location_id=lead.location_id,
        reference=short(lead.id),
        name=lead.name,
        emails=said.emails,
        phones=[form for phone in said.phones for form in phones(phone, home)],
        words=(*said.details, *said.said),
    )
    return Document(lead.id, lead.changed_at, tokens)
