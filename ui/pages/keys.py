"""API keys and widget keys: made once, shown once, revoked for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.access.keys import create_key, create_widget_key, revoke_key, revoke_widget_key
from domain.access.models import ApiKey, WidgetKey
from domain.access.queries import api_keys, widget_keys
from domain.access.rules import Permission
from domain.base import clock
from domain.base.db import Session
from domain.base.scope import Actor, Scope
from domain.tenancy.queries import locations
from ui.ask import Visit, ask, do
from ui.components.keys import Keys
from ui.pages.connect import heeded
from ui.pages.place import Asked
from ui.pages.settings import settings_frame
from ui.presenters import keys as shown

TITLE = 'Keys'
NEEDS = Permission.KEYS_EDIT

LIVES = {'': None, '30': timedelta(days=30), '90': timedelta(days=90), '365': timedelta(days=365)}  # what the form offers


@dataclass(frozen=True)
class Data:
    """All keys, and the names of the locations they may be bound to."""

    api: list[ApiKey]
    widget: list[WidgetKey]
    places: dict[UUID, str]


def read_all(session: Session, scope: Scope) -> Data:
    """The keys of this moment; those that still open something first."""
    places = {place.id: place.name for place in locations(session, scope)}
    api = sorted(api_keys(session, scope), key=lambda key: key.revoked_at is not None)
    return Data(api, sorted(widget_keys(session, scope), key=lambda key: key.revoked_at is not None), places)


def read(session: Session, scope: Scope, _asked: Asked) -> Data:
    """What the page begins with."""
    return read_all(session, scope)


def build(visit: Visit, data: Data) -> None:
    """The page at `/settings/keys`."""
    page = _Page(visit)
    with settings_frame(visit, 'keys'):
        page.view = Keys(
            *_rows(data),
            scopes=shown.scopes(),
            places=[{'id': str(id_), 'name': name} for id_, name in data.places.items()],
            base=visit.doors.settings.public_url or '',
            on={'make': page.make, 'makeWidget': page.make_widget, 'revoke': page.revoke},
        )
    visit.stirred(('access',), page.refresh)


class _Page:
    """The deeds behind one open page."""

    view: Keys

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def refresh(self) -> None:
        """Draw all keys as they are now."""
        data = await ask(read_all)
        if data is not None:
            self.view.show(*_rows(data))

    async def make(self, form: Mapping[str, Any]) -> None:
        """Make an API key and show it once."""
        await self._made(_api_key, form)

    async def make_widget(self, form: Mapping[str, Any]) -> None:
        """Make a widget key and show it once."""
        await self._made(_widget_key, form)

    async def revoke(self, kind: str, key_id: str) -> None:
        """End a key for good; the browser has asked first."""
        wanted = _uuid(key_id)
        if wanted and await do(revoke_widget_key if kind == 'widget' else revoke_key, wanted):
            self._visit.notices.say('Revoked: whatever uses it is refused from now on')
        await self.refresh()

    async def _made(self, action: Any, form: Mapping[str, Any]) -> None:
        made = await heeded(self._visit, self._visit.act(action, form))
        if isinstance(made, str):
            self.view.made(made)
        else:
            self.view.refused(made)


def _rows(data: Data) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    now = clock.now()
    return [shown.api_key(row, data.places, now) for row in data.api], [shown.widget_key(row, data.places) for row in data.widget]


def _api_key(session: Session, actor: Actor, form: Mapping[str, Any]) -> str:
    life = LIVES.get(str(form.get('life', '')))
    scopes = [str(scope) for scope in form.get('scopes') or ()]
    made = create_key(
        session,
        actor,
        str(form.get('name', '')),
        scopes,
        location_id=_uuid(str(form.get('place', ''))),
        rate_limit=str(form.get('limit', '')),
        expires_at=clock.now() + life if life else None,
    )
    return made[1]


def _widget_key(session: Session, actor: Actor, form: Mapping[str, Any]) -> str:
    origins = [line for line in str(form.get('origins', '')).split() if line]
    place = _uuid(str(form.get('place', '')))
    return create_widget_key(session, actor, str(form.get('name', '')), origins, location_id=place, rate_limit=str(form.get('limit', '')))[
        1
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
