"""Laws about leads: how an address is recognised, and how hot a wish is. Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from domain.leads.messages import Told
from domain.leads.models import Group, Lead, Quality, Status

# Names such as .local are real on an office's own mail server; this list is the library's own switch for them.
SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name not in ('local', 'test', 'onion')]

_CONTROL = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f]')
_DIGITS = re.compile(r'\D+')
_PLAIN_LOCAL = re.compile(r'[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*')


def normal_email(text: str) -> str:
    """The address as people are recognised by it: lower case, domain in its ASCII form.

    Raises ValueError with a sentence when it cannot be an address (RFC 5322 syntax by the email-validator library; no look-up).
    """
    local, _, domain = text.strip().rpartition('@')
    if _PLAIN_LOCAL.fullmatch(local) and len(local) <= 64:
        return f'{local.lower()}@{_normal_domain(domain)}'  # the hot path: most domains come again and again
    return _judged(text.strip())


@lru_cache(maxsize=4096)
def _normal_domain(domain: str) -> str:
    return _judged(f'x@{domain}').removeprefix('x@')


def _judged(text: str) -> str:
    try:
        address = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as trouble:
        raise ValueError(f'this is not an e-mail address: {trouble}') from None
    if '.' not in address.domain:
        raise ValueError('this is not an e-mail address: the part after the @-sign has no dot')
    return (address.ascii_email or address.normalized).lower()


def normal_phone(text: str, region: str) -> str:
    """The number in E.164 (`+15550142000`) where libphonenumber can read it with `region` as its home, else its bare digits.

    Raises ValueError with a sentence when there are fewer than six digits: nobody could be called.
    """
    digits = _DIGITS.sub('', text)
    if len(digits) < 6:
        raise ValueError('this is not a phone number: it has fewer than six digits')
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return digits[:32]
    if not phonenumbers.is_possible_number(number):
        return ('+' if text.lstrip().startswith('+') else '') + digits[:32]
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def plain_text(text: str) -> str:
    """The text without control characters but line feed and tab."""
    return _CONTROL.sub('', text)


def group(status: Status, *, awaits_reply: bool) -> Group:
    """Where a lead stands in the inbox; `awaits_reply`: the clock of a reply runs, of the first one or the next."""
    if status is Status.CLOSED:
        return Group.CLOSED
    if status is Status.SNOOZED:
        return Group.SNOOZED
    return Group.NEEDS_REPLY if awaits_reply and status is Status.OPEN else Group.IN_CONVERSATION


def payload(lead: Lead, told: Told) -> dict[str, Any]:
    """A change of a lead as others are told it: all that a letter or a webhook needs, as JSON values."""
    return {
        'leadId': str(lead.id),
        'title': told.title,
        'name': lead.name,
        'email': lead.email,
        'phone': lead.phone,
        'message': lead.last_message,
        'quality': lead.quality,
        'qualityReason': lead.quality_reason,
        'status': lead.status,
        'stage': lead.stage,
        'lostReason': lead.lost_reason,
        'ownerId': str(lead.owner_id) if lead.owner_id else None,
        'tags': list(lead.tags),
        'slaDeadline': told.due_at.isoformat() if told.due_at else None,
        'source': lead.source,
        'location': {'id': str(lead.location_id), 'name': told.place_name, 'timeZone': told.time_zone},
        'details': dict(lead.facts),
        'changed': list(told.changed),
    }


class Score(NamedTuple):
    """How hot, by how many points, and the sentence that says why."""

    quality: Quality
    points: int
    reason: str


_SOON = re.compile(
    r'\b(today|tonight|tomorrow|asap|urgent(?:ly)?|right away|immediately|this (?:week|weekend|morning|afternoon)|now'
    r'|before (?:mon|tues|wednes|thurs|fri|satur|sun)day|heute|morgen|dringend|hoy|urgente)\b',
    re.ASCII,
)
_BUYING = re.compile(
    r'\b(quote|price|cost|how much|book(?:ing)?|appointment|schedule|buy|order|available|availability|viewing|visit|test drive|estimate)\b',
    re.ASCII,
)
_LATER = re.compile(
    r'\b(just (?:looking|browsing|comparing)|next (?:year|spring|summer|autumn|winter)|no (?:hurry|rush)|someday)\b', re.IGNORECASE
)
_URGENT_FRAMES = ('today', 'tomorrow', 'asap', 'immediate', 'immediately', 'urgent', 'this week', 'now', 'within a week', '1 week')
_BUYING_INTENTS = ('buy', 'purchase', 'book', 'booking', 'quote', 'appointment', 'viewing', 'test drive', 'hire', 'order')

HOT, WARM = 50, 25


def score(
    *, message: str, phone: str, email: str, intent: str = '', budget: str = '', timeframe: str = '', wants: Iterable[str] = ()
) -> Score:
    """Points for what was said: 50 or more is hot, 25 or more is warm. Every point can be named to the agent."""
    points: list[tuple[int, str]] = []
    said = message.lower()
    frame = timeframe.strip().lower()
    if frame and any(word in frame for word in _URGENT_FRAMES):
        points.append((35, f'wants it {timeframe.strip()[:40]}'))
    elif soon := _SOON.search(said):
        points.append((30, f'said "{soon.group(0)}"'))
    if intent and any(word in intent.lower() for word in _BUYING_INTENTS):
        points.append((25, f'came to {intent.strip()[:40]}'))
    elif buying := _BUYING.search(said):
        points.append((15, f'asked about "{buying.group(0)}"'))
    if budget.strip():
        points.append((15, f'named a budget of {budget.strip()[:40]}'))
    if phone:
        points.append((15, 'left a phone number'))
    if phone and email:
        points.append((5, 'and an e-mail address'))
    if named := [text.strip() for text in wants if text.strip()]:
        points.append((10, f'named {named[0][:60]}'))
    if later := _LATER.search(said):
        points.append((-25, f'said "{later.group(0)}"'))
    total = sum(value for value, _ in points)
    quality = Quality.HOT if total >= HOT else Quality.WARM if total >= WARM else Quality.COLD
    why = ', '.join(f'{reason} ({value:+d})' for value, reason in points) or 'said nothing yet that tells'
    return Score(quality, total, f'{total} points: {why}.')
