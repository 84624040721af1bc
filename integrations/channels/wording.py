"""What is worth reading in a letter, as plain lines: every chat channel shows these and only escapes them its own way."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from ipaddress import ip_address
from unicodedata import category
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from domain.base.events import Letter

DUPLICATE = 'Possible duplicate: an earlier try may have arrived already. Compare the reference.'
DUE = 'Reply due'
QUALITY = 'Quality'
LINE_LIMIT = 400  # characters of one fact: no long one may push the others over a channel's limit
REFERENCE_LIMIT = 60  # characters, so that the key beside it is never cut off
OPEN = 'Open in Leadkeeper'
REST = 'The rest is in Leadkeeper.'
TEST = 'This is a test. Nobody is waiting for a reply.'


def headline(letter: Letter) -> str:
    """Who it is about, after what happened, in one line."""
    title, name = _fact(letter.title) or 'Leadkeeper', _fact(letter.name)
    return title if not name or name in title else f'{title}: {name}'


def marks(letter: Letter) -> list[str]:
    """What must be read before anything else: that it is a test, or may be a second one."""
    return [mark for mark, on in ((TEST, letter.test), (DUPLICATE, letter.possible_duplicate)) if on]


def facts(letter: Letter, now: datetime) -> list[str]:
    """How hot and why, what they want, due when, and how to reach them: one line each, nothing empty."""
    bare = {QUALITY: '', DUE: f'{DUE} '}
    return [bare.get(label, f'{label}: ') + value for label, value in fact_pairs(letter, now)]


def fact_pairs(letter: Letter, now: datetime) -> list[tuple[str, str]]:
    """The same as label and value. The labels, and the value of DUE, are our own words; all other values may hold what a visitor typed."""
    quality, reason = _fact(letter.quality).capitalize(), _fact(letter.quality_reason)
    pairs = [
        (QUALITY, f'{quality}: {reason}' if quality and reason else quality or reason),
        ('Wants', _fact(letter.wants)),
        (DUE, due(letter.due_at, letter.time_zone, now) if letter.due_at else ''),
        ('E-mail', _fact(letter.email)),
        ('Phone', _fact(letter.phone)),
    ]
    return [(label, value) for label, value in pairs if value]


def origin(letter: Letter) -> list[str]:
    """Where it came in and how to name it: the reference is the same on every try, so that twins are recognised."""
    return [f'{label}: {value}' for label, value in origin_pairs(letter)]


def origin_pairs(letter: Letter) -> list[tuple[str, str]]:
    """The same as label and value."""
    reference = ' · '.join(part for part in (_fact(letter.reference, REFERENCE_LIMIT), letter.key[-6:]) if part)
    pairs = [('Reference', reference), ('Location', _fact(letter.location)), ('Source', _fact(letter.source))]
    return [(label, value) for label, value in pairs if value]


def due(due_at: datetime, time_zone: str, now: datetime) -> str:
    """The moment on the clocks of the location, and how far away it is: "14:32 CST, in 15 min"; an unknown zone reads as UTC."""
    zone = _zone(time_zone)
    local = due_at.astimezone(zone)
    day = '' if local.date() == now.astimezone(zone).date() else f'{local:%a} {local.day} {local:%b} '
    distance = span(abs(due_at - now))
    return f'{day}{local:%H:%M %Z}, ' + (f'in {distance}' if due_at > now else f'{distance} ago')


def span(time: timedelta) -> str:
    """A length of time in its two largest units, rounded to minutes: "15 min", "3 h 20 min", "2 d 4 h"."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 1:
        return 'less than 1 min'
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, 'd'), (hours, 'h'), (0 if days else minutes, 'min')]
    return ' '.join(f'{count} {unit}' for count, unit in units if count)


def web_link(url: str) -> str:
    """The link with all that is no part of a web address written as percent signs and digits; empty when it is none."""
    return quote(clean(url), safe=":/?#[]@!$&'()*+,;=%~") if url.startswith(('https://', 'http://')) else ''


def public_link(url: str) -> str:
    """The link, if it is one that the makers of chat programs take for buttons and titles: https to a name with a dot in it; else empty."""
    link = web_link(url)
    try:
        parts = urlsplit(link)
        host = (parts.hostname or '').rstrip('.')
    except ValueError:
        return ''
    if parts.scheme != 'https' or '@' in parts.netloc or not all(host.split('.')) or '.' not in host:
        return ''
    try:
        ip_address(host)
    except ValueError:
        return link
    return ''


def fit(pieces: Iterable[str], limit: int) -> tuple[str, bool]:
    """As many of the pieces as stay within `limit` UTF-16 units, ended by an ellipsis where some were left out, and whether some were."""
    kept: list[str] = []
    left = limit - 1  # the mark of the cut
    for piece in pieces:
        left -= units(piece)
        if left < 0:
            return ''.join(kept).rstrip() + '…', True
        kept.append(piece)
    return ''.join(kept), False


def units(text: str) -> int:
    """Its length as most chat services count: in UTF-16 units, of which a character beyond the basic plane has two."""
    return len(text) + sum(char > '\uffff' for char in text)


def one_line(text: str) -> str:
    """The text without control characters and line breaks, trimmed; empty when nothing of it can be seen."""
    return ' '.join(clean(text).split())


def clean(text: str) -> str:
    """The text without control characters but line breaks, and without half characters that no encoding can carry.

    Empty when nothing of it can be seen: services refuse a block of invisible marks, and the whole message with it.
    """
    text = text.replace('\r\n', '\n').replace('\r', '\n').replace('\t', ' ')
    text = ''.join(char for char in text if char == '\n' or category(char) != 'Cc').encode('utf-8', 'replace').decode()
    return text if any(category(char)[0] not in 'CZ' for char in text) else ''


def _fact(text: str, most: int = LINE_LIMIT) -> str:
    line = one_line(text)
    return line if len(line) <= most else f'{line[: most - 1].rstrip()}…'


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC
