"""What the SLA board costs: 2,000 running clocks, the page, the talk on an idle socket, and how soon a breach is on every open screen."""

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from domain.base.clock import now
from domain.base.db import Database
from domain.leads.models import Lead
from domain.sla.models import SlaClock
from tests.bench.browser import heartbeat
from tests.bench.desk import Scene, page_cost, say
from tests.bench.measure import ROOT

BROWSERS = 3
LATE = 30
BARS = {'whole_ms': 1000, 'visible_ms': 1000, 'nodes': 1500, 'idle_frames': 0, 'breach_max_ms': 1000}
# Resolves with the time (ms since 1970) at which so many are counted as breached and the card stands in the second column no longer.
ARRIVES = """([id, number]) => new Promise((done) => {
  const late = () => document.querySelector('.lk-bcol[data-column="late"] h2 .lk-num').textContent;
  const there = () => Number(late()) === number && !document.querySelector(`.lk-bcol[data-column="soon"] [data-id="${id}"]`);
  const look = () => there() && (watch.disconnect(), done(Date.now()));
  const watch = new MutationObserver(look);
  watch.observe(document.body, { subtree: true, childList: true, characterData: true });
})"""


def prepare(db: Database) -> list[UUID]:
    """Give the running clocks deadlines of the next day, with some late ones and no alarm in the next minutes; those due soonest first."""
    rng = random.Random(4)
    with db.transaction() as session:
        ids = list(session.execute(sa.select(SlaClock.lead_id).where(SlaClock.answered_at.is_(None))).scalars())  # type: ignore[union-attr]  # a column
        rng.shuffle(ids)
        began = now()
        left = [-3600 - n * 60 if n < LATE else 600 + n * 30 for n in range(len(ids))]
        for lead_id, seconds in zip(ids, left, strict=True):
            due = began + timedelta(seconds=seconds)
            values: dict[str, Any] = {'due_at': due, 'window_seconds': 86400, 'warned_at': began, 'fires_at': due}
            if seconds < 0:
                values |= {'breached_at': due, 'escalated_at': due, 'fires_at': None}
            session.execute(sa.update(SlaClock).where(SlaClock.lead_id == lead_id).values(**values))
            session.execute(sa.update(Lead).where(Lead.id == lead_id).values(quality=rng.choice(['hot', 'warm', 'cold'])))
    return ids[LATE:]


def look(stack: ExitStack, scene: Scene, db: Database, ids: list[UUID], idle: float, breaches: int) -> dict[str, Any]:
    """The figures that a browser gives."""
    playwright = stack.enter_context(sync_playwright())
    path = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    assert path, 'a browser is needed for these figures: install chromium'
    browser = playwright.chromium.launch(executable_path=path, args=['--no-sandbox', '--disable-gpu'])
    stack.callback(browser.close)
    frames: list[str] = []
    context = _context(browser, scene)
    page, cold = _open(context, scene, frames)
    visible = []
    for _ in range(7):
        other, took = _open(context, scene, [])
        visible.append(took)
        other.close()
    nodes = page.evaluate('document.querySelectorAll("*").length')
    page.wait_for_timeout(3000)
    before = len(frames)
    page.wait_for_timeout(idle * 1000)
    said = [frame for frame in frames[before:] if not heartbeat(frame)]
    pages = [page, *(_open(_context(browser, scene), scene, [])[0] for _ in range(BROWSERS - 1))]
    talk_from = len(frames)
    delays, late = _breaches(pages, db, ids[:breaches])
    talk = sum(len(frame) for frame in frames[talk_from:] if not heartbeat(frame))
    return {
        'visible_cold_ms': round(cold),
        'visible_ms': round(statistics.median(visible)),
        'nodes': nodes,
        'idle_seconds': idle,
        'idle_frames': len(said),
        'browsers': len(pages),
        'breaches': breaches,
        'breach_p50_ms': round(statistics.median(delays)),
        'breach_max_ms': round(max(delays)),
        'after_deadline_max_ms': round(max(late)),
        'bytes_per_breach': round(talk / breaches),
    }


def _context(browser: Browser, scene: Scene) -> BrowserContext:
    """A browser of its own, with an empty cache."""
    name, _, value = scene.cookie.partition('=')
    context = browser.new_context(viewport={'width': 1440, 'height': 900})
    context.add_cookies([{'name': name, 'value': value, 'url': scene.desk.url}])
    return context


def _open(context: BrowserContext, scene: Scene, frames: list[str]) -> tuple[Any, float]:
    """An open board, and the ms from asking for it until its cards are drawn and their clocks run."""
    page = context.new_page()
    page.on('websocket', lambda socket: socket.on('framereceived', lambda data: frames.append(str(data))))
    began = time.perf_counter()
    page.goto(f'{scene.desk.url}/sla', wait_until='commit')
    page.locator('.lk-bcard [data-clock]:not(:empty)').first.wait_for()
    took = (time.perf_counter() - began) * 1000
    page.wait_for_function('window.socket && window.socket.connected')
    return page, took


def _breaches(pages: list[Any], db: Database, ids: list[UUID]) -> tuple[list[float], list[float]]:
    """ms from the breach, and from the deadline, until the card has moved; of each browser and breach."""
    delays, late = [], []
    for number, lead_id in enumerate(ids, LATE + 1):
        for page in pages:
            page.evaluate(f'window.moved = ({ARRIVES})(["{lead_id}", {number}]); null')
        with db.transaction() as session:
            due = now() + timedelta(seconds=2)
            session.execute(sa.update(SlaClock).where(SlaClock.lead_id == lead_id).values(due_at=due, fires_at=due))
            session.execute(sa.update(Lead).where(Lead.id == lead_id).values(changed_at=now()))
        arrived = [page.evaluate('window.moved') for page in pages]
        with db.reading() as session:
            clock = session.execute(sa.select(SlaClock).where(SlaClock.lead_id == lead_id)).scalar_one()
        assert clock.breached_at is not None
        delays += [moment - clock.breached_at.timestamp() * 1000 for moment in arrived]
        late += [moment - clock.due_at.timestamp() * 1000 for moment in arrived]
    return delays, late


def measure(kind: str, clocks: int, idle: float, breaches: int) -> dict[str, Any]:
    """All figures of one engine."""
    scene = Scene(kind, clocks, spread=False)
    try:
        with ExitStack() as stack:
            db = Database(scene.url)
            stack.callback(db.close)
            ids = prepare(db)
            result = {'engine': kind, 'clocks': clocks, **page_cost(scene, '/sla')}
            say(json.dumps(result))
            return result | look(stack, scene, db, ids, idle, breaches)
    finally:
        scene.close()


def main() -> int:
    """Measure, print, write bench/board.json; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--engine', choices=['sqlite', 'postgres'], action='append')
    parser.add_argument('--clocks', type=int, default=2000)
    parser.add_argument('--idle', type=float, default=30)
    parser.add_argument('--breaches', type=int, default=20)
    given = parser.parse_args()
    results = [measure(kind, given.clocks, given.idle, given.breaches) for kind in given.engine or ['sqlite', 'postgres']]
    folder = Path(ROOT, 'bench')
    folder.mkdir(exist_ok=True)
    machine = f'{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}'
    (folder / 'board.json').write_text(json.dumps({'machine': machine, 'board': results}, indent=1) + '\n')
    bad = [f'{row["engine"]}: {name} is {row[name]}, the bar is {bar}' for row in results for name, bar in BARS.items() if row[name] > bar]
    print(json.dumps(results, indent=1))
    print('\n'.join(bad) or 'All bars are met.')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
