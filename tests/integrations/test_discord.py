"""What a person reads in Discord, how a channel there is configured, and what each of Discord's answers means."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.base import clock
from domain.base.events import Letter
from integrations.channels.discord import HEADERS, Discord, nonce
from integrations.channels.discord_message import message
from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Throttled, Unknown
from integrations.ports import Answer
from integrations.registry import check
from integrations.simulated.discord import NONCE_LASTS, receiver, shown
from tests.integrations.letters import LINK, NOW, letter

TOKEN = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.verysecretpart_of_a_discord_bot'
BOT = {'token': TOKEN, 'channel': '1300000000000000001'}
HOOK = {'url': 'https://discord.com/api/webhooks/1300000000000000000/a-very-secret-part?thread_id=5'}


class Wire:
    """Gives the same answer each time and writes down how it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    def __call__(self, url: str, *, headers: Any, content: bytes) -> Answer:
        self.asked.append((url, dict(headers), json.loads(content)))
        return self.answer


def accepted(body: dict[str, Any]) -> bool:
    return receiver({})('x', headers=HEADERS, content=json.dumps(body).encode()).status == 200


def read(body: dict[str, Any]) -> str:
    """All words, as Discord shows them."""
    (embed,) = body['embeds']
    fields = [f'{each["name"]}: {each["value"]}' for each in embed['fields']]
    parts = [body.get('content', ''), embed['author']['name'], embed['title'], *fields, embed.get('description', '')]
    return shown('\n'.join(part for part in parts if part))


def test_a_lead_is_an_embed_that_says_who_what_how_hot_when_and_where_to_click() -> None:
    body = message(letter(due_at=NOW + timedelta(minutes=15)), NOW)
    (embed,) = body['embeds']
    assert read(body) == (
        'Lead\n'
        'New lead: Dana Reed\n'
        'Quality: Hot: names a service, a budget and a day\n'
        'Wants: ceramic tint, 2021 Tesla Model 3, budget 600\n'
        'Reply due: 14:30 CST, in 15 min\n'
        'E-mail: dana@example.com\n'
        'Phone: +15125550143\n'
        'Reference: L-1A2B3C4D · 4nJ1sA\n'
        'Location: Austin South\n'
        'Source: contact form\n'
        'Could you tint my car before Friday?'
    )
    assert (embed['url'], embed['timestamp']) == (LINK, '2026-11-21T20:15:00+00:00')
    assert body['allowed_mentions'] == {'parse': []}
    assert accepted(body)


@pytest.mark.parametrize(
    ('fields', 'subject'),
    [
        ({'event_type': 'lead.resubmitted'}, 'Lead'),
        ({'event_type': 'sla.warning', 'title': 'First reply is due soon'}, 'Status'),
        ({'event_type': 'sla.breached', 'title': 'First reply is late'}, 'Status'),
        ({'event_type': 'lead.assigned', 'title': 'Assigned'}, 'Status'),
        ({'event_type': 'alert.opened', 'title': 'Slack is paused', 'name': ''}, 'System alert'),
        ({'event_type': 'alert.closed', 'title': 'Over: Slack is paused', 'name': ''}, 'System alert'),
        ({'event_type': 'test', 'test': True}, 'Test'),
    ],
)
def test_lead_status_and_alert_are_told_apart(fields: dict[str, Any], subject: str) -> None:
    body = message(letter(**fields), NOW)
    assert body['embeds'][0]['author'] == {'name': subject}
    assert accepted(body)


def test_colours_follow_what_happened_and_otherwise_how_hot_it_is() -> None:
    def colour(**fields: Any) -> int:
        return int(message(letter(**fields), NOW)['embeds'][0]['color'])

    hot, warm, cold = (colour(quality=quality) for quality in ('hot', 'warm', 'cold'))
    assert len({hot, warm, cold, colour(quality='')}) == 4
    assert colour(event_type='sla.breached', quality='cold') == colour(event_type='alert.opened', quality='') == hot
    assert colour(event_type='sla.warning', quality='cold') == warm


def test_a_possible_duplicate_and_a_test_say_so_above_the_embed() -> None:
    assert message(letter(possible_duplicate=True, test=True), NOW)['content'].startswith('This is a test')
    assert 'Possible duplicate' in message(letter(possible_duplicate=True), NOW)['content']
    assert 'content' not in message(letter(), NOW)


def test_a_bare_letter_is_one_that_discord_takes() -> None:
    body = message(Letter(key='k', event_type='alert.opened', occurred_at=NOW, title='Alert'), NOW)
    assert read(body) == 'System alert\nAlert\nReference: k'
    assert accepted(body)


