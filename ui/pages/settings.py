"""The settings: their list, and the frame that every page of them stands in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nicegui import ui as ng

from domain.access.rules import Permission, may
from domain.base.db import Session
from domain.base.scope import Actor, Scope
from ui.ask import Visit
from ui.components.settings_nav import Group, SettingsNav
from ui.pages.denied import deny
from ui.pages.place import Asked

TITLE = 'Settings'
NEEDS = None


@dataclass(frozen=True)
class SettingsPage:
    """One page of the settings: its path is /settings/{slug}."""

    group: str
    slug: str
    icon: str
    name: str
    needs: Permission


# Only what exists is listed, in this order.
PAGES = (
    SettingsPage('Workspace', 'hours', 'building-2', 'Locations and hours', Permission.SETTINGS_EDIT),
    SettingsPage('Workspace', 'people', 'users', 'People and roles', Permission.PEOPLE_EDIT),
    SettingsPage('Workspace', 'sequences', 'list-checks', 'Sequences', Permission.SETTINGS_EDIT),
    SettingsPage('Workspace', 'sla', 'timer', 'SLA policies', Permission.SETTINGS_EDIT),
    SettingsPage('Workspace', 'assignment', 'user-round-plus', 'Assignment', Permission.SETTINGS_EDIT),
    SettingsPage('Connections', 'destinations', 'plug', 'Destinations', Permission.DESTINATIONS_READ),
    SettingsPage('Connections', 'keys', 'key-round', 'Keys', Permission.KEYS_EDIT),
    SettingsPage('Control', 'flags', 'flag', 'Feature flags', Permission.SETTINGS_EDIT),
)


def allowed(actor: Actor) -> list[SettingsPage]:
    """The settings pages this person may open; empty: none, and navigation need not lead there."""
    return [page for page in PAGES if may(actor, page.needs)]


def read(_session: Session, _scope: Scope, _asked: Asked) -> bool:
    """The list needs nothing but the person."""
    return True


def build(visit: Visit, _data: bool) -> None:
    """The page at `/settings`: on phones the list, elsewhere the first page that is allowed."""
    if not allowed(visit.actor):
        deny(visit, TITLE, 'The settings are not for your role')
        return
    with settings_frame(visit, ''):
        pass


@contextmanager
def settings_frame(visit: Visit, current: str) -> Iterator[None]:
    """Header, list and the column of one settings page; `current` is its slug (or path), '' at /settings itself."""
    slug = current.removeprefix('/settings').strip('/')
    groups: dict[str, Group] = {}
    for page in allowed(visit.actor):
        entry = {'slug': page.slug, 'icon': page.icon, 'name': page.name}
        groups.setdefault(page.group, {'name': page.group, 'pages': []})['pages'].append(entry)
    with ng.element('div').classes('lk-settings').props(f'data-at={slug or "home"}'):
        SettingsNav(list(groups.values()), slug)
        with ng.element('div').classes('lk-set-scroll').props('tabindex=0 role=region aria-label="Settings page"'):
            yield
