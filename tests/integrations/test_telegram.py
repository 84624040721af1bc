"""What a person reads in Telegram, how a chat is configured, and what each of Telegram's answers means."""

import json
from datetime import timedelta
from typing import Any

import pytest

from domain.base.events import Letter
from integrations.channels.telegram import HEADERS, Telegram
from integrations.channels.telegram_message import message
from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Throttled, Unknown
from integrations.ports import Answer
from integrations.registry import check
from integrations.simulated.telegram import found, receiver
from tests.integrations.letters import LINK, NOW, letter
from tests.integrations.test_discord import Wire

TOKEN = '123456789:AAEverysecretpart-of_a_telegram_bot'
CONFIG = {'token': TOKEN, 'chat': '-1001234567890'}


def accepted(body: dict[str, Any]) -> bool:
    return receiver({})('x', headers=HEADERS, content=json.dumps({'chat_id': 1, **body}).encode()).status == 200


def marked(body: dict[str, Any]) -> list[tuple[str, str]]:
    """The entities with the words they are on, as Telegram counts."""
    data = body['text'].encode('utf-16-le')
    return [
        (each['type'], data[2 * each['offset'] : 2 * (each['offset'] + each['length'])].decode('utf-16-le')) for each in body['entities']
    ]


def test_the_message_says_who_what_how_hot_when_and_has_a_button_that_opens_the_lead() -> None:
    body = message(letter(due_at=NOW + timedelta(minutes=15)), NOW)
    assert body['text'] == (
        'New lead: Dana Reed\n'
        'Quality: Hot: names a service, a budget and a day\n'
        'Wants: ceramic tint, 2021 Tesla Model 3, budget 600\n'
        'Reply due: 14:30 CST, in 15 min\n'
        'E-mail: dana@example.com\n'
        'Phone: +15125550143\n'
        '\n'
        'Could you tint my car before Friday?\n'
        '\n'
        'Reference: L-1A2B3C4D · 4nJ1sA\n'
        'Location: Austin South\n'
        'Source: contact form'
    )
    assert marked(body)[:3] == [
        ('bold', 'New lead'),
        ('code', 'Dana Reed'),
        ('code', 'Hot: names a service, a budget and a day'),
    ]
    assert ('pre', 'Could you tint my car before Friday?') in marked(body)
    assert body['reply_markup'] == {'inline_keyboard': [[{'text': 'Open in Leadkeeper', 'url': LINK}]]}
    assert body['link_preview_options'] == {'is_disabled': True}
    assert 'parse_mode' not in body
    assert accepted(body)


@pytest.mark.parametrize(
    ('fields', 'first'),
    [
        ({'event_type': 'sla.breached', 'title': 'First reply is late'}, [('bold', 'First reply is late'), ('code', 'Dana Reed')]),
        ({'event_type': 'lead.assigned', 'title': 'Assigned', 'name': ''}, [('bold', 'Assigned')]),
        ({'title': 'Dana Reed wrote again'}, [('bold', 'Dana Reed wrote again')]),
        ({'title': 'Over: @sales', 'name': ''}, [('code', 'Over: @sales')]),
        ({'title': 'evil.example', 'name': 'Dana'}, [('code', 'evil.example: Dana')]),
    ],
)
def test_only_plain_words_of_ours_stand_outside_of_code(fields: dict[str, Any], first: list[tuple[str, str]]) -> None:
    body = message(letter(**fields), NOW)
    assert marked(body)[: len(first)] == first
    assert found(body) == []
    assert accepted(body)


def test_a_possible_duplicate_and_a_test_say_so_under_the_title() -> None:
    lines = message(letter(possible_duplicate=True, test=True), NOW)['text'].splitlines()
    assert lines[1].startswith('This is a test')
    assert lines[2].startswith('Possible duplicate')


def test_a_bare_letter_has_no_empty_lines() -> None:
    body = message(Letter(key='k', event_type='alert.opened', occurred_at=NOW, title='Alert'), NOW)
    assert body['text'] == 'Alert\nReference: k'
    assert accepted(body)


@pytest.mark.parametrize('link', ['http://127.0.0.1:8080/leads/1', 'http://desk.example.com/1', 'https://localhost/1', 'https://[::1]/1'])
def test_a_link_telegram_takes_for_no_button_stands_in_the_text(link: str) -> None:
    body = message(letter(link=link), NOW)
    assert 'reply_markup' not in body
    assert f'\n\nOpen in Leadkeeper: {link}\nReference' in body['text']
    assert accepted(body)