@pytest.mark.parametrize(
    'link', ['http://127.0.0.1:8080/leads/1', 'http://desk/leads/1', 'https://127.0.0.1/leads/1', 'https://localhost/1']
)
def test_a_link_discord_might_refuse_stands_in_the_text(link: str) -> None:
    body = message(letter(link=link), NOW)
    assert 'url' not in body['embeds'][0]
    assert body['embeds'][0]['description'].endswith(f'\n\nOpen in Leadkeeper: {link}')


@pytest.mark.parametrize('link', ['javascript:alert(1)', '', 'ftp://x.example/1'])
def test_what_is_no_link_is_left_out(link: str) -> None:
    body = message(letter(link=link), NOW)
    assert 'url' not in body['embeds'][0]
    assert 'Open in' not in body['embeds'][0]['description']


def test_long_words_are_cut_at_discords_limits_with_a_way_to_the_rest() -> None:
    for char in ('a', '*', '𝄞', '💥', 'ü', '\\'):
        long = char * 10_000
        for fields in (
            {'message': long},
            dict.fromkeys(('title', 'name', 'email', 'phone', 'message', 'wants', 'location', 'source'), long),
        ):
            body = message(letter(**fields), NOW)
            assert accepted(body), char
            assert body['embeds'][0]['description'].endswith(f'…\n[The rest is in Leadkeeper.]({LINK})')
            assert '4nJ1sA' in read(body)
    exact = message(letter(message='a' * 3000), NOW)
    assert exact['embeds'][0]['description'] == 'a' * 3000


def test_a_bracket_in_the_address_cannot_end_the_link_to_the_rest() -> None:
    body = message(letter(message='a' * 9000, link='https://desk.example.com/leads/(1)'), NOW)
    assert body['embeds'][0]['description'].endswith('(https://desk.example.com/leads/%281%29)')


def test_a_bot_writes_to_its_channel_and_a_webhook_asks_for_the_message() -> None:
    bot, hook = Wire(Answer(200, {}, '{"id":"42","content":"Dana"}')), Wire(Answer(200, {}, '{"id":"43"}'))
    assert Discord(BOT, bot).send(letter()).reference == '42'
    assert Discord(HOOK, hook).send(letter()).reference == '43'
    url, headers, body = bot.asked[0]
    assert url == 'https://discord.com/api/v10/channels/1300000000000000001/messages'
    assert headers['Authorization'] == f'Bot {TOKEN}'
    assert (body['nonce'], body['enforce_nonce']) == (letter().key, True)
    url, headers, body = hook.asked[0]
    assert url == 'https://discord.com/api/webhooks/1300000000000000000/a-very-secret-part?thread_id=5&wait=true'
    assert 'Authorization' not in headers
    assert 'nonce' not in body


@pytest.mark.parametrize('text', ['', 'ok', '{"id":', '[]', 'null', '{}', '[' * 50_000])
def test_a_good_status_without_a_message_is_taken_without_a_reference(text: str) -> None:
    assert Discord(HOOK, Wire(Answer(200, {}, text))).send(letter()).reference == ''


def test_the_words_of_the_visitor_are_not_kept_with_the_proof() -> None:
    proof = Discord(HOOK, Wire(Answer(200, {}, json.dumps({'id': '42', 'embeds': message(letter(), NOW)['embeds']})))).send(letter())
    assert proof.excerpt == 'message 42'


def test_a_nonce_is_never_longer_than_discord_takes_and_always_the_same() -> None:
    assert nonce('k' * 22) == 'k' * 22
    assert nonce('k' * 60) == nonce('k' * 60) != nonce('j' * 60)
    assert len(nonce('k' * 60)) == 25


def test_the_imitated_discord_forgets_a_nonce_after_minutes_and_never_sees_one_of_a_webhook() -> None:
    vendor = receiver({})
    first = Discord(BOT, vendor).send(letter())
    assert Discord(BOT, vendor).send(letter()).reference == first.reference
    clock.advance(NONCE_LASTS + timedelta(seconds=1))
    assert Discord(BOT, vendor).send(letter()).reference != first.reference
    hook = receiver({})
    assert len({Discord(HOOK, hook).send(letter()).reference for _ in range(2)}) == 2
    assert (len(vendor.messages), len(hook.messages)) == (2, 2)


def test_the_imitated_discord_refuses_what_discord_refuses() -> None:
    def code(body: Any) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return int(json.loads(receiver({})('x', headers=HEADERS, content=content).text).get('code', 0))

    field = {'name': 'n', 'value': 'v' * 1024}
    assert code({'embeds': [{'fields': [field] * 5}]}) == 0
    assert [code(body) for body in (b'{', {}, {'content': 'a' * 2001}, {'embeds': [{'title': 'a' * 257}]})] == [50109, 50006, 50035, 50035]
    assert code({'embeds': [{'description': 'a' * 4097}]}) == code({'embeds': [{'fields': [field] * 6}]}) == 50035
    assert code({'embeds': [{'fields': [{'name': '', 'value': 'v'}]}]}) == code({'embeds': [{'url': 'javascript:1'}]}) == 50035


