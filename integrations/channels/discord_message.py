"""What Discord shows of a letter: one embed, in which nothing a visitor typed has a meaning of its own."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from string import punctuation
from typing import Any

from domain.base.events import EventType, Letter
from integrations.channels.wording import OPEN, REST, clean, fact_pairs, fit, headline, marks, origin_pairs, public_link, units, web_link

# Discord's limits, counted as it gets the text: with all backslashes.
TITLE_LIMIT = 256
DESCRIPTION_LIMIT = 4096
WHOLE_LIMIT = 6000  # of all texts of an embed together
VALUE_LIMIT = 400  # of 1024: no long fact may push the visitor's words out of the whole

# Colours as numbers, as Discord wants them; the words say the same.
_RED, _AMBER, _GREEN, _BLUE, _GREY = 0xC0362C, 0xB7791F, 0x2F7D4F, 0x2F5FA8, 0x6B7280
_QUALITIES: Mapping[str, int] = {'hot': _RED, 'warm': _AMBER, 'cold': _BLUE}
_EVENTS: Mapping[str, int] = {
    EventType.SLA_WARNING: _AMBER,
    EventType.SLA_BREACHED: _RED,
    EventType.ALERT_OPENED: _RED,
    EventType.ALERT_CLOSED: _GREEN,
    EventType.MESSAGE_SENT: _GREEN,
    EventType.LEAD_ASSIGNED: _BLUE,
    EventType.LEAD_STATUS_CHANGED: _GREY,
    EventType.LEAD_MERGED: _GREY,
}
_LEADS: tuple[str, ...] = (EventType.LEAD_CREATED, EventType.LEAD_RESUBMITTED)


def message(letter: Letter, now: datetime) -> dict[str, Any]:
    """The JSON body: an embed with a title that leads to the lead, the visitor's words, and the facts as fields; it can ping nobody."""
    title = escape(headline(letter), TITLE_LIMIT)
    author = _subject(letter)
    fields = [_field(label, value) for label, value in (*fact_pairs(letter, now), *origin_pairs(letter))]
    used = units(title) + units(author) + sum(units(field['name']) + units(field['value']) for field in fields)
    embed: dict[str, Any] = {
        'author': {'name': author},
        'title': title,
        'color': _EVENTS.get(letter.event_type) or _QUALITIES.get(letter.quality, _GREY),
        'timestamp': letter.occurred_at.astimezone(UTC).isoformat(),
        'fields': fields,
    }
    if link := public_link(letter.link):
        embed['url'] = link
    if description := _description(letter, min(DESCRIPTION_LIMIT, WHOLE_LIMIT - used)):
        embed['description'] = description
    body: dict[str, Any] = {'embeds': [embed], 'allowed_mentions': {'parse': []}}
    return {'content': '\n'.join(first), **body} if (first := marks(letter)) else body


def escape(text: str, limit: int) -> str:
    """The text as Discord's Markdown shows it unchanged, cut to `limit` UTF-16 units without leaving half an escape behind.

    A backslash before any ASCII punctuation takes its meaning away: of Markdown, mentions, emoji, timestamps, masked links and of bare
    addresses, which become no link because their colon, slashes and dots no longer stand together.
    """
    return fit(_pieces(text), limit)[0]


def _pieces(text: str) -> Iterator[str]:
    return (f'\\{char}' if char in punctuation else char for char in text)


def _subject(letter: Letter) -> str:
    """What kind of message it is, above the title."""
    if letter.test:
        return 'Test'
    if letter.event_type.startswith('alert.'):
        return 'System alert'
    return 'Lead' if letter.event_type in _LEADS else 'Status'


def _field(label: str, value: str) -> dict[str, Any]:
    return {'name': label, 'value': escape(value, VALUE_LIMIT), 'inline': len(value) <= 40}


def _description(letter: Letter, limit: int) -> str:
    """The visitor's words; where they are too long, a way to the rest; and the link itself where a title cannot carry it."""
    link, words = web_link(letter.link), clean(letter.message).strip()
    below = f'{OPEN}: {link}' if link and not public_link(letter.link) else ''
    room = limit - units(below) - 2
    whole, cut = fit(_pieces(words), room)
    if cut:
        # A bracket in the address would end the masked link early.
        way = f'[{REST}]({link.replace("(", "%28").replace(")", "%29")})' if link and not below else REST
        whole = f'{escape(words, room - units(way) - 1)}\n{way}'
    return '\n\n'.join(part for part in (whole, below) if part)
