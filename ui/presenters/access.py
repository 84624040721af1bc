"""How people, links, keys and what waits in the quarantine are shown."""

from datetime import datetime
from typing import Any

from domain.access.models import ApiKey, Invitation, WidgetKey
from domain.access.queries import Person
from domain.access.rules import JOIN
from domain.base.scope import Actor, Role
from domain.desk.quarantine import HeldRow, HeldWhole
from ui.presenters import words

ROLES = {
    Role.OWNER: ('Owner', 'Everything, and may make and change owners'),
    Role.ADMIN: ('Admin', 'Everything but owners'),
    Role.MANAGER: ('Manager', 'Works with leads, sees destinations and health'),
    Role.AGENT: ('Agent', 'Works with leads and sends again what failed'),
    Role.READ_ONLY: ('Read only', 'Sees leads and deliveries, changes nothing'),
}

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

_ROUTES = {'chatbot': 'Website chat', 'contact': 'Contact form', 'property': 'Property inquiry', 'desk': 'Desk'}
_FIELDS = {'email': 'E-mail', 'phone': 'Phone', 'name': 'Name', 'message': 'Message'}


def person(row: Person, me: Actor) -> dict[str, Any]:
    """One account, and what `me` may do with it."""
    mine = row.id == me.id
    owner = row.role is Role.OWNER
    may = me.role is Role.OWNER or not owner
    return {
        'id': str(row.id),
        'name': row.name,
        'email': row.email,
        'initials': words.initials(row.name),
        'tint': words.tint(row.name),
        'role': row.role.value,
        'roleWord': ROLES[row.role][0],
        'seen': words.ms(row.seen_at),
        'sessions': row.sessions,
        'disabled': row.disabled_at is not None,
        'me': mine,
        'canChange': may and not mine,
        'canLink': may or mine,
    }


def roles(me: Actor) -> list[dict[str, str]]:
    """The roles that `me` may give."""
    given = [role for role in ROLES if role is not Role.OWNER or me.role is Role.OWNER]
    return [{'key': role.value, 'name': ROLES[role][0], 'about': ROLES[role][1]} for role in given]


def link(row: Invitation, me: Actor, known: set[str]) -> dict[str, Any]:
    """One open link; `known` holds the addresses that have an account: theirs are for a new password."""
    return {
        'id': str(row.id),
        'email': row.email,
        'what': 'New password' if row.email in known else f'{ROLES[row.role][0]} account',
        'by': row.invited_by,
        'until': words.ms(row.expires_at),
        'canRevoke': me.role is Role.OWNER or row.role is not Role.OWNER,
    }


def made_link(row: Invitation, text: str) -> dict[str, Any]:
    """A link that was just made, with its text."""
    return {'path': f'/invitation/{text}', 'email': row.email, 'joins': text.startswith(JOIN), 'until': words.ms(row.expires_at)}


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


def held_row(row: HeldRow) -> dict[str, Any]:
    """One submission in the list of the quarantine."""
    read = row.read
    return {
        'id': str(row.id),
        'at': words.ms(row.received_at),
        'from': _from(row),
        'key': row.key,
        'what': '; '.join(_problem(field, text) for field, text in row.problems) or 'Could not be understood',
        'name': _visible(read.name),
        'email': _visible(read.email),
        'phone': _visible(read.phone),
        'message': _visible(read.message)[:300],
    }


def held_whole(whole: HeldWhole) -> dict[str, Any]:
    """The open one: the fields to mend, and everything that came."""
    read = whole.row.read
    cut = [_FIELDS[name].lower() for name in read.cut]
    hints = [f'The {name} was shortened to what a lead can hold.' for name in cut]
    if read.left_out:
        hints.append(f'Left out because it cannot be read: {", ".join(read.left_out)[:300]}.')
    return held_row(whole.row) | {
        'fields': {'name': read.name, 'email': read.email, 'phone': read.phone, 'message': read.message},
        'wrong': {field.partition('.')[0]: _problem('', text) for field, text in whole.row.problems},
        'hints': hints,
        'type': whole.content_type,
        'raw': _visible(whole.raw),
        'headers': [[name, _visible(text)] for name, text in whole.headers],
        'receipt': str(whole.row.id),
    }


def _from(row: HeldRow) -> str:
    return row.form or _ROUTES.get(row.route) or f'Form {row.route.removeprefix("form:")}'


def _problem(field: str, text: str) -> str:
    """A sentence: some are one already, the others begin with the verb."""
    if text[:1].isupper() or text.startswith(('give ', 'this ')):
        return words.sentence(text).rstrip('.')
    label = _FIELDS.get(field, words.label(field)) if field else ''
    return words.sentence(f'{label} {text}').rstrip('.')


def _visible(text: str) -> str:
    return text.replace('\x00', '\u2400')


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
