"""What is worth reading in a letter, as plain lines: every chat channel shows these and only escapes them its own way."""

from datetime import UTC, datetime, timedelta, tzinfo
from unicodedata import category
from zoneinfo import ZoneInfo

from domain.base.events import Letter

DUPLICATE = 'Possible duplicate: an earlier try may have arrived already. Compare the reference.'
LINE_LIMIT = 400  # characters of one fact: no long one may push the others over a channel's limit
TEST = 'This is a test. Nobody is waiting for a reply.'


def headline(letter: Letter) -> str:
    """Who it is about, after what happened, in one line."""
    title, name = _fact(letter.title) or 'Leadkeeper', _fact(letter.name)
    return title if not name or name in title else f'{title}: {name}'


def facts(letter: Letter, now: datetime) -> list[str]:
    """How hot and why, what they want, due when, and how to reach them: one line each, nothing empty."""
    quality, reason = _fact(letter.quality).capitalize(), _fact(letter.quality_reason)
    lines = [
        f'{quality}: {reason}' if quality and reason else quality or reason,
        _labelled('Wants', letter.wants),
        f'Reply due {due(letter.due_at, letter.time_zone, now)}' if letter.due_at else '',
        _labelled('E-mail', letter.email),
        _labelled('Phone', letter.phone),
    ]
    return [line for line in lines if line]


def origin(letter: Letter) -> list[str]:
    """Where it came in and how to name it: the reference is the same on every try, so that twins are recognised."""
    reference = ' · '.join(part for part in (_fact(letter.reference), letter.key[-6:]) if part)
    lines = [f'Reference: {reference}', _labelled('Location', letter.location), _labelled('Source', letter.source)]
    return [line for line in lines if line]


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


def _fact(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= LINE_LIMIT else f'{line[: LINE_LIMIT - 1].rstrip()}…'


def _labelled(label: str, text: str) -> str:
    text = _fact(text)
    return f'{label}: {text}' if text else ''


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC
