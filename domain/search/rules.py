"""Laws of search, pure: how text becomes tokens, how a question becomes conditions, and where in a text the words stand.

Both engines store and compare these tokens to the letter, so that they agree. A token that begins with a sign says what it is:
`=ada` a word of the name, `+5550142` digits of the phone from some digit to the last, `!0a1b2c3d` the reference, `#…` the tenant,
`@…` the location.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

WORD_MOST = 64  # characters of a token that count
TERMS_MOST = 12  # conditions of one question
_EPOCH = 1_577_836_800_000  # 2020 in milliseconds: the number lasts until 2089
DIGITS_LEAST = 4  # a run of digits this long may be part of a phone number

# Scripts written without spaces: each sign is a word, and a question of several is a phrase.
_CJK = '\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff'
_TOKEN = re.compile(rf'[{_CJK}]|[^\W_{_CJK}]+')
_SEEN = re.compile(rf'[{_CJK}]|[^\W_{_CJK}][\u0300-\u036f]*(?:[^\W_{_CJK}][\u0300-\u036f]*)*')
_PIECE = re.compile(r'"([^"]*)"?|(\+?[\d(][\d\s().\-/]*\d)(?![^\W_])|([^\s"]+)')
_REFERENCE = re.compile(r'(?:l-)?([0-9a-f]{8})', re.IGNORECASE)
_LETTERS = str.maketrans({'ø': 'o', 'Ø': 'o', 'ł': 'l', 'Ł': 'l', 'đ': 'd', 'Đ': 'd', 'æ': 'ae', 'Æ': 'ae', 'œ': 'oe', 'Œ': 'oe', 'ı': 'i'})


class Phrase(NamedTuple):
    """Tokens that stand side by side; with `open_end` the last one may go on."""

    tokens: tuple[str, ...]
    open_end: bool = False


Term = tuple[Phrase, ...]  # one of these must hold


@dataclass(frozen=True, slots=True)
class Question:
    """All terms must hold. `named` asks for the name alone and is None where no name can answer."""

    terms: tuple[Term, ...]
    named: tuple[Term, ...] | None
    reference: str | None
    phrases: tuple[Phrase, ...]  # what to mark in a text

    @property
    def empty(self) -> bool:
        return not self.terms


def tokens(text: str) -> list[str]:
    """The words of a text, without marks and in lower case."""
    folded = unicodedata.normalize('NFKD', text.translate(_LETTERS)).casefold()
    if not folded.isascii():
        folded = ''.join(sign for sign in folded if unicodedata.category(sign) != 'Mn')
    return [word[:WORD_MOST] for word in _TOKEN.findall(folded)]


def spot(id_: UUID) -> int:
    """A number below 2**63 that orders by the time in a version 7 id: its milliseconds since 2020, then the finer part and some noise."""
    return (((id_.int >> 80) - _EPOCH & (1 << 41) - 1) << 22) | ((id_.int >> 64 & 0xFFF) << 10) | (id_.int >> 52 & 0x3FF)


def digits(text: str) -> str:
    """The decimal digits of a text, in ASCII."""
    return ''.join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())


def endings(number: str) -> list[str]:
    """Every run of digits that ends with the number's last: asked with an open end, they find any run within it."""
    return [f'+{number[start:]}' for start in range(len(number) - DIGITS_LEAST + 1)]


def document(
    *, tenant_id: UUID, location_id: UUID, reference: str, name: str, emails: Iterable[str], phones: Iterable[str], words: Iterable[str]
) -> tuple[str, ...]:
    """The tokens of one lead; `reference` without its L-, `words` newest first."""
    named = tokens(name)
    out = [f'#{tenant_id.hex}', f'@{location_id.hex}', f'!{reference.lower()}', *(f'={word}' for word in named)]
    for number in dict.fromkeys(digits(phone)[:32] for phone in phones):
        out += endings(number)
    out += named
    out += ['l', reference.lower()]
    for text in (*emails, *words):
        out += tokens(text)
    return tuple(out[:40_000])


def question(text: str) -> Question:
    """What a search text asks for: several words must all be there, the last one may go on, "…" is a phrase."""
    terms: list[Term] = []
    named: list[Term] | None = []
    phrases: list[Phrase] = []
    pieces = list(_PIECE.finditer(text[:200]))[:TERMS_MOST]
    for place, piece in enumerate(pieces):
        quoted, number, _ = piece.groups()
        found = tuple(tokens(quoted if quoted is not None else piece[0]))
        if not found:
            continue
        phrase = Phrase(found, open_end=quoted is None and place == len(pieces) - 1)
        phone = _phone(digits(number)) if number and quoted is None else ()
        terms.append((*_wide(phrase), *phone))
        phrases += (phrase, *phone)
        if named is not None:
            named += [(Phrase((f'={token}',), phrase.open_end and at == len(found) - 1), *phone) for at, token in enumerate(found)]
    reference = _REFERENCE.fullmatch(text.strip())
    return Question(tuple(terms), tuple(named) if named else None, reference[1].lower() if reference else None, tuple(phrases))


def _wide(phrase: Phrase) -> tuple[Phrase, ...]:
    """One letter would open the whole dictionary: among all words it counts as a word, in names it may go on."""
    last = phrase.tokens[-1]
    return (phrase._replace(open_end=False),) if phrase.open_end and len(last) == 1 and last.isascii() else (phrase,)


def _phone(number: str) -> tuple[Phrase, ...]:
    """As typed, and without the zeros one dials before it."""
    runs = dict.fromkeys((number, number.lstrip('0')))
    return tuple(Phrase((f'+{run}',), open_end=True) for run in runs if len(run) >= DIGITS_LEAST)


def spans(text: str, phrases: Sequence[Phrase]) -> list[tuple[int, int]]:
    """Where the words of the phrases stand in a text, as (start, end) in characters, from left to right."""
    found = []
    for seen in _SEEN.finditer(text):
        for token in tokens(seen[0]):
            if length := _matched(token, phrases):
                plain = len(token) == len(seen[0])
                found.append((seen.start(), seen.start() + length if plain else seen.end()))
                break
    return found


def phone_span(text: str, phrases: Sequence[Phrase]) -> tuple[int, int] | None:
    """Where in a phone number the digits of one of the phrases stand."""
    places = [place for place, sign in enumerate(text) if sign.isdecimal()]
    for phrase in phrases:
        if phrase.tokens[0].startswith('+') and (at := digits(text).find(phrase.tokens[0][1:])) >= 0:
            return places[at], places[at + len(phrase.tokens[0]) - 2] + 1
    return None


def _matched(token: str, phrases: Sequence[Phrase]) -> int:
    for phrase in phrases:
        for place, wanted in enumerate(phrase.tokens):
            if token == wanted or (phrase.open_end and place == len(phrase.tokens) - 1 and token.startswith(wanted)):
                return len(wanted)
    return 0


def excerpt(text: str, marks: Sequence[tuple[int, int]], *, before: int = 28, length: int = 110) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One line of the text around the first mark, with the marks that stand in it; line breaks become spaces."""
    line = re.sub(r'\s', ' ', text)
    start = max(0, marks[0][0] - before)
    if start:
        start = line.rfind(' ', 0, start) + 1 if line.rfind(' ', 0, start) >= start - 20 else start
    end = min(len(line), start + length)
    head, tail = ('…' if start else ''), ('…' if end < len(line) else '')
    moved = tuple((at - start + len(head), min(to, end) - start + len(head)) for at, to in marks if at >= start and at < end)
    return head + line[start:end] + tail, moved
