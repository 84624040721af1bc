"""Bringing a database to this version, safely with several processes starting at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from domain.base.db import mended
from domain.base.errors import Refusal
from migrations.models import metadata

LOCK = 4_815_162_342  # our number among PostgreSQL's advisory locks
FULL_TEXT = 'search_index'  # SQLite's virtual table with its own tables behind it, PostgreSQL's index: no model knows either


class NewerDatabase(Refusal):
    """The database was written by a later version of the desk."""

    status, code, title = 500, 'newer_database', 'The database is newer than this program'


def upgrade(url: str) -> tuple[str | None, str]:
    """Run what is missing; gives back the revision before and after. Raises Unavailable, or NewerDatabase when this program is too old."""
    with mended(), _connection(url) as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        head = _scripts().get_current_head() or ''
        if before != head:
            if before is not None and before not in {script.revision for script in _scripts().walk_revisions()}:
                raise NewerDatabase(f'The database is at revision {before}, which this version does not know. Start the newer version.')
            command.upgrade(_config(connection), 'head')
            connection.commit()
        return before, head


def current(url: str) -> tuple[str | None, str]:
    """The revision the database is at, and the one this program needs; changes nothing."""
    with mended(), _connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision(), _scripts().get_current_head() or ''


def drift(url: str) -> list[object]:
    """What the models have and the migrated database has not, or the other way round (a test wants it empty)."""
    with _connection(url) as connection:
        options = {'compare_type': False, 'include_name': lambda name, *_: not (name or '').startswith(FULL_TEXT)}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def draft(url: str, message: str, revision: str) -> None:
    """Write a new revision from the difference between the models and this database (for developers)."""
    with _connection(url) as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option('script_location', str(Path(__file__).parent).replace('%', '%%'))
    config.set_main_option('path_separator', 'os')
    config.set_main_option('file_template', '%%(year)d-%%(month).2d-%%(day).2d-%%(hour).2d%%(minute).2d_%%(slug)s')
    config.attributes['connection'] = connection
    return config


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option('script_location', str(Path(__file__).parent).replace('%', '%%'))
    config.set_main_option('path_separator', 'os')
    return ScriptDirectory.from_config(config)


@contextmanager
def _connection(url: str) -> Iterator[sa.Connection]:
    """A connection of its own, holding the one lock under which the schema may change."""
    address = sa.make_url(url)
    if address.get_backend_name() == 'sqlite':
        path = Path(address.database or '')
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = sa.create_engine(address, poolclass=sa.NullPool)
        with path.with_suffix('.lock').open('w') as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            with engine.connect() as connection:
                yield connection
        return
    engine = sa.create_engine(address.set(drivername='postgresql+psycopg'), poolclass=sa.NullPool, connect_args={'connect_timeout': 5})
    with engine.connect() as connection:
        connection.execute(sa.text('select pg_advisory_lock(:lock)'), {'lock': LOCK})
        connection.commit()  # the lock belongs to the connection, not to the transaction
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(sa.text('select pg_advisory_unlock(:lock)'), {'lock': LOCK})
            connection.commit()
