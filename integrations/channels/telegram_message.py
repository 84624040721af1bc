"""What Telegram shows of a letter: a text with entities, in which nothing a visitor typed has a meaning of its own."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.base.events import Letter
from integrations.channels.wording import (
    DUE,
    OPEN,
    REST,
    clean,
    fact_pairs,
    fit,
    headline,
    marks,
    one_line,
    origin_pairs,
    public_link,
    units,
    web_link,
)

TEXT_LIMIT = 4096  # UTF-16 units
_OWN_WORDS = re.compile(r'[A-Za-z ]+')
_BETWEEN = 4  # line breaks around the visitor's words
_LINK_LIMIT = 500
_VALUE_LIMIT = 300  # UTF-16 units of one fact: no long one may push the visitor's words out


@dataclass(slots=True)
class Text:
    """A text that grows, and the entities in it, which Telegram counts in UTF-16 units.

    Entities, not HTML or MarkdownV2: with no parse mode nothing in the text is ever read as markup, so there is nothing to escape and
    nothing to forget. Yet Telegram still makes links of what looks like a name, address, number, hashtag or command, and a name with @
    tells its owner. Only inside `code` and `pre` it finds none of these: all that others typed goes there, character by character.
    """

    text: str = ''
    entities: list[dict[str, Any]] = field(default_factory=list)

    def say(self, text: str, kind: str = '', **more: str) -> None:
        """Add our own words, as an entity of this kind if one is named."""
        if kind and text:
            self.entities.append({'type': kind, 'offset': units(self.text), 'length': units(text), **more})
        self.text += text

    def quote(self, text: str, kind: str = 'code') -> None:
        """Add what others typed."""
        self.say(text, kind)

    def fact(self, value: str) -> None:
        """Add what others typed, cut to the length of a fact."""
        self.quote(fit(value, _VALUE_LIMIT)[0])

    def add(self, other: 'Text') -> None:
        """Add another text with its entities."""
        start = units(self.text)
        self.entities += [{**entity, 'offset': entity['offset'] + start} for entity in other.entities]
        self.text += other.text


def message(letter: Letter, now: datetime) -> dict[str, Any]:
    """The JSON body but for the chat: text and entities, no previews of links, and a button where Telegram takes the link for one."""
    link = public_link(letter.link)
    link = link if len(link) <= _LINK_LIMIT else ''
    above, below = _above(letter, now), _below(letter, link)
    words = clean(letter.message).strip()
    room = TEXT_LIMIT - units(above.text) - units(below.text) - _BETWEEN
    whole, cut = fit(words, room)
    if cut:
        whole, _ = fit(words, room - len(REST) - 1)
    text = above
    if whole:
        text.say('\n\n')
        text.quote(whole, 'pre')
    if cut:
        text.say('\n')
        text.say(REST, *(['text_link'] if link else []), **({'url': link} if link else {}))
    text.say('\n\n' if whole else '\n')
    text.add(below)
    body = {'text': text.text, 'entities': text.entities, 'link_preview_options': {'is_disabled': True}}
    return body | ({'reply_markup': {'inline_keyboard': [[{'text': OPEN, 'url': link}]]}} if link else {})


def _above(letter: Letter, now: datetime) -> Text:
    text = Text()
    title, name = one_line(letter.title), one_line(letter.name)
    head = headline(letter)
    if _OWN_WORDS.fullmatch(title) and head.startswith(title):
        text.say(title, 'bold')
        if name and head != title:
            text.say(': ')
            text.fact(head.removeprefix(f'{title}: '))
    else:
        text.fact(head)
    for mark in marks(letter):
        text.say(f'\n{mark}')
    for label, value in fact_pairs(letter, now):
        text.say(f'\n{label}: ')
        if label == DUE:
            text.say(value)
        else:
            text.fact(value)
    return text


def _below(letter: Letter, button: str) -> Text:
    text = Text()
    if not button and (link := web_link(letter.link)) and len(link) <= _LINK_LIMIT:
        text.say(f'{OPEN}: {link}\n')
    for number, (label, value) in enumerate(origin_pairs(letter)):
        text.say(f'{chr(10) if number else ""}{label}: ')
        text.fact(value)
    return text
