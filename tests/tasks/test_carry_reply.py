"""A reply on its way: carried to the customer once, told in words for people, and what a mail account answers decides its row."""

import json
from uuid import UUID, uuid4

import pytest

from domain.base import clock
from domain.base.events import EventType
from domain.outbox.actions import record
from domain.outbox.models import Destination, State
from integrations.errors import Unknown
from integrations.ports import Answer
from integrations.registry import twin
from integrations.simulated.memory import Memory
from tests.tasks.conftest import LONG, Post

NO_SUCH_USER = Answer(550, {'stage': 'rcpt'}, '5.1.1 no such user')


@pytest.fixture
def mail(post: Post) -> tuple[UUID, Memory]:
    """A mail account that carries replies and tells nobody anything."""
    config = {'host': f'simulated:{uuid4().hex}', 'from': 'leads@example.com'}
    place = post.rows.destination(kind='email', sealed=post.box.seal(json.dumps(config)), name='Mail', rate=1e6, events=[])
    memory = twin('email', config)
    assert isinstance(memory, Memory)
    return place, memory


def reply(post: Post, place: UUID) -> UUID:
    """What a reply leaves in the outbox; gives back its lead."""
    lead = post.rows.lead()
    payload = {
        'leadId': str(lead),
        'messageId': 'the message',
        'destinationId': str(place),
        'to': 'ann@example.com',
        'sender': 'Ines Vega',
        'subject': 'Re: Tint',
        'text': 'Yes.',
        'thread': [],
    }
    with post.rows.db.transaction() as session:
        carrier = session.get(Destination, place)
        record(session, post.rows.actor, EventType.MESSAGE_SENT, payload, lead_id=lead, carrier=carrier)
    return lead


def test_it_goes_to_the_customer_once_and_the_timeline_says_so(post: Post, mail: tuple[UUID, Memory]) -> None:
    place, server = mail
    reply(post, place)
    assert post.carrier.carry(place) == 1
    (got,) = server.received
    assert (got.headers['mail-from'], got.headers['rcpt-to']) == ('leads@example.com', 'ann@example.com')
    assert post.timeline() == ['Reply handed over for ann@example.com']
    row = post.rows.only()
    assert (row.state, row.provider_ref) == (State.SENT, f'<lk.{row.provider_key}@example.com>')
    assert post.carrier.carry(place) == 0


def test_a_refused_one_is_dead_after_one_try_in_words_for_people(post: Post, mail: tuple[UUID, Memory]) -> None:
    place, server = mail
    server.fail(NO_SUCH_USER)
    reply(post, place)
    post.carrier.carry(place)
    row = post.rows.only()
    assert (row.state, row.attempts) == (State.DEAD, 1)
    assert post.timeline() == ['Your reply was not delivered to ann@example.com']
    (alert,) = post.alerts()
    assert alert.title == 'A reply to a customer could not be delivered'
    assert '5.1.1 no such user' in alert.detail
    post.rows.replay(row.id)
    post.carrier.carry(place)
    assert post.timeline()[-1] == 'Reply handed over for ann@example.com'


def test_a_refused_sign_in_pauses_the_account_and_the_reply_waits(post: Post, mail: tuple[UUID, Memory]) -> None:
    place, server = mail
    server.fail(Answer(535, {'stage': 'login'}, '5.7.8 wrong password'))
    reply(post, place)
    post.carrier.carry(place)
    assert post.timeline() == ['Your reply waits: Mail is paused']
    assert post.rows.place(place).paused_at is not None
    assert (post.rows.only().state, post.rows.only().attempts) == (State.PENDING, 0)


def test_a_lost_answer_may_make_a_twin_which_the_timeline_says_and_the_customer_is_not_told(post: Post, mail: tuple[UUID, Memory]) -> None:
    place, server = mail
    server.fail(Unknown('no answer'), after=True)
    reply(post, place)
    post.carrier.carry(place)
    clock.advance(LONG)
    post.carrier.carry(place)
    first, second = server.taken()
    assert first == second
    assert post.timeline() == ['Your reply is not out yet, trying again', 'Reply handed over for ann@example.com, possible duplicate']


def test_the_account_pressed_for_a_test_without_readers_says_what_is_missing(post: Post, mail: tuple[UUID, Memory]) -> None:
    place, server = mail
    post.rows.test(place)
    post.carrier.carry(place)
    row = post.rows.only()
    assert (row.state, len(server.received)) == (State.DEAD, 0)
    assert row.last_error is not None
    assert 'only carries replies' in row.last_error
