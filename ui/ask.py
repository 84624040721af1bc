"""The two doors down from a page: `await ask(query, …)` reads, `await do(action, …)` acts; both look up who is asking at that moment."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from datetime import timedelta
from typing import Concatenate, ParamSpec, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID

import structlog
from nicegui import Client
from nicegui import ui as ng

from domain.access.queries import actor_of, session_of
from domain.access.rules import SEEN_GRAIN
from domain.access.signing import seen
from domain.base import clock
from domain.base.db import Session
from domain.base.errors import NotSignedIn, Refusal, Unavailable
from domain.base.scope import Actor, Scope
from ui.boards import Boards
from ui.components.notices import Notices
from ui.doors import Doors
from ui.live import Hub
from ui.presence import Presence

log = structlog.get_logger(__name__)

P = ParamSpec('P')
T = TypeVar('T')

# Set while a place reads again by itself: nobody is there whose session that would keep alive.
unattended: ContextVar[bool] = ContextVar('unattended', default=False)

FAILED = 'This did not work, and the reason was written to the log. What is stored is safe; try again in a moment.'


class Stirred(Protocol):
    """`stirred(topics, refresh)`: while the place is shown, await `refresh` after rings of these topics, at most once a second."""

    def __call__(self, topics: Iterable[str], refresh: Callable[[], Awaitable[None]]) -> None: ...


class Visit:
    """One open page of one signed-in person. A page left open is no authorisation: every call reads the session row again."""

    def __init__(self, doors: Doors, hub: Hub, presence: Presence, token: str, path: str) -> None:
        """`path` is where the person comes back to after signing in again."""
        self.doors = doors
        self.hub = hub
        self.presence = presence
        self.path = path
        self.before = hub.serial()  # taken before the last reading for a place: what changed since then is told to it
        self.stirred: Stirred  # given by the panel that shows the place
        self.boards: Boards  # given by the shell
        self._db = doors.db
        self._token = token
        self._idle = timedelta(minutes=doors.settings.session_idle_minutes)
        self.notices: Notices
        self.actor: Actor  # who it was at the last look
        self.session_id: UUID

    async def read(self, query: Callable[Concatenate[Session, Scope, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(session, scope, …)` in a thread; raises NotSignedIn and the query's own refusals."""
        return await asyncio.to_thread(lambda: self._read(query, *args, **kwargs))

    async def act(self, action: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `action(session, actor, …)` in a thread, in one transaction; raises NotSignedIn and the action's own refusals."""
        return await asyncio.to_thread(lambda: self._act(action, *args, **kwargs))

    def leave(self, client: Client) -> None:
        """Send the page to the sign-in."""
        client.open(sign_in_path(self.path))

    def _read(self, query: Callable[Concatenate[Session, Scope, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        now = clock.now()
        with self._db.reading() as session:
            row, user = session_of(session, self._token, now)
            unnoted = now - row.seen_at
            if unnoted > self._idle:
                raise NotSignedIn('You were away for a while; please sign in again.')
            self.session_id, self.actor = row.id, actor_of(user)
            answer = query(session, self.actor.scope, *args, **kwargs)
        if unnoted > SEEN_GRAIN and not unattended.get():
            self._note_use()
        return answer

    def _act(self, action: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        now = clock.now()
        with self._db.transaction() as session:
            row, user = session_of(session, self._token, now)
            seen(session, row, now, self._idle)
            self.session_id, self.actor = row.id, actor_of(user)
            return action(session, self.actor, *args, **kwargs)

    def _note_use(self) -> None:
        now = clock.now()
        try:
            with self._db.transaction() as session:
                seen(session, session_of(session, self._token, now)[0], now, self._idle)
        except Unavailable:
            log.warning('session_use_not_noted', session=str(self.session_id))  # what was read was read all the same


def enter(visit: Visit) -> None:
    """Make this the identity of the page that is being built."""
    ng.context.client.storage['visit'] = visit


def sign_in_path(path: str) -> str:
    """The sign-in page that leads back to `path`."""
    return f'/login?next={quote(path, safe="/")}' if path != '/' else '/login'


async def ask(query: Callable[Concatenate[Session, Scope, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """The query's answer for the person of the current page; None when it was refused, which the page has then said."""
    client, visit = _here()
    try:
        return await visit.read(query, *args, **kwargs)
    except Exception as trouble:
        _refused(client, visit, trouble)
        return None


async def do(action: Callable[Concatenate[Session, Actor, P], object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether the action was done for the person of the current page; when it was refused, the page has said why."""
    client, visit = _here()
    try:
        await visit.act(action, *args, **kwargs)
    except Exception as trouble:
        _refused(client, visit, trouble)
        return False
    return True


async def done(action: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """What the action gave back, done for the person of the current page; None when it was refused, and the page has said why."""
    client, visit = _here()
    try:
        return await visit.act(action, *args, **kwargs)
    except Exception as trouble:
        _refused(client, visit, trouble)
        return None


def _here() -> tuple[Client, Visit]:
    client = ng.context.client
    visit = client.storage['visit']
    assert isinstance(visit, Visit)
    return client, visit


def _refused(client: Client, visit: Visit, trouble: Exception) -> None:
    if client.is_deleted:
        return
    if isinstance(trouble, NotSignedIn):
        visit.leave(client)
        return
    if not isinstance(trouble, Refusal):
        log.error('page_act_failed', error=type(trouble).__name__, exc_info=trouble)
    if hasattr(visit, 'notices'):
        visit.notices.say(trouble.detail if isinstance(trouble, Refusal) else FAILED, 'red')
