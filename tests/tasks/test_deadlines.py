"""The thread that sleeps until the next deadline: in time, once, whatever the clocks do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from domain.base import clock
from domain.base.db import Database
from domain.base.doorbell import Ring
from domain.base.events import EventType
from domain.outbox.models import LeadEvent
from domain.sla.actions import arm
from domain.sla.models import SlaClock
from tasks.deadlines import Deadlines
from tasks.steady import HOLD, Steady, steady_seconds
from tests.chaos import judge
from tests.domain.outbox_rows import Rows
from tests.processes import Houses
from tests.servers import Postgres, until

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows.make(db)


@contextmanager
def watching(db: Database, **more: Any) -> Iterator[Deadlines]:
    thread = Deadlines(db, **more)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


def due(rows: Rows, seconds: float) -> tuple[UUID, datetime]:
    """A lead whose reply is due in so many seconds, and when that is."""
    lead_id, at = rows.lead(), clock.now() + timedelta(seconds=seconds)
    with rows.db.transaction() as session:
        row = SlaClock(tenant_id=rows.actor.tenant_id, lead_id=lead_id, due_at=at, window_seconds=900)
        arm(row)
        session.add(row)
    rows.db.bell.ring(Ring('lead', rows.actor.tenant_id, (lead_id,)))  # as on PostgreSQL the listening connection does
    return lead_id, at


def told(rows: Rows) -> list[tuple[UUID, dict[str, Any], datetime]]:
    """The breaches told so far."""
    with rows.db.reading() as session:
        found = session.exec(select(LeadEvent).where(LeadEvent.event_type == EventType.SLA_BREACHED).order_by(col(LeadEvent.id)))
        return [(row.lead_id, row.payload, row.created_at) for row in found if row.lead_id]


def wait_for(rows: Rows, count: int, seconds: float = 8) -> list[tuple[UUID, dict[str, Any], datetime]]:
    until(lambda: len(told(rows)) >= count, seconds=seconds, what=f'{count} breaches')
    return told(rows)


def test_it_sleeps_until_the_deadline_and_is_in_time(rows: Rows) -> None:
    lead_id, at = due(rows, 1.5)
    with watching(rows.db):
        ((found, payload, moment),) = wait_for(rows, 1)
    assert found == lead_id
    assert timedelta(0) <= moment - at < timedelta(seconds=1)
    assert payload['foundLate'] is False


def test_an_earlier_deadline_that_comes_later_wakes_it(rows: Rows) -> None:
    due(rows, 3600)
    with watching(rows.db):
        threading.Event().wait(0.2)
        lead_id, _ = due(rows, 0.3)
        ((found, payload, _),) = wait_for(rows, 1)
    assert found == lead_id
    assert payload['lateSeconds'] < 0.5  # the sweep alone would have come 0.5 s after the deadline


def test_what_passed_while_nobody_watched_is_told_at_the_start_and_marked(rows: Rows) -> None:
    lead_id, _ = due(rows, -90)
    with watching(rows.db):
        ((found, payload, _),) = wait_for(rows, 1)
    assert (found, payload['foundLate']) == (lead_id, True)
    assert 90 <= payload['lateSeconds'] < 100


@pytest.mark.slow
def test_several_workers_tell_each_deadline_once(rows: Rows) -> None:
    leads = {due(rows, 1 + number / 50)[0] for number in range(50)}
    with watching(rows.db), watching(rows.db), watching(rows.db):
        wait_for(rows, 50, seconds=20)
        threading.Event().wait(0.5)  # a second one would come about now
    found = told(rows)
    assert {lead for lead, *_ in found} == leads
    assert len(found) == 50


def test_time_that_is_moved_on_purpose_is_followed_at_once(rows: Rows) -> None:
    lead_id, _ = due(rows, 900)
    with watching(rows.db):
        threading.Event().wait(0.3)
        assert told(rows) == []
        clock.advance(timedelta(seconds=901))
        ((found, *_),) = wait_for(rows, 1)
    assert found == lead_id


@pytest.mark.slow
def test_a_clock_that_jumps_ahead_tells_nothing_early_and_nothing_twice(rows: Rows) -> None:
    behind = [0.0]
    _, at = due(rows, 1.0)
    with watching(rows.db, seconds=lambda: steady_seconds() - behind[0]):
        threading.Event().wait(0.3)
        behind[0] = 3600.0  # the clock says an hour more than has passed
        until(lambda: clock.now() > at + timedelta(seconds=2), seconds=5, what='the deadline by the wrong clock')
        assert told(rows) == []
        behind[0] = 0.0  # it is put right, and the deadline has really passed
        wait_for(rows, 1)
        threading.Event().wait(1.2)
    assert len(told(rows)) == 1


Step = tuple[float, float, float]  # seconds passed; what the clock says beyond NOON; what is gone by


@pytest.mark.parametrize(
    ('what', 'steps'),
    [
        ('a clock that goes right is followed', [(0, 0, 0), (1, 1, 1), (600, 600, 600)]),
        ('a clock that is slowly put right is followed', [(0, 0, 0), (1, 1.4, 1.4), (2, 2.8, 2.8), (3, 4.2, 4.2)]),
        ('an hour ahead counts by what has passed', [(0, 0, 0), (1, 3601, 1), (20, 3620, 20)]),
        ('an hour ahead and back again changes nothing', [(0, 0, 0), (1, 3601, 1), (10, 10, 10), (11, 11, 11)]),
        ('after half a minute it is believed', [(0, 0, 0), (1, 3601, 1), (1 + HOLD, 3601 + HOLD, 3601 + HOLD), (40, 3640, 3640)]),
        ('an hour back is told nothing early', [(0, 0, 0), (1, -3599, -3599), (2, -3598, -3598)]),
        ('two jumps are two doubts', [(0, 0, 0), (1, 3601, 1), (2, 2, 2), (20, 3620, 20), (45, 3645, 45), (50, 3650, 3650)]),
    ],
)
def test_a_clock_that_jumps_is_not_believed_at_once(what: str, steps: list[Step]) -> None:
    steady = Steady()
    gone_by = [steady.at(NOON + timedelta(seconds=says), passed) for passed, says, _ in steps]
    assert [(moment - NOON).total_seconds() for moment in gone_by] == pytest.approx([right for *_, right in steps]), what


@pytest.mark.slow
def test_a_worker_whose_system_clock_jumps_tells_the_deadline_in_time_and_once(
    houses: Houses, postgres: Postgres, engine_kind: str, tmp_path: Path
) -> None:
    library = next(iter(Path('/usr/lib').rglob('libfaketime.so.1')), None)
    if library is None:
        pytest.skip('NO LIBFAKETIME: install it to run this test')
    says = tmp_path / 'faketime'
    says.write_text('+0\n')
    data = houses.folder()
    url = postgres.create() if engine_kind == 'postgres' else f'sqlite:///{data / "leadkeeper.sqlite3"}'
    fake = {'LD_PRELOAD': str(library), 'FAKETIME_TIMESTAMP_FILE': str(says), 'FAKETIME_NO_CACHE': '1', 'FAKETIME_DONT_FAKE_MONOTONIC': '1'}
    worker = houses.start('worker', data_dir=data, env={'DATABASE_URL': url, 'LOG_LEVEL': 'info'} | fake).ready()
    until(lambda: judge.rows(url, 'select name from leases'), seconds=20, what='the worker')
    db = Database(url)
    try:
        rows = Rows.make(db)
        lead_id, at = due(rows, 8)
        threading.Event().wait(1.5)
        said = _jumped(says, worker, '+1h')
        assert told(rows) == [], said
        assert ('clock_jumped' in said) == rows.db.is_sqlite  # PostgreSQL's own clock did not jump, and that is what counts there
        says.write_text('+0\n')
        ((found, payload, moment),) = wait_for(rows, 1, seconds=12)
        assert found == lead_id
        assert timedelta(0) <= moment - at < timedelta(seconds=2)
        threading.Event().wait(2.5)
        assert len(told(rows)) == 1
        assert payload['foundLate'] is False
    finally:
        db.close()


def _jumped(says: Path, worker: Any, how: str) -> str:
    """The worker's clock jumps, and it has looked at it a few times."""
    says.write_text(f'{how}\n')
    threading.Event().wait(3)
    return str(worker.log[-2000:])
