"""SendGrid carries the very letter that SMTP would: the same words and page, the same Message-ID, and replies to customers."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from domain.base.events import Letter, Reply
from integrations.errors import Misconfigured, Permanent, ProviderError, Unknown
from integrations.ports import Answer
from integrations.registry import build, check, twin
from integrations.simulated.memory import Memory

KEY = 'AZqx3k0fVt2b7QmT4nJ1sA'
CONFIG = {
    'api_key': 'SG.canary',
    'from': 'Northside <leads@northside.example>',
    'to': 'a@example.com, Bo <b@example.com>',
    'url': 'simulated:',
}
REPLY = Reply('dana@example.com', 'Ines Vega', 'Re: Window tint', 'Hello Dana,\n\nyes.\n\nInes', thread=('first', 'second'), automatic=True)


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': KEY,
        'event_type': 'lead.created',
        'occurred_at': datetime(2026, 11, 21, 20, 15, tzinfo=UTC),
        'title': 'New lead',
        'name': 'Dana Größe',
        'email': 'dana@example.com',
        'message': 'Could you\ntint my car? 漢字',
        'quality': 'hot',
        'link': 'https://desk.example.com/leads/1',
    }
    return Letter(**{**given, **fields})


def memory(kind: str = 'sendgrid', config: dict[str, str] = CONFIG) -> Memory:
    found = twin(kind, config)
    assert isinstance(found, Memory)
    return found


def sent(made: Letter) -> dict[str, Any]:
    build('sendgrid', CONFIG, None, trusted=True).send(made)
    body: dict[str, Any] = json.loads(memory().taken()[-1])
    return body


@pytest.mark.parametrize(
    'made', [letter(), letter(reply=REPLY), letter(test=True, possible_duplicate=True)], ids=['notice', 'reply', 'test']
)
def test_the_letter_is_the_one_that_smtp_would_carry(made: Letter) -> None:
    body = sent(made)
    account = {'host': 'simulated:', 'from': CONFIG['from'], 'to': CONFIG['to']}
    build('email', account, None, trusted=True).send(made)
    mail = message_from_bytes(memory('email', account).taken()[-1], policy=default)
    parts = [part for part in mail.walk() if part.get_content_maintype() == 'text']
    assert [(part['type'], part['value']) for part in body['content']] == [
        (part.get_content_type(), part.get_content().replace('\r\n', '\n')) for part in parts
    ]
    assert body['subject'] == mail['Subject']
    assert body['headers']['Message-ID'] == mail['Message-ID'] == f'<lk.{KEY}@northside.example>'
    assert body['from'] == {'email': 'leads@northside.example', 'name': mail['From'].addresses[0].display_name}
    assert body['reply_to']['email'] == mail['Reply-To'].addresses[0].addr_spec
    assert [each['email'] for each in body['personalizations'][0]['to']] == [each.addr_spec for each in mail['To'].addresses]
    assert body['personalizations'][0]['custom_args'] == {'leadkeeper_key': KEY}
    assert body['tracking_settings']['click_tracking']['enable'] is False


def test_a_reply_goes_to_the_customer_alone_and_stays_one_thread() -> None:
    body = sent(letter(reply=REPLY))
    assert body['personalizations'][0]['to'] == [{'email': 'dana@example.com'}]
    assert body['headers'] == {
        'Message-ID': f'<lk.{KEY}@northside.example>',
        'In-Reply-To': '<lk.second@northside.example>',
        'References': '<lk.first@northside.example> <lk.second@northside.example>',
        'Auto-Submitted': 'auto-generated',
    }
    assert [part['type'] for part in body['content']] == ['text/plain']


def test_the_proof_is_sendgrids_own_id() -> None:
    memory().fail(Answer(202, {'x-message-id': 'abc.123'}, ''))
    assert build('sendgrid', CONFIG, None, trusted=True).send(letter()).reference == 'abc.123'


@pytest.mark.parametrize(
    ('answer', 'kind', 'words'),
    [
        (Answer(200, {}, ''), Unknown, 'instead of 202'),
        (Answer(401, {}, '{"errors":[{"message":"The provided authorization grant is invalid."}]}'), Misconfigured, 'grant is invalid'),
        (
            Answer(403, {}, '{"errors":[{"message":"The from address does not match a verified Sender Identity."}]}'),
            Misconfigured,
            'verified',
        ),
        (Answer(400, {}, '{"errors":[{"message":"one"},{"message":"SG.canary"}]}'), Permanent, 'one'),
        (Answer(413, {}, 'nonsense'), Permanent, '413'),
        (Answer(400, {}, '{"errors":[1]}'), Permanent, '400'),
    ],
)
def test_refusals_carry_sendgrids_sentence_and_not_the_key(answer: Answer, kind: type[ProviderError], words: str) -> None:
    memory().fail(answer)
    with pytest.raises(ProviderError) as caught:
        build('sendgrid', CONFIG, None, trusted=True).send(letter())
    assert type(caught.value) is kind
    assert words in caught.value.detail
    assert 'canary' not in caught.value.detail + caught.value.excerpt


def test_without_readers_it_only_carries_replies() -> None:
    config = {name: value for name, value in CONFIG.items() if name != 'to'}
    notifier = build('sendgrid', config, None, trusted=True)
    with pytest.raises(Permanent, match='only carries replies'):
        notifier.send(letter())
    assert notifier.send(letter(reply=REPLY)).status == 202


def test_line_breaks_make_no_header_and_half_characters_do_not_stop_it() -> None:
    body = sent(letter(name='Eve\r\nBcc: all@example.com', title='New\nlead', message='a\ud800b'))
    assert body['subject'] == 'New lead: Eve Bcc: all@example.com'
    assert 'a?b' in body['content'][0]['value']


def test_naughty_strings_are_taken(naughty: list[str]) -> None:
    for typed in naughty[::5]:
        sent(letter(name=typed, message=typed, wants=typed))
    assert len(memory().taken()) == len(naughty[::5])


def test_what_is_wrong_is_refused_by_its_field() -> None:
    for changed, field in (
        ({'api_key': 'SG größe'}, 'api_key'),
        ({'from': 'nobody'}, 'from'),
        ({'to': 'a@b.example,'}, ''),
        ({'to': 'x'}, 'to'),
    ):
        if not field:
            check('sendgrid', {**CONFIG, **changed}, trusted=False)
            continue
        with pytest.raises(ValueError, match=r'\.$') as caught:
            check('sendgrid', {**CONFIG, **changed}, trusted=False)
        assert getattr(caught.value, 'field', '') == field
