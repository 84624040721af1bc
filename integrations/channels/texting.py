"""A letter as a short text: one plain message of a few segments, cut so that the address of the lead is always there whole."""

from collections.abc import Callable
from datetime import datetime

from domain.base.events import Letter
from integrations.channels.wording import clean, due, headline, one_line

MOST_SEGMENTS = 3  # each is paid for
WHATSAPP_LIMIT = 1500  # UTF-16 units; Twilio takes 1,600
_HEAD_LIMIT = 70  # characters of the first line
_FACT_LIMIT = 60  # characters of any other fact

# GSM 03.38: what costs one of seven bits, and what costs two.
_BASIC = frozenset(
    '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
)
_DOUBLE = frozenset('^{}\\[~]|€')

# Marks that telephones and word processors make of plain ones: one of them would halve the room of the whole message.
_PLAIN = str.maketrans({
    '‘': "'", '’': "'", '‚': "'", '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '–': '-', '—': '-', '‑': '-', '−': '-',
    '…': '...', '·': '-', '•': '-', '\u00a0': ' ', '\u202f': ' ', '\u2009': ' ',
})  # fmt: skip


def sms(letter: Letter, now: datetime) -> str:
    """At most three segments, in seven bits where its characters allow it."""
    lines, words, link = _parts(letter, now)
    seven = _is_seven_bit('\n'.join([*lines, words, link]))
    return _fit(lines, words, link, MOST_SEGMENTS * (153 if seven else 67), _septets if seven else _units)


def whatsapp(letter: Letter, now: datetime) -> str:
    """The same words with more room: no segments are counted there."""
    return _fit(*_parts(letter, now), WHATSAPP_LIMIT, _units)


def segments(text: str) -> int:
    """How many parts a text is sent in, as the networks count them."""
    seven = _is_seven_bit(text)
    single, part = (160, 153) if seven else (70, 67)
    length = _septets(text) if seven else _units(text)
    return 1 if length <= single else -(-length // part)


def _parts(letter: Letter, now: datetime) -> tuple[list[str], str, str]:
    marks = [mark for mark, on in (('Test, nobody waits.', letter.test), ('Possible duplicate.', letter.possible_duplicate)) if on]
    quality = letter.quality.capitalize()
    reply = f'reply due {due(letter.due_at, letter.time_zone, now)}' if letter.due_at else ''
    state = ', '.join(part for part in (quality, reply) if part)
    facts = [state[:1].upper() + state[1:], letter.phone or letter.email, letter.wants]
    lines = [*marks, _line(headline(letter), _HEAD_LIMIT), *(_line(fact, _FACT_LIMIT) for fact in facts)]
    link = clean(letter.link).strip() if letter.link.startswith(('https://', 'http://')) else ''
    words = ' '.join(clean(letter.message).split()).translate(_PLAIN)
    return [line for line in lines if line], words, link


def _line(text: str, limit: int) -> str:
    line = one_line(text).translate(_PLAIN)
    return line if len(line) <= limit else f'{line[: limit - 3].rstrip()}...'


def _fit(lines: list[str], words: str, link: str, room: int, cost: Callable[[str], int]) -> str:
    """All of it within `room`: the message gives way first, then the facts from the end, the first line last, the link never."""
    end = [link] if link else []
    kept = list(lines)
    while len(kept) > 1 and cost('\n'.join([*kept, *end])) > room:
        kept.pop()
    if cost('\n'.join([*kept, *end])) > room:
        kept = [_cut(kept[0], room - cost('\n'.join(['', *end])), cost)]
    left = room - cost('\n'.join(['', *kept, *end]))
    return '\n'.join(part for part in (*kept, _cut(words, left, cost), *end) if part)


def _cut(text: str, room: int, cost: Callable[[str], int]) -> str:
    """The text, or as much of its beginning as there is room for with a mark of the cut; nothing where that says nothing."""
    if cost(text) <= room:
        return text
    left, kept = room - cost('...'), 0
    for char in text:
        left -= cost(char)
        if left < 0:
            break
        kept += 1
    return f'{text[:kept].rstrip()}...' if kept else ''


def _is_seven_bit(text: str) -> bool:
    return all(char in _BASIC or char in _DOUBLE for char in text)


def _septets(text: str) -> int:
    return len(text) + sum(char in _DOUBLE for char in text)


def _units(text: str) -> int:
    """UTF-16 units: what lies beyond the first plane counts two."""
    return len(text) + sum(char > '\uffff' for char in text)
