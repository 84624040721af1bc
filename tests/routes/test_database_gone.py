"""The database goes away under the running application and comes back: told as it is, and nobody has to restart anything."""

import json
from collections.abc import Callable

import psycopg
import pytest

from tests.routes.house import INTAKE, House, problem
from tests.servers import Postgres, until

BODY = {'email': 'ada@example.com', 'message': 'Please call me.'}


@pytest.mark.slow
def test_postgresql_stops_and_comes_back(open_house: Callable[..., House], own_postgres: Postgres) -> None:
    house = open_house(own_postgres.create(), db_timeout_seconds=2)
    assert house.post(BODY | {'email': 'before@example.com'}).status_code == 201
    own_postgres.stop()
    for path in INTAKE:
        found = problem(house.post(BODY, path=path, headers={'Idempotency-Key': 'k'}), 503, 'unavailable')
        assert found['title'] == 'Not stored' and 'same Idempotency-Key' in found['detail']
        assert 'ada@example.com' not in json.dumps(found)
    problem(house.ask('GET', '/api/v1/leads', headers={'Authorization': 'Bearer lk_unseen'}), 503)
    ready = house.ask('GET', '/ready')
    assert ready.status_code == 503 and int(ready.headers['retry-after']) > 0
    assert house.ask('GET', '/health').status_code == 200
    assert house.ask('GET', '/api/health').json() == {'status': 'down', 'services': {'database': 'down'}}
    own_postgres.start()
    until(lambda: house.post(BODY, headers={'Idempotency-Key': 'k'}).status_code == 201, seconds=10, what='a lead stored again')
    again = house.post(BODY, headers={'Idempotency-Key': 'k'})
    assert again.headers['idempotency-replayed'] == 'true'
    assert house.count('leads') == 2 and house.count('submissions') == 2
    assert house.ask('GET', '/ready').status_code == 200


def test_a_table_that_is_locked_costs_a_moment_not_the_truth(
    open_house: Callable[..., House], postgres: Postgres, migrated: Callable[[str], str]
) -> None:
    """Somebody holds the rows: 409 that says when to come back, nothing half-written, and afterwards all is well."""
    house = open_house(postgres.create(template=migrated('postgres')))
    with psycopg.connect(house.doors.db.url.render_as_string(hide_password=False)) as other:
        other.execute('lock table leads in access exclusive mode')
        answer = house.post(BODY)
        assert problem(answer, 409, 'twin_running') and int(answer.headers['retry-after']) > 0
        other.rollback()
    assert house.count('submissions') == 0
    assert house.post(BODY).status_code == 201
