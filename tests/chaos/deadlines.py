"""A thousand deadlines inside one minute, three workers, one of them killed: python -m tests.chaos.deadlines --db postgres --runs 5.

Lateness is measured from outside: the moment at which another connection sees the committed event, less the deadline.
"""

import argparse
import json
import random
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from domain.base.db import Database
from domain.base.scope import Scope
from domain.leads.models import Lead, Quality
from domain.sla.actions import arm
from domain.sla.models import SlaClock
from domain.tenancy.queries import default_location, first_tenant
from tests.chaos import judge
from tests.processes import Houses, run
from tests.servers import Postgres, Redis, until

P99, MOST = 1.0, 2.0  # seconds: what is promised
LOOK = 0.01  # seconds between two looks of the watcher
AHEAD = 5.0  # seconds from the making of the rows to the first deadline
LATER = "created_at > clock_timestamp() - interval '5 seconds'"  # PostgreSQL: what was committed lately

Seen = tuple[Any, str, bool]  # event, lead, whether it was found late


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does: so many deadlines inside so many seconds; one of the workers is killed when a share of these is over."""

    db: str
    deadlines: int = 1000
    seconds: float = 60
    workers: int = 3
    kill_after: float = 0.5
    seed: int = 7


@dataclass
class Watcher:
    """Sees committed breaches from outside, and when: one thread with a connection of its own."""

    url: str
    seen: dict[str, list[datetime]] = field(default_factory=dict)
    found_late: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def count(self) -> int:
        """How many breaches were seen so far."""
        return sum(len(moments) for moments in self.seen.values())

    def watch(self) -> None:
        """Look until stopped; each event is noted with the moment of the first look that saw it."""
        known: set[Any] = set()
        if self.url.startswith('sqlite'):
            with closing(sqlite3.connect(f'file:{self.url.removeprefix("sqlite:///")}?mode=ro', uri=True, timeout=10)) as connection:
                query = (
                    "select rowid, lead_id, json_extract(payload, '$.foundLate') from lead_events"
                    " where event_type = 'sla.breached' and rowid > ?"
                )
                self._loop(known, lambda: connection.execute(query, (max(known, default=0),)).fetchall())
        else:
            with psycopg.connect(self.url, autocommit=True) as server:
                asked = (
                    "select id, replace(lead_id::text, '-', ''), (payload->>'foundLate')::boolean from lead_events"
                    f" where event_type = 'sla.breached' and {LATER}"
                ).encode()
                self._loop(known, lambda: server.execute(asked).fetchall())

    def _loop(self, known: set[Any], look: Callable[[], list[Seen]]) -> None:
        while not self.stop.wait(LOOK):
            rows, moment = look(), datetime.now(UTC)
            for event, lead, late in rows:
                if event not in known:
                    known.add(event)
                    self.seen.setdefault(lead, []).append(moment)
                    self.found_late += bool(late)


def planted(url: str, plan: Plan) -> dict[str, datetime]:
    """Leads whose deadlines lie at random inside the minute that begins in some seconds; the deadline by the lead's hex digits."""
    dice, db = random.Random(plan.seed), Database(url)
    try:
        with db.transaction() as session:
            tenant = first_tenant(session)
            assert tenant is not None
            place = default_location(session, Scope(tenant.id))
            leads = [
                Lead(tenant_id=tenant.id, location_id=place.id, name=f'Lead {number}', quality=Quality.HOT, source='chaos')
                for number in range(plan.deadlines)
            ]
            session.add_all(leads)
            session.flush()
            begin = datetime.now(UTC) + timedelta(seconds=AHEAD)
            due = {lead.id.hex: begin + timedelta(seconds=dice.uniform(0, plan.seconds)) for lead in leads}
            for lead in leads:
                clock = SlaClock(tenant_id=tenant.id, lead_id=lead.id, due_at=due[lead.id.hex], window_seconds=900)
                arm(clock)
                session.add(clock)
        return due
    finally:
        db.close()


def one_run(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """One minute of deadlines on a database of its own; `problems` is empty when every alarm came once and in time."""
    houses, data = Houses(), None
    postgres = Postgres() if plan.db == 'postgres' else None
    redis = Redis() if plan.db == 'postgres' else None
    try:
        data = houses.folder()
        url = postgres.create() if postgres else f'sqlite:///{data / "leadkeeper.sqlite3"}'
        env = {'DATABASE_URL': url} | ({'REDIS_URL': redis.url} if redis else {})
        made = run('migrate', data_dir=data, env=env)
        assert made.returncode == 0, made.stdout + made.stderr
        workers = [houses.start('worker', data_dir=data, env=env) for _ in range(plan.workers)]
        for worker in workers:
            worker.ready()
        until(lambda: judge.rows(url, 'select id from tenants'), seconds=20, what='the first tenant')
        until(lambda: len(judge.rows(url, 'select name from leases')) >= plan.workers, seconds=20, what='the workers')
        watcher = Watcher(url)
        thread = threading.Thread(target=watcher.watch)
        thread.start()
        try:
            due = planted(url, plan)
            killed_at = min(due.values()) + timedelta(seconds=plan.seconds * plan.kill_after)
            until(lambda: datetime.now(UTC) >= killed_at, seconds=AHEAD + plan.seconds, what='the moment to kill')
            workers[0].kill()
            say(f'killed one of {plan.workers} workers after {watcher.count} alarms')
            last = (max(due.values()) - datetime.now(UTC)).total_seconds()
            until(lambda: len(watcher.seen) >= plan.deadlines, seconds=max(0.0, last) + 15, pause=0.1, what='every alarm')
        except TimeoutError as trouble:
            say(str(trouble))
        finally:
            threading.Event().wait(1.0)  # a second one of any alarm would come about now
            watcher.stop.set()
            thread.join()
        return judged(plan, due, watcher)
    finally:
        houses.close()
        for server in (postgres, redis):
            if server:
                server.close()


def judged(plan: Plan, due: dict[str, datetime], watcher: Watcher) -> dict[str, Any]:
    """What was seen against what was due."""
    late = sorted((moments[0] - due[lead]).total_seconds() for lead, moments in watcher.seen.items())
    missing = len(due) - len(watcher.seen)
    twice = sum(len(moments) > 1 for moments in watcher.seen.values())
    problems = [f'{missing} alarms never came'] if missing else []
    problems += [f'{twice} alarms came more than once'] if twice else []
    p50, p99, most = (late[min(len(late) - 1, int(share * len(late)))] if late else 0.0 for share in (0.5, 0.99, 1.0))
    if late and late[0] < 0:
        problems.append(f'an alarm came {-late[0]:.3f} s early')
    if p99 >= P99 or most >= MOST:
        problems.append(f'p99 {p99:.3f} s, most {most:.3f} s')
    figures = {'p50': round(p50, 3), 'p99': round(p99, 3), 'max': round(most, 3)}
    return {'db': plan.db, 'deadlines': len(due), 'fired': watcher.count, **figures, 'found_late': watcher.found_late, 'problems': problems}


def main() -> int:
    """Read the command line, run, print one JSON line for each run; 1 when an alarm was missing, double or late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--db', choices=['sqlite', 'postgres'], default='postgres')
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--deadlines', type=int, default=1000)
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--workers', type=int, default=3)
    given = parser.parse_args()
    good = True
    for number in range(given.runs):
        plan = Plan(given.db, given.deadlines, given.seconds, given.workers, seed=7 + number)
        result = one_run(plan, lambda line: print(line, file=sys.stderr, flush=True))
        good = good and not result['problems']
        print(json.dumps(result), flush=True)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
