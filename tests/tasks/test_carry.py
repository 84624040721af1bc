"""Carrying: what is called, what is told of it, and that the proof of a call survives whatever happens afterwards."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.alerts.models import Alert, Severity
from domain.base import clock
from domain.base.db import Database, now
from domain.base.settings import Settings
from domain.outbox.destinations import change_destination
from domain.outbox.messages import DestinationChange
from domain.outbox.models import Delivery, State
from integrations.errors import Misconfigured, Permanent, Temporary, Unknown
from integrations.ports import Answer
from tasks.carry import Carrier
from tasks.housekeeping import Housekeeping
from tasks.worker import Worker
from tests.tasks.conftest import KEY, Post

REFUSED = Answer(403, {}, 'invalid_token')
BROKEN = Answer(500, {}, 'oh')


def test_everything_due_is_sent_once_and_told_to_its_lead(post: Post) -> None:
    place, slack = post.place(name='Sales')
    for _ in range(3):
        post.rows.event(lead_id=post.rows.lead())
    assert post.carrier.carry(place) == 3
    assert len(slack.taken()) == 3
    assert {row.state for row in post.rows.all()} == {State.SENT}
    assert post.timeline() == ['Delivered to Sales'] * 3
    assert post.carrier.carry(place) == 0


def test_the_first_failure_is_told_and_the_further_ones_are_not(post: Post) -> None:
    place, slack = post.place(name='Sales')
    slack.fail(BROKEN, times=3)
    post.rows.event(lead_id=post.rows.lead())
    for _ in range(4):
        post.carrier.carry(place)
        clock.advance(timedelta(minutes=2))
    assert post.timeline() == ['Sales not reached, trying again', 'Delivered to Sales']


def test_a_call_without_an_answer_makes_a_possible_duplicate(post: Post) -> None:
    place, slack = post.place(name='Sales')
    slack.fail(Unknown('no answer'), after=True)
    post.rows.event(lead_id=post.rows.lead())
    post.carrier.carry(place)
    clock.advance(timedelta(seconds=7))
    post.carrier.carry(place)
    first, second = (body.decode().lower() for body in slack.taken())
    assert 'possible duplicate' not in first
    assert 'possible duplicate' in second
    assert post.timeline()[-1] == 'Delivered to Sales, possible duplicate'


def test_a_refused_credential_raises_an_alert_that_closes_when_it_works_again(post: Post) -> None:
    place, slack = post.place(name='Sales')
    post.place(name='Ops', events=['alert.opened', 'alert.closed'])
    slack.fail(REFUSED)
    post.rows.event(lead_id=post.rows.lead())
    post.carrier.carry(place)
    (alert,) = post.alerts()
    assert (alert.severity, alert.key) == (Severity.CRITICAL, f'destination:{place}')
    assert post.timeline() == ['Waits: Sales is paused']
    with post.rows.db.transaction() as session:
        change_destination(session, post.rows.actor, place, DestinationChange(paused=False), post.box)
    post.carrier.carry(place)
    (alert,) = post.alerts()
    assert alert.closed_at is not None
    assert (len(post.events('alert.opened')), len(post.events('alert.closed'))) == (1, 1)


def test_a_dead_row_raises_an_alert_once_and_its_own_alert_cannot_loop(post: Post) -> None:
    place, slack = post.place(name='Sales', events=['lead.created', 'alert.opened'])
    slack.fail(Permanent('no'), times=50)
    for _ in range(3):
        post.rows.event(lead_id=post.rows.lead())
    post.carrier.carry(place)
    post.carrier.carry(place)
    (alert,) = post.alerts()
    assert (alert.key, alert.count) == (f'dead:{place}', 4)
    assert len(post.rows.all()) == 4, 'three leads and the one alert'
    assert post.timeline() == ['Sales not delivered after 1 try'] * 3


def test_sent_and_failed_are_events_only_for_those_who_listen_and_never_of_themselves(post: Post) -> None:
    place, slack = post.place(name='Sales')
    post.rows.event(lead_id=post.rows.lead())
    post.carrier.carry(place)
    assert post.events('notification.sent') == []
    audit, heard = post.place(name='Audit', events=['notification.sent', 'notification.failed'])
    slack.fail(Permanent('no'))
    post.rows.event(lead_id=post.rows.lead())
    post.rows.event(lead_id=post.rows.lead())
    post.carrier.carry(place)
    post.carrier.carry(audit)
    post.carrier.carry(audit)
    assert (len(post.events('notification.sent')), len(post.events('notification.failed'))) == (1, 1)
    assert len(heard.taken()) == 2


def test_a_row_that_ends_without_a_call_is_told_too(post: Post) -> None:
    place, slack = post.place(name='Sales')
    post.rows.event(lead_id=post.rows.lead())
    for _ in range(3):
        post.rows.take(place)
        clock.advance(timedelta(minutes=2))
    assert post.carrier.carry(place) == 0
    assert slack.taken() == []
    assert post.timeline() == ['Sales not delivered after 3 tries']
    assert [alert.key for alert in post.alerts()] == [f'dead:{place}']


def test_housekeeping_ends_and_tells_what_a_paused_destination_kept_too_long(post: Post) -> None:
    place, slack = post.place(name='Sales')
    slack.fail(REFUSED)
    post.rows.event(lead_id=post.rows.lead())
    post.carrier.carry(place)
    clock.advance(timedelta(hours=73))
    Housekeeping(post.rows.db, 'test').round()
    assert (post.rows.only().state, post.rows.only().last_class) == (State.DEAD, 'expired')
    assert [alert.key for alert in post.alerts()] == [f'destination:{place}', f'dead:{place}']
    assert post.timeline()[-1] == 'Sales not delivered after 0 tries'


def test_a_config_that_cannot_be_read_pauses_the_destination_and_sends_nothing(post: Post) -> None:
    place = post.rows.destination(sealed=post.box.seal('{}'), rate=1e6)
    other = post.rows.destination(sealed='sealed by another key', rate=1e6)
    post.rows.event()
    for each in (place, other):
        assert post.carrier.carry(each) == 0
        assert post.rows.place(each).paused_at is not None
    assert {(row.state, row.attempts, row.last_class) for row in post.rows.all()} == {(State.PENDING, 0, Misconfigured.name)}


def test_an_event_that_cannot_be_put_into_words_is_dead_at_once_without_a_doubt(post: Post) -> None:
    place, slack = post.place()
    post.rows.event(payload={'slaDeadline': 'tomorrow'})
    post.rows.event(payload={'name': 'Ann'})
    assert post.carrier.carry(place) == 1
    bad, good = post.rows.all()
    assert (bad.state, bad.attempts, bad.uncertain) == (State.DEAD, 1, False)
    assert good.state == State.SENT
    assert len(slack.received) == 1


def test_pressing_test_on_a_wrong_destination_is_one_call(post: Post) -> None:
    place, slack = post.place()
    slack.fail(REFUSED, times=9)
    for _ in range(2):
        test = post.rows.test(place)
        for _ in range(5):
            post.carrier.carry(place)
        assert post.rows.delivery(test).state == State.DEAD
    assert len(slack.received) == 2


@pytest.mark.parametrize('trouble', ['timeline', 'alert'])
def test_what_cannot_be_told_does_not_take_the_proof_with_it(post: Post, trouble: str) -> None:
    place, slack = post.place(name='Sales')
    post.rows.event(lead_id=post.rows.lead())
    if trouble == 'alert':
        slack.fail(Permanent('no'))
    table = {'timeline': 'conversation_timeline', 'alert': 'alerts'}[trouble]
    with post.rows.db.transaction() as session:
        session.execute(sa.text(f'alter table {table} rename to away'))
    post.carrier.carry(place)
    assert post.rows.only().state == (State.DEAD if trouble == 'alert' else State.SENT)
    assert len(slack.received) == 1


def test_two_rows_that_raise_the_same_alert_at_once_both_settle(post: Post) -> None:
    place, slack = post.place()
    slack.fail(Permanent('no'), times=8)
    for _ in range(8):
        post.rows.event()
    threads = [threading.Thread(target=post.carrier.carry, args=(place,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row.state for row in post.rows.all()} == {State.DEAD}
    assert len(slack.received) == 8
    (alert,) = post.alerts()
    assert isinstance(alert, Alert)
    assert alert.count == 8


def test_a_stopping_worker_gives_back_what_it_has_not_begun(post: Post) -> None:
    place, slack = post.place()
    post.rows.event()
    taken = post.rows.take(place)
    post.carrier.stopping.set()
    assert post.carrier._deliver(taken) == 0
    row = post.rows.only()
    assert (row.state, row.attempts, row.claims) == (State.PENDING, 0, 0)
    assert post.carrier.carry(place) == 0
    assert len(slack.received) == 0


def test_once_does_what_is_due_and_no_more(db: Database, post: Post, settings: Settings) -> None:
    good, slack = post.place(name='Good')
    bad, broken = post.place(name='Bad')
    hook = post.rows.destination(
        kind='webhook', sealed=post.box.seal('{"url": "simulated:x", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}')
    )
    broken.fail(Temporary('gone'), times=99)
    for _ in range(3):
        post.rows.event()
    assert Worker(settings, db, post.box, only=('slack',)).drain() == 6
    states = {place: {row.state for row in post.rows.all() if row.destination_id == place} for place in (good, bad, hook)}
    assert states == {good: {State.SENT}, bad: {State.PENDING}, hook: {State.PENDING}}
    assert len(slack.taken()) == 3
    assert all(row.attempts == 0 for row in post.rows.all() if row.destination_id == hook)


def test_a_worker_on_its_own_sends_within_a_sweep(db: Database, post: Post, settings: Settings) -> None:
    place, slack = post.place()
    worker = Worker(settings, db, post.box)
    worker.start()
    try:
        done = threading.Event()
        respond = slack._respond

        def heard(headers: object, content: bytes) -> Answer:
            done.set()
            return respond(headers, content)  # type: ignore[arg-type]  # as given

        slack._respond = heard
        started = time.monotonic()
        post.rows.event()
        assert done.wait(2)
        assert time.monotonic() - started < 1.6
    finally:
        worker.stop()
    assert post.rows.only().state == State.SENT
    with db.reading() as session:
        assert session.execute(sa.text('select count(*) from leases')).scalar_one() == 0, 'it has signed off'
        assert now(session)
    assert isinstance(worker.carrier, Carrier)
    assert KEY
    assert isinstance(post.rows.only(), Delivery)
    assert place