@pytest.mark.parametrize('link', ['javascript:alert(1)', '', 'tg://user?id=1', 'https://' + 'a' * 5000])
def test_what_is_no_link_is_left_out(link: str) -> None:
    body = message(letter(link=link), NOW)
    assert 'reply_markup' not in body
    assert 'Open in' not in body['text']
    assert accepted(body)


def test_long_words_are_cut_at_telegrams_limit_with_a_link_to_the_rest() -> None:
    for char in ('a', '*', '𝄞', '💥', 'ü', '<'):
        long = char * 10_000
        for fields in (
            {'message': long},
            dict.fromkeys(('title', 'name', 'email', 'phone', 'message', 'wants', 'location', 'source'), long),
        ):
            body = message(letter(**fields), NOW)
            assert accepted(body), char
            (rest,) = [each for each in body['entities'] if each['type'] == 'text_link']
            assert rest['url'] == LINK
            assert ('text_link', 'The rest is in Leadkeeper.') in marked(body)
            (words,) = [text for kind, text in marked(body) if kind == 'pre']
            assert set(words) == {char, '…'}
            assert '4nJ1sA' in body['text']
    local = message(letter(message='a' * 9000, link='http://127.0.0.1:8080/leads/1'), NOW)
    assert 'The rest is in Leadkeeper.\n\nOpen in Leadkeeper: http://127.0.0.1:8080/leads/1\n' in local['text']
    assert accepted(local)


def test_the_chat_and_the_topic_are_addressed_and_the_message_is_the_proof() -> None:
    wire = Wire(Answer(200, {}, '{"ok":true,"result":{"message_id":365,"text":"Dana'))  # cut where reading ends
    proof = Telegram({**CONFIG, 'thread': '7'}, wire).send(letter())
    url, _, body = wire.asked[0]
    assert url == f'https://api.telegram.org/bot{TOKEN}/sendMessage'
    assert (body['chat_id'], body['message_thread_id']) == (-1001234567890, 7)
    assert (proof.reference, proof.excerpt) == ('365', 'message 365'), 'the words of the visitor are not kept with it'
    Telegram({**CONFIG, 'chat': '@northside'}, wire).send(letter())
    assert wire.asked[1][2]['chat_id'] == '@northside'
    assert 'message_thread_id' not in wire.asked[1][2]


def description(status: int, text: str, **parameters: Any) -> Answer:
    more = {'parameters': parameters} if parameters else {}
    return Answer(status, {}, json.dumps({'ok': False, 'error_code': status, 'description': text, **more}))


@pytest.mark.parametrize(
    ('answer', 'kind', 'words'),
    [
        (description(401, 'Unauthorized'), Misconfigured, 'the token is not valid any more'),
        (description(404, 'Not Found'), Misconfigured, 'there is no bot with this token'),
        (description(403, 'Forbidden: bot was blocked by the user'), Misconfigured, 'the person has blocked the bot'),
        (description(403, 'Forbidden: bot was kicked from the supergroup chat'), Misconfigured, 'was removed from the group'),
        (
            description(403, 'Forbidden: bot is not a member of the channel chat'),
            Misconfigured,
            '403: the bot is not in this group. Add the bot',
        ),
        (description(403, "Forbidden: bot can't initiate conversation with a user"), Misconfigured, 'the bot may not write first'),
        (description(400, 'Bad Request: chat not found'), Misconfigured, 'there is no such chat'),
        (description(400, 'Bad Request: message thread not found'), Misconfigured, 'there is no such topic'),
        (description(400, 'Bad Request: not enough rights to send text messages to the chat'), Misconfigured, 'may not write in this chat'),
        (
            description(400, 'Bad Request: group chat was upgraded to a supergroup chat', migrate_to_chat_id=-1009876543210),
            Misconfigured,
            'the group became a supergroup. Enter its new chat ID, -1009876543210, then resume',
        ),
        (description(400, 'Bad Request: message is too long'), Permanent, 'the message is too long'),
        (description(400, "Bad Request: can't parse entities: unexpected end"), Permanent, 'the layout of the message'),
        (description(400, 'Bad Request: inline keyboard button URL is invalid'), Permanent, 'the link of the button'),
        (description(400, 'Bad Request: something new'), Permanent, 'Bad Request: something new'),
        (Answer(400, {}, '{}'), Permanent, '400 Bad Request'),
        (description(413, 'Request Entity Too Large'), Permanent, '413'),
        (description(429, 'Too Many Requests: retry after 35', retry_after=35), Throttled, 'too many messages; it is tried again in 35 s'),
        (Answer(429, {'retry-after': '4'}, '[]'), Throttled, 'tried again in 4 s'),
        (Answer(429, {}, '{"parameters": 3}'), Throttled, 'tried again in 10 s'),
        (description(500, 'Internal Server Error'), Temporary, '500'),
        (Answer(502, {}, '<html>'), Temporary, '502'),
        (Answer(503), Throttled, '503'),
        (Answer(302), Temporary, 'redirects are never followed'),
        (Answer(200, {}, '{"ok":true', complete=False), Unknown, 'the connection broke'),
        (Answer(200, {}, '{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'), Misconfigured, 'blocked'),
        (Answer(200, {}, '{"ok":false,"error_code":429,"parameters":{"retry_after":9}}'), Throttled, 'in 9 s'),
        (Answer(200, {}, '{"ok":false}'), Permanent, 'refused the message'),
    ],
)
def test_every_answer_has_its_class_and_its_words(answer: Answer, kind: type[ProviderError], words: str) -> None:
    with pytest.raises(ProviderError, match=words) as caught:
        Telegram(CONFIG, Wire(answer)).send(letter())
    assert type(caught.value) is kind