@pytest.mark.parametrize(
    ('status', 'said', 'kind', 'words'),
    [
        (404, {'code': 10015, 'message': 'Unknown Webhook'}, Misconfigured, 'the webhook was deleted'),
        (404, {'code': 10003, 'message': 'Unknown Channel'}, Misconfigured, 'the channel no longer exists'),
        (403, {'code': 50001, 'message': 'Missing Access'}, Misconfigured, 'the bot may not see the channel'),
        (403, {'code': 50013, 'message': 'Missing Permissions'}, Misconfigured, 'the bot lacks a permission'),
        (401, {'code': 50027, 'message': 'Invalid Webhook Token'}, Misconfigured, 'the address of the webhook is not valid any more'),
        (401, {'code': 0, 'message': '401: Unauthorized'}, Misconfigured, '401: Unauthorized'),
        (400, {'code': 50006, 'message': 'Cannot send an empty message'}, Permanent, 'the message is empty'),
        (400, {'code': 50035, 'message': 'Invalid Form Body'}, Permanent, 'the layout of the message is not accepted'),
        (400, {'code': 200000, 'message': 'x'}, Permanent, "the server's filter blocks the message"),
        (400, {'code': 220001, 'message': 'x'}, Misconfigured, 'this is a forum'),
        (400, {'code': 50024, 'message': 'x'}, Misconfigured, 'choose a text channel'),
        (400, {'code': 987654, 'message': 'Something new'}, Permanent, r'Something new \(code 987654\)'),
        (400, {'code': [1], 'message': {'a': 1}}, Permanent, 'Bad Request'),
        (413, {}, Permanent, '413'),
        (429, {'retry_after': 0.65, 'global': False, 'message': 'You are being rate limited.'}, Throttled, 'tried again in 1 s'),
        (429, {'retry_after': 12.5}, Throttled, 'tried again in 12.5 s'),
        (429, {'retry_after': 1e12}, Throttled, 'tried again in 3600 s'),
        (429, {'retry_after': 'soon'}, Throttled, 'tried again in 10 s'),
        (429, {'retry_after': True}, Throttled, 'tried again in 10 s'),
        (500, {'message': '500: Internal Server Error', 'code': 0}, Temporary, '500'),
        (502, {}, Temporary, '502 Bad Gateway'),
        (503, {}, Throttled, '503'),
        (304, {}, Temporary, 'redirects are never followed'),
        (101, {}, Unknown, '101'),
    ],
)
def test_every_answer_has_its_class_and_its_words(status: int, said: dict[str, Any], kind: type[ProviderError], words: str) -> None:
    with pytest.raises(ProviderError, match=words) as caught:
        Discord(BOT, Wire(Answer(status, {}, json.dumps(said)))).send(letter())
    assert (type(caught.value), caught.value.status) == (kind, status)


@pytest.mark.parametrize(
    ('config', 'words'),
    [
        ({}, 'needs the field "url", a webhook address, or a bot token and a channel ID'),
        ({'channel': '1'}, 'needs the field "url"'),
        ({'token': TOKEN}, 'A bot needs the field "channel"'),
        ({'token': TOKEN, 'channel': '#leads'}, 'A bot needs the field "channel"'),
        ({'token': f'Bot {TOKEN}', 'channel': '1'}, 'without "Bot" before it'),
        ({'url': 'https://discord.com/channels/1/2'}, 'not the address of a webhook'),
        ({'url': 'https://127.0.0.1/api/webhooks/1/x'}, 'OUTBOUND_ALLOW'),
    ],
)
def test_a_wrong_configuration_is_refused_with_a_sentence_and_without_its_secret(config: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        check('discord', config, trusted=False)
    assert str(refused.value).endswith('.')
    assert TOKEN not in str(refused.value)
    assert getattr(refused.value, 'field', '') in ('url', 'token', 'channel')


def test_both_ways_may_be_configured_and_then_the_bot_is_used(http: Callable[..., Any]) -> None:
    for config in (HOOK, BOT, HOOK | BOT, {'url': 'simulated:'}, {'token': 'simulated:', 'channel': '1'}):
        assert check('discord', config, trusted=False) == {'url': True, 'token': True, 'channel': False}
    wire = Wire(Answer(204))
    Discord(HOOK | BOT, wire).send(letter())
    assert '/channels/' in wire.asked[0][0]
