"""What the promise costs: durable intake as a share of a route that stores nothing, and how soon a lead reaches the outside
and the customer has the first message."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench import arrival
from tests.bench.measure import ROOT, Numbers, Round, drive, latencies
from tests.bench.scene import Scene
from tests.processes import request
from tests.receiver import Receiver
from tests.servers import free_port, until

AIM = {'sqlite': 0.30, 'postgres': 0.33}
FLOOR = 0.25
BUSY = 0.90  # of a core: below this the no-op was not the bottleneck, and its round says nothing


def say(line: str) -> None:
    """To the person who waits."""
    print(line, file=sys.stderr, flush=True)


class Noop:
    """The yardstick's process."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        command = [sys.executable, '-m', 'tests.bench.noop', str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)
        until(self._answers, seconds=20, what='the start of the no-op server')

    def _answers(self) -> bool:
        try:
            return request('GET', f'{self.url}/ready').status == 200
        except OSError:
            return False

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def compare(name: str, scene: Scene, noop: Noop, numbers: Numbers, *, rounds: int, seconds: float, known: float = 0.0) -> dict[str, Any]:
    """Rounds by turns; the median of the ratios. A round whose no-op was not busy is thrown away and counted."""
    kept: list[tuple[Round, Round]] = []
    thrown: list[tuple[Round, Round]] = []
    stored, created = scene.leads(), 0
    count = int(12_000 * seconds)
    while len(kept) < rounds and len(thrown) < 2 * rounds:
        yardstick = drive(noop.url, noop.process.pid, 0, seconds=seconds, count=count)
        ours = drive(scene.door.url, scene.door.pid, numbers.take(count), seconds=seconds, count=count, known=known)
        created += ours.created
        strange = {status: n for status, n in ours.answers.items() if status != '201'}
        assert not strange, f'{name}: answers other than 201: {strange}'
        if yardstick.core < BUSY:
            thrown.append((ours, yardstick))
            say(f'{name}: round thrown away, the no-op used only {yardstick.core:.0%} of a core')
            continue
        kept.append((ours, yardstick))
        say(f'{name}: {ours.per_second:.0f}/s of {yardstick.per_second:.0f}/s = {ours.per_second / yardstick.per_second:.3f}')
    found = scene.leads() - stored
    if not known:
        assert found == created, f'{name}: {created} leads were acknowledged, {found} are stored'
    # Processor time does not depend on who else uses the machine, so it is shown even where no round counted.
    processor = {'cpu_share': round(statistics.median(noop.cpu_ms / ours.cpu_ms for ours, noop in kept + thrown), 3)}
    away = [round(noop.core, 2) for _, noop in thrown]
    return {'name': name, 'thrown_away': away, 'acknowledged': created, 'leads_stored': found, **processor, **_summary(kept)}


def _summary(kept: list[tuple[Round, Round]]) -> dict[str, Any]:
    if not kept:
        return {'ratio': None, 'rounds': 0}

    def middle(take: Callable[[Round, Round], float]) -> float:
        return round(statistics.median(take(ours, noop) for ours, noop in kept), 3)

    return {
        'rounds': len(kept),
        'ratio': middle(lambda ours, noop: ours.per_second / noop.per_second),
        'per_second': middle(lambda ours, _: ours.per_second),
        'noop_per_second': middle(lambda _, noop: noop.per_second),
        'cpu_ms': middle(lambda ours, _: ours.cpu_ms),
        'noop_cpu_ms': middle(lambda _, noop: noop.cpu_ms),
        'p50_ms': middle(lambda ours, _: ours.p50_ms),
        'p99_ms': middle(lambda ours, _: ours.p99_ms),
        'all': [[asdict(ours), asdict(noop)] for ours, noop in kept],
    }


