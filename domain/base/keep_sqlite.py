"""Keeping on SQLite: one thread commits groups of records, holding the lock that every writer of this process holds."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

import structlog

from domain.base.db import NOT_STORED, PRAGMAS, Database
from domain.base.errors import Unavailable
from domain.base.failpoints import point
from domain.base.keep import Gatherer, Job, Line, Met, Record, Results, Statement

log = structlog.get_logger(__name__)

CACHE = 'cache_size=-16384'  # KiB: all index pages that new leads touch

Group = tuple[asyncio.AbstractEventLoop, list[Job]]


class SqliteKeeper(Gatherer):
    """SQLite has one writer, so one group is under way at a time."""

    def __init__(self, db: Database, statement: Statement) -> None:
        super().__init__(depth=1)
        self._db = db
        self._lines = statement.lines
        self._meetings = statement.meetings
        self._rings = statement.rings
        self._queue: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """See Keeper."""
        self._thread = threading.Thread(target=self._run, name='keeper', daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """See Keeper."""
        if self._thread:
            await self.drain()
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    async def keep(self, record: Record) -> None:
        """See Keeper."""
        await super().keep(bound(record))

    def start(self, group: list[Job]) -> None:
        """See Gatherer."""
        self._queue.put((asyncio.get_running_loop(), group))

    def _run(self) -> None:
        while (next_one := self._queue.get()) is not None:
            loop, group = next_one
            results = self._keep_group(group)
            with suppress(RuntimeError):  # the loop is gone with those who waited; the rows are there
                loop.call_soon_threadsafe(self.finish, group, results)
            point('C5')
            for job, result in zip(group, results, strict=True):
                if result is None:
                    for ring in self._rings(job.record):  # after everybody has an answer
                        self._db.bell.ring(ring)
        self._disconnect()

    def _keep_group(self, group: list[Job]) -> Results:
        """What became of each: None is durable."""
        try:
            with self._db.writing:
                connection = self._connect()
                connection.execute('BEGIN IMMEDIATE')
                results = self._insert(connection, group)
                point('C2')
                connection.execute('COMMIT')
                point('C3')
                return results
        except Exception as trouble:  # whatever it is, the one thread that keeps leads goes on
            log.error('keeper_failed', error=str(trouble))
            self._disconnect()
            return [Unavailable(NOT_STORED) for _ in group]

    def _insert(self, connection: sqlite3.Connection, group: list[Job]) -> Results:
        """Strangers go in together; whoever is known is set apart, and only two new twins in one group make it go row by row."""
        try:
            self._insert_all(connection, group)
            return [None] * len(group)
        except sqlite3.IntegrityError:
            connection.execute('ROLLBACK')
            connection.execute('BEGIN IMMEDIATE')
        results: list[Exception | None] = [Met() if self._known(connection, job) else None for job in group]
        strangers = [job for job, result in zip(group, results, strict=True) if result is None]
        connection.execute('SAVEPOINT strangers')
        try:
            self._insert_all(connection, strangers)
        except sqlite3.IntegrityError:
            connection.execute('ROLLBACK TO strangers')
            return [result or self._insert_one(connection, job) for job, result in zip(group, results, strict=True)]
        return results

    def _insert_all(self, connection: sqlite3.Connection, group: list[Job]) -> None:
        for line in self._lines:
            if rows := _rows(line, group):
                # One statement for all of them: the driver gives the interpreter's lock away, and waits for it, with each step.
                connection.execute(_several(line.sqlite, len(rows)), tuple(chain.from_iterable(rows)))

    def _insert_one(self, connection: sqlite3.Connection, job: Job) -> Exception | None:
        connection.execute('SAVEPOINT one')
        try:
            self._insert_all(connection, [job])
        except sqlite3.IntegrityError:
            connection.execute('ROLLBACK TO one')
            return Met()
        finally:
            connection.execute('RELEASE one')
        return None

    def _known(self, connection: sqlite3.Connection, job: Job) -> bool:
        return any(connection.execute(line.sqlite, row).fetchone() for line in self._meetings for row in _rows(line, [job]))

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            path = self._db.url.database or ''
            self._connection = sqlite3.connect(
                path, timeout=self._db.timeout, isolation_level=None, check_same_thread=False, cached_statements=1024
            )
            for pragma in (*PRAGMAS, CACHE):
                self._connection.execute(f'PRAGMA {pragma}')
        return self._connection

    def _disconnect(self) -> None:
        if self._connection:
            try:
                self._connection.close()
            finally:
                self._connection = None


@cache
def _several(text: str, count: int) -> str:
    """The insert of one row made one of `count` rows; a group is small, so SQLite's bound of 32,766 values is far away."""
    head, _, values = text.partition(' values(')
    return f'{head} values ' + ', '.join([f'({values}'] * count)


def _rows(line: Line, group: list[Job]) -> list[Sequence[Any]]:
    if line.each is None:
        return [line.pick(job.record) for job in group]
    return [line.pick({**job.record, **item}) for job in group for item in job.record[line.each]]


def bound(record: Record) -> dict[str, Any]:
    """Values as SQLite stores them: ids as 32 hex digits, instants as naive UTC text, as SQLAlchemy writes them."""
    return {name: _PLAIN[type(value)](value) if type(value) in _PLAIN else value for name, value in record.items()}


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'microseconds')


_PLAIN: dict[type, Callable[[Any], Any]] = {
    UUID: lambda value: value.hex,
    datetime: _stored,
    list: lambda items: [bound(item) for item in items],
}
