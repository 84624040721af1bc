"""Measuring: processor time of a process group, one round of load, and how long a lead takes to reach the outside."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.processes import ADMIN_KEY
from tests.receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf('SC_CLK_TCK')


def cpu_seconds(group: int) -> float:
    """Processor time, user and system, of all living processes of this group."""
    total = 0
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            fields = path.read_text().rpartition(') ')[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[2]) == group:
            total += int(fields[11]) + int(fields[12])
    return total / TICK


@dataclass(frozen=True, slots=True)
class Round:
    """What one round gave. `core` is the share of one core the server used; `cpu_ms` its processor time per request."""

    per_second: float
    created: int
    core: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    answers: dict[str, int]


class Numbers:
    """Hands out person numbers: no number is given twice in one run."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int) -> int:
        """The first of `count` fresh numbers."""
        first, self._next = self._next, self._next + count
        return first


def drive(url: str, group: int, first: int, *, seconds: float, count: int, known: float = 0.0) -> Round:
    """One round of load from a process of its own against the server whose process group is `group`."""
    command = [sys.executable, '-m', 'tests.bench.generator', f'{url}/api/chatbot/leads', '--key', ADMIN_KEY, '--first', str(first)]
    command += ['--count', str(count), '--seconds', str(seconds), '--known', str(known)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as generator:
        assert generator.stdin
        assert generator.stdout
        assert generator.stdout.readline() == 'ready\n'
        before = cpu_seconds(group)
        generator.stdin.write('go\n')
        generator.stdin.flush()
        result: dict[str, Any] = json.loads(generator.stdout.readline())
        used = cpu_seconds(group) - before
    answers = {str(status): number for status, number in result['answers'].items()}
    return Round(
        per_second=result['per_second'],
        created=answers.get('201', 0),
        core=used / result['seconds'],
        cpu_ms=used / result['requests'] * 1000,
        p50_ms=result['p50_ms'],
        p99_ms=result['p99_ms'],
        answers=answers,
    )


def latencies(post: Callable[[int], Any], receiver: Receiver, count: int, *, spacing: float) -> dict[str, Any]:
    """Post `count` leads into an idle desk, one every `spacing` seconds, and time each: to the answer, to the call at the provider.

    `call_ms` is counted from the answer where that came first, as the customer would; `whole_ms` from the moment the lead was sent.
    """
    answer, call, whole = [], [], []
    for number in range(count):
        seen = len(receiver.calls)
        sent = time.monotonic()
        posted = post(number)
        answered = time.monotonic()
        assert posted.status == 201, posted.body
        receiver.wait(lambda r, seen=seen: len(r.calls) > seen, seconds=5, what='the call at the provider')
        arrived = receiver.calls[seen].at
        answer.append(answered - sent)
        call.append(max(0.0, arrived - answered))
        whole.append(arrived - sent)
        threading.Event().wait(spacing)
    return {'leads': count, **quantiles('answer', answer), **quantiles('call', call), **quantiles('whole', whole)}


def quantiles(name: str, seconds: list[float]) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds."""
    ordered = sorted(seconds)
    return {f'{name}_p{q}_ms': round(ordered[min(len(ordered) - 1, len(ordered) * q // 100)] * 1000, 1) for q in (50, 95, 99)}
