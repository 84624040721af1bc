"""The real command in processes of its own: started, waited for, killed, and proved to be gone."""

import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers import free_port, until

COMMAND = Path(sys.executable).with_name('leadkeeper')
DATABASE = 'leadkeeper.sqlite3'
ADMIN_KEY = 'lk_test_0123456789abcdefghijklmnopqrstuvwxyz'


def environment(data_dir: Path, env: Mapping[str, str]) -> dict[str, str]:
    """What a process is told: nothing of this machine's own settings, limits out of the way, loopback allowed as destination."""
    kept = {
        name: value for name, value in os.environ.items() if name in ('PATH', 'LANG', 'LC_ALL', 'TMPDIR', 'LD_LIBRARY_PATH', 'PYTHONPATH')
    }
    wide = {f'RATE_LIMIT_{name}': '1000000/minute' for name in ('INTAKE', 'WIDGET', 'LEAD', 'DESK', 'LOGIN')}
    ours = {
        'HOME': str(data_dir),
        'DATA_DIR': str(data_dir),
        'LOG_FORMAT': 'json',
        'ADMIN_API_KEY': ADMIN_KEY,
        'OUTBOUND_ALLOW': '127.0.0.0/8',
    }
    return kept | wide | ours | {name: str(value) for name, value in env.items()}


class Running:
    """One `leadkeeper …` process and its children, in a process group of their own."""

    def __init__(self, arguments: Sequence[str], *, data_dir: Path, env: Mapping[str, str], port: int | None = None) -> None:
        self.arguments = list(arguments)
        self.data_dir = data_dir
        self.env = environment(data_dir, env)
        self.port = port
        self.log_path = data_dir / f'{self.arguments[0]}-{port or os.urandom(3).hex()}.log'
        self.process = self._spawn()

    def _spawn(self) -> 'subprocess.Popen[bytes]':
        ports = ['--port', str(self.port)] if self.port else []
        self._said_before = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open('ab') as log:
            return subprocess.Popen(
                [str(COMMAND), *self.arguments, *ports],
                cwd=self.data_dir,  # no .env of the checkout
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self.port}'

    @property
    def log(self) -> str:
        """What it has printed, all its lives together."""
        return self.log_path.read_text(errors='replace')

    def ready(self, *, seconds: float = 20) -> 'Running':
        """Wait until /ready says 200; for a worker, until it has printed its first line."""
        try:
            until(self._is_ready, seconds=seconds, what=f'leadkeeper {" ".join(self.arguments)} ready')
        except TimeoutError as trouble:
            raise AssertionError(f'{trouble}; it printed:\n{self.log[-4000:]}') from None
        return self

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f'leadkeeper {" ".join(self.arguments)} ended with {self.process.returncode}:\n{self.log[-4000:]}')
        if self.port is None:
            return self.log_path.stat().st_size > self._said_before
        try:
            return request('GET', f'{self.url}/ready').status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9 of the whole group: nothing is flushed, closed or said."""
        self._signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def terminate(self, *, seconds: float = 30) -> int:
        """SIGTERM to the process a supervisor would know; its exit code (143 is clean too)."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=seconds)

    def restart(self) -> None:
        """Start it again, on the same port with the same data; does not wait."""
        self.process = self._spawn()

    def _signal(self, sign: signal.Signals) -> None:
        try:
            os.killpg(self.pid, sign)
        except ProcessLookupError:
            pass

    def stray(self) -> bool:
        """True while any process of the group lives."""
        for path in Path('/proc').glob('[0-9]*/stat') if Path('/proc').exists() else ():
            try:
                state, _, group = path.read_text().rpartition(') ')[2].split()[:3]
            except OSError:
                continue  # gone meanwhile
            if int(group) == self.pid and state != 'Z':
                return True
        return False

    def clean_up(self) -> bool:
        """Make sure nothing is left; True when something had outlived its own end."""
        ended = self.process.poll() is not None
        left = ended and self.stray()
        self._signal(signal.SIGKILL)
        self.process.wait(timeout=10)
        return left


@cache
def _migrated() -> bytes:
    """An empty SQLite database of this version: running all migrations is a quarter of a first start."""
    from migrations.run import upgrade

    with tempfile.TemporaryDirectory(prefix='lk-migrated-') as folder:
        path = Path(folder, DATABASE)
        upgrade(f'sqlite:///{path}')
        with closing(sqlite3.connect(path)) as connection:
            connection.execute('pragma wal_checkpoint(truncate)')
        return path.read_bytes()


class Houses:
    """Starts processes for one test and knows afterwards whether one of them left something behind."""

    def __init__(self) -> None:
        self.running: list[Running] = []
        self._folders: list[Path] = []

    def folder(self, *, bare: bool = False) -> Path:
        """A fresh DATA_DIR, with a migrated, empty database in it unless it is to be `bare`."""
        self._folders.append(Path(tempfile.mkdtemp(prefix='lk-data-')))
        if not bare:
            (self._folders[-1] / DATABASE).write_bytes(_migrated())
        return self._folders[-1]

    def start(
        self, *arguments: str, data_dir: Path | None = None, env: Mapping[str, str] | None = None, port: int | None = None
    ) -> Running:
        """`leadkeeper …` with a free port for serve and api; not yet waited for."""
        serves = arguments[0] in ('serve', 'api')
        started = Running(
            (*arguments, '--no-open') if arguments[0] == 'serve' else arguments,
            data_dir=data_dir or self.folder(),
            env=env or {},
            port=(port or free_port()) if serves else None,
        )
        self.running.append(started)
        return started

    def close(self) -> None:
        """End everything; raises AssertionError when a process had outlived its parent."""
        strays = [' '.join(running.arguments) for running in self.running if running.clean_up()]
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)
        assert not strays, f'these left processes behind: {strays}'


class Answer:
    """An HTTP answer, read to its end."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(
    method: str, url: str, body: object = None, *, headers: Mapping[str, str] | None = None, key: str | None = None, seconds: float = 10
) -> Answer:
    """One request on a connection of its own, without any proxy of this machine; raises OSError when nobody answers properly."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or '127.0.0.1', parts.port, timeout=seconds)
    sent = {'Content-Type': 'application/json'} if body is not None else {}
    sent |= {'Authorization': f'Bearer {key}'} if key else {}
    payload = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    target = parts.path + (f'?{parts.query}' if parts.query else '')
    try:
        connection.request(method, target, body=payload, headers=sent | dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    except http.client.HTTPException as trouble:
        raise ConnectionError(f'{method} {url}: {trouble!r}') from trouble
    finally:
        connection.close()


def run(
    *arguments: str, data_dir: Path, env: Mapping[str, str] | None = None, seconds: float = 60, said: str = ''
) -> 'subprocess.CompletedProcess[str]':
    """`leadkeeper …` to its end, with `said` on its standard input; the caller looks at the exit code."""
    return subprocess.run(
        [str(COMMAND), *arguments],
        cwd=data_dir,
        env=environment(data_dir, env or {}),
        input=said,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
