"""Laws of handing over: when to try again, when to stop, what a broken destination costs, and what a letter says. Pure."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.base.events import EventType, Letter, Reply
from domain.outbox.models import State

# Seconds before each try after the first: an SLA-shaped ladder of about 47 hours.
LADDER = (5, 15, 60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400)
JITTER = 0.2
POISON_CLAIMS = 3
LONGEST_THROTTLE = 3600.0

BREAKER_STRAIGHT = 5
BREAKER_WINDOW = 20
BREAKER_FIRST, BREAKER_LONGEST = 10, 900  # seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call ended, in the classes of integrations.errors: sent, temporary, throttled, misconfigured, permanent or unknown."""

    kind: str
    detail: str = ''
    status: int | None = None
    excerpt: str = ''
    reference: str = ''
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the row: its state, seconds until the next try, and whether the try counts."""

    state: State
    wait: float = 0.0
    burnt: bool = True
    uncertain: bool = False
    pause: bool = False  # the destination itself is wrong
    failure: bool = False  # counts against the destination in its breaker
    aside: bool = False  # counts neither way
    because: str = ''


def delay(attempts: int, chance: float) -> float | None:
    """Seconds until the next try after `attempts` tries, spread by 20 % both ways by `chance` in 0..1; None: the ladder is at its end."""
    if attempts > len(LADDER):
        return None
    return LADDER[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)


def judge(outcome: Outcome, *, attempts: int, costly: bool, keyed: bool, chance: float, test: bool = False) -> Verdict:
    """What an answer means for the row that got it. `attempts` includes this one. A test is one try: somebody waits for its end."""
    verdict = _judge(outcome, attempts=attempts, costly=costly, keyed=keyed, chance=chance)
    if test and verdict.state != State.SENT:
        return replace(verdict, state=State.DEAD, burnt=True, failure=False, aside=True, because='')
    return verdict


def _judge(outcome: Outcome, *, attempts: int, costly: bool, keyed: bool, chance: float) -> Verdict:
    match outcome.kind:
        case 'sent':
            return Verdict(State.SENT)
        case 'throttled':
            return Verdict(State.PENDING, wait=min(max(outcome.retry_after, 0.0), LONGEST_THROTTLE), burnt=False)
        case 'misconfigured':
            return Verdict(State.PENDING, burnt=False, pause=True)
        case 'permanent':
            return Verdict(State.DEAD, because='the provider refuses this message')
        case 'unknown' if costly:
            return Verdict(State.HELD, uncertain=True, failure=True, because='it may have been sent; a second one would cost money')
    wait = delay(attempts, chance)
    uncertain = outcome.kind == 'unknown' and not keyed
    if wait is None:
        return Verdict(State.DEAD, uncertain=uncertain, failure=True, because=f'{attempts} tries did not reach it')
    return Verdict(State.PENDING, wait=wait, uncertain=uncertain, failure=True)


def breaker(recent: str, *, failed: bool) -> tuple[str, bool]:
    """The outcomes with this one added ('.' good, 'x' bad), and whether the destination is to be left alone for a while."""
    recent = (recent + ('x' if failed else '.'))[-BREAKER_WINDOW:]
    straight = recent.endswith('x' * BREAKER_STRAIGHT)
    mostly = len(recent) == BREAKER_WINDOW and recent.count('x') * 2 > BREAKER_WINDOW
    return recent, failed and (straight or mostly)


def breaker_wait(opened: int) -> timedelta:
    """How long it stays open the `opened`-th time in a row, from 1: 10 s, doubling to 15 minutes."""
    return timedelta(seconds=min(BREAKER_FIRST * 2 ** (min(opened, 20) - 1), BREAKER_LONGEST))


_TITLES = {
    EventType.LEAD_CREATED: 'New lead',
    EventType.LEAD_RESUBMITTED: 'Wrote again',
    EventType.LEAD_ASSIGNED: 'Assigned',
    EventType.LEAD_STATUS_CHANGED: 'Status changed',
    EventType.MESSAGE_SENT: 'Reply sent',
    EventType.SLA_WARNING: 'First reply is due soon',
    EventType.SLA_BREACHED: 'First reply is late',
    EventType.ALERT_OPENED: 'Alert',
    EventType.ALERT_CLOSED: 'Alert closed',
}


def letter(
    *,
    key: str,
    event_id: str,
    event_type: str,
    occurred_at: datetime,
    payload: Mapping[str, Any],
    link: str,
    possible_duplicate: bool = False,
    destination_id: UUID | None = None,
) -> Letter:
    """The event as a channel is told it; `link` is the address of the lead in the desk, `destination_id` whom it is written for."""
    details: Mapping[str, Any] = payload.get('details') or {}
    place: Mapping[str, Any] = payload.get('location') or {}
    due = payload.get('slaDeadline')
    reference = str(payload.get('leadId') or event_id).replace('-', '')[-8:].upper()
    return Letter(
        key=key,
        event_type=event_type,
        occurred_at=occurred_at,
        title=str(payload.get('title') or _TITLES.get(EventType(event_type), event_type)),
        name=str(payload.get('name', '')),
        email=str(payload.get('email', '')),
        phone=str(payload.get('phone', '')),
        message=str(payload.get('message', '')),
        wants=wants(details),
        quality=str(payload.get('quality', '')),
        quality_reason=str(payload.get('qualityReason', '')),
        due_at=datetime.fromisoformat(due) if due else None,
        location=str(place.get('name', '')),
        time_zone=str(place.get('timeZone', 'UTC')),
        source=str(payload.get('source', '')),
        link=link,
        reference=f'L-{reference}' if payload.get('leadId') else reference,
        possible_duplicate=possible_duplicate,
        reply=reply_in(event_type, payload, destination_id),
        data={**payload, 'eventId': event_id},
    )


def reply_in(event_type: str, payload: Mapping[str, Any], destination_id: UUID | None) -> Reply | None:
    """The person's reply that this destination carries to the customer; None for all who are only told of it."""
    if event_type != EventType.MESSAGE_SENT or destination_id is None or payload.get('destinationId') != str(destination_id):
        return None
    return Reply(
        to=str(payload['to']),
        sender=str(payload.get('sender', '')),
        subject=str(payload.get('subject', '')),
        text=str(payload.get('text', '')),
        thread=tuple(str(key) for key in payload.get('thread', ())),
        automatic=bool(payload.get('automatic')),
    )


