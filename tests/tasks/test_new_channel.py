"""A channel from outside: one class and one line of the phone book are all it takes to be checked, shown, carried and retried."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.base import clock
from domain.base.db import Database
from domain.base.events import Letter
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.outbox.models import State
from integrations.answers import judge
from integrations.channels.wording import headline
from integrations.excerpts import secret_parts
from integrations.http import Http
from integrations.ports import Answer, Channel, Post, Proof
from integrations.registry import CHANNELS, check, twin
from integrations.simulated.memory import Memory
from tasks.carry import Carrier
from tests.domain.outbox_rows import Rows
from tests.integrations.standin import Asked, StandIn, reply
from tests.tasks.conftest import KEY
from ui.presenters.settings import Kind, form


class Pager:
    """Says in one line that a lead came."""

    keyed = False
    costly = False

    def __init__(self, config: Mapping[str, str], post: Post) -> None:
        self._url, self._post = config['url'], post

    def send(self, letter: Letter) -> Proof:
        answer = self._post(self._url, headers={'Content-Type': 'text/plain'}, content=headline(letter).encode())
        return Proof(reference='p-1', status=answer.status, excerpt=judge(answer, who='The pager', secrets=secret_parts(self._url)))


def pager_check(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    address(config['url'])


PAGER = Channel(
    'pager',
    'Pager',
    {'url': True},
    pager_check,
    Pager,
    lambda _config: Memory(lambda _headers, _content: Answer(200)),
    icon='bell',
    words={'url': ('Pager address', 'The pager company tells it.')},
)


@pytest.fixture(autouse=True)
def line() -> Iterator[None]:
    """The line of the phone book, for as long as the test runs."""
    CHANNELS['pager'] = PAGER
    yield
    del CHANNELS['pager']


def carrier(db: Database, settings: Settings, http: Http | None) -> tuple[Rows, Carrier, SecretBox]:
    box = SecretBox(KEY)
    return Rows.make(db), Carrier(settings, db, box, http, 'test'), box


def lead(rows: Rows) -> None:
    rows.event(lead_id=rows.lead(), payload={'name': 'Priya Raman', 'leadId': str(uuid4())})


def test_a_lead_reaches_it_over_the_wire_through_the_real_carrier_and_is_tried_again(db: Database, settings: Settings) -> None:
    answers = iter([reply(500, b'not now'), reply(200, b'paged')])

    def play(_asked: Asked) -> Iterator[bytes]:
        yield next(answers)

    http = Http(deadline=3)
    with StandIn(play) as server:
        rows, carry, box = carrier(db, settings, http)
        config = {'url': f'{server.url}/pager/a-long-secret'}
        place = rows.destination(kind='pager', sealed=box.seal(json.dumps(config)), rate=1e6, from_environment=True)
        lead(rows)
        assert carry.carry(place) == 1
        assert (rows.only().state, rows.only().last_class) == (State.PENDING, 'temporary')
        clock.advance(timedelta(seconds=7))
        assert carry.carry(place) == 1
        row = rows.only()
        assert (row.state, row.attempts, row.provider_ref) == (State.SENT, 2, 'p-1')
        assert [asked.content for asked in server.asked] == [b'New lead: Priya Raman'] * 2
    http.close()


def test_it_works_without_its_provider(db: Database, settings: Settings) -> None:
    rows, carry, box = carrier(db, settings, None)
    config = {'url': f'simulated:{uuid4().hex}'}
    place = rows.destination(kind='pager', sealed=box.seal(json.dumps(config)), rate=1e6)
    lead(rows)
    carry.carry(place)
    memory = twin('pager', config)
    assert isinstance(memory, Memory)
    assert (rows.only().state, memory.taken()) == (State.SENT, [b'New lead: Priya Raman'])


def test_it_is_checked_paced_and_shown_like_all_others(settings: Settings) -> None:
    assert check('pager', {'url': 'https://pager.example.com/x'}, trusted=False) == {'url': True}
    with pytest.raises(ValueError, match='Pager needs the field "url"'):
        check('pager', {}, trusted=False)
    assert settings.rate('pager') == settings.webhook_rate
    shown: dict[str, Any] = form(Kind('pager', PAGER.label, PAGER.icon, PAGER.fields, PAGER.optional, PAGER.words, PAGER.settings))
    assert (shown['label'], shown['icon']) == ('Pager', 'bell')
    assert (shown['fields'][0]['label'], shown['fields'][0]['help']) == ('Pager address', 'The pager company tells it.')
