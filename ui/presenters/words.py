"""The words, marks and tones that stored values are shown with."""

import re
from datetime import datetime
from typing import Literal, NamedTuple

ANY_PLACE = 'plug'  # the icon of a destination whose kind has none

Tone = Literal['', 'green', 'amber', 'red']
Mark = Literal['done', 'wait', 'held', 'dead', 'off']  # the shape of a pip, so that colour is never needed to tell them apart


class Shown(NamedTuple):
    """How a delivery's state looks: the word of surface.md, the tone of its chip, the mark of its pip."""

    word: str
    tone: Tone
    mark: Mark


_STATES = {
    'leased': Shown('Sending', '', 'wait'),
    'sent': Shown('Sent', 'green', 'done'),
    'held': Shown('Needs a decision', 'amber', 'held'),
    'dead': Shown('Dead letter', 'red', 'dead'),
    'skipped': Shown('Skipped', '', 'off'),
    'superseded': Shown('Skipped (newer)', '', 'off'),
    'cancelled': Shown('Resolved', '', 'off'),
}

_SOURCES = (
    ('chat', 'message-square'),
    ('form', 'file-text'),
    ('property', 'house'),
    ('phone', 'phone'),
    ('call', 'phone'),
    ('whatsapp', 'smartphone'),
    ('sms', 'smartphone'),
    ('mail', 'mail'),
    ('webhook', 'webhook'),
    ('api', 'plug'),
)

_SPELLED = {'api': 'API', 'sms': 'SMS', 'whatsapp': 'WhatsApp', 'crm': 'CRM', 'url': 'URL', 'id': 'ID'}
_NAMES = re.compile(rf'\b({"|".join(_SPELLED)})\b', re.IGNORECASE)

_LABELS = {
    'propertyId': 'Property',
    'propertyTitle': 'Listing',
    'propertyUrl': 'Listing page',
    'utmSource': 'Campaign source',
    'utmMedium': 'Medium',
    'utmCampaign': 'Campaign',
    'utmTerm': 'Search term',
    'utmContent': 'Advert',
    'landingPage': 'Landing page',
}

_EVENTS = {
    'lead.created': 'New lead',
    'lead.resubmitted': 'Wrote again',
    'lead.updated': 'Lead changed',
    'lead.assigned': 'Assigned',
    'lead.status_changed': 'Status changed',
    'lead.merged': 'Merged',
    'message.received': 'Message',
    'message.sent': 'Reply',
    'sla.warning': 'Reply due soon',
    'sla.breached': 'Reply late',
    'alert.opened': 'Alert',
}


def state(state: str, paused: bool = False, attempts: int = 0) -> Shown:
    """The look of a delivery's state; a pending row is queued, retrying after a try, waiting while its destination is paused."""
    if state == 'pending':
        if paused:
            return Shown('Waiting', 'amber', 'wait')
        return Shown('Retrying', 'amber', 'wait') if attempts else Shown('Queued', '', 'wait')
    return _STATES.get(state) or Shown(sentence(state), '', 'off')


def destination(*, paused: bool, resting: bool, recent: str, dead: int) -> tuple[str, Tone]:
    """How a destination does, one word on every page; `recent` as in domain.outbox.rules.breaker, `dead` its given-up deliveries."""
    if paused:
        return 'Paused', 'amber'
    if resting or recent.endswith('x'):
        return 'Failing', 'red'
    if dead:
        return 'Degraded', 'amber'
    return ('Working', 'green') if recent else ('Ready', '')


def can_retry(state: str, paused: bool = False, attempts: int = 0) -> bool:
    """Whether a person may order another try now: it failed for good, waits for a decision, or waits at all after something went wrong."""
    return state in ('dead', 'held') or (state == 'pending' and (paused or attempts > 0))


def event(event_type: str | None) -> str:
    """What a delivery tells about; without an event it was a test."""
    return 'Test' if not event_type else _EVENTS.get(event_type, sentence(event_type.replace('.', ' ')))


def source_icon(source: str) -> str:
    """The icon of the way a lead came in."""
    lower = source.lower()
    return next((icon for part, icon in _SOURCES if part in lower), 'globe')


def label(key: str) -> str:
    """A stored key as a person reads it: utmSource → Campaign source, moveInDate → Move in date."""
    return _LABELS.get(key) or sentence(re.sub(r'(?<=[a-z0-9])(?=[A-Z])', ' ', key).lower())


def sentence(text: str) -> str:
    """Sentence case, underscores as spaces, abbreviations as they are written."""
    text = _NAMES.sub(lambda found: _SPELLED[found.group().lower()], text.replace('_', ' ').strip())
    return text[:1].upper() + text[1:]


def count(number: int, word: str) -> str:
    """A number with its noun: 1 delivery, 3 deliveries."""
    many = f'{word[:-1]}ies' if word.endswith('y') and word[-2:-1] not in 'aeiou' else f'{word}s'
    return f'{number:,} {word if number == 1 else many}'


def initials(name: str) -> str:
    """Two letters at most; nothing for a name without letters."""
    parts = [part for part in re.split(r'[\s.@_-]+', name) if part[:1].isalpha()]
    if not parts:
        return ''
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else '')).upper()


def tint(name: str) -> int:
    """Which of the six avatar colours a name has, always the same one."""
    return sum(name.encode()) % 6


def ms(moment: datetime | None) -> int | None:
    """Milliseconds since 1970, which the browser shows in the reader's own zone."""
    return None if moment is None else round(moment.timestamp() * 1000)


def seconds(moment: datetime | None) -> int | None:
    """Seconds since 1970: deadlines are exact to the second."""
    return None if moment is None else int(moment.timestamp())
