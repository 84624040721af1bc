"""Kills the running program again and again under load, then lets the judge count. `make chaos`, or python -m tests.chaos.chaos --help."""

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.chaos import judge
from tests.chaos.load import Load
from tests.processes import ADMIN_KEY, Houses, Running, request, run
from tests.receiver import Receiver
from tests.servers import Postgres, Redis, until

CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does; `mean` is the mean time in seconds between the moment all is up again and the next kill."""

    db: str
    leads: int = 1500
    kills: int = 30
    seed: int = 3
    mean: float = 0.6
    delay: float = 0.3
    clients: int = 6
    victims: tuple[str, ...] = ()
    plant: str = ''


class Stage:
    """The program with its servers and its two destinations, ready to be shot at."""

    def __init__(self, plan: Plan, receiver: Receiver) -> None:
        self.plan = plan
        self.receiver = receiver
        self.houses = Houses()
        self.data = self.houses.folder()
        self.postgres = Postgres() if plan.db == 'postgres' else None
        self.redis = Redis() if plan.db == 'postgres' else None
        self.database = self.postgres.create() if self.postgres else f'sqlite:///{self.data / "leadkeeper.sqlite3"}'
        self.env = {
            'SLACK_WEBHOOK_URL': receiver.slack_url,
            'SLACK_RATE': '1000',
            'WEBHOOK_RATE': '1000',
            'WORKER_THREADS': str(4 * CONCURRENCY),  # a destination gets a quarter
            'LEASE_SECONDS': '5',
            'DELIVERY_TIMEOUT_SECONDS': '2',
            'DATABASE_URL': self.database,
        }
        self.processes: dict[str, Running] = {}
        self.extra = 0  # leads released beside the share of each kill
        self.pauses: list[float] = []  # seconds from each kill until ready again

    def open(self) -> None:
        """Start everything and wait until both destinations hear of a lead."""
        if self.redis:
            self.env['REDIS_URL'] = self.redis.url
            made = run('migrate', data_dir=self.data, env=self.env)
            assert made.returncode == 0, made.stdout + made.stderr
            self.processes['api'] = self.houses.start('api', '--workers', '2', data_dir=self.data, env=self.env)
            self.processes['worker'] = self.houses.start('worker', data_dir=self.data, env=self.env)
        self.processes['serve'] = self.houses.start('serve', data_dir=self.data, env=self.env)
        for process in self.processes.values():
            process.ready()
        body = {
            'kind': 'webhook',
            'name': 'Chaos hook',
            'config': {'url': self.receiver.hook_url, 'secret': self.receiver.secret},
            'enabled': True,
        }
        made_there = request('POST', f'{self.url}/api/v1/destinations', body, key=ADMIN_KEY)
        assert made_there.status == 201, made_there.body
        self._widen()
        self._warm_up()

    @property
    def url(self) -> str:
        return self.processes['serve'].url

    @property
    def urls(self) -> list[str]:
        """The doors that take leads."""
        return [self.processes[name].url for name in ('serve', 'api') if name in self.processes]

    def _widen(self) -> None:
        # The default lets four calls to one destination run at a time; the promise under test is for eight.
        judge.change(self.database, [f'update destinations set concurrency = {CONCURRENCY}'])

    def _warm_up(self) -> None:
        for number in range(100):
            body = {'name': 'Warm up', 'email': f'warm-{number}@example.com'}
            request('POST', f'{self.url}/api/chatbot/leads', body, key=ADMIN_KEY)
            try:
                self.receiver.wait(lambda r: r.at('/slack') and r.at('/hook'), seconds=1)
            except AssertionError:
                continue  # a process may know its destinations from five seconds ago
            self.receiver.quiet()
            return
        raise AssertionError('no lead reached both destinations; the server printed:\n' + next(iter(self.processes.values())).log[-4000:])

    def kill(self, victim: str) -> None:
        """kill -9, start again, wait until ready."""
        began = time.monotonic()
        if victim in self.processes:
            self.processes[victim].kill()
            self.processes[victim].restart()
            self.processes[victim].ready(seconds=30)
        else:
            server: Any = {'postgres': self.postgres, 'redis': self.redis}[victim]
            server.kill()
            server.start()
        self.pauses.append(round(time.monotonic() - began, 2))

    def close(self) -> None:
        """Stop in good order where possible, and look for strays."""
        try:
            for process in self.processes.values():
                process.terminate()
            self.houses.close()
        finally:
            for server in (self.postgres, self.redis):
                if server:
                    server.close()


def shoot(stage: Stage, plan: Plan, load: Load, dice: random.Random, say: Callable[[str], None], done: list[str]) -> None:
    """Kill `plan.kills` times, each time only while a call is open at the receiver; appends each victim to `done`."""
    victims = plan.victims or (('serve',) if plan.db == 'sqlite' else ('api', 'worker', 'serve'))
    pause = threading.Event()
    while len(done) < plan.kills:
        pause.wait(dice.expovariate(1 / plan.mean))
        while stage.receiver.open_calls == 0:  # all that was released is delivered already: a few more, so that the shot hits something
            stage.extra += 4
            try:
                stage.receiver.wait(lambda r: r.open_calls > 0, seconds=2, what='a call under way')
            except AssertionError:
                if stage.extra > plan.leads:
                    raise
        victim = victims[len(done) % len(victims)]
        stage.kill(victim)
        done.append(victim)
        say(f'kill {len(done)} of {plan.kills}: {victim}, up again after {stage.pauses[-1]} s, {len(load.acknowledged)} leads acknowledged')


def settle(stage: Stage, say: Callable[[str], None]) -> int:
    """Wait until every delivery ended; what the poison rule took aside is sent again as a person would order it. Gives their number."""
    until(lambda: judge.undecided(stage.database) == 0, seconds=180, pause=0.2, what='the end of every delivery')
    aside = sum(1 for *_, state, last in judge.read(stage.database).deliveries if (state, last) == ('dead', 'poison'))
    if aside:
        say(f'{aside} deliveries were under way in three killed workers and were taken aside: replaying them')
        replayed = run('replay', '--since', '1d', '--dead', data_dir=stage.data, env=stage.env)
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        until(lambda: judge.undecided(stage.database) == 0, seconds=60, pause=0.2, what='the end of every replayed delivery')
    return aside


def perform(plan: Plan, say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)) -> dict[str, Any]:
    """One whole run; the result's `problems` is empty when nothing was lost."""
    began, dice, done = time.monotonic(), random.Random(plan.seed), []
    with Receiver(delay=plan.delay) as receiver:
        stage = Stage(plan, receiver)
        try:
            stage.open()
            # A share of the leads becomes due after each kill, so that there is load from the first kill to the last.
            load = Load(
                stage.urls,
                leads=plan.leads,
                threads=plan.clients,
                seed=plan.seed,
                allowed=lambda: (
                    plan.leads * 4 * (len(done) + 1) // (5 * plan.kills + 5) + 1 + stage.extra if len(done) < plan.kills else plan.leads
                ),
            )
            load.start()
            shoot(stage, plan, load, dice, say, done)
            until(lambda: load.done, seconds=120, what='the acknowledgement of every lead')
            poison = settle(stage, say)
            receiver.quiet()
            ledger = run('ledger', 'verify', '--json', data_dir=stage.data, env=stage.env)
            result = _judged(plan, stage, load, done)
            result |= {'poison_replayed': poison, 'ledger_exit': ledger.returncode, 'seconds': round(time.monotonic() - began, 1)}
            if ledger.returncode != 0:
                result['problems'].append(f'ledger verify exits {ledger.returncode}: {ledger.stdout[:500]}{ledger.stderr[-500:]}')
            return result
        finally:
            stage.close()


