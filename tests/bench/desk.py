"""What the desk costs: an inbox over 100,000 leads, 200 open inboxes beside 200 empty NiceGUI pages, a new lead on all of them."""

import argparse
import asyncio
import http.client
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

import app
from domain.base import clock
from domain.base.settings import Settings
from domain.intake import rules
from domain.intake.messages import Arrival, ChatbotLead
from domain.intake.record import record
from migrations.run import upgrade
from tests.bench.browser import look
from tests.bench.measure import ROOT, cpu_seconds
from tests.bench.pages import Page, open_all
from tests.processes import ADMIN_KEY, Houses, Running, request, run
from tests.servers import Postgres, Redis, free_port, until

PASSWORD = 'a small grey lighthouse'
BARS = {
    'server_ms': 50,
    'nodes': 1500,
    'key_p95_ms': 50,
    'idle_frames': 0,
    'bytes_per_lead': 1000,
    'memory_ratio': 3.0,
    'visible_p99_ms': 1000,
}
# Of a shop that has run for long: most leads are closed.
SHARES = (('closed', 0.85), ('in_conversation', 0.1), ('snoozed', 0.03), ('needs_reply', 0.02))


def say(line: str) -> None:
    """To the person who waits."""
    print(line, file=sys.stderr, flush=True)


class Scene:
    """A desk with so many leads, its owner signed in."""

    def __init__(self, kind: str, leads: int, *, spread: bool = True) -> None:
        self.houses = Houses()
        self.data = self.houses.folder()
        self.servers: list[Postgres | Redis] = []
        self.env = {'LOG_LEVEL': 'warning', 'RATE_LIMIT_LOGIN': '1000/minute', 'SESSION_IDLE_MINUTES': '600'}
        if kind == 'postgres':
            postgres, redis = Postgres(), Redis()
            self.servers += [postgres, redis]
            self.env |= {'DATABASE_URL': postgres.create(), 'REDIS_URL': redis.url}
        url = self.env.get('DATABASE_URL', f'sqlite:///{self.data / "leadkeeper.sqlite3"}')
        self.url = Settings(data_dir=self.data, database_url=url).url
        upgrade(self.url)
        asyncio.run(fill(self.data, url, leads, spread=spread))
        adding = ('user', 'add', 'ines@example.com', '--role', 'owner', '--password-stdin')
        made = run(*adding, data_dir=self.data, env=self.env, said=PASSWORD)
        assert made.returncode == 0, made.stdout + made.stderr
        self.desk: Running = self.houses.start('serve', data_dir=self.data, env=self.env).ready()
        self.cookie = sign_in(self.desk.url)

    def close(self) -> None:
        """Stop everything."""
        for process in self.houses.running:
            process.terminate()
        self.houses.close()
        for server in self.servers:
            server.close()


async def fill(data: Path, url: str, leads: int, *, spread: bool = True) -> None:
    """So many leads through the keeper, then with `spread` over the groups of the inbox as after years of work."""
    doors = app.open_house(Settings(data_dir=data, database_url=url, admin_api_key=ADMIN_KEY), serves=True)
    facts = doors.facts.load(ADMIN_KEY, 'api')
    await doors.keeper.open()
    try:
        for first in range(0, leads, 500):
            await asyncio.gather(*(doors.keeper.keep(_values(number, facts)) for number in range(first, min(leads, first + 500))))
            if first % 20_000 == 0:
                say(f'{first} of {leads} leads made')
    finally:
        await doors.keeper.close()
    if spread:
        _spread(doors.db, leads)
    doors.db.close()


def _values(number: int, facts: Any) -> Any:
    body = {
        'name': f'Person {number}',
        'email': f'person-{number}@example.com',
        'phone': f'+1555{number:07d}',
        'message': f'About job {number}.',
    }
    lead = ChatbotLead.model_validate(body)
    arrival = Arrival(json.dumps(body).encode(), 'application/json', {}, 'x', None)
    return record(rules.submission(lead, arrival, 'chatbot', facts.region), facts, clock.now())


