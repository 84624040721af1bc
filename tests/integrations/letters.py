"""A letter as the outbox writes it, for tests to change as they like."""

from datetime import UTC, datetime
from typing import Any

from domain.base.events import Letter

NOW = datetime(2026, 11, 21, 20, 15, tzinfo=UTC)
LINK = 'https://desk.example.com/leads/0197-abc'
TYPED = ('title', 'name', 'email', 'phone', 'message', 'wants', 'quality_reason', 'location', 'source', 'reference')


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': 'AZqx3k0fVt2b7QmT4nJ1sA',
        'event_type': 'lead.created',
        'occurred_at': NOW,
        'title': 'New lead',
        'name': 'Dana Reed',
        'email': 'dana@example.com',
        'phone': '+15125550143',
        'message': 'Could you tint my car before Friday?',
        'wants': 'ceramic tint, 2021 Tesla Model 3, budget 600',
        'quality': 'hot',
        'quality_reason': 'names a service, a budget and a day',
        'location': 'Austin South',
        'time_zone': 'America/Chicago',
        'source': 'contact form',
        'link': LINK,
        'reference': 'L-1A2B3C4D',
    }
    return Letter(**{**given, **fields})
