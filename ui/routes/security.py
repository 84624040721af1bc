"""Who calls a route: the key or the session behind a request."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request

from domain.access.queries import SIGN_IN, actor_of, session_of
from domain.access.rules import SEEN_GRAIN, Permission, require, session_token
from domain.access.signing import seen
from domain.base import clock
from domain.base.errors import Forbidden, NotSignedIn, Unavailable
from domain.base.scope import Actor, ActorType, Scope
from ui.doors import Doors
from ui.guard import doors_of, from_here, header, idle_of, limits_of


def presented(request: Request) -> tuple[str, str | None]:
    """Which kind of credential a machine shows: ('api', key), ('widget', key) or ('none', None)."""
    authorization = header(request, b'authorization') or ''
    if authorization[:7].lower() == 'bearer ':
        return 'api', authorization[7:].strip()
    widget = header(request, b'x-widget-key')
    return ('widget', widget) if widget else ('none', None)


def caller(request: Request) -> Actor:
    """The API key or signed-in person behind a desk request; raises NotSignedIn or Forbidden (a key's scopes are judged by each action)."""
    doors, limits = doors_of(request), limits_of(request)
    kind, key = presented(request)
    if kind == 'api':
        facts = doors.facts.load(key, 'api')
        limits.hit(facts.credential.rate_limit or doors.settings.rate_limit_desk, 'desk', facts.credential.name, what='requests')
        place = frozenset({facts.place.id}) if facts.bound else None
        return Actor(
            Scope(facts.tenant_id, place), ActorType.AGENT, facts.credential.id, facts.credential.label, None, facts.credential.scopes
        )
    token = session_token(request.cookies)
    if kind != 'none' or not token:
        raise NotSignedIn('Send `Authorization: Bearer lk_…` with an API key of this desk.')
    if request.method not in ('GET', 'HEAD', 'OPTIONS') and not from_here(request, doors):
        raise Forbidden('This request came from another site; it was not carried out.')
    return _person(doors, token)


def _person(doors: Doors, token: str) -> Actor:
    """The person behind a session, whose use is noted to the minute: whoever works by the API alone is not idle."""
    now, idle = clock.now(), idle_of(doors)
    with doors.db.reading() as session:
        row, user = session_of(session, token, now)
        unnoted, actor = now - row.seen_at, actor_of(user)
    if unnoted > idle:
        raise NotSignedIn(SIGN_IN)
    if unnoted > SEEN_GRAIN:
        with suppress(Unavailable), doors.db.transaction() as session:  # a look at leads must not fail because nobody can write
            seen(session, session_of(session, token, now)[0], now, idle)
    return actor


def allowed(permission: Permission) -> Callable[[Request], Actor]:
    """A dependency that lets pass who holds the permission."""

    def judge(request: Request) -> Actor:
        actor = caller(request)
        require(actor, permission)
        return actor

    return judge


def open_or_allowed(request: Request) -> None:
    """Metrics and documentation: for holders of health:read, and for everybody on a desk that only this machine can reach."""
    doors = doors_of(request)
    if doors.settings.loopback_only and not any(name in request.headers for name in ('x-forwarded-for', 'forwarded', 'x-real-ip')):
        return
    require(caller(request), Permission.HEALTH_READ)


Caller = Annotated[Actor, Depends(caller)]
