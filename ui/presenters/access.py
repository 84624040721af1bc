"""How people and the links sent to them are shown."""

from typing import Any

from domain.access.models import Invitation
from domain.access.queries import Person
from domain.access.rules import JOIN
from domain.base.scope import Actor, Role
from ui.presenters import words

ROLES = {
    Role.OWNER: ('Owner', 'Everything, and may make and change owners'),
    Role.ADMIN: ('Admin', 'Everything but owners'),
    Role.MANAGER: ('Manager', 'Works with leads, sees destinations and health'),
    Role.AGENT: ('Agent', 'Works with leads and sends again what failed'),
    Role.READ_ONLY: ('Read only', 'Sees leads and deliveries, changes nothing'),
}


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
