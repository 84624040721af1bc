"""What every test may ask for: a fresh migrated database of either engine, servers, the real process, a stand-in for the outside world."""

import ipaddress
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import structlog

from tests.processes import Houses, Running
from tests.receiver import Receiver
from tests.servers import Postgres, Redis, amqp_url

# What structlog does by itself, but for the pictures of tracebacks: one with SQLAlchemy in it took seconds to draw.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: the tests wait for processes, servers and browsers a third of their time."""
    return (os.cpu_count() or 1) + 1


_guarding = False


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    # An audit hook sees every connect of this interpreter, whatever library asks for it; it cannot be taken back, only put to sleep.
    if not _guarding or event not in ('socket.connect', 'socket.sendto'):
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        return  # a unix socket
    host = str(address[0]).partition('%')[0]
    if host != 'localhost' and not ipaddress.ip_address(host).is_loopback:
        raise PermissionError(f'tests talk to loopback only, this one tried {host}:{address[1]}')


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """No test reaches out of this machine."""
    global _guarding
    _guarding = True
    yield
    _guarding = False


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """Each test begins at the real time; `clock.advance` moves it for one test only."""
    from domain.base import clock

    clock.reset()
    yield
    clock.reset()


@pytest.fixture(scope='session')
def postgres() -> Iterator[Postgres]:
    """The run's PostgreSQL server (TEST_DATABASE_URL: yours)."""
    server = Postgres(given=os.environ.get('TEST_DATABASE_URL'), durable=False)
    yield server
    server.close()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A durable server of the test's own, to be stopped and killed; also where TEST_DATABASE_URL is set."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope='session')
def redis_server() -> Iterator[Redis]:
    """The run's Redis server (TEST_REDIS_URL: yours), emptied for each test that asks for `redis_url`."""
    given = os.environ.get('TEST_REDIS_URL')
    if given and (worker := os.environ.get('PYTEST_XDIST_WORKER')):  # each process of the run has a database to itself
        given = urlsplit(given)._replace(path=f'/{worker.removeprefix("gw")}').geturl()
    server = Redis(given=given)
    yield server
    server.close()


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """An empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A Redis of the test's own, to be killed and started again."""
    server = Redis()
    yield server
    server.close()


@pytest.fixture(scope='session')
def amqp() -> str:
    """A RabbitMQ; skipped where none answers."""
    url = amqp_url()
    if url is None:
        pytest.skip('NO RABBITMQ: set TEST_AMQP_URL to run this test')
    return url


@pytest.fixture(params=['sqlite', 'postgres'])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it, directly or through `db`, runs once per engine."""
    return str(request.param)


@pytest.fixture(scope='session')
def migrated(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """The address of a migrated, empty database per engine, made at first use and only ever copied."""
    from migrations.run import upgrade

    made: dict[str, str] = {}

    def address(kind: str) -> str:
        if kind not in made:
            if kind == 'sqlite':
                url = f'sqlite:///{tmp_path_factory.mktemp("migrated") / "leadkeeper.sqlite3"}'
            else:
                url = request.getfixturevalue('postgres').create()
            upgrade(url)
            made[kind] = url
        return made[kind]

    return address


@pytest.fixture(scope='session')
def reused(request: pytest.FixtureRequest, migrated: Callable[[str], str]) -> Callable[[], str]:
    """One migrated PostgreSQL database, emptied for each test that asks for it: copying it anew takes ten times as long."""
    from migrations.models import metadata

    made: list[str] = []
    others = 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
    empty = ['set session_replication_role = replica', *(f'delete from {found.name}' for found in metadata.sorted_tables)]

    def address() -> str:
        if made:
            with psycopg.connect(made[-1]) as connection, suppress(psycopg.errors.UndefinedTable):  # a test took one away
                connection.execute('; '.join((others, *empty)).encode())
                return made[-1]
        made.append(request.getfixturevalue('postgres').create(template=migrated('postgres')))
        return made[-1]

    return address


@pytest.fixture
def database_url(engine_kind: str, reused: Callable[[], str], migrated: Callable[[str], str], tmp_path: Path) -> str:
    """The DATABASE_URL of a migrated database without a row."""
    if engine_kind == 'postgres':
        return reused()
    source, copy = Path(migrated('sqlite').removeprefix('sqlite:///')), tmp_path / 'leadkeeper.sqlite3'
    for suffix in ('', '-wal'):
        if Path(f'{source}{suffix}').exists():
            shutil.copyfile(f'{source}{suffix}', f'{copy}{suffix}')
    return f'sqlite:///{copy}'


@pytest.fixture
def db(database_url: str) -> Iterator[Any]:
    """A `domain.base.db.Database` on a fresh migrated database."""
    from domain.base.db import Database

    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def houses() -> Iterator[Houses]:
    """Starts `leadkeeper` processes; fails the test when one leaves a stray behind."""
    started = Houses()
    yield started
    started.close()


@pytest.fixture
def app_process(houses: Houses) -> Callable[..., Running]:
    """`app_process('serve', env={…})`: the real command, waited for until it is ready."""

    def start(*arguments: str, **options: Any) -> Running:
        return houses.start(*(arguments or ('serve',)), **options).ready()

    return start


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Slack and a signed webhook's receiver, on loopback."""
    with Receiver() as standing_in:
        yield standing_in
