"""The Slack bot: what its error words mean for the row, which message it names, and the button that is not there yet."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.base.events import Letter
from integrations.channels import slack_words
from integrations.channels.slack import message
from integrations.channels.slack_bot import TAKE, SlackBot, blocks
from integrations.errors import Misconfigured, Permanent, ProviderError, Temporary, Throttled, Unknown
from integrations.ports import Answer
from integrations.registry import CHANNELS, build, check, twin
from integrations.simulated.memory import Memory

NOW = datetime(2026, 11, 21, 20, 15, tzinfo=UTC)
CONFIG = {'token': 'xoxb-12-canary', 'channel': 'C0G9QF9GW', 'url': 'simulated:'}


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {'key': 'k', 'event_type': 'lead.created', 'occurred_at': NOW, 'title': 'New lead', 'data': {'leadId': '0197'}}
    return Letter(**{**given, **fields})


def memory() -> Memory:
    found = twin('slack_bot', CONFIG)
    assert isinstance(found, Memory)
    return found


def refused(answer: Answer) -> ProviderError:
    memory().fail(answer)
    with pytest.raises(ProviderError) as caught:
        build('slack_bot', CONFIG, None, trusted=True).send(letter())
    assert memory().taken() == []
    return caught.value


def said(word: str) -> Answer:
    return Answer(200, {}, json.dumps({'ok': False, 'error': word}))


WORDS = {
    **dict.fromkeys(sorted(slack_words.SLOWER), Throttled),
    **dict.fromkeys(slack_words.SIGN_IN, Misconfigured),
    **dict.fromkeys(slack_words.LATER, Temporary),
    **dict.fromkeys(sorted(slack_words.MAYBE), Unknown),
    **dict.fromkeys(slack_words.REFUSED, Permanent),
    'something_new': Permanent,
}


@pytest.mark.parametrize(('word', 'kind'), WORDS.items())
def test_every_word_with_a_good_status_has_its_class(word: str, kind: type[ProviderError]) -> None:
    trouble = refused(said(word))
    assert type(trouble) is kind
    assert word in trouble.detail
    assert trouble.status == 200


def test_the_words_stand_in_one_class_each_and_the_known_ones_are_explained() -> None:
    assert len(WORDS) == 1 + sum(
        map(len, (slack_words.SLOWER, slack_words.SIGN_IN, slack_words.LATER, slack_words.MAYBE, slack_words.REFUSED))
    )
    assert 'invite it there' in refused(said('not_in_channel')).detail
    assert 'resume this destination' in refused(said('token_revoked')).detail


def test_a_rate_limit_waits_as_long_as_it_says() -> None:
    for status in (200, 429):
        trouble = refused(Answer(status, {'retry-after': '30'}, '{"ok":false,"error":"ratelimited"}'))
        assert isinstance(trouble, Throttled) and trouble.retry_after == 30


@pytest.mark.parametrize('text', ['', 'ok', '{}', 'null', '[]', '{"ok":"yes"}', '<html>"ok": true</html>', '[' * 20_000, '{"ok"'])
def test_a_good_status_that_says_nothing_is_an_unknown_outcome(text: str) -> None:
    assert type(refused(Answer(200, {}, text))) is Unknown


def test_the_proof_names_the_message_also_when_the_answer_was_cut() -> None:
    bot = build('slack_bot', CONFIG, None, trusted=True)
    assert bot.send(letter()).reference == 'C0G9QF9GW:1795291200.000001'
    typed = json.dumps('"ok":false,"error":"x","ts":"1.1","channel":"evil"')
    whole = f'{{"ok": true, "channel": "C1", "ts": "1503435956.000247", "message": {{"text": {typed}, "blocks": [{"1," * 9000}'
    memory().fail(Answer(200, {}, whole[:20_000]))
    assert bot.send(letter()).reference == 'C1:1503435956.000247'
    memory().fail(Answer(200, {}, f'{{"message":{typed},"ok":true,"ts":"1503435956.000247","m":"'))
    assert bot.send(letter()).reference == 'C0G9QF9GW:1503435956.000247'


def test_the_message_is_the_webhooks_own_in_the_channel() -> None:
    build('slack_bot', CONFIG, None, trusted=True).send(letter(message='hello <!channel>'))
    sent = json.loads(memory().taken()[0])
    assert sent.pop('channel') == 'C0G9QF9GW'
    assert sent == message(letter(message='hello <!channel>'), NOW)


def test_the_button_is_ready_and_off() -> None:
    assert 'signing_secret' not in CHANNELS['slack_bot'].fields
    assert blocks(letter(), NOW, button=False) == message(letter(), NOW)
    vendor = CHANNELS['slack_bot'].twin(CONFIG)
    assert isinstance(vendor, Memory)
    SlackBot({**CONFIG, 'signing_secret': 's'}, vendor).send(letter())
    (press,) = json.loads(vendor.taken()[0])['blocks'][-1]['elements']
    assert (press['action_id'], press['value'], press['text']['text']) == (TAKE, '0197', 'I take it')
    for without in (letter(data={}), letter(test=True)):
        assert blocks(without, NOW, button=True) == message(without, NOW)


def test_what_is_wrong_is_refused_by_its_field_and_the_token_is_not_shown() -> None:
    for changed, field in (
        ({'token': 'hunter2'}, 'token'),
        ({'channel': 'a b'}, 'channel'),
        ({'channel': '@dana'}, 'channel'),
        ({'token': '', 'url': 'https://gateway.example'}, 'token'),
        ({'url': 'https://127.0.0.1'}, 'url'),
    ):
        config = {name: value for name, value in {**CONFIG, **changed}.items() if value}
        with pytest.raises(ValueError, match=r'\.$') as caught:
            check('slack_bot', config, trusted=False)
        assert getattr(caught.value, 'field', '') == field
        assert 'hunter2' not in str(caught.value)
    check('slack_bot', {**CONFIG, 'channel': '#leads'}, trusted=False)


def test_the_imitated_workspace_refuses_what_slack_refuses() -> None:
    vendor = CHANNELS['slack_bot'].twin(CONFIG)
    assert isinstance(vendor, Memory)
    good = {'authorization': f'Bearer {CONFIG["token"]}', 'content-type': 'application/json'}

    def answer(body: Any, **headers: str) -> str:
        content = json.dumps(body).encode()
        return str(json.loads(vendor('x', headers={**good, **headers}, content=content).text).get('error', 'ok'))

    fine = {'channel': CONFIG['channel'], 'text': 'hi'}
    assert answer(fine) == 'ok'
    assert answer(fine, authorization='') == 'not_authed'
    assert answer(fine, authorization='Bearer xoxb-other') == 'invalid_auth'
    assert answer({**fine, 'channel': 'C9'}) == 'channel_not_found'
    assert answer({'channel': CONFIG['channel']}) == 'no_text'
    assert answer({**fine, 'blocks': [{'type': 'actions', 'elements': []}]}) == 'invalid_blocks'
    assert answer([]) == 'invalid_json'
