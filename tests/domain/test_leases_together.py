"""Several workers and the intake at once: each row in one hand at a time, rates kept, nobody waits for nobody."""

import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.base.db import Database, now
from domain.outbox.leases import claim
from domain.outbox.messages import Claim, Traits
from domain.outbox.models import State
from domain.outbox.settling import settle
from tests.domain.outbox_rows import FAST, LEASE, SENT, Rows
from tests.processes import ADMIN_KEY, Houses, request
from tests.receiver import Receiver
from tests.servers import Postgres


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows.make(db)


def test_claims_at_the_same_moment_keep_the_rate(rows: Rows) -> None:
    rows.traits = Traits(rate=1)
    place = rows.destination(concurrency=16)
    for _ in range(16):
        rows.event()
    together, taken = threading.Barrier(8), []

    def one() -> None:
        together.wait()
        taken.append(rows.claim(place))

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in taken if each is not None]) == 1


def test_eight_threads_take_two_hundred_rows_once_each(rows: Rows) -> None:
    rows.traits = FAST
    places = [rows.destination(concurrency=8) for _ in range(2)]
    for _ in range(100):
        rows.event()
    taken: Counter[UUID] = Counter()
    troubles: list[Exception] = []
    held: set[UUID] = set()
    pause = threading.Event()

    def work(number: int) -> None:
        place, idle = places[number % 2], 0
        try:
            while idle < 20:
                claimed = rows.claim(place, str(number))
                if claimed is None:
                    idle += 1
                    pause.wait(0.001)
                    continue
                idle = 0
                assert isinstance(claimed, Claim)
                assert claimed.delivery_id not in held
                held.add(claimed.delivery_id)
                taken[claimed.delivery_id] += 1
                assert rows.dispatch(claimed)
                held.remove(claimed.delivery_id)
                assert rows.settle(claimed, SENT).mine
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert set(taken.values()) == {1}
    assert len(taken) == 200
    assert {row.state for row in rows.all()} == {State.SENT}


def test_leases_are_measured_by_the_database_where_workers_clocks_differ(rows: Rows) -> None:
    if rows.db.is_sqlite:
        pytest.skip('on SQLite all workers share the clock of one machine')
    place = rows.destination()
    rows.event()
    taken = rows.take(place)
    with rows.db.transaction() as session:
        by_the_database = session.execute(sa.text('select clock_timestamp()')).scalar_one()
        assert abs(now(session) - by_the_database) < timedelta(seconds=1)
    until = rows.delivery(taken.delivery_id).lease_until
    assert until is not None
    assert abs(until - by_the_database - LEASE) < timedelta(seconds=5)


@pytest.mark.slow
def test_a_worker_whose_clock_is_an_hour_ahead_doubles_nothing(
    houses: Houses, receiver: Receiver, postgres: Postgres, redis_url: str
) -> None:
    library = next(iter(Path('/usr/lib').rglob('libfaketime.so.1')), None)
    if library is None:
        pytest.skip('NO LIBFAKETIME: install it to run this test')
    data = houses.folder()
    env = {'SLACK_WEBHOOK_URL': receiver.slack_url, 'SLACK_RATE': '1000', 'DATABASE_URL': postgres.create(), 'REDIS_URL': redis_url}
    receiver.delay = 0.05
    api = houses.start('api', data_dir=data, env=env).ready()
    houses.start('worker', data_dir=data, env=env).ready()
    houses.start('worker', data_dir=data, env=env | {'LD_PRELOAD': str(library), 'FAKETIME': '+1h'}).ready()
    for number in range(40):
        lead = {'name': f'Lead{number:04d}', 'email': f'lead{number}@example.com', 'message': 'Hello'}
        assert request('POST', f'{api.url}/api/chatbot/leads', lead, key=ADMIN_KEY).status == 201
    receiver.wait(lambda r: len(r.at('/slack')) >= 40, seconds=30, what='every message')
    receiver.quiet()
    texts = [call.body for call in receiver.at('/slack')]
    assert [sum(f'Lead{number:04d}' in text for text in texts) for number in range(40)] == [1] * 40


def test_taking_a_lead_does_not_wait_for_a_claim_or_a_settle(rows: Rows) -> None:
    if rows.db.is_sqlite:
        pytest.skip('SQLite has one writer')
    place = rows.destination()
    rows.event()
    with rows.db.transaction() as session:
        taken = claim(session, place, 'one', lease=LEASE, share=4, traits=lambda _: FAST)
        started = time.monotonic()
        rows.event()
    assert isinstance(taken, Claim)
    with rows.db.transaction() as session:
        settle(session, taken, SENT, costly=False, keyed=False)
        rows.event()
    assert time.monotonic() - started < 2
