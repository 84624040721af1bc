"""Keeping on PostgreSQL: a group of records is one statement, which is one transaction and one round trip; the doorbell rings inside it."""

import asyncio
from collections.abc import Coroutine, Sequence

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic_core import to_json

from domain.base.db import NOT_STORED
from domain.base.errors import Twin, Unavailable
from domain.base.failpoints import point
from domain.base.keep import Gatherer, Job, Met, Record, Results, Statement


class PostgresKeeper(Gatherer):
    """Up to `size` groups under way, each on its own connection: one that waits for a lock holds nobody else up."""

    SHARES = 2

    def __init__(self, url: str, statement: Statement, *, size: int, timeout: float) -> None:
        super().__init__(depth=size)
        self._text = statement.postgres.encode()
        self._meetings = statement.postgres_meetings.encode()
        self._rings = statement.rings
        self._tasks: set[asyncio.Task[None]] = set()
        wait = max(2, int(timeout))
        self._pool = AsyncConnectionPool(
            url.replace('postgresql+psycopg://', 'postgresql://'),
            min_size=1,
            max_size=size,
            timeout=timeout,
            open=False,
            kwargs={
                'autocommit': True,
                'connect_timeout': wait,
                'application_name': 'leadkeeper intake',
                'cursor_factory': psycopg.AsyncRawCursor,
                # on, whatever the server's default is: a 201 promises that the rows survive a power cut
                # one plan for the one statement: planning ten inserts anew costs as much as running them
                'options': '-c synchronous_commit=on -c lock_timeout=2s -c statement_timeout=5s'
                ' -c plan_cache_mode=force_generic_plan -c jit=off',
            },
        )

    async def open(self) -> None:
        """See Keeper."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """See Keeper."""
        await self.drain()
        await self._pool.close()

    def start(self, group: list[Job]) -> None:
        """See Gatherer."""
        self._later(self._commit(group))

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _commit(self, group: list[Job]) -> None:
        try:
            results: Results = await self._keep([job.record for job in group])
        except BaseException as trouble:
            self.finish(group, [_said(trouble)] * len(group))
            if not isinstance(trouble, Exception):
                raise
            return
        self.finish(group, results)

    async def _keep(self, records: Sequence[Record]) -> Results:
        """What became of each. Whoever is known is set apart; only two new twins in one group make it go record by record."""
        try:
            await self._insert(records)
            return [None] * len(records)
        except psycopg.IntegrityError:
            if len(records) == 1:
                return [Met()]
        except (Twin, Unavailable) as trouble:
            if isinstance(trouble, Unavailable) or len(records) == 1:
                return [trouble] * len(records)
            return await self._each(records)
        known = await self._known(records)
        strangers = [record for place, record in enumerate(records) if place not in known]
        try:
            await self._insert(strangers)
            return [Met() if place in known else None for place in range(len(records))]
        except psycopg.IntegrityError:
            return await self._each(records)

    async def _each(self, records: Sequence[Record]) -> Results:
        return [result for record in records for result in await self._keep([record])]

    async def _insert(self, records: Sequence[Record]) -> None:
        if not records:
            return
        body = to_json(records, bytes_mode='hex').decode()
        bells = to_json([ring.text() for record in records for ring in self._rings(record)]).decode()
        try:
            async with self._pool.connection() as connection:
                point('C2')
                await connection.execute(self._text, (body, bells), prepare=True)
                point('C3')
                point('C5')  # the doorbell rings inside the statement
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled) as trouble:
            raise Twin('The same request is still being stored by another connection; ask again in a moment.') from trouble
        except (psycopg.OperationalError, PoolTimeout) as trouble:
            # The connections that died with it are dropped now, not one failed lead at a time.
            self._later(self._pool.check())
            raise Unavailable(NOT_STORED) from trouble

    async def _known(self, records: Sequence[Record]) -> set[int]:
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(self._meetings, (to_json(records, bytes_mode='hex').decode(),), prepare=True)
                return {place for (place,) in await cursor.fetchall()}
        except (psycopg.OperationalError, PoolTimeout) as trouble:
            raise Unavailable(NOT_STORED) from trouble


def _said(trouble: BaseException) -> Exception:
    return trouble if isinstance(trouble, Exception) else Unavailable(NOT_STORED)
