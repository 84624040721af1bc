"""How long a search takes among many leads: `python -m tests.bench.search URL [leads]` fills an empty database, indexes it and measures.

Two texts per lead; prints one JSON line with milliseconds.
"""

import json
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from domain.base.db import Database
from domain.base.ids import uuid7
from domain.base.scope import Scope
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.desk.actions import prepare
from domain.leads.models import Lead, Quality
from domain.search.indexing import catch_up, fill
from domain.search.queries import search
from domain.tenancy.models import Location
from domain.timeline.models import EntryType, TimelineEntry
from migrations.run import upgrade

FIRST = [
    'Ada',
    'Grace',
    'Alan',
    'Priya',
    'Tomasz',
    'Noah',
    'Mei',
    'Omar',
    'Elena',
    'Samuel',
    'Hannah',
    'Luca',
    'Dasha',
    'Ines',
    'Rosa',
    'Theo',
    'Jürgen',
    'Zoë',
    'Søren',
    'Conor',
    'Maria',
    'Ivan',
]
LAST = [
    a + b
    for a in ['Love', 'Hop', 'Tur', 'Ram', 'Wil', 'Lind', 'Cho', 'Had', 'Pet', 'Oko', 'Wei', 'Mor', 'Cor', 'Nav', 'Sil']
    for b in ['ace', 'per', 'ing', 'an', 'k', 'qvist', 'u', 'ova', 'ro', 'ss']
]
WORDS = [
    'rear',
    'door',
    'dent',
    'mirror',
    'film',
    'ceramic',
    'tint',
    'price',
    'quote',
    'week',
    'model',
    'van',
    'glass',
    'front',
    'shade',
    'warranty',
    'photo',
    'morning',
    'call',
    'back',
]
RARE = [f'{a}{b}' for a in ['zan', 'kor', 'vel', 'mir', 'tos', 'pel'] for b in ['dra', 'lim', 'bex', 'ton', 'fir']]
ASKED = (
    'ada',
    'a',
    'film',
    'film ceramic pri',
    'ada lovea',
    'zandra',
    'example.com',
    '555 0142',
    '0142',
    'ada rear zan',
    '"rear door"',
    'nobodyatall',
)


def main() -> None:
    """Fill, index, ask."""
    url, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    upgrade(url)
    db = Database(url)
    with db.transaction() as session:
        tenant_id = prepare(session, Settings(admin_api_key=None), SecretBox('a key for a bench, long enough to be one'), {}).id
        place = session.execute(sa.select(Location.id)).scalar_one()
    dice = random.Random(1)
    for start in range(0, count, 5_000):
        with db.transaction() as session:
            rows = [_lead(dice, tenant_id, place, number) for number in range(start, min(count, start + 5_000))]
            session.execute(sa.insert(Lead), rows)
            session.execute(sa.insert(TimelineEntry), [entry for row in rows for entry in _entries(dice, row)])
    began, slowest = time.perf_counter(), 0.0
    catch_up(db, tenant_id)
    while True:
        at = time.perf_counter()
        if not fill(db, tenant_id):
            break
        slowest = max(slowest, time.perf_counter() - at)
    indexed = time.perf_counter() - began
    if not db.is_sqlite:
        with db.engine.connect().execution_options(isolation_level='AUTOCOMMIT') as connection:
            connection.execute(sa.text('analyze'))
    print(
        json.dumps(
            {'engine': db.url.get_backend_name(), 'leads': count, 'index_s': round(indexed, 1), 'slice_ms': round(slowest * 1000)}
            | _measured(db, tenant_id)
        )
    )


def _lead(dice: random.Random, tenant_id: Any, place: Any, number: int) -> dict[str, Any]:
    name = f'{dice.choice(FIRST)} {dice.choice(LAST)}'
    made = datetime.now(UTC) - timedelta(minutes=200_000 - number)
    return {
        'id': uuid7(),
        'tenant_id': tenant_id,
        'location_id': place,
        'name': name,
        'email': f'{name.replace(" ", ".").lower()}{number}@example.com',
        'phone': f'+1 555 {number // 10_000 + 100:03d} {number % 10_000:04d}',
        'quality': dice.choice(list(Quality)),
        'created_at': made,
        'changed_at': made,
    }


def _entries(dice: random.Random, lead: dict[str, Any]) -> list[dict[str, Any]]:
    fixed = {'tenant_id': lead['tenant_id'], 'lead_id': lead['id'], 'title': 'x', 'actor_type': 'customer', 'facts': {}}
    kinds = (EntryType.CREATED, EntryType.NOTE)
    return [fixed | {'id': uuid7(), 'event_type': kind, 'description': _said(dice)} for kind in kinds]


def _said(dice: random.Random) -> str:
    return ' '.join(dice.choices(WORDS, k=24)) + (' ' + dice.choice(RARE) if dice.random() < 0.01 else '')


def _measured(db: Database, tenant_id: Any) -> dict[str, Any]:
    each: dict[str, list[float]] = {asked: [] for asked in ASKED}
    for _ in range(20):
        for asked, times in each.items():
            at = time.perf_counter()
            catch_up(db, tenant_id)
            with db.reading() as session:
                search(session, Scope(tenant_id), asked)
            times.append((time.perf_counter() - at) * 1000)
    all_times = sorted(value for times in each.values() for value in times)
    return {
        'median_ms': round(statistics.median(all_times), 1),
        'p95_ms': round(all_times[int(len(all_times) * 0.95)], 1),
        'worst_ms': round(all_times[-1], 1),
        'by_text': {asked: round(statistics.median(times), 1) for asked, times in each.items()},
    }


if __name__ == '__main__':
    main()
