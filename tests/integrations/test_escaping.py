"""What visitors type stays what it is, in every field and on every channel: no mention, no markup, no header, and no word lost."""

import html
import json
from collections.abc import Iterator
from email.headerregistry import Address
from typing import Any

import pytest

from domain.base.events import Letter
from integrations.channels import discord_message, email, slack, telegram, telegram_message
from integrations.channels.discord import HEADERS as DISCORD_HEADERS
from integrations.channels.wording import REST, clean, fit, public_link, units, web_link
from integrations.simulated.discord import acts, shown
from integrations.simulated.discord import receiver as discord_receiver
from integrations.simulated.slack import mentions
from integrations.simulated.slack import receiver as slack_receiver
from integrations.simulated.telegram import found
from integrations.simulated.telegram import receiver as telegram_receiver
from tests.integrations.letters import LINK, NOW, TYPED, letter

HOSTILE = [
    '<!channel>',
    '<!here|here> <@U012AB3CD> <#C012AB3CD|general>',
    '@everyone @here',
    '<@1> <@!1> <@&1> <#1> <:smile:1> <a:x:1> <t:1700000000:R> </ban:1> <id:customize>',
    '@dave_sales #urgent $TSLA /start@desk_bot',
    '*bold* _it_ __u__ ~~no~~ ||spoiler|| `code` ```block``` > quote',
    '# Heading\n## Heading\n-# small\n- list\n1. list\n>>> quote',
    '[your bank](https://evil.example/login) <http://evil.example|https://bank.example>',
    'https://evil.example/a_b discord.gg/abc evil.com +1 555 014 2000 a@b.example',
    '<b>bold</b> <a href="tg://user?id=1">x</a> <script>alert(1)</script> &lt;b&gt; &amp;',
    '\\*not escaped\\* \\\\ \\@everyone',
    '"}],"allowed_mentions":{"parse":["everyone"]},"x":[{"y":"',
    '¯\\_(ツ)_/¯ :fire: :smile:',
]


def typed_everywhere(typed: str) -> Letter:
    return letter(**dict.fromkeys(TYPED, typed))


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(part)


def flat(text: str) -> str:
    return ' '.join(clean(text).split())


def in_slack(each: Letter) -> str:
    body = slack.message(each, NOW)
    assert slack_receiver({})('x', headers=slack.HEADERS, content=json.dumps(body).encode()).status == 200
    assert [meant for text in strings(body) for meant in mentions(text)] == []
    return html.unescape(' '.join(strings(body)))


def in_discord(each: Letter) -> str:
    body = discord_message.message(each, NOW)
    assert discord_receiver({})('x', headers=DISCORD_HEADERS, content=json.dumps(body).encode()).status == 200
    assert body['allowed_mentions'] == {'parse': []}
    (embed,) = body['embeds']
    ours = f'[{REST}]({LINK})'
    texts = [embed['title'], embed.get('description', '').removesuffix(ours), *(each['value'] for each in embed['fields'])]
    assert [meant for text in texts for meant in acts(text)] == []
    return shown(' '.join(texts))


def in_telegram(each: Letter) -> str:
    body: dict[str, Any] = telegram_message.message(each, NOW)
    content = json.dumps({'chat_id': 1, **body}).encode()
    assert telegram_receiver({})('x', headers=telegram.HEADERS, content=content).status == 200
    assert 'parse_mode' not in body
    assert found(body) == []
    return str(body['text'])


def in_mail(each: Letter) -> str:
    mail = email.message(each, Address('Desk', 'desk', 'northside.example'), [Address('', 'sales', 'northside.example')])
    plain, page = mail.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ('text/plain', 'text/html'), 'test_mail_page.py looks at the page'
    names = {name for name, _ in mail.items()}
    assert len(names) == len(mail), 'no header is there twice'
    assert not names & {'Bcc', 'X-Evil'}
    assert not any(char in str(value) for value in mail.values() for char in '\r\n')
    return str(plain.get_content())


CHANNELS = [in_slack, in_discord, in_telegram, in_mail]


@pytest.mark.parametrize('channel', CHANNELS)
@pytest.mark.parametrize('typed', HOSTILE)
def test_nothing_typed_has_a_meaning_and_every_word_is_there(channel: Any, typed: str) -> None:
    assert flat(typed) in flat(channel(typed_everywhere(typed)))


@pytest.mark.parametrize('channel', CHANNELS)
def test_line_breaks_and_control_characters_begin_nothing_new(channel: Any) -> None:
    typed = 'Da\x00na\r\nBcc: all@example.com\r\n\r\nX-Evil: 1\x1b[31m\u2028x\ud800'
    text = channel(typed_everywhere(typed))
    assert 'Dana Bcc: all@example.com X-Evil: 1[31m x?' in text
    assert not any(ord(char) < 32 and char != '\n' for char in text)


@pytest.mark.parametrize('channel', CHANNELS)
def test_over_long_text_in_every_field_still_goes_through(channel: Any) -> None:
    for char in ('a', '*', '<', '&', '@', '💥', '﷽', '\\'):
        text = channel(typed_everywhere(char * 20_000))
        assert '…' in text
        assert '4nJ1sA' in text, 'what names the lead is never pushed out'


@pytest.mark.parametrize('channel', CHANNELS)
def test_naughty_strings_stay_text(channel: Any, naughty: list[str]) -> None:
    for typed in naughty:
        text = channel(letter(name=typed, message=typed, wants=typed, source=typed))
        assert flat(typed) in flat(text), typed


def test_the_imitated_receivers_see_what_would_be_acted_on() -> None:
    """The nets of the tests above have no holes of their own."""
    for typed in HOSTILE[:4]:
        assert mentions(typed) or '@everyone' in typed
    for typed in (
        '@everyone',
        '<@1>',
        '*b*',
        '# H',
        '[a](https://b.example)',
        'https://b.example',
        '-# s',
        '1. x',
        ':fire:',
        'discord.gg/a',
        '||s||',
    ):
        assert acts(typed), typed
        assert acts(discord_message.escape(typed, 1000)) == [], typed
    for typed in ('@dave', '#urgent', '/start', 'evil.com', 'https://b.example', 'a@b.example', '+1 555 014 2000', '$TSLA'):
        assert found({'text': typed}), typed
        assert found({'text': typed, 'entities': [{'type': 'code', 'offset': 0, 'length': units(typed)}]}) == [], typed


def test_a_text_is_cut_between_pieces_and_counted_as_services_count() -> None:
    assert fit(['ab', '\\*', 'c'], 6) == ('ab\\*c', False)
    assert fit(['ab', '\\*', 'c'], 4) == ('ab…', True)
    assert fit('💥💥💥', 6) == ('💥💥…', True)
    assert (units('a💥'), units('')) == (3, 0)


@pytest.mark.parametrize(
    ('link', 'web', 'public'),
    [
        ('https://desk.example.com/leads/1', True, True),
        ('https://desk.example.com:8443/leads/1', True, True),
        ('http://desk.example.com/leads/1', True, False),
        ('https://localhost/1', True, False),
        ('https://10.0.0.5/1', True, False),
        ('https://[::1]/1', True, False),
        ('https://[::1/1', True, False),
        ('https://me:secret@desk.example.com/1', True, False),
        ('https://desk..example.com/1', True, False),
        ('javascript:alert(1)', False, False),
        ('', False, False),
    ],
)
def test_which_links_may_be_buttons(link: str, web: bool, public: bool) -> None:
    assert (bool(web_link(link)), bool(public_link(link))) == (web, public)
    assert web_link('https://x.example/\n<!here>|"') == 'https://x.example/%0A%3C!here%3E%7C%22'
