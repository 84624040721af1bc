"""The real worker process: what it is told, how it stops, and that stopping costs nothing."""

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.base.db import Database
from tests.journeys.conftest import Desk, Start, embedded, scaled, sent_texts  # noqa: F401 - fixtures
from tests.processes import ADMIN_KEY, Houses, request, run
from tests.receiver import Receiver
from tests.servers import until

pytestmark = pytest.mark.slow


def states(data: Path) -> list[str]:
    db = Database(f'sqlite:///{data / "leadkeeper.sqlite3"}')
    with db.reading() as session:
        found = [row[0] for row in session.execute(sa.text('select state from deliveries order by id'))]
    db.close()
    return found


@pytest.fixture
def waiting(houses: Houses, receiver: Receiver) -> tuple[Path, dict[str, str]]:
    """Three leads of an installation without a worker, each for Slack and for a webhook."""
    data = houses.folder()
    env = {'SLACK_WEBHOOK_URL': receiver.slack_url, 'SLACK_RATE': '1000', 'ENABLE_NOTIFICATION_WORKER': 'false'}
    serve = houses.start('serve', data_dir=data, env=env).ready()
    hook = {'kind': 'webhook', 'name': 'Hook', 'config': {'url': receiver.hook_url, 'secret': receiver.secret}}
    assert request('POST', f'{serve.url}/api/v1/destinations', hook, key=ADMIN_KEY).status == 201
    for number in range(3):
        lead = {'name': f'Lead {number}', 'email': f'lead{number}@example.com', 'message': 'Hello'}
        assert request('POST', f'{serve.url}/api/chatbot/leads', lead, key=ADMIN_KEY).status == 201
    assert serve.terminate() in (0, -15, 143)
    assert receiver.calls == [], 'ENABLE_NOTIFICATION_WORKER=false sends nothing'
    assert states(data) == ['pending'] * 6
    return data, env


def test_once_for_one_kind_and_once_for_the_rest(waiting: tuple[Path, dict[str, str]], receiver: Receiver) -> None:
    data, env = waiting
    done = run('worker', '--once', '--only', 'slack', data_dir=data, env=env)
    assert done.returncode == 0, done.stderr
    assert (len(receiver.at('/slack')), len(receiver.at('/hook'))) == (3, 0)
    done = run('worker', '--once', data_dir=data, env=env)
    assert done.returncode == 0, done.stderr
    assert (len(receiver.at('/slack')), len(receiver.at('/hook'))) == (3, 3)
    assert states(data) == ['sent'] * 6


def test_a_worker_for_one_kind_leaves_the_others(waiting: tuple[Path, dict[str, str]], houses: Houses, receiver: Receiver) -> None:
    data, env = waiting
    worker = houses.start('worker', '--only', 'slack', data_dir=data, env=env).ready()
    receiver.wait(lambda r: len(r.at('/slack')) == 3, seconds=10, what='the three messages')
    assert worker.terminate() in (0, -15, 143)
    assert sorted(states(data)) == ['pending'] * 3 + ['sent'] * 3


def test_an_unknown_name_ends_with_the_list(houses: Houses) -> None:
    done = run('worker', '--only', 'slak', data_dir=houses.folder())
    assert done.returncode == 2
    assert 'slak' in done.stderr
    assert 'slack' in done.stderr
    assert 'webhook' in done.stderr


@pytest.mark.long
def test_told_to_stop_under_load_it_finishes_what_it_began_and_doubles_nothing(scaled: Start) -> None:  # noqa: F811 - the fixture
    desk: Desk = scaled()
    desk.receiver.delay = 0.3
    worker, posted = desk.processes['worker'], 0
    for _ in range(5):
        for _ in range(6):
            assert desk.post(f'Lead{posted:06d}').status == 201
            posted += 1
        desk.receiver.wait(lambda r: r.open_calls, what='a call under way')
        started = time.monotonic()
        assert worker.terminate(seconds=25) in (0, -15, 143)
        assert time.monotonic() - started < 5
        worker.restart()
    counts = desk.get('/api/health')
    desk.receiver.wait(lambda r: len(r.at('/slack')) >= posted, seconds=30, what='every message')
    until(lambda: len(sent_texts(desk.receiver)) == posted, seconds=5, what='each message once')
    desk.receiver.quiet()
    texts = sent_texts(desk.receiver)
    assert [sum(f'Lead{number:06d}' in text for text in texts) for number in range(posted)] == [1] * posted
    assert counts
