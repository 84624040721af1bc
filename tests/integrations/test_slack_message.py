"""What a person reads in Slack, and what nothing a visitor typed can become there."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.base.events import Letter
from integrations.channels.slack import HEADERS, message
from integrations.channels.wording import clean, due, headline, span
from integrations.simulated.slack import mentions, receiver

NOW = datetime(2026, 11, 21, 20, 15, tzinfo=UTC)


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': 'AZqx3k0fVt2b7QmT4nJ1sA',
        'event_type': 'lead.created',
        'occurred_at': NOW,
        'title': 'New lead',
        'name': 'Dana Reed',
        'email': 'dana@example.com',
        'phone': '+15125550143',
        'message': 'Could you tint my car before Friday?',
        'wants': 'ceramic tint, 2021 Tesla Model 3, budget 600',
        'quality': 'hot',
        'quality_reason': 'names a service, a budget and a day',
        'due_at': NOW + timedelta(minutes=15),
        'location': 'Austin South',
        'time_zone': 'America/Chicago',
        'source': 'contact form',
        'link': 'https://desk.example.com/leads/0197-abc',
        'reference': 'L-1A2B3C4D',
    }
    return Letter(**{**given, **fields})


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(part)


def shown(body: dict[str, Any]) -> str:
    """All words of the blocks, as Slack shows them."""
    texts = [block['text']['text'] if 'text' in block else '\n'.join(e['text'] for e in block['elements']) for block in body['blocks']]
    return html.unescape('\n'.join(texts))


def accepted(body: dict[str, Any]) -> bool:
    vendor = receiver({})
    return vendor('https://hooks.slack.com/x', headers=HEADERS, content=json.dumps(body).encode()).status == 200


def test_the_message_says_who_what_how_hot_why_when_and_where_to_click() -> None:
    body = message(letter(), NOW)
    for text in (body['text'], shown(body)):
        for words in (
            'New lead: Dana Reed',
            'Hot: names a service, a budget and a day',
            'Wants: ceramic tint, 2021 Tesla Model 3, budget 600',
            'Reply due 14:30 CST, in 15 min',
            'E-mail: dana@example.com',
            'Phone: +15125550143',
            'Could you tint my car before Friday?',
            'Location: Austin South',
            'Source: contact form',
            'Reference: L-1A2B3C4D · 4nJ1sA',
        ):
            assert words in text
        assert text.count('https://desk.example.com/leads/0197-abc') == 1
    assert 'duplicate' not in body['text']
    assert accepted(body)


def test_a_possible_duplicate_and_a_test_say_so_first() -> None:
    body = message(letter(possible_duplicate=True, test=True), NOW)
    for text in (body['text'], body['blocks'][1]['text']['text']):
        assert re.search('This is a test.*\nPossible duplicate: .*\n.*Hot:', text)


def test_a_bare_letter_has_no_empty_lines_or_blocks() -> None:
    bare = Letter(key='k', event_type='alert.opened', occurred_at=NOW, title='Alert')
    body = message(bare, NOW)
    assert body['text'] == 'Alert\nReference: k'
    assert [block['type'] for block in body['blocks']] == ['header', 'context']
    assert accepted(body)


@pytest.mark.parametrize(
    ('minutes', 'zone', 'words'),
    [
        (15, 'America/Chicago', '14:30 CST, in 15 min'),
        (15, 'Europe/Berlin', '21:30 CET, in 15 min'),
        (15, 'Mars/Olympus', '20:30 UTC, in 15 min'),
        (15, '../../etc/passwd', '20:30 UTC, in 15 min'),
        (15, '', '20:30 UTC, in 15 min'),
        (200, 'America/Chicago', '17:35 CST, in 3 h 20 min'),
        (600, 'America/Chicago', 'Sun 22 Nov 00:15 CST, in 10 h'),
        (4 * 1440 + 60, 'UTC', 'Wed 25 Nov 21:15 UTC, in 4 d 1 h'),
        (0.2, 'UTC', '20:15 UTC, in less than 1 min'),
        (-12, 'America/Chicago', '14:03 CST, 12 min ago'),
        (-1500, 'America/Chicago', 'Fri 20 Nov 13:15 CST, 1 d 1 h ago'),
    ],
)
def test_when_a_reply_is_due_on_the_clocks_of_the_location(minutes: float, zone: str, words: str) -> None:
    assert due(NOW + timedelta(minutes=minutes), zone, NOW) == words


def test_lengths_of_time() -> None:
    assert [span(timedelta(minutes=m)) for m in (0, 1, 59.6, 60, 61, 1440, 1441)] == [
        'less than 1 min',
        '1 min',
        '1 h',
        '1 h',
        '1 h 1 min',
        '1 d',
        '1 d',
    ]


@pytest.mark.parametrize(
    'typed',
    [
        '<!channel>',
        '<!here|here>',
        '<!everyone>',
        '<@U012AB3CD>',
        '<#C012AB3CD|general>',
        '<!subteam^S012>',
        '<!date^1392734382^{date}|x>',
        '<http://evil.example|https://bank.example>',
        '<mailto:a@b.example|x>',
        '&lt;!channel&gt;',
        '*bold* _it_ ~no~ `code` ```block``` > quote',
        ':fire: @channel #general',
        '<script>alert(1)</script>',
        '"}]}{"text":"<!channel>',
    ],
)
def test_nothing_typed_has_a_meaning_in_slack_in_any_field(typed: str) -> None:
    fields = ('title', 'name', 'email', 'phone', 'message', 'wants', 'quality_reason', 'location', 'source', 'reference')
    body = message(letter(**dict.fromkeys(fields, typed)), NOW)
    assert [found for text in strings(body) for found in mentions(text)] == []
    assert typed in shown(body)  # and every word is there to read
    assert typed in html.unescape(body['text'])
    assert body['mrkdwn'] is False
    rich = [block for block in body['blocks'] if block.get('text', {}).get('type') == 'mrkdwn']
    assert rich == [{'type': 'section', 'text': {'type': 'mrkdwn', 'text': f'<{letter().link}|Open in Leadkeeper>', 'verbatim': True}}]
    assert accepted(body)


@pytest.mark.parametrize(
    'link',
    ['javascript:alert(1)', 'https://desk.example.com/a|b> <!channel>', 'https://desk.example.com/?a=1&b=<@U1>', 'https://x/\n<!here>', ''],
)
def test_the_link_cannot_be_left(link: str) -> None:
    body = message(letter(link=link), NOW)
    assert [found for text in strings(body) for found in mentions(text)] == []
    assert 'javascript' not in json.dumps(body)
    assert accepted(body)


def test_long_and_wide_words_are_cut_at_slacks_limits() -> None:
    for char in ('a', '&', '<', '𝄞', '💥', 'ü', '﷽'):
        long = char * 10_000
        body = message(letter(name=long, message=long, wants=long, location=long, source=long, reference=long), NOW)
        assert accepted(body)
        assert len(body['text']) < 17_000
        assert len(json.dumps(body, ensure_ascii=False).encode()) < 100_000
        for words in ('Reply due 14:30 CST, in 15 min', 'Phone: +15125550143', '4nJ1sA'):
            assert words in shown(body)  # one long fact costs no other one
            assert words in body['text']
        assert shown(body).count('…') >= 2
        assert not re.search(r'&[a-z]*…', json.dumps(body, ensure_ascii=False))  # no entity is halved
        assert 'https://desk.example.com/leads/0197-abc' in body['text']


def test_control_characters_line_breaks_and_half_characters_are_gone() -> None:
    body = message(letter(name='Da\x00na\r\nRe\x1b[31med\u2028x', message='a\x07b\r\nc\td\ud800e\x85f', wants='a\nb'), NOW)
    text = shown(body)
    assert 'New lead: Dana Re[31med x' in text
    assert 'ab\nc d?ef' in text
    assert 'Wants: a b' in text
    assert not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]', ''.join(strings(body)))


@pytest.mark.parametrize('invisible', ['', ' ', '\u200b', '\u2060\ufeff', '\u00a0 \u3000', '\n\n', '\x00'])
def test_invisible_words_make_no_block_that_slack_would_refuse(invisible: str) -> None:
    body = message(letter(name=invisible, message=invisible, wants=invisible), NOW)
    assert headline(letter(name=invisible)) == 'New lead'
    assert not any('Could' in text or 'Wants' in text for text in strings(body))
    assert accepted(body)


def test_naughty_strings_stay_text(naughty: list[str]) -> None:
    for typed in naughty:
        body = message(letter(name=typed, message=typed, wants=typed, source=typed), NOW)
        assert accepted(body), typed
        assert [found for text in strings(body) for found in mentions(text)] == [], typed
        assert clean(typed).strip() in shown(body), typed


def test_the_title_is_not_said_twice() -> None:
    assert headline(letter(title='Dana Reed wrote again')) == 'Dana Reed wrote again'
