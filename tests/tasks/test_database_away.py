"""The database goes away under a worker that carries: what was sent is written down, what was not is anybody's at once."""

import threading
from collections.abc import Callable, Iterator

import pytest

from domain.base.db import Database
from domain.base.settings import Settings
from domain.outbox.models import State
from integrations.ports import Answer
from migrations.run import upgrade
from tests.servers import Postgres
from tests.tasks.conftest import Post


@pytest.fixture
def post(own_postgres: Postgres, settings: Settings, post_on: Callable[..., Post]) -> Iterator[Post]:
    """A post office on a server that can be killed."""
    url = own_postgres.create()
    upgrade(url)
    db = Database(url, timeout=2)
    yield post_on(db, settings)
    db.close()


def test_the_proof_of_a_call_waits_for_it(post: Post, own_postgres: Postgres) -> None:
    place, slack = post.place()
    post.rows.event()
    in_call, answered = threading.Event(), threading.Event()

    def respond(*_: object) -> Answer:
        in_call.set()
        answered.wait(10)
        return Answer(200, {}, 'ok')

    slack._respond = respond
    carrying = threading.Thread(target=post.carrier.carry, args=(place,))
    carrying.start()
    assert in_call.wait(5)
    own_postgres.kill()
    answered.set()
    threading.Event().wait(2)
    own_postgres.start()
    carrying.join(10)
    row = post.rows.only()
    assert (row.state, row.attempts, row.fence) == (State.SENT, 1, 1)
    assert len(slack.received) == 1


def test_what_was_not_called_waits_for_no_lease(post: Post, own_postgres: Postgres) -> None:
    place, slack = post.place()
    post.rows.event()
    taken = post.rows.take(place)
    own_postgres.kill()
    calls: list[int] = []
    carrying = threading.Thread(target=lambda: calls.append(post.carrier._deliver(taken)))
    carrying.start()
    own_postgres.start()
    carrying.join(10)
    row = post.rows.only()
    assert (row.state, row.attempts, row.claims, calls) == (State.PENDING, 0, 0, [0])
    assert post.carrier.carry(place) == 1
    assert (post.rows.only().state, len(slack.received)) == (State.SENT, 1)
