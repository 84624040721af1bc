"""The worker's part of the search index."""

from datetime import timedelta

import sqlalchemy as sa

from domain.base import clock
from domain.base.db import Database
from domain.base.scope import Scope
from domain.leads.models import Lead, Quality
from domain.search.queries import search_rows
from domain.tenancy.models import Location
from tasks.indexer import CHECK_EVERY, Indexer
from tests.domain.rows import other_tenant, prepared


def add(db: Database, tenant_id: object, name: str, **fields: object) -> None:
    with db.transaction() as session:
        place = session.execute(sa.select(Location.id).where(Location.tenant_id == tenant_id)).scalars().first()
        session.add(Lead(tenant_id=tenant_id, location_id=place, name=name, quality=Quality.WARM, **fields))


def test_a_round_takes_in_the_new_the_old_and_the_overlooked_of_every_tenant(db: Database) -> None:
    first, second = prepared(db), other_tenant(db)
    old = clock.now() - timedelta(days=30)
    add(db, first, 'Ada New')
    add(db, second, 'Ada Old', changed_at=old)
    indexer = Indexer(db)

    def found() -> list[int]:
        indexer.round()
        with db.reading() as session:
            return [len(search_rows(session, Scope(tenant_id), 'ada')) for tenant_id in (first, second)]

    assert found() == [1, 1]
    add(db, first, 'Ada Late', changed_at=clock.now() - timedelta(seconds=40))
    assert found() == [2, 1]
    add(db, second, 'Ada Imported', changed_at=old)
    assert found() == [2, 1]
    indexer._checked -= CHECK_EVERY + 1  # a minute later
    assert found() == [2, 2]
