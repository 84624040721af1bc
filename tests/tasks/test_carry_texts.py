"""Text messages through the whole carrier: the flag, the cap in the destination's configuration, and the outcome nobody knows."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.base import clock
from domain.flags.actions import set_flag
from domain.flags.models import Flag
from domain.outbox.models import State
from integrations.errors import Unknown
from integrations.registry import twin
from integrations.simulated.memory import Memory
from tasks.worker import Worker
from tests.tasks.conftest import Post

ACCOUNT = {'account_sid': 'AC' + '0' * 32, 'auth_token': 'canary', 'from': '+15550142000', 'to': '+15550143000'}


@pytest.fixture
def on(post: Post) -> Post:
    """With text messages switched on."""
    with post.rows.db.transaction() as session:
        set_flag(session, post.rows.actor, Flag.SMS, True)
    return post


def place(post: Post, **config: str) -> tuple[UUID, Memory]:
    whole: dict[str, Any] = {**ACCOUNT, 'url': f'simulated:{uuid4().hex}', **config}
    id_ = post.rows.destination(kind='sms', name='Texts', sealed=post.box.seal(json.dumps(whole)), rate=1e6)
    memory = twin('sms', whole)
    assert isinstance(memory, Memory)
    return id_, memory


def test_nothing_leaves_while_the_flag_is_off_and_no_lead_is_troubled_with_it(post: Post) -> None:
    texts, twilio = place(post)
    post.rows.event(lead_id=post.rows.lead())
    assert post.carrier.carry(texts) == 0
    assert list(twilio.received) == []
    assert post.rows.only().state == State.SKIPPED
    assert (post.timeline(), post.alerts()) == ([], [])


def test_a_text_is_sent_and_its_sid_kept(on: Post) -> None:
    texts, twilio = place(on)
    on.rows.event(lead_id=on.rows.lead())
    assert on.carrier.carry(texts) == 1
    assert len(twilio.taken()) == 1
    assert on.rows.only().provider_ref == 'SM' + f'{1:032x}'
    assert on.timeline() == ['Delivered to Texts']


def test_an_unknown_outcome_is_held_for_a_person_and_never_repeated(on: Post) -> None:
    texts, twilio = place(on)
    twilio.fail(Unknown('The answer was lost.'), after=True)
    on.rows.event(lead_id=on.rows.lead())
    on.carrier.carry(texts)
    clock.advance(timedelta(hours=60))
    on.carrier.carry(texts)
    assert len(twilio.taken()) == 1
    assert on.rows.only().state == State.HELD
    assert on.timeline() == ['Texts needs a decision: it may have been sent']


def test_at_the_cap_of_its_configuration_it_is_paused_alerted_and_the_lead_says_that_it_waits(on: Post) -> None:
    texts, twilio = place(on, daily_cap='2')
    for _ in range(4):
        on.rows.event(lead_id=on.rows.lead())
    on.carrier.carry(texts)
    assert len(twilio.taken()) == 2
    (alert,) = on.alerts()
    assert (alert.key, alert.title) == (f'destination:{texts}', 'Texts is paused')
    assert 'daily cap is 2' in alert.detail
    assert on.timeline() == ['Delivered to Texts', 'Delivered to Texts', 'Waits: Texts is paused']
    assert on.carrier.carry(texts) == 0


def test_a_destination_that_brings_no_account_gets_the_environments(on: Post) -> None:
    id_ = on.rows.destination(kind='sms', sealed=on.box.seal('{"to": "+15550143000"}'), rate=1e6)
    on.rows.event()
    on.carrier.carry(id_)
    assert 'TWILIO_ACCOUNT_SID' in (on.rows.place(id_).paused_reason or '')


def test_with_the_environments_account_it_is_made_and_called(on: Post) -> None:
    given = {f'twilio_{name}': value for name, value in ACCOUNT.items() if name != 'to'}
    settings = on.settings.model_validate({**on.settings.model_dump(), **given})
    carrier = replace(on, carrier=type(on.carrier)(settings, on.rows.db, on.box, None, 'test')).carrier
    id_ = on.rows.destination(kind='sms', sealed=on.box.seal('{"to": "+15550143000"}'), rate=1e6)
    on.rows.event()
    assert carrier.carry(id_) == 1
    assert on.rows.only().state == State.SENT


@pytest.mark.parametrize(('name', 'kind'), [('email', 'sendgrid'), ('slack', 'slack_bot')])
def test_a_worker_for_one_name_carries_the_kinds_that_go_by_it(on: Post, name: str, kind: str) -> None:
    config = {'url': f'simulated:{uuid4().hex}', 'api_key': 'k', 'from': 'a@b.example', 'to': 'c@d.example', 'token': 't', 'channel': 'C1'}
    on.rows.destination(kind=kind, sealed=on.box.seal(json.dumps(config)), rate=1e6)
    other = on.rows.destination(kind='sms', sealed=on.box.seal(json.dumps({**ACCOUNT, **config})), rate=1e6)
    on.rows.event()
    assert Worker(on.settings, on.rows.db, on.box, only=(name,)).drain() == 1
    assert {row.destination_id for row in on.rows.all() if row.state == State.PENDING} == {other}