def _spread(db: Any, leads: int) -> None:
    with db.transaction() as session:
        connection = session.connection()
        ids = [row[0] for row in connection.exec_driver_sql('select id from leads')]
        random.Random(1).shuffle(ids)
        at = 0
        mark = '?' if db.is_sqlite else '%s'
        for group, share in SHARES[:-1]:
            some = ids[at : at + int(leads * share)]
            at += len(some)
            status = {'closed': 'closed', 'in_conversation': 'open', 'snoozed': 'snoozed'}[group]
            for first in range(0, len(some), 500):
                part = some[first : first + 500]
                marks = ','.join([mark] * len(part))
                connection.exec_driver_sql(
                    f"update leads set inbox_group='{group}', status='{status}', unread=false where id in ({marks})", tuple(part)
                )
                ended = 'stopped_at' if group == 'closed' else 'answered_at'
                connection.exec_driver_sql(f'update sla_clocks set {ended}=due_at where lead_id in ({marks})', tuple(part))
    with db.engine.connect() as connection:
        connection.exec_driver_sql('analyze')


def sign_in(url: str) -> str:
    """The Cookie header of a new session."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or '', target.port)
    body = f'email=ines%40example.com&password={PASSWORD.replace(" ", "+")}'
    connection.request('POST', '/login', body, {'Content-Type': 'application/x-www-form-urlencoded'})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303, answer.status
    return (answer.getheader('Set-Cookie') or '').split(';')[0]


def page_cost(scene: Scene, path: str = '/', times: int = 30) -> dict[str, float]:
    """Processor time of the server, and time until the whole page is there, for one page; median of `times`."""
    target = urlsplit(scene.desk.url)
    connection = http.client.HTTPConnection(target.hostname or '', target.port)
    took, size = [], 0
    for number in range(times + 3):
        if number == 3:
            before = cpu_seconds(scene.desk.pid)
        began = time.perf_counter()
        connection.request('GET', path, headers={'Cookie': scene.cookie})
        answer = connection.getresponse()
        size = len(answer.read())
        assert answer.status == 200, answer.status
        took.append((time.perf_counter() - began) * 1000)
    used = (cpu_seconds(scene.desk.pid) - before) / times * 1000
    ordered = sorted(took[3:])
    times_ms = {'whole_ms': round(statistics.median(ordered), 1), 'whole_p95_ms': round(ordered[-2], 1)}
    return {'server_ms': round(used, 1), **times_ms, 'html_kb': round(size / 1024, 1)}


async def crowd(base: str, path: str, cookie: str, pid: int, count: int, *, post: Any = None, cycles: int = 0) -> dict[str, Any]:
    """`count` open pages of one kind: what each costs in memory, how soon a new lead is on all, and whether memory stays after cycles."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http_session:
        warm = [Page(base, path, cookie) for _ in range(5)]
        await open_all(http_session, warm)
        before = resident(pid)
        pages = [Page(base, path, cookie) for _ in range(count)]
        await open_all(http_session, pages)
        await asyncio.sleep(2)  # the pages' first frames are through
        out: dict[str, Any] = {'per_page_kb': round((resident(pid) - before) / count, 1)}
        if post:
            out |= await _new_leads(pages, post)
        await asyncio.gather(*(page.close() for page in (*pages, *warm)))
        if cycles:
            out['rss_mb_per_cycle'] = await _cycles(http_session, base, path, cookie, pid, count, cycles)
        return out


