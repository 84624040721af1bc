"""All agents are away and fifty leads come in: each waits in the queue, and the audit proves it; with the rule off it says which do not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from domain.base.db import Database
from tests.processes import ADMIN_KEY, Houses, Running, request, run
from tests.servers import until

pytestmark = pytest.mark.long  # the command is started many times

PASSWORD = 'a small grey lighthouse'


@pytest.fixture
def desk(houses: Houses, database_url: str) -> Callable[[], Running]:
    return lambda: houses.start('serve', env={'DATABASE_URL': database_url}).ready()


def api(serve: Running, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = request(method, f'{serve.url}{path}', body, key=ADMIN_KEY)
    assert answer.status == status, answer.body
    return answer.json


def post(serve: Running, first: int, count: int) -> list[str]:
    leads = [{'name': f'Lead {n}', 'email': f'lead{n}@example.com', 'message': 'Please call me.'} for n in range(first, first + count)]
    return [str(api(serve, 'POST', '/api/chatbot/leads', lead, 201)['leadId']) for lead in leads]


def audit(serve: Running, database_url: str) -> tuple[int, dict[str, Any]]:
    done = run('leads', 'audit', '--json', data_dir=serve.data_dir, env={'DATABASE_URL': database_url})
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_none_is_without_owner_or_queue_and_the_audit_says_so(desk: Callable[[], Running], database_url: str) -> None:
    serve = desk()
    for name in ('dev', 'ines', 'rosa'):
        person = ('user', 'add', f'{name}@example.com', '--name', name.title(), '--role', 'agent', '--password-stdin')
        assert run(*person, data_dir=serve.data_dir, env={'DATABASE_URL': database_url}, said=f'{PASSWORD}\n').returncode == 0
    people = [row['id'] for row in api(serve, 'GET', '/api/v1/users')['items']]
    assert len(people) == 3
    for each in people:
        assert api(serve, 'PATCH', f'/api/v1/users/{each}', {'present': False})['present'] is False
    posted = post(serve, 0, 50)

    rows = [row for row in api(serve, 'GET', '/api/v1/leads?limit=200')['items'] if row['id'] in posted]
    assert len(rows) == 50 and all(row['ownerId'] is None and row['queue'] == 'Arrivals' and row['nextAt'] for row in rows)
    code, found = audit(serve, database_url)
    assert (code, found) == (0, {'good': True, 'open': 50, 'leads': []})
    assert 'Each has an owner or a queue' in run('leads', 'audit', data_dir=serve.data_dir, env={'DATABASE_URL': database_url}).stdout
    until(lambda: alerts(serve) == ['Nobody can take new leads'], seconds=10, what='the alert')

    assert api(serve, 'PATCH', '/api/v1/assignment', {'enabled': False})['enabled'] is False
    lost = post(serve, 50, 3)
    code, found = audit(serve, database_url)
    assert code == 1 and not found['good']
    assert [(row['id'], row['missing']) for row in found['leads']] == [(id_, ['owner', 'queue']) for id_ in lost]
    said = run('leads', 'audit', data_dir=serve.data_dir, env={'DATABASE_URL': database_url})
    assert said.returncode == 1 and all(id_ in said.stdout for id_ in lost) and '3 could be forgotten' in said.stdout

    api(serve, 'PATCH', '/api/v1/assignment', {'enabled': True, 'defaultCapacity': None})
    assert audit(serve, database_url)[0] == 0
    for each in people:
        api(serve, 'PATCH', f'/api/v1/users/{each}', {'present': True})
    until(lambda: 0 in without_owner(database_url), seconds=10, what='all 53 leads have somebody')
    assert sum(count for _, count in by_owner(database_url)) == 53
    assert audit(serve, database_url)[0] == 0
    until(lambda: alerts(serve) == [], seconds=10, what='the alert is over')


def alerts(serve: Running) -> list[str]:
    return [row['title'] for row in api(serve, 'GET', '/api/v1/alerts')['items']]


def ask(database_url: str, text: str) -> list[Any]:
    db = Database(database_url)
    with db.reading() as session:
        found = list(session.execute(sa.text(text)).all())
    db.close()
    return found


def without_owner(database_url: str) -> list[int]:
    return [row[0] for row in ask(database_url, 'select count(*) from leads where owner_id is null')]


def by_owner(database_url: str) -> list[tuple[Any, int]]:
    return [
        (row[0], row[1]) for row in ask(database_url, 'select owner_id, count(*) from leads where owner_id is not null group by owner_id')
    ]
