"""Our adapters before stand-ins made from the vendors' own API descriptions: nothing they are sent breaks those, whatever goes wrong."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from domain.base import clock
from domain.base.events import Letter, Reply
from integrations.errors import ProviderError, Temporary, Throttled, Unknown
from integrations.http import Http
from integrations.ports import Notifier
from integrations.registry import build
from tests.vendors import stand_ins

ACCOUNT = {'account_sid': 'AC' + 'a1' * 16, 'auth_token': 'token', 'from': '+15550142000', 'to': '+15550143000'}
CONFIGS = {
    'slack_bot': ('slack', {'token': 'xoxb-1-x', 'channel': 'C0G9QF9GW'}),
    'sendgrid': ('sendgrid', {'api_key': 'SG.x', 'from': 'Northside <leads@northside.example>', 'to': 'a@example.com, Bo <b@example.com>'}),
    'sms': ('twilio', ACCOUNT),
    'whatsapp': ('twilio', ACCOUNT),
}
LONG = 'Could you tint my car before Friday? <!channel> *now* größe 漢字 ' * 200


@pytest.fixture(scope='module')
def vendors() -> Iterator[dict[str, str]]:
    """The addresses of the stand-ins, by vendor."""
    with stand_ins('slack', 'twilio', 'sendgrid') as found:
        yield found


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': 'AZqx3k0fVt2b7QmT4nJ1sA',
        'event_type': 'lead.created',
        'occurred_at': datetime(2026, 11, 21, 20, 15, tzinfo=UTC),
        'title': 'New lead',
        'name': 'Dana Reed',
        'email': 'dana@example.com',
        'phone': '+15125550143',
        'message': LONG,
        'wants': 'ceramic tint',
        'quality': 'hot',
        'quality_reason': 'names a day',
        'due_at': clock.now() + timedelta(minutes=15),
        'link': 'https://desk.example.com/leads/0197',
        'reference': 'L-1A2B3C4D',
        'data': {'leadId': '0197'},
    }
    return Letter(**{**given, **fields})


class Line:
    """One adapter before its vendor's stand-in."""

    def __init__(self, kind: str, vendors: dict[str, str], http: Http) -> None:
        vendor, config = CONFIGS[kind]
        self.kind, self.address = kind, vendors[vendor]
        self.notifier: Notifier = build(kind, {**config, 'url': self.address}, http, trusted=True)
        self._control = httpx.Client(base_url=self.address, trust_env=False)
        self._control.delete('/_mock/requests')

    def fault(self, **fault: Any) -> None:
        self._control.post('/_mock/fault', json=fault)

    def journal(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._control.get('/_mock/requests').json()
        return entries

    def refused(self) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            self.notifier.send(letter())
        return caught.value


@pytest.fixture(params=CONFIGS)
def line(request: pytest.FixtureRequest, vendors: dict[str, str], http: Callable[..., Http]) -> Iterator[Line]:
    made = Line(request.param, vendors, http())
    yield made
    assert [entry['errors'] for entry in made.journal() if not entry['valid']] == []


def test_every_sort_of_letter_keeps_the_vendors_description_and_gives_a_reference(line: Line) -> None:
    bare = dict.fromkeys(('name', 'email', 'phone', 'message', 'wants', 'quality', 'link'), '')
    sorts = [{}, {'test': True}, {'possible_duplicate': True}, {**bare, 'due_at': None, 'event_type': 'alert.opened', 'data': {}}]
    if line.kind == 'sendgrid':
        sorts.append({'reply': Reply('dana@example.com', 'Ines', 'Re: tint', 'Yes.', thread=('one', 'two'), automatic=True)})
    references = [line.notifier.send(letter(**fields)).reference for fields in sorts]
    assert all(references)
    assert [entry['valid'] for entry in line.journal()] == [True] * len(sorts)
    starts = {'slack_bot': 'C0G9QF9GW:1503435956.000247', 'sms': 'SM', 'whatsapp': 'SM'}
    assert all(each.startswith(starts.get(line.kind, '')) for each in references)


def test_a_429_waits_as_long_as_it_says_in_seconds_and_as_a_date(line: Line) -> None:
    body = {'ok': False, 'error': 'ratelimited', 'code': 20429, 'message': 'Too Many Requests'}
    for text, most in (('7', 7), (format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True), 91)):
        line.fault(status=429, headers={'Retry-After': text}, body=body)
        trouble = line.refused()
        assert isinstance(trouble, Throttled)
        assert most - 5 < trouble.retry_after <= most
    assert line.notifier.send(letter()).reference


def test_a_500_is_tried_again(line: Line) -> None:
    line.fault(status=500)
    assert type(line.refused()) is Temporary


@pytest.mark.parametrize('after', [False, True])
def test_a_dropped_answer_is_an_unknown_outcome_and_nothing_is_repeated_by_itself(line: Line, after: bool) -> None:
    line.fault(drop=True, after=after)
    assert type(line.refused()) is Unknown
    assert len(line.journal()) == 1
    assert line.notifier.send(letter(possible_duplicate=True)).reference


def test_an_answer_that_is_too_late_is_an_unknown_outcome(line: Line) -> None:
    line.fault(delay=1.2, status=200)
    started = clock.now()
    assert type(line.refused()) is Unknown
    assert clock.now() - started < timedelta(seconds=1.1)


def test_slacks_own_refusal_with_a_good_status_is_read(vendors: dict[str, str], http: Callable[..., Http]) -> None:
    line = Line('slack_bot', vendors, http())
    line.fault(status=200, body={'ok': False, 'error': 'ratelimited'}, headers={'Retry-After': '3'})
    trouble = line.refused()
    assert isinstance(trouble, Throttled) and trouble.retry_after == 3


def test_what_goes_out_carries_the_accounts_own_sign_in(line: Line) -> None:
    line.notifier.send(letter())
    (entry,) = line.journal()
    headers = {name.lower(): value for name, value in entry['headers'].items()}
    assert headers['authorization'].startswith('Basic ' if line.kind in ('sms', 'whatsapp') else 'Bearer ')
    assert entry['path'] == {
        'slack_bot': '/api/chat.postMessage',
        'sendgrid': '/v3/mail/send',
    }.get(line.kind, f'/2010-04-01/Accounts/{ACCOUNT["account_sid"]}/Messages.json')
    if line.kind == 'sendgrid':
        assert json.loads(entry['body'])['headers']['Message-ID'] == '<lk.AZqx3k0fVt2b7QmT4nJ1sA@northside.example>'