def wants(details: Mapping[str, Any]) -> str:
    """What is asked for, in one line: service, vehicle, property, budget, time."""
    vehicle = details.get('vehicle') or ''
    if isinstance(vehicle, Mapping):
        vehicle = ' '.join(str(vehicle[part]) for part in ('year', 'make', 'model', 'size') if vehicle.get(part))
    parts = [details.get('service'), vehicle, details.get('propertyTitle') or details.get('propertyId'), details.get('subject')]
    if details.get('budget'):
        parts.append(f'budget {details["budget"]}')
    parts.append(details.get('timeframe'))
    return ', '.join(str(part) for part in parts if part)


def test_letter(key: str, now: datetime, link: str) -> Letter:
    """What a destination gets when somebody presses Test."""
    return Letter(
        key=key,
        event_type='test',
        occurred_at=now,
        title='Test from Leadkeeper',
        message='If you can read this, leads will arrive here.',
        link=link,
        reference='TEST',
        test=True,
        data={'test': True},
    )


def provider_key(delivery_id: UUID) -> str:
    """What a provider may deduplicate by: 22 characters of the delivery's id, constant over retries and replays (Discord allows 25)."""
    return urlsafe_b64encode(delivery_id.bytes)[:22].decode()


def earliest_id(moment: datetime) -> UUID:
    """An id that sorts before all that are made from this moment on: ids begin with their milliseconds, so they serve as times."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