@pytest.mark.parametrize('echo', [TOKEN, f'bot{TOKEN}', f'/bot{TOKEN}/sendMessage', TOKEN.partition(':')[2], f'https:\\/\\/x\\/bot{TOKEN}'])
def test_the_token_in_the_address_never_shows(echo: str) -> None:
    for status in (200, 400, 401, 403, 404, 429, 500, 302):
        for text in (echo, json.dumps({'ok': status == 200, 'description': f'Wrong: {echo}', 'error_code': status})):
            wire = Wire(Answer(status, {}, text))
            try:
                said = repr(Telegram(CONFIG, wire).send(letter()))
            except ProviderError as trouble:
                said = f'{trouble!r} {trouble.detail} {trouble.excerpt}'
            assert 'verysecretpart' not in said


@pytest.mark.parametrize(
    ('change', 'words', 'field'),
    [
        ({'token': ''}, 'Telegram needs the field "token"', 'token'),
        ({'token': 'hunter2'}, 'not the token of a bot', 'token'),
        ({'token': '123:abc/../x'}, 'not the token of a bot', 'token'),
        ({'chat': ''}, 'Telegram needs the field "chat"', 'chat'),
        ({'chat': 'sales'}, 'The chat ID is a number', 'chat'),
        ({'chat': '1.5'}, 'The chat ID is a number', 'chat'),
        ({'chat': '٣'}, 'The chat ID is a number', 'chat'),
        ({'thread': 'x'}, 'The topic ID is a number', 'thread'),
    ],
)
def test_a_wrong_configuration_is_refused_with_a_sentence_for_its_field(change: dict[str, str], words: str, field: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        check('telegram', {**CONFIG, **change}, trusted=False)
    assert getattr(refused.value, 'field', '') == field
    assert 'hunter2' not in str(refused.value)


def test_people_groups_channels_and_topics_can_be_configured() -> None:
    for change in ({}, {'chat': '42'}, {'chat': '@northside_sales'}, {'thread': '12'}, {'token': 'simulated:telegram'}):
        assert check('telegram', {**CONFIG, **change}, trusted=False) == {'token': True, 'chat': False, 'thread': False}


def test_the_imitated_telegram_refuses_what_telegram_refuses() -> None:
    def words(**body: Any) -> str:
        answer = receiver({})('x', headers=HEADERS, content=json.dumps({'chat_id': 1, 'text': 'a', **body}).encode())
        return str(json.loads(answer.text).get('description', answer.status))

    button = {'inline_keyboard': [[{'text': 'Open', 'url': 'https://localhost/1'}]]}
    assert words() == '200'
    assert words(chat_id='sales').endswith('chat not found')
    assert words(text=' ').endswith('text is empty')
    assert words(text='💥' * 2049).endswith('too long')
    assert words(reply_markup=button).endswith('BUTTON_URL_INVALID')
    for entity in ({'offset': 0, 'length': 2}, {'offset': -1, 'length': 1}, {'offset': 0, 'length': 0}):
        assert 'entities' in words(entities=[{'type': 'code', **entity}])