async def _new_leads(pages: list[Page], post: Any, leads: int = 20) -> dict[str, Any]:
    delays: list[float] = []
    began_bytes = sum(page.bytes for page in pages)
    for number in range(leads):
        name = f'Crowd {number} {time.monotonic_ns()}'
        for page in pages:
            page.wanted.add(name)
        began = time.monotonic()
        await asyncio.to_thread(post, name)
        deadline = began + 10
        while any(name in page.wanted for page in pages) and time.monotonic() < deadline:  # noqa: ASYNC110 - two hundred pages, one look
            await asyncio.sleep(0.01)
        delays += [page.seen.get(name, began + 10) - began for page in pages]
        await asyncio.sleep(0.3)
    delays.sort()
    per_lead = (sum(page.bytes for page in pages) - began_bytes) / len(pages) / leads
    return {
        'visible_p50_ms': round(delays[len(delays) // 2] * 1000),
        'visible_p99_ms': round(delays[len(delays) * 99 // 100] * 1000),
        'bytes_per_lead': round(per_lead),
    }


async def _cycles(session: aiohttp.ClientSession, base: str, path: str, cookie: str, pid: int, count: int, cycles: int) -> list[float]:
    sizes = []
    for _ in range(cycles):
        pages = [Page(base, path, cookie) for _ in range(count)]
        await open_all(session, pages)
        await asyncio.gather(*(page.close() for page in pages))
        await asyncio.sleep(14)  # the pages of closed lids are forgotten after RECONNECT_SECONDS
        sizes.append(round(resident(pid) / 1024, 1))
        say(f'after a cycle: {sizes[-1]} MB')
    return sizes


def resident(pid: int) -> float:
    """kB of memory that the process holds."""
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith('VmRSS:'):
            return float(line.split()[1])
    raise AssertionError(f'no process {pid}')


class Empty:
    """The yardstick: an empty NiceGUI page in a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        command = [sys.executable, '-m', 'tests.bench.empty', str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)
        until(self._answers, seconds=20, what='the start of the empty page')

    def _answers(self) -> bool:
        try:
            return request('GET', self.url).status == 200
        except OSError:
            return False

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def measure(kind: str, leads: int, pages: int, cycles: int) -> dict[str, Any]:
    """All figures of one engine."""
    scene, empty = Scene(kind, leads), Empty()
    try:
        result: dict[str, Any] = {'engine': kind, 'leads': leads, **page_cost(scene)}
        result |= look(scene.desk.url, scene.cookie, ADMIN_KEY)
        say(json.dumps(result))

        def post(name: str) -> None:
            body = {'name': name, 'email': f'{time.monotonic_ns()}@example.com', 'message': 'Please call me.'}
            assert request('POST', f'{scene.desk.url}/api/chatbot/leads', body, key=ADMIN_KEY).status == 201

        bare = asyncio.run(crowd(empty.url, '/', '', empty.process.pid, pages))
        ours = asyncio.run(crowd(scene.desk.url, '/', scene.cookie, scene.desk.pid, pages, post=post, cycles=cycles))
        result |= {'pages': pages, 'empty_page_kb': bare['per_page_kb'], **ours}
        result['memory_ratio'] = round(ours['per_page_kb'] / bare['per_page_kb'], 2)
        return result
    finally:
        empty.close()
        scene.close()


def main() -> int:
    """Measure, print, write bench/desk.json; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--engine', choices=['sqlite', 'postgres'], action='append')
    parser.add_argument('--leads', type=int, default=100_000)
    parser.add_argument('--pages', type=int, default=200)
    parser.add_argument('--cycles', type=int, default=10)
    given = parser.parse_args()
    results = [measure(kind, given.leads, given.pages, given.cycles) for kind in given.engine or ['sqlite', 'postgres']]
    folder = Path(ROOT, 'bench')
    folder.mkdir(exist_ok=True)
    machine = f'{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}'
    (folder / 'desk.json').write_text(json.dumps({'machine': machine, 'desk': results}, indent=1) + '\n')
    bad = [f'{row["engine"]}: {name} is {row[name]}, the bar is {bar}' for row in results for name, bar in BARS.items() if row[name] > bar]
    print(json.dumps(results, indent=1))
    print('\n'.join(bad) or 'All bars are met.')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
