"""The judges are judged first: the stand-ins and servers do what the other tests rely on."""

import socket
import threading
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from domain.base.db import Database
from tests.processes import request
from tests.receiver import SECRET, Fault, Receiver
from tests.servers import Postgres, Redis


def hook(receiver: Receiver, key: str, *, secret: str = SECRET) -> int:
    body = '{"type":"lead.created"}'
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(key, now, body)
    headers = {'webhook-id': key, 'webhook-timestamp': str(int(now.timestamp())), 'webhook-signature': signature}
    return request('POST', receiver.hook_url, body.encode(), headers=headers).status


def test_the_receiver_keeps_what_slack_would_take_and_refuses_what_it_would_not(receiver: Receiver) -> None:
    assert request('POST', receiver.slack_url, {'text': 'Ann wants a quote'}).body == b'ok'
    assert request('POST', receiver.slack_url, {}).status == 400
    assert [call.json for call in receiver.at('/slack')] == [{'text': 'Ann wants a quote'}]


def test_the_receiver_verifies_signatures_and_knows_a_twin_by_its_webhook_id(receiver: Receiver) -> None:
    assert [hook(receiver, 'one'), hook(receiver, 'one'), hook(receiver, 'two')] == [200, 200, 200]
    assert hook(receiver, 'three', secret='whsec_' + 'A' * 32) == 401
    assert [call.fresh for call in receiver.at('/hook')] == [True, False, True]
    assert (receiver.known, receiver.refused) == ({'one', 'two'}, 1)


def test_the_receiver_fails_as_planned(receiver: Receiver) -> None:
    receiver.faults.extend([Fault(429, {'Retry-After': '3'}), Fault(drop='before'), Fault(drop='after', path='/slack')])
    limited = request('POST', receiver.slack_url, {'text': 'x'})
    assert (limited.status, limited.headers['retry-after']) == (429, '3')
    for _ in range(2):
        with pytest.raises(OSError):
            request('POST', receiver.slack_url, {'text': 'x'})
    assert len(receiver.at('/slack')) == 1, 'the second drop came after the message was taken'


def test_the_receiver_goes_away_and_comes_back_on_its_port(receiver: Receiver) -> None:
    receiver.stop()
    with pytest.raises(OSError):
        request('POST', receiver.slack_url, {'text': 'x'})
    receiver.start()
    assert request('POST', receiver.slack_url, {'text': 'x'}).status == 200


def test_the_receiver_counts_the_calls_it_has_not_answered() -> None:
    with Receiver(delay=0.2) as receiver:
        caller = threading.Thread(target=request, args=('POST', receiver.slack_url, {'text': 'x'}))
        caller.start()
        receiver.wait(lambda r: r.open_calls == 1)
        caller.join()
        assert receiver.open_calls == 0


def test_postgres_keeps_what_was_committed_over_a_stop_and_a_kill(own_postgres: Postgres) -> None:
    url = own_postgres.create()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute('create table t (n int)')
        connection.execute('insert into t values (1)')
    for end in (own_postgres.stop, own_postgres.kill):
        end()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=2)
        own_postgres.start()
        with psycopg.connect(url) as connection:
            assert connection.execute('select count(*) from t').fetchone() == (1,)


def test_redis_comes_back_empty_on_its_port(own_redis: Redis) -> None:
    own_redis.kill()
    with pytest.raises(OSError):
        socket.create_connection(('127.0.0.1', own_redis.port), timeout=1)
    own_redis.start()


def test_a_test_cannot_reach_out_of_this_machine() -> None:
    with pytest.raises(PermissionError, match='loopback only'):
        socket.create_connection(('192.0.2.1', 80), timeout=1)


@pytest.mark.parametrize('turn', [1, 2])
def test_each_test_gets_a_migrated_database_of_its_own(db: Database, turn: int) -> None:
    with db.transaction() as session:
        session.execute(sa.text("insert into leases (name, owner, until) values ('judge', 'us', '2026-11-21 00:00:00')"))
        assert session.execute(sa.text('select count(*) from leases')).scalar_one() == 1
