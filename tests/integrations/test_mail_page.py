"""The page of a notification: every word is there, nothing typed becomes markup, and what leads somewhere leads there."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from domain.base.events import Letter
from integrations.channels.mail_page import page
from integrations.channels.mail_style import CHIPS, PAGE
from integrations.channels.wording import clean

NOW = datetime(2026, 11, 21, 20, 15, tzinfo=UTC)
LINK = 'https://desk.example.com/leads/0197'


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': 'AZqx3k0fVt2b7QmT4nJ1sA',
        'event_type': 'lead.created',
        'occurred_at': NOW,
        'title': 'New lead',
        'name': 'Dana Reed',
        'email': 'dana@example.com',
        'phone': '+1 512 555 0143',
        'message': 'Could you tint my car?\nBefore Friday.',
        'wants': 'ceramic tint',
        'quality': 'hot',
        'quality_reason': 'names a day',
        'due_at': NOW + timedelta(minutes=15),
        'location': 'Austin South',
        'time_zone': 'America/Chicago',
        'source': 'contact form',
        'link': LINK,
        'reference': 'L-1A2B3C4D',
    }
    return Letter(**{**given, **fields})


class Read(HTMLParser):
    """The words, the links and the elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.tags = '', [], set[str]()
        self._head = True
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._head = self._head and tag != 'body'
        self.words += '\n' if tag in ('br', 'p', 'div', 'h1', 'tr', 'td') else ''
        self.links += [value for name, value in attrs if name in ('href', 'src', 'action') and value]
        assert not [name for name, _ in attrs if name.startswith('on')]

    def handle_data(self, data: str) -> None:
        if not self._head:
            self.words += data


PLAIN_TAGS = Read(page(letter(), NOW, 8000)).tags


def test_the_page_says_what_the_text_says_and_leads_to_the_lead_a_call_and_a_letter() -> None:
    read = Read(page(letter(), NOW, 8000))
    for words in (
        'New lead: Dana Reed',
        'Hot names a day',
        'Reply due 14:30 CST, in 15 min',
        'Could you tint my car?',
        'Before Friday.',
        'ceramic tint',
        'Austin South',
        'contact form',
        'Reference: L-1A2B3C4D · 4nJ1sA',
    ):
        assert words in read.words
    assert read.links == ['mailto:dana@example.com', 'tel:+15125550143', LINK]
    assert 'img' not in read.tags and 'script' not in read.tags


def test_a_bare_letter_has_no_empty_parts() -> None:
    html = page(Letter(key='k', event_type='alert.opened', occurred_at=NOW, title='Sales is paused'), NOW, 8000)
    assert not re.search(r'<(p|h1|div class="words"|span)[^>]*>\s*</', html)
    assert Read(html).links == []


def test_a_mark_stands_before_the_headline() -> None:
    read = Read(page(letter(test=True, possible_duplicate=True), NOW, 8000))
    assert re.search('This is a test.*Possible duplicate.*New lead: Dana', read.words, re.DOTALL)


@pytest.mark.parametrize(
    'typed',
    [
        '<script>alert(1)</script>',
        '<img src=x onerror=alert(1)>',
        '"><a href="https://evil.example">x</a>',
        "' onmouseover='alert(1)",
        '</style></head><h1>x</h1>',
        '$title $$ ${words}',
        '&lt;b&gt; &amp;',
        'javascript:alert(1)',
        '<!--',
        ']]>',
    ],
)
def test_nothing_typed_becomes_markup_in_any_field(typed: str) -> None:
    fields = ('title', 'name', 'email', 'phone', 'message', 'wants', 'quality', 'quality_reason', 'location', 'source', 'reference')
    read = Read(page(letter(**dict.fromkeys(fields, typed)), NOW, 8000))
    assert read.tags <= PLAIN_TAGS
    assert read.links == [LINK]
    assert read.words.count(typed) >= 8


@pytest.mark.parametrize('link', ['javascript:alert(1)', 'https://x/"><script>', 'data:text/html,x', '', 'https://x/\n<b>'])
def test_the_button_leads_only_to_a_web_address(link: str) -> None:
    read = Read(page(letter(link=link), NOW, 8000))
    assert all(each.startswith(('mailto:', 'tel:', 'https://x/')) and not re.search(r'[<>"\s]', each) for each in read.links)
    assert read.tags <= PLAIN_TAGS


def test_a_long_message_is_cut_with_a_word_about_the_rest() -> None:
    html = page(letter(message='tint ' * 4000), NOW, 8000)
    assert 'The whole message is in Leadkeeper.' in html
    assert len(html) < 20_000
    assert 'The whole message' not in page(letter(), NOW, 8000)


def test_naughty_strings_are_words_and_nothing_else(naughty: list[str]) -> None:
    for typed in naughty:
        read = Read(page(letter(name=typed, message=typed, wants=typed, email=typed), NOW, 8000))
        assert read.tags <= PLAIN_TAGS, typed
        assert clean(typed).strip() in read.words.replace('\n\n', '\n'), typed


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colours(css: str, selector: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for names, rules in re.findall(r'^ *([^{}\n]+) \{ ([^{}]*) \}$', css, re.MULTILINE):
        if selector in [name.strip() for name in names.split(',')]:
            found |= dict(re.findall(r'(?<![-\w])(color|background): (#[0-9a-f]{6})', rules))
    return found


@pytest.mark.parametrize('dark', [False, True], ids=['light', 'dark'])
def test_every_text_can_be_read_on_its_ground(dark: bool) -> None:
    light, _, darker = PAGE.template.partition('@media (prefers-color-scheme: dark)')
    css = darker if dark else light
    card, ground = colours(css, '.card')['background'], colours(css, '.ground')['background']
    pairs = {
        **{name: (colours(css, name)['color'], card) for name in ('h1', 'td', 'th', '.quality', '.more', '.soon', 'a')},
        **{name: (colours(css, name)['color'], colours(css, name)['background']) for name in ('.words', '.mark', 'a.button')},
        '.origin': (colours(css, '.origin')['color'], ground),
        **{name: tuple(re.findall('#[0-9a-f]{6}', style)) for name, style in CHIPS.items()},
    }
    assert {name: contrast(*pair) for name, pair in pairs.items() if contrast(*pair) < 4.5} == {}
