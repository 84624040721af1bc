"""A prepared desk on either engine, as the domain sees it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.base.db import Database
from domain.base.keep import Keeper
from domain.base.keep_postgres import PostgresKeeper
from domain.base.keep_sqlite import SqliteKeeper
from domain.intake.actions import capture
from domain.intake.facts import Facts
from domain.intake.messages import Captured, Submission
from domain.intake.statement import statement
from tests.domain.rows import copy_of, facts_of, prepared


@dataclass
class Desk:
    """One tenant, and leads handed in through the fast path."""

    db: Database
    tenant_id: UUID
    facts: Facts
    taken: list[Captured] = field(default_factory=list)

    def keeper(self) -> Keeper:
        if self.db.is_sqlite:
            return SqliteKeeper(self.db, statement())
        url = self.db.url.render_as_string(hide_password=False)
        return PostgresKeeper(url, statement(), size=8, timeout=5)

    def capture(self, *commands: Submission, facts: Facts | None = None) -> list[Captured]:
        """One after the other."""
        return self.run(*commands, facts=facts, together=False)

    def together(self, *commands: Submission, facts: Facts | None = None) -> list[Any]:
        """All at once; refusals are given back as they are."""
        return self.run(*commands, facts=facts, together=True)

    def run(self, *commands: Submission, facts: Facts | None, together: bool) -> list[Any]:
        async def work() -> list[Any]:
            keeper = self.keeper()
            await keeper.open()
            try:
                calls: list[Coroutine[Any, Any, Captured]] = [capture(cmd, facts or self.facts, keeper, self.db) for cmd in commands]
                return await asyncio.gather(*calls, return_exceptions=True) if together else [await call for call in calls]
            finally:
                await keeper.close()

        return asyncio.run(work())

    def refresh(self, **more: Any) -> Facts:
        """Read the facts again, after something they tell has changed."""
        self.facts = facts_of(self.db, self.tenant_id, **more)
        return self.facts


@pytest.fixture
def desk(engine_kind: str, reused: Callable[[], str], migrated: Callable[[str], str], tmp_path: Path) -> Iterator[Desk]:
    url = reused() if engine_kind == 'postgres' else copy_of(migrated('sqlite'), tmp_path / 'desk.sqlite3')
    db = Database(url)
    tenant_id = prepared(db)
    yield Desk(db, tenant_id, facts_of(db, tenant_id))
    db.close()
