"""How keys are shown, and what they may be made for."""

from datetime import datetime
from typing import Any

from domain.access.models import ApiKey, WidgetKey
from ui.presenters import words

# What a key may be made for, in words; the finer scopes stay for scripts.
SCOPES = (
    ('intake', 'Hand in leads', 'For a form or another system; reads nothing'),
    ('leads', 'Read and change leads', 'All of the leads API, and may say how hot a lead is'),
    ('leads:read', 'Only read leads', 'Leads, timelines, receipts'),
    ('deliveries', 'Deliveries', 'See what was sent where, and send it again'),
    ('destinations', 'Destinations', 'See and change where leads are announced'),
    ('alerts', 'Alerts', 'Acknowledge them'),
    ('health', 'Health', 'Metrics and the state of every service'),
    ('workers', 'Workers', 'Order deliveries over HTTP'),
    ('chat', 'Chat', 'Speak in conversations'),
    ('all', 'Everything', 'Also people, keys and settings: for your own scripts only'),
)


def api_key(row: ApiKey, places: dict[Any, str], now: datetime) -> dict[str, Any]:
    """One API key."""
    return _key(row, places) | {
        'what': ', '.join(_scope(scope) for scope in row.scopes),
        'until': words.ms(row.expires_at),
        'environment': row.from_environment,
        'state': 'Revoked' if row.revoked_at else 'Expired' if row.expires_at and row.expires_at <= now else '',
    }


def widget_key(row: WidgetKey, places: dict[Any, str]) -> dict[str, Any]:
    """One widget key."""
    return _key(row, places) | {
        'what': ', '.join(row.origins),
        'until': None,
        'environment': False,
        'state': 'Revoked' if row.revoked_at else '',
    }


def scopes() -> list[dict[str, str]]:
    """What a key may be made for."""
    return [{'key': key, 'name': name, 'about': about} for key, name, about in SCOPES]


def _scope(scope: str) -> str:
    return next((name for key, name, _ in SCOPES if key == scope), scope)


def _key(row: ApiKey | WidgetKey, places: dict[Any, str]) -> dict[str, Any]:
    return {
        'id': str(row.id),
        'name': row.name,
        'hint': f'{"lk_" if isinstance(row, ApiKey) else "lkw_"}…{row.hint}',
        'place': places.get(row.location_id, '') if row.location_id else '',
        'limit': row.rate_limit or '',
        'created': words.ms(row.created_at),
    }
