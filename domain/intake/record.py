"""Turns one submission of a person nobody knows yet into the values of all its rows. Pure: no clock, no database, no random but ids."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from domain.base.events import EventType
from domain.base.ids import uuid7, uuid7s
from domain.intake import rules
from domain.intake.facts import Facts
from domain.intake.messages import Submission
from domain.leads.models import IdentityKind, Quality
from domain.leads.rules import Score, score
from domain.outbox.rules import provider_key
from domain.sla.models import ClockKind
from domain.sla.rules import begun

PRIORITY = {Quality.HOT: 0, Quality.WARM: 1, Quality.COLD: 2}


def record(cmd: Submission, facts: Facts, now: datetime) -> dict[str, Any]:
    """About forty named values, the lists `identities`, `clocks` and `deliveries`, and under `answer` the JSON text of the 201."""
    body = cmd.body
    words = body.words()
    graded = grade(cmd, words)
    known = body.facts()
    origin = body.metadata.model_dump(by_alias=True, exclude_defaults=True)
    lead, receipt, conversation, event, message, clock, entry = uuid7s(7)
    about = {**known, **({'origin': origin} if origin else {})}
    values: dict[str, Any] = {
        'lead': lead,
        'receipt': receipt,
        'conversation': conversation,
        'event': event,
        'message': message,
        'clock': clock,
        'entry': entry,
        'tenant': facts.tenant_id,
        'location': facts.place.id,
        'now': now,
        'name': body.name,
        'actor_name': body.name[:200],  # as much as the timeline's column holds
        'email': body.email.strip(),
        'phone': body.phone.strip(),
        'quality': graded.quality.value,
        'points': graded.points,
        'reason': graded.reason,
        'source': body.source,
        'words': words,
        'gist': gist(words, known),
        'about': _json(about),
        'origin': _json(origin),
        'queue': facts.queue,
        **_clock(facts, graded.quality, now),
        **_outside(cmd, facts, now),
        'entry_title': f'Lead kept from {body.source}',
        'entry_facts': _json({'receiptId': str(receipt), 'eventId': str(event), 'quality': graded.quality.value, 'reason': graded.reason}),
    }
    values['payload'] = _json(payload(values, facts, graded, about))
    values['identities'] = identities(cmd)
    listeners = facts.listeners(EventType.LEAD_CREATED, graded.quality.value)
    values['fanout'] = len(listeners)
    values['deliveries'] = [hand_over(subscriber.id) for subscriber in listeners]
    values['priority'] = PRIORITY[graded.quality]
    values['expires'] = now + facts.expire
    values['answer'] = answer_for(facts, lead, conversation, event, receipt, graded.quality, values['due'])
    return values


def _clock(facts: Facts, quality: Quality, now: datetime) -> dict[str, Any]:
    """The values of the first-reply clock, and under `clocks` those of the resolution, where the policy has a window for it."""
    terms = facts.terms[quality]
    due, warn = facts.due(quality, now)
    more = begun(ClockKind.RESOLUTION, terms, now, facts.calendar)
    return {
        'due': due,
        'window': terms.first_reply,
        'warn': warn,
        'counted': terms.clock.value,
        'escalate': terms.escalate,
        'clocks': [_clock_beside(more)] if more else [],
    }


def _clock_beside(columns: dict[str, Any]) -> dict[str, Any]:
    return {
        'more': uuid7(),
        'more_kind': ClockKind.RESOLUTION.value,
        'more_due': columns['due_at'],
        'more_window': columns['window_seconds'],
        'more_warn': columns['warn_at'],
    }


def _outside(cmd: Submission, facts: Facts, now: datetime) -> dict[str, Any]:
    """The values of receipt and key: what came, from where, and what would be the same again."""
    arrival = cmd.arrival
    body_hash = cmd.body_hash()
    return {
        'digest': rules.digest(facts.credential.name, cmd.route, arrival.key, body_hash),
        'body_hash': body_hash,
        'keyed': arrival.key is not None,
        'key_expires': now + (rules.KEY_LIFE if arrival.key is not None else rules.TWIN_LIFE),
        'route': cmd.route,
        'credential': facts.credential.name,
        'content_type': arrival.content_type,
        'raw': arrival.raw,
        'headers': _json(dict(arrival.headers)),
        'address': arrival.address_hash,
        'device': _json(
            {
                'userAgent': arrival.headers.get('user-agent', '')[:300],
                **({'device': cmd.body.metadata.device} if cmd.body.metadata.device else {}),
            }
        ),
    }


def grade(cmd: Submission, words: str) -> Score:
    """The sender's own word where it counts, else the points."""
    if cmd.quality is not None:
        return Score(cmd.quality, 0, 'set by the sender.')
    known = cmd.body.facts()
    wants = [str(known.get(name, '')) for name in ('service', 'propertyTitle', 'propertyId')] + (
        ['a vehicle'] if known.get('vehicle') else []
    )
    return score(
        message=words[:4000],
        phone=cmd.phone,
        email=cmd.email,
        intent=str(known.get('intent', '')),
        budget=str(known.get('budget', '')),
        timeframe=str(known.get('timeframe', '')),
        wants=wants,
    )


def identities(cmd: Submission) -> list[dict[str, str]]:
    """What the person is recognised by, always in the same order, so that two requests never wait for each other."""
    pairs = ((IdentityKind.EMAIL, cmd.email), (IdentityKind.PHONE, cmd.phone))
    return [{'kind': kind.value, 'value': value} for kind, value in pairs if value]


def gist(words: str, known: dict[str, Any]) -> str:
    """One line for the list."""
    first = next((part.strip() for part in words.splitlines() if part.strip()), '')
    return (first or str(known.get('service') or known.get('propertyTitle') or known.get('intent') or ''))[:300]


def payload(values: dict[str, Any], facts: Facts, graded: Score, about: dict[str, Any]) -> dict[str, Any]:
    """The event as others are told it: all a letter or a webhook needs, as JSON values."""
    return {
        'leadId': str(values['lead']),
        'conversationId': str(values['conversation']),
        'name': values['name'],
        'email': values['email'],
        'phone': values['phone'],
        'message': values['words'],
        'quality': graded.quality.value,
        'qualityReason': graded.reason,
        'slaDeadline': values['due'].isoformat(),
        'source': values['source'],
        'location': {'id': str(facts.place.id), 'name': facts.place.name, 'timeZone': facts.place.time_zone},
        'details': about,
    }


def hand_over(destination_id: UUID) -> dict[str, Any]:
    """One delivery: its id and the provider key made from it."""
    delivery = uuid7()
    return {'delivery': delivery, 'destination': destination_id, 'provider_key': provider_key(delivery)}


def answer_for(facts: Facts, lead: UUID, conversation: UUID, event: UUID, receipt: UUID, quality: Quality, due: datetime) -> str:
    """To strangers the receipt stands for lead and conversation: the answer must look the same whether a person is known or not."""
    trusted = facts.credential.trusted
    return rules.answer(
        lead=lead if trusted else receipt,
        conversation=conversation if trusted else receipt,
        event=event,
        receipt=f'{receipt}.{facts.sign(str(receipt))}',
        quality=quality.value,
        due=due,
    )


def _json(value: Any) -> str:
    return to_json(value).decode()