def throughput(kind: str, noop: Noop, *, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """The bar (no destination, every request a new person), and beside it 20 % known persons and one destination on."""
    numbers, results = Numbers(), []
    scene = Scene(kind)
    try:
        results.append(compare(f'{kind}: durable intake', scene, noop, numbers, rounds=rounds, seconds=seconds))
        results.append(compare(f'{kind}: 20 % known persons', scene, noop, numbers, rounds=max(1, rounds // 2), seconds=seconds, known=0.2))
    finally:
        scene.close()
    with Receiver() as receiver:
        scene = Scene(kind, receiver)
        try:
            results.append(compare(f'{kind}: one destination on', scene, noop, numbers, rounds=max(1, rounds // 2), seconds=seconds))
            results[-1]['delivered_meanwhile'] = len(receiver.at('/slack'))
        finally:
            scene.close()
    return results


def promptness(kind: str, *, leads: int, idle: float) -> dict[str, Any]:
    """How soon a lead posted into an idle desk reaches the provider; `after_idle` once nothing happened for `idle` seconds."""
    with Receiver() as receiver:
        scene = Scene(kind, receiver)
        try:
            latencies(scene.post, receiver, 3, spacing=0.2)
            result = latencies(scene.post, receiver, leads, spacing=0.12)
            if idle:
                say(f'{kind}: nothing for {idle:g} s')
                time_to_rest(idle)
                result['after_idle'] = latencies(scene.post, receiver, 5, spacing=0.12)
            return {'name': 'embedded' if kind == 'sqlite' else 'scaled', **result}
        finally:
            scene.close()


def time_to_rest(seconds: float) -> None:
    """Let the desk be idle."""
    deadline = time.monotonic() + seconds
    until(lambda: time.monotonic() > deadline, seconds=seconds + 5, what='the end of the pause', pause=0.5)


def table(report: dict[str, Any]) -> str:
    """The figures as a Markdown table."""
    lines = [
        '| what | share of the no-op | share by CPU time | requests/s | no-op/s | CPU ms/request | p50 ms | p99 ms | rounds (thrown) |',
        '|---|---|---|---|---|---|---|---|---|',
    ]
    for row in report['throughput']:
        measured = (
            [f'{row["ratio"]:.3f}', *(row[name] for name in ('per_second', 'noop_per_second', 'cpu_ms', 'p50_ms', 'p99_ms'))]
            if row['ratio']
            else ['–'] * 6
        )
        share, *others = map(str, measured)
        lines.append(
            f'| {row["name"]} | {share} | {row["cpu_share"]} | {" | ".join(others)} | {row["rounds"]} ({len(row["thrown_away"])}) |'
        )
    lines += [
        '',
        '| lead to provider, idle desk | answer p50 | call after answer p50 / p99 | whole p50 / p95 / p99 | after a pause, whole p95 |',
        '|---|---|---|---|---|',
    ]
    for row in report['promptness']:
        late = row.get('after_idle', {}).get('whole_p95_ms', '')
        lines.append(
            f'| {row["name"]} | {row["answer_p50_ms"]} | {row["call_p50_ms"]} / {row["call_p99_ms"]}'
            f' | {row["whole_p50_ms"]} / {row["whole_p95_ms"]} / {row["whole_p99_ms"]} | {late} |'
        )
    return '\n'.join([*lines, '', *arrival.table(report['arrival'])])


def main() -> int:
    """Measure, print the table, write bench/latest.json; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--engine', choices=['sqlite', 'postgres'], action='append')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=float, default=4.0)
    parser.add_argument('--leads', type=int, default=100)
    parser.add_argument('--idle', type=float, default=30.0, help='seconds of rest before the last latency measurement; 0 leaves it out')
    parser.add_argument('--only', choices=['throughput', 'promptness', 'arrival'])
    given = parser.parse_args()
    engines = given.engine or ['sqlite', 'postgres']
    report: dict[str, Any] = {
        'machine': f'{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}',
        'throughput': [],
        'promptness': [],
        'arrival': [],
    }
    noop = Noop()
    try:
        for kind in engines if given.only in (None, 'throughput') else ():
            report['throughput'] += throughput(kind, noop, rounds=given.rounds, seconds=given.seconds)
    finally:
        noop.close()
    for kind in engines if given.only in (None, 'promptness') else ():
        report['promptness'].append(promptness(kind, leads=given.leads, idle=given.idle))
    for kind in engines if given.only in (None, 'arrival') else ():
        report['arrival'].append(arrival.measure(kind))
    folder = Path(ROOT, 'bench')
    folder.mkdir(exist_ok=True)
    (folder / 'latest.json').write_text(json.dumps(report, indent=1) + '\n')
    print(table(report))
    return verdict(report)


def verdict(report: dict[str, Any]) -> int:
    """Compare with the bars and say it."""
    bad = []
    for row in report['throughput']:
        kind, _, what = row['name'].partition(': ')
        if what == 'durable intake' and (row['ratio'] is None or row['ratio'] < FLOOR):
            bad.append(f'{row["name"]}: {row["ratio"]} is under the floor of {FLOOR}')
        elif what == 'durable intake' and row['ratio'] < AIM[kind]:
            print(f'{row["name"]}: {row["ratio"]} is under the aim of {AIM[kind]}, above the floor of {FLOOR}')
    for row in report['promptness']:
        if row['call_p50_ms'] > 10 or row['call_p99_ms'] > 250:
            bad.append(f'{row["name"]}: lead to provider p50 {row["call_p50_ms"]} ms, p99 {row["call_p99_ms"]} ms; the bars are 10 and 250')
        if max(row['whole_p95_ms'], row.get('after_idle', {}).get('whole_p95_ms', 0)) > 1000:
            bad.append(f'{row["name"]}: p95 from post to provider is over one second')
    bad += arrival.missed(report['arrival'])
    print('\n'.join(bad) or 'All bars are met.')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
