"""The two ways the program is run: one process with everything in it, and several with PostgreSQL and Redis."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from migrations.run import upgrade
from tests.processes import ADMIN_KEY, Answer, Houses, Running, request
from tests.receiver import Receiver
from tests.servers import Postgres, Redis


@dataclass
class Desk:
    """A running desk whose Slack is the receiver."""

    url: str
    receiver: Receiver
    processes: dict[str, Running]
    postgres: Postgres | None = None
    redis: Redis | None = None
    env: dict[str, str] = field(default_factory=dict)

    def post(self, name: str, *, idempotency_key: str | None = None, **fields: Any) -> Answer:
        """A lead from the website chat, handed in with the admin key."""
        body = {'name': name, 'email': f'{name.lower().replace(" ", ".")}@example.com', 'message': 'Please call me.'} | fields
        headers = {'Idempotency-Key': idempotency_key} if idempotency_key else {}
        return request('POST', f'{self.url}/api/chatbot/leads', body, headers=headers, key=ADMIN_KEY)

    def get(self, path: str) -> Any:
        """Ask the desk API; fails the test unless it answers 200."""
        answer = request('GET', self.url + path, key=ADMIN_KEY)
        assert answer.status == 200, answer.body
        return answer.json

    def deliveries(self, lead_id: str) -> list[dict[str, Any]]:
        """The deliveries of one lead, as the desk API shows them."""
        return [row for row in self.get('/api/v1/deliveries?limit=200')['items'] if row['leadId'] == lead_id]


Start = Callable[..., Desk]


@pytest.fixture
def embedded(houses: Houses, receiver: Receiver) -> Start:
    """`embedded(**settings)`: `leadkeeper serve` on a SQLite file of its own."""

    def start(**settings: str) -> Desk:
        env = {'SLACK_WEBHOOK_URL': receiver.slack_url, 'SLACK_RATE': '1000'} | settings
        serve = houses.start('serve', env=env).ready()
        return Desk(serve.url, receiver, {'serve': serve}, env=env)

    return start


@pytest.fixture
def scaled(houses: Houses, receiver: Receiver, own_postgres: Postgres, own_redis: Redis) -> Iterator[Start]:
    """`scaled(**settings)`: api with two processes and a worker, on servers that the test may stop."""

    def start(**settings: str) -> Desk:
        data = houses.folder()
        servers = {'DATABASE_URL': own_postgres.create(), 'REDIS_URL': own_redis.url}
        env = {'SLACK_WEBHOOK_URL': receiver.slack_url, 'SLACK_RATE': '1000'} | servers | settings
        upgrade(servers['DATABASE_URL'])
        api, worker = houses.start('api', '--workers', '2', data_dir=data, env=env), houses.start('worker', data_dir=data, env=env)
        api.ready(), worker.ready()
        return Desk(api.url, receiver, {'api': api, 'worker': worker}, own_postgres, own_redis, env)

    yield start
    houses.close()  # before the servers go


def sent_texts(receiver: Receiver) -> list[str]:
    """What Slack took, oldest first."""
    return [call.body for call in receiver.at('/slack')]