def _judged(plan: Plan, stage: Stage, load: Load, done: list[str]) -> dict[str, Any]:
    if plan.plant:
        judge.plant(stage.database, plan.plant)
    tables = judge.read(stage.database)
    verdict = judge.judge(
        tables,
        load.acknowledged.values(),
        judge.marks(call.body for call in stage.receiver.at('/slack') if 'Warm up' not in call.body),
        judge.hook_ids(((call.headers['webhook-id'], call.json) for call in stage.receiver.at('/hook')), load.acknowledged.values()),
        kills=len(done),
    )
    verdict.problems.extend(load.wrong[:20])
    kills = {victim: done.count(victim) for victim in dict.fromkeys(done)}
    plain = {'db': plan.db, 'seed': plan.seed, 'leads': plan.leads, 'kills': len(done), 'killed': kills, 'concurrency': CONCURRENCY}
    answers = {'answers': dict(load.answers), 'longest_pause': max(stage.pauses, default=0)}
    return {**plain, **verdict.facts, **answers, 'problems': verdict.problems}


def main() -> int:
    """Read the command line, run, print one JSON line; 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--db', choices=['sqlite', 'postgres'], default='sqlite')
    parser.add_argument('--leads', type=int, default=1500)
    parser.add_argument('--kills', type=int, default=30)
    parser.add_argument('--seed', type=int, default=3)
    parser.add_argument('--mean', type=float, default=0.6, help='mean seconds between being up again and the next kill')
    parser.add_argument('--victims', default='', help='comma list of serve, api, worker, postgres, redis')
    parser.add_argument(
        '--plant', choices=['', 'lost-row', 'lost-delivery', 'unsent'], default='', help='spoil a row: the judge must notice'
    )
    given = parser.parse_args()
    plan = Plan(
        db=given.db, leads=given.leads, kills=given.kills, seed=given.seed, mean=given.mean, plant=given.plant,
        victims=tuple(name for name in given.victims.split(',') if name),
    )  # fmt: skip
    result = perform(plan)
    result['ok'] = not result['problems']
    result['problems'] = result['problems'][:10]
    print(json.dumps(result))
    return 0 if result['ok'] else 1


if __name__ == '__main__':
    sys.exit(main())
