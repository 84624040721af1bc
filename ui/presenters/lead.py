"""One lead with its timeline and deliveries, as the browser draws it."""

from typing import Any
from urllib.parse import urlsplit

from domain.desk.messages import DeliveryRow, Entry, LeadPage
from ui.presenters import words
from ui.presenters.inbox import pips

_ENTRIES: dict[str, tuple[str, words.Tone]] = {
    'created': ('shield-check', 'green'),
    'status_changed': ('circle-dot', ''),
    'message': ('message-square', ''),
    'notification_sent': ('check-check', ''),
    'notification_failed': ('circle-x', 'red'),
    'assigned': ('user-round', ''),
    'quality_scored': ('zap', ''),
    'sla_warning': ('clock', 'amber'),
    'sla_breached': ('alarm-clock', 'red'),
    'crm_synced': ('refresh-cw', ''),
    'task': ('list-checks', ''),
    'appointment': ('calendar', ''),
    'note': ('sticky-note', ''),
    'merged': ('git-merge', ''),
    'ai': ('bot', ''),
}
_WANTS = ('service', 'propertyTitle', 'subject', 'intent')  # what stands beside the name, the first that is there
_SPOKEN = ('created', 'message', 'note', 'ai')  # their description is what somebody wrote


def view(page: LeadPage) -> dict[str, Any]:
    """Plain JSON values of the whole page; texts unescaped (the browser's template escapes), times as numbers."""
    lead = page.row
    name = lead.name or page.email or page.phone or 'No name given'
    return {
        'id': str(lead.id),
        'name': name,
        'initials': words.initials(name),
        'tint': words.tint(name),
        'quality': lead.quality,
        'reason': page.quality_reason,
        'wants': next((page.facts[key] for key in _WANTS if page.facts.get(key)), page.vehicle),
        'reference': lead.reference,
        'kept': words.ms(page.kept_at),
        'due': words.seconds(lead.due_at),
        'span': lead.window_seconds,
        'replied': (lead.answered_at - lead.received_at).total_seconds() if lead.answered_at else None,
        'inTime': not (lead.answered_at and lead.due_at and lead.answered_at > lead.due_at),
        'email': page.email,
        'phone': page.phone,
        'call': 'tel:' + ''.join(c for c in page.phone if c in '+0123456789') if page.phone else '',
        'owner': lead.owner or '',
        'ownerInitials': words.initials(lead.owner or ''),
        'ownerTint': words.tint(lead.owner or ''),
        'location': lead.location,
        'zone': page.location_time_zone,
        'status': words.sentence(page.status),
        'stage': words.sentence(page.stage),
        'source': words.sentence(lead.source),
        'pips': pips(lead.pips),
        'facts': facts(page),
        'twins': [str(twin) for twin in page.possible_duplicates],
        'timeline': [entry(each, name) for each in page.timeline],
        'deliveries': [delivery(each) for each in page.deliveries],
    }


def facts(page: LeadPage) -> list[dict[str, str]]:
    """What else is known, with a link only where the address is a web page."""
    pairs = ([('vehicle', page.vehicle)] if page.vehicle else []) + [(key, text) for key, text in page.facts.items() if text]
    return [{'label': words.label(key), 'text': text, 'link': text if _is_web(text) else ''} for key, text in pairs]


def entry(each: Entry, lead_name: str) -> dict[str, Any]:
    """One line of the timeline; `said` is what somebody wrote, `note` what the desk adds."""
    icon, tone = _ENTRIES.get(each.event_type, ('circle-dot', ''))
    spoken = each.event_type in _SPOKEN
    event_id = str(each.facts.get('eventId') or '')
    who = each.actor or (lead_name if each.actor_type == 'customer' else '')
    return {
        'id': str(each.id),
        'at': words.ms(each.at),
        'icon': icon,
        'tone': tone,
        'title': each.title,
        'said': each.description if spoken else '',
        'note': '' if spoken else each.description,
        'who': who if each.actor_type in ('customer', 'agent', 'bot') else '',
        'failed': each.event_type == 'notification_failed',
        'event': event_id[-8:].upper() if each.event_type == 'created' else '',
        'exact': each.event_type == 'created',
    }


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
