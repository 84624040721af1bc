"""Redis goes, PostgreSQL goes, the worker dies in the middle of a call: what the customer and the desk see of it."""

import pytest

from tests.journeys.conftest import Start, sent_texts
from tests.processes import Answer
from tests.servers import until

pytestmark = pytest.mark.slow


def test_without_redis_a_lead_is_taken_and_delivered_within_two_seconds(scaled: Start) -> None:
    desk = scaled()
    assert desk.post('Before').status == 201
    desk.receiver.wait(lambda r: r.at('/slack'), seconds=5)
    assert desk.redis
    desk.redis.kill()
    for number in range(3):
        assert desk.post(f'Without {number}').status == 201
        desk.receiver.wait(lambda r, n=number: len(r.at('/slack')) == n + 2, seconds=2, what='the delivery without Redis')
    desk.redis.start()
    assert desk.post('After').status == 201
    desk.receiver.wait(lambda r: len(r.at('/slack')) == 5, seconds=2, what='the delivery after Redis is back')


def test_without_the_database_the_answer_says_not_stored_and_the_same_key_works_later(scaled: Start) -> None:
    desk = scaled()
    assert desk.post('Before').status == 201
    assert desk.postgres
    desk.postgres.stop()
    for _ in range(2):
        refused = desk.post('During', idempotency_key='during')
        assert refused.status == 503
        assert int(refused.headers['retry-after']) > 0
        assert 'not' in refused.json['detail'].lower() and 'key' in refused.json['detail'].lower()
    desk.postgres.start()
    until(lambda: desk.post('During', idempotency_key='during').status == 201, seconds=10, what='recovery by itself')
    # Each of the two api processes finds its own way back: the other one may say 503 once more, and never a second 201 of its own.
    answers: list[Answer] = []

    def replayed() -> bool:
        answers.append(desk.post('During', idempotency_key='during'))
        return answers[-1].status == 201

    until(replayed, seconds=10, what='recovery of both processes')
    assert {answer.status for answer in answers[:-1]} <= {503}
    assert answers[-1].headers['idempotency-replayed'] == 'true'
    desk.receiver.wait(lambda r: len(r.at('/slack')) == 2, seconds=10, what='both messages, once each')


def test_a_worker_killed_in_the_middle_of_a_call_costs_a_lease_and_perhaps_a_marked_twin(scaled: Start) -> None:
    desk = scaled(LEASE_SECONDS='5', DELIVERY_TIMEOUT_SECONDS='2')
    desk.receiver.delay = 0.5
    lead = desk.post('Lead000001').json['leadId']
    desk.receiver.wait(lambda r: r.open_calls, what='a call under way')
    desk.processes['worker'].kill()
    desk.processes['worker'].restart()
    until(lambda: desk.deliveries(lead)[0]['state'] == 'sent', seconds=20, what='the delivery by the next worker')
    first, second = sent_texts(desk.receiver)
    assert 'Lead000001' in first and 'Lead000001' in second
    assert 'possible duplicate' in second.lower() and 'possible duplicate' not in first.lower()


def test_a_worker_told_to_stop_finishes_the_call_it_is_in(scaled: Start) -> None:
    desk = scaled()
    desk.receiver.delay = 0.5
    lead = desk.post('Lead000001').json['leadId']
    desk.receiver.wait(lambda r: r.open_calls, what='a call under way')
    assert desk.processes['worker'].terminate(seconds=25) in (0, 143, -15)
    assert desk.deliveries(lead)[0]['state'] == 'sent'
    assert len(sent_texts(desk.receiver)) == 1
