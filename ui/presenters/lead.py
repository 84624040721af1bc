"""One lead with its timeline, messages and deliveries, as the browser draws it."""

from typing import Any
from urllib.parse import urlsplit

from domain.desk.messages import DeliveryRow, LeadPage
from domain.desk.open_lead import Choice, LeadData
from domain.leads.models import Stage
from ui.presenters import follow_ups, words
from ui.presenters.inbox import pips
from ui.presenters.lead_timeline import CHANNELS, hand_overs, message, timeline
from ui.presenters.reports import stations

_WANTS = ('service', 'propertyTitle', 'subject', 'intent')  # what stands beside the name, the first that is there


def view(data: LeadData, me: str = '', settings: str = '') -> dict[str, Any]:
    """Plain JSON values of the whole lead; texts unescaped (the browser's template escapes), times as numbers.

    `me` is the name of who looks; `settings` the address where a reply channel can be connected, '' for those who may not.
    """
    page = data.page
    lead = page.row
    name = lead.name or page.email or page.phone or 'No name given'
    sent = hand_overs(page.timeline, data.messages, page.deliveries)
    deliveries = [delivery(each) for each in page.deliveries]
    return {
        'id': str(lead.id),
        'name': name,
        'typedName': lead.name,
        'initials': words.initials(name),
        'tint': words.tint(name),
        'wants': next((page.facts[key] for key in _WANTS if page.facts.get(key)), page.vehicle),
        'reference': lead.reference,
        'kept': words.ms(page.kept_at),
        'changed': words.ms(lead.changed_at),
        'email': page.email,
        'phone': page.phone,
        'call': 'tel:' + ''.join(c for c in page.phone if c in '+0123456789') if page.phone else '',
        'pips': pips(lead.pips),
        'again': page.suppressed_twins,
        'twins': [{'id': str(twin.id), 'name': twin.name} for twin in data.twins],
        'timeline': timeline(page.timeline, lead.id, name, sent, {row['id'] for row in deliveries if row['retry']}, me),
        'messages': [message(each, name, sent) for each in data.messages],
        'deliveries': deliveries,
        'people': [person(each) for each in data.people],
        'places': [{'id': str(each.id), 'name': each.name} for each in data.places],
        'channels': [
            {
                'kind': each.kind,
                'name': CHANNELS.get(each.kind, words.sentence(each.kind)),
                'to': each.to,
                'ready': each.ready,
                'why': each.why,
            }
            for each in data.channels
        ],
        'settings': settings,
        'way': stations(data.lineage),
        'runs': [follow_ups.run(each) for each in data.runs],
        'steps': [row for row in follow_ups.rows(data.follow_ups).values() if not row['done']],
        'stages': [{'value': each.value, 'label': words.sentence(each.value)} for each in Stage],
        **_clock(page),
        **_decided(data),
    }


def _clock(page: LeadPage) -> dict[str, Any]:
    lead = page.row
    return {
        'due': words.seconds(lead.due_at),
        'span': lead.window_seconds,
        'replied': (lead.answered_at - lead.received_at).total_seconds() if lead.answered_at else None,
        'inTime': not (lead.answered_at and lead.due_at and lead.answered_at > lead.due_at),
        'stopped': page.status == 'closed',
    }


def _decided(data: LeadData) -> dict[str, Any]:
    """What people have decided about the lead, as words and as what the menus compare with."""
    page, lead = data.page, data.page.row
    return {
        'quality': lead.quality,
        'qualityWord': words.sentence(lead.quality),
        'reason': page.quality_reason,
        'owner': lead.owner or '',
        'ownerId': str(lead.owner_id) if lead.owner_id else '',
        'ownerInitials': words.initials(lead.owner or ''),
        'ownerTint': words.tint(lead.owner or ''),
        'location': lead.location,
        'locationId': str(data.location_id),
        'status': str(page.status),
        'statusWord': words.sentence(page.status),
        'snoozed': words.ms(data.snoozed_until) if page.status == 'snoozed' else None,
        'stage': str(page.stage),
        'stageWord': words.sentence(page.stage),
        'lost': data.lost_reason,
        'vehicle': page.vehicle,
        'vehicleParts': data.vehicle,
        'tags': list(data.tags),
        'source': words.sentence(lead.source),
        'facts': facts(page),
    }


def person(each: Choice) -> dict[str, Any]:
    """Somebody who can own a lead, or looks at it."""
    return {'id': str(each.id), **face(each.name)}


def face(name: str) -> dict[str, Any]:
    """How a person is drawn."""
    return {'name': name, 'initials': words.initials(name), 'tint': words.tint(name)}


def facts(page: LeadPage) -> list[dict[str, str]]:
    """What else is known, with a link only where the address is a web page."""
    pairs = ([('vehicle', page.vehicle)] if page.vehicle else []) + [(key, text) for key, text in page.facts.items() if text]
    return [{'label': words.label(key), 'text': text, 'link': text if _is_web(text) else ''} for key, text in pairs]


def delivery(each: DeliveryRow) -> dict[str, Any]:
    """One line of the deliveries table."""
    shown = words.state(each.state, each.paused, each.attempts)
    return {
        'id': str(each.id),
        'name': each.destination,
        'event': words.event(each.event_type),
        'word': shown.word,
        'tone': shown.tone,
        'mark': shown.mark,
        'tries': each.attempts,
        'next': words.ms(each.next_at) if each.state == 'pending' and not each.paused else None,
        'settled': words.ms(each.settled_at),
        'why': (each.last_error or '') if each.state != 'sent' else '',
        'advice': _advice(each),
        'retry': words.can_retry(each.state, each.paused, each.attempts),
        'key': each.provider_key,
        'reference': each.provider_ref or '',
    }


def _advice(each: DeliveryRow) -> str:
    if each.state == 'held':
        return 'An earlier try may have arrived. Retry sends it again with the same key.'
    if each.state == 'pending' and each.paused:
        return 'The destination is paused. The lead is kept and goes out once it is resumed.'
    if each.state == 'sent' and each.possible_duplicate:
        return 'May have arrived twice: one try got no answer.'
    return ''


def _is_web(text: str) -> bool:
    try:
        return urlsplit(text).scheme in ('http', 'https') and ' ' not in text
    except ValueError:
        return False
