"""Twilio's codes in words, what may be saved, and that an answer which proves nothing is no success."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest

from domain.base import clock
from domain.base.events import Letter
from integrations.channels.twilio import MEANINGS
from integrations.errors import Misconfigured, Permanent, ProviderError, Throttled, Unknown
from integrations.ports import Answer
from integrations.registry import build, check, twin
from integrations.simulated.memory import Memory
from integrations.simulated.twilio import refusal

SID = 'AC' + '0' * 32
TOKEN = 'canary-of-the-token'
CONFIG = {'account_sid': SID, 'auth_token': TOKEN, 'from': '+15550142000', 'to': '+15550143000', 'url': 'simulated:'}


def letter() -> Letter:
    return Letter(key='k', event_type='lead.created', occurred_at=clock.now(), title='New lead', message='tint')


def memory(kind: str = 'sms', config: Mapping[str, str] = CONFIG) -> Memory:
    found = twin(kind, config)
    assert isinstance(found, Memory)
    return found


def refused(config: Mapping[str, str] = CONFIG, kind: str = 'sms') -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        build(kind, config, None, trusted=True).send(letter())
    return caught.value


@pytest.mark.parametrize(
    ('code', 'kind', 'words'),
    [
        (20003, Misconfigured, 'account or its token is not valid'),
        (20429, Throttled, 'too many requests'),
        (21211, Permanent, 'not a valid one'),
        (21608, Permanent, 'trial account'),
        (21610, Permanent, 'opted out by answering STOP'),
        (21614, Permanent, 'not a mobile one'),
        (30007, Permanent, 'filter took it for spam'),
        (63016, Permanent, 'within 24 hours after the recipient wrote'),
        (99999, Permanent, 'what Twilio says'),
    ],
)
def test_twilios_codes_are_said_in_words(code: int, kind: type[ProviderError], words: str) -> None:
    memory().fail(refusal(code, 'what Twilio says'))
    trouble = refused()
    assert type(trouble) is kind
    assert words in trouble.detail
    assert f'({code})' in trouble.detail


@pytest.mark.parametrize(('number', 'code'), [('+15005550001', 21211), ('+15005550004', 21610), ('+15005550009', 21614)])
def test_the_imitated_account_refuses_twilios_own_numbers_for_tests(number: str, code: int) -> None:
    assert MEANINGS[code] in refused({**CONFIG, 'to': number}).detail


def test_a_message_that_failed_at_once_is_not_proved() -> None:
    memory().fail(Answer(201, {}, json.dumps({'sid': 'SM1', 'status': 'failed', 'error_code': 30006})))
    trouble = refused()
    assert type(trouble) is Permanent and 'landline' in trouble.detail


@pytest.mark.parametrize('text', ['', 'ok', '{}', '[]', 'null', '<html>', '[' * 20_000])
def test_a_good_status_without_a_sid_is_an_unknown_outcome(text: str) -> None:
    memory().fail(Answer(200, {}, text))
    assert type(refused()) is Unknown


def test_secrets_are_not_repeated_in_any_form() -> None:
    basic = base64.b64encode(f'{SID}:{TOKEN}'.encode()).decode()
    memory().fail(Answer(400, {}, json.dumps({'code': 1, 'message': f'you sent {TOKEN} and {basic}'})))
    trouble = refused()
    assert TOKEN not in trouble.detail + trouble.excerpt and basic not in trouble.detail + trouble.excerpt
    assert TOKEN not in repr(build('sms', CONFIG, None, trusted=True))


def test_whatsapp_addresses_both_ends_and_a_messaging_service_is_named_as_one() -> None:
    build('whatsapp', {**CONFIG, 'from': 'whatsapp:+15550142000'}, None, trusted=True).send(letter())
    form = parse_qs(memory('whatsapp', {**CONFIG, 'from': 'whatsapp:+15550142000'}).taken()[0].decode())
    assert (form['To'], form['From']) == (['whatsapp:+15550143000'], ['whatsapp:+15550142000'])
    service = {**CONFIG, 'from': 'MG' + 'a' * 32}
    build('sms', service, None, trusted=True).send(letter())
    form = parse_qs(memory(config=service).taken()[0].decode())
    assert form['MessagingServiceSid'] == [service['from']] and 'From' not in form and 'StatusCallback' not in form


@pytest.mark.parametrize(
    ('changed', 'field'),
    [
        ({'to': '15550143000'}, 'to'),
        ({'to': '+1555'}, 'to'),
        ({'to': '+15550143000,+15550143001'}, 'to'),
        ({'account_sid': 'AC1'}, 'account_sid'),
        ({'auth_token': ''}, 'auth_token'),
        ({'account_sid': ''}, 'account_sid'),
        ({'from': 'A name that is too long'}, 'from'),
        ({'daily_cap': '0'}, 'daily_cap'),
        ({'daily_cap': 'many'}, 'daily_cap'),
        ({'daily_cap': '²'}, 'daily_cap'),
        ({'account_sid': '', 'auth_token': ''}, 'auth_token'),
        ({'url': 'https://10.0.0.1'}, 'url'),
    ],
)
@pytest.mark.parametrize('kind', ['sms', 'whatsapp'])
def test_what_is_wrong_is_refused_by_its_field(kind: str, changed: dict[str, str], field: str) -> None:
    config: dict[str, Any] = {name: value for name, value in {**CONFIG, 'url': 'https://gateway.example', **changed}.items() if value}
    with pytest.raises(ValueError, match=r'\.$') as caught:
        check(kind, config, trusted=False)
    assert getattr(caught.value, 'field', '') == field
    assert TOKEN not in str(caught.value)


def test_names_and_short_codes_may_send_texts_and_only_numbers_whatsapp() -> None:
    for sender in ('Northside', '24273', '+15550142000', 'MG' + '0' * 32):
        check('sms', {**CONFIG, 'from': sender, 'daily_cap': '50'}, trusted=False)
    for sender, good in (('whatsapp:+15550142000', True), ('+15550142000', True), ('Northside', False)):
        if good:
            check('whatsapp', {**CONFIG, 'to': 'whatsapp:+15550143000', 'from': sender}, trusted=False)
        else:
            with pytest.raises(ValueError, match='must be a number'):
                check('whatsapp', {**CONFIG, 'from': sender}, trusted=False)
