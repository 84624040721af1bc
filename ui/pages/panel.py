"""The one root page's panel: shows one place at a time and switches between them without loading the page anew."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

import structlog
from nicegui import background_tasks
from nicegui import ui as ng
from starlette.datastructures import QueryParams

from domain.access.rules import may
from domain.base.db import Session
from domain.base.errors import NotSignedIn, Refusal
from domain.base.scope import Scope
from ui.ask import FAILED, Visit
from ui.components.side_bar import SideBar
from ui.components.state import State
from ui.pages.denied import deny
from ui.pages.place import Asked, Place, Staying
from ui.pages.places import PLACES
from ui.stirs import Refresh, Stir, Stirs

log = structlog.get_logger(__name__)

PATIENCE = 0.15  # seconds until a place that is being read shows that it is

NO_SUCH = 'There is nothing at this address, or it belongs to a location you do not work for.'


class Denied:
    """What `look` gives instead of data when the person may not see the place."""


DENIED = Denied()


def find(path: str) -> tuple[Place, Asked] | None:
    """The place at this address (path and query), and what is asked of it."""
    bare, _, query = path.partition('?')
    for place in PLACES:
        params = place.match(bare)
        if params is not None:
            return place, Asked(bare, params, dict(QueryParams(query.partition('#')[0])))
    return None


async def look(visit: Visit, place: Place, asked: Asked) -> Any:
    """What the place shows, read for the person of this moment; DENIED, or None when there is nothing. Raises refusals."""

    def read(session: Session, scope: Scope) -> Any:
        needs = place.module.NEEDS
        own = replace(asked, me=visit.actor.id)
        return DENIED if needs is not None and not may(visit.actor, needs) else place.module.read(session, scope, own)

    visit.before = visit.hub.serial()
    return await visit.read(read)


class Panel(ng.sub_pages):
    """Where the place stands. NiceGUI's router tells it of each new address; which place that is, and what it shows, is decided here."""

    def __init__(self, visit: Visit, bar: SideBar, stirs: Stirs, first: tuple[Place, Asked, Any]) -> None:
        """`first` was read for the address the page was opened with."""
        self._visit = visit
        self._bar = bar
        self._stirs = stirs
        self._first: tuple[Place, Asked, Any] | None = first
        self._place: Place | None = None
        self._staying: Staying | None = None
        self._asked = Asked()
        self._heard: list[Stir] = []
        visit.stirred = self.stirred  # places ask for it while they are built
        super().__init__(show_404=False)
        self.classes('lk-place')

    def stirred(self, topics: Iterable[str], refresh: Refresh) -> None:
        """See ui.ask.Stirred."""
        self._heard.append(self._stirs.add(self.client, self._visit.actor.tenant_id, topics, refresh))

    def left(self) -> None:
        """The place is shown no longer."""
        for stir in self._heard:
            self._stirs.forget(stir)
        self._heard = []
        if self._staying:
            self._staying.leave()
        self._staying = self._place = None

    def _show(self) -> None:
        """The router has a new address."""
        if self._first is not None:
            place, asked, data = self._first
            self._first = None
            self._build(place, asked, data)
            return
        path = self._router.current_path
        found = find(path)
        if found is None:
            self.client.open(path)  # not a place of the desk: the browser asks the server for it
            return
        self._visit.path = path
        self._cancel_active_tasks()
        place, asked = found
        if place is self._place and self._staying:
            asked = replace(asked, staying=asked.query == self._asked.query)
        task = background_tasks.create(self._enter(place, asked), name='place', context=self)
        self._active_tasks.add(task)
        task.add_done_callback(self._active_tasks.discard)

    def _set_match(self, match: Any) -> None:
        """Nothing of NiceGUI's own matching is used."""

    async def _enter(self, place: Place, asked: Asked) -> None:
        reading = asyncio.ensure_future(look(self._visit, place, asked))
        done, _ = await asyncio.wait({reading}, timeout=PATIENCE)
        if not done and place is not self._place:
            self.left()
            with self.clear():
                State('loading')
        try:
            data = await reading
        except NotSignedIn:
            self._visit.leave(self.client)
            return
        except Exception as trouble:
            self._failed(place, asked, trouble)
            return
        if place is self._place and self._staying and data is not None and data is not DENIED:
            self._asked = asked
            with self:
                self._staying.go(asked, data)
            self._bar.arrive(asked.path, _title(place, data))
            return
        self._build(place, asked, data)

    def _build(self, place: Place, asked: Asked, data: Any) -> None:
        self.left()
        self._asked = asked
        with self.clear():
            if data is None:
                State('missing', title='Nothing here', text=NO_SUCH)
            elif data is DENIED:
                deny(self._visit, place.module.TITLE, f'{place.module.TITLE} is not for your role')
            else:
                try:
                    self._staying = place.module.build(self._visit, data)
                    self._place = place
                except Exception as trouble:
                    self._failed(place, asked, trouble)
                    return
        if self._router.is_initial_request:
            self.client.title = f'{_title(place, data)} · Leadkeeper'
        else:
            self._bar.arrive(asked.path, _title(place, data))

    def _failed(self, place: Place, asked: Asked, trouble: Exception) -> None:
        if not isinstance(trouble, Refusal):
            log.error('place_failed', path=asked.path, error=type(trouble).__name__, exc_info=trouble)
        self.left()

        async def again() -> None:
            await self._enter(place, asked)

        text = trouble.detail if isinstance(trouble, Refusal) else FAILED
        request_id = str(self.client.request.scope.get('request_id', '')) if self.client.request else ''
        with self.clear():
            State(
                'error',
                title=f'Could not load {place.module.TITLE.lower()}',
                text=f'{text} Incoming leads are not stored by this page and do not wait for it.',
                button='Try again',
                detail=f'{type(trouble).__name__}, page {request_id}',
                on_press=_awaited(again),
            )


def _title(place: Place, data: Any) -> str:
    return str(getattr(data, 'title', '') or place.module.TITLE)


def _awaited(act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def press() -> None:
        await act()

    return press
