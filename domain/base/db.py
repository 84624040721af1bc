"""The database of this process: both engines behind `reading()` and `transaction()`, and what their errors mean.

SQLite has one writer per file. Every writer of this process holds `writing` first: waiting for a lock of our own is fair and cheap, where
SQLite's busy timeout sleeps and retries (measured p99 7 ms against 1,632 ms).
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session as Session  # noqa: PLC0414 - the floors above take it from here: they know no driver and no mapper

from domain.base import clock
from domain.base.columns import UTC
from domain.base.doorbell import Doorbell, Ring
from domain.base.errors import Conflict, Invalid, Twin, Unavailable

NOT_STORED = 'The database did not answer. Nothing is confirmed as stored: send the same request again, with the same Idempotency-Key.'
RESTED = 1.0  # seconds after which a pooled connection is asked whether it still lives
# Each connection has a page cache of its own: 4 MB for a reader, whom the system's cache serves nearly as fast, 16 for the keeper.
PRAGMAS = ('journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON', 'temp_store=MEMORY', 'cache_size=-4096')


class Database:
    """One engine, its pool and its write lock. Not shared between processes."""

    def __init__(self, url: str, *, bell: Doorbell | None = None, pool_size: int = 5, timeout: float = 5.0) -> None:
        """`url` as in DATABASE_URL; `timeout` in seconds bounds connecting, waiting for a lock and waiting for the pool."""
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == 'sqlite'
        self.bell = bell or Doorbell()
        self.timeout = timeout
        self.writing = threading.RLock()
        self.engine = self._sqlite(timeout) if self.is_sqlite else self._postgres(pool_size, timeout)

    def _sqlite(self, timeout: float) -> sa.Engine:
        engine = sa.create_engine(
            self.url, connect_args={'timeout': timeout, 'check_same_thread': False}, pool_size=16, max_overflow=16, hide_parameters=True
        )

        @sa.event.listens_for(engine, 'connect')
        def _(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # the driver must not open transactions behind our back
            for pragma in PRAGMAS:
                connection.execute(f'PRAGMA {pragma}')

        @sa.event.listens_for(engine, 'begin')
        def _(connection: sa.Connection) -> None:
            connection.exec_driver_sql(str(connection.get_execution_options().get('begin', 'BEGIN')))

        return engine

    def _postgres(self, pool_size: int, timeout: float) -> sa.Engine:
        wait = int(timeout)
        options = f'-c lock_timeout={wait}s -c idle_in_transaction_session_timeout=60s -c timezone=UTC'
        engine = sa.create_engine(
            self.url.set(drivername='postgresql+psycopg'),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=timeout,
            hide_parameters=True,  # an error's text goes to the log, and people's words do not belong there
            connect_args={'connect_timeout': max(2, wait), 'options': options, 'application_name': 'leadkeeper'},
        )
        ask_the_rested(engine)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; sees one state on SQLite, committed rows on PostgreSQL. Raises Unavailable."""
        with mended(), Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One action: commits when the block ends, rolls back when it raises, then rings what the action asked to ring.

        Raises Unavailable when the database is gone or the outcome is unknown, Twin when a lock was not to be had, Conflict when a
        unique value was taken. No network and no file work inside: on SQLite the block holds the only writer's lock.
        """
        with mended(), self.writing if self.is_sqlite else nullcontext():
            engine = self.engine.execution_options(begin='BEGIN IMMEDIATE') if self.is_sqlite else self.engine
            with Session(engine, expire_on_commit=False) as session:
                yield session
                rings: list[Ring] = session.info.get('rings', [])
                if not self.is_sqlite:
                    for ring in rings:
                        session.execute(sa.select(sa.func.pg_notify(Doorbell.RARE if ring.rare else Doorbell.CHANNEL, ring.text())))
                session.commit()
        for ring in rings:
            # On PostgreSQL the others hear it through the server; here a changed setting holds from this moment on.
            if self.is_sqlite or ring.rare:
                self.bell.ring(ring)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def ask_the_rested(engine: sa.Engine) -> None:
    """Ask a pooled connection that rested whether it still lives, and open another where it does not.

    The pool's own `pre_ping` asks before each transaction, a round trip that a lead on its way would pay three times.
    """

    @sa.event.listens_for(engine, 'checkin')
    def _(_connection: Any, record: Any) -> None:
        record.info['used'] = time.monotonic()

    @sa.event.listens_for(engine, 'checkout')
    def _(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get('used', math.inf) > RESTED:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error as trouble:
                raise DisconnectionError from trouble


def ring(session: Session, topic: str, tenant_id: UUID | None = None, *ids: UUID) -> None:
    """Tell whoever listens, once this session's transaction is committed."""
    session.info.setdefault('rings', []).append(Ring(topic, tenant_id, ids))


def now(session: Session) -> datetime:
    """The database's clock, which leases are measured by: workers whose own clocks differ must agree on it.

    On SQLite all processes share one host, so it is this process's clock.
    """
    if engine_of(session) == 'sqlite':
        return clock.now()
    moment: datetime = session.execute(sa.text('select clock_timestamp()')).scalar_one()
    return moment + clock.offset


def clock_column(engine: str, name: str = 'clock') -> sa.ColumnElement[Any]:
    """The same clock, and something later, in a statement built once; `clock_value` gives its parameter `name`, saying how much later."""
    if engine == 'sqlite':
        return sa.bindparam(name, type_=UTC())
    return sa.type_coerce(sa.func.clock_timestamp() + sa.bindparam(name, type_=sa.Interval()), UTC)


def clock_value(engine: str, later: timedelta = timedelta(0)) -> datetime | timedelta:
    """See `clock_column`."""
    return clock.now() + later if engine == 'sqlite' else clock.offset + later


def engine_of(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


@contextmanager
def mended() -> Iterator[None]:
    """Turn driver errors into refusals; the floors above know no driver."""
    try:
        yield
    except IntegrityError as trouble:
        raise Conflict(f'A row with this value exists already, or one it belongs to is gone ({_constraint(trouble)}).') from trouble
    except DataError as trouble:
        raise Invalid('A value cannot be stored: it is too long, too large or holds a NUL character.') from trouble
    except (OperationalError, InterfaceError, DBAPIError) as trouble:
        if isinstance(trouble.orig, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
            raise Twin('The same rows are being written by another request; try again in a moment.') from trouble
        if isinstance(trouble, OperationalError | InterfaceError) or trouble.connection_invalidated:
            raise Unavailable(NOT_STORED) from trouble
        raise
    except PoolTimeout as trouble:
        raise Unavailable(NOT_STORED) from trouble


def _constraint(trouble: IntegrityError) -> str:
    diagnosis = getattr(trouble.orig, 'diag', None)
    return str(diagnosis.constraint_name) if diagnosis else str(trouble.orig).rpartition(': ')[2]
