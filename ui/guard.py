"""What pages and routes both need of a request: its headers, the doors behind it, and whether it comes from one of our own pages."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request

from ui.doors import Doors
from ui.limits import Limits


def from_here(request: Request, doors: Doors) -> bool:
    """Whether a state-changing request with a cookie comes from one of our own pages."""
    origin = request.headers.get('origin')
    public = doors.settings.public_url
    site = request.headers.get('sec-fetch-site')
    if origin is None:
        return site in (None, 'same-origin', 'none')
    parts = urlsplit(public) if public else None
    return own_origin(origin, request.headers.get('host', ''), f'{parts.scheme}://{parts.netloc}' if parts else None)


def header(request: Request, name: bytes) -> str | None:
    """A header by its lower-case name: one look into a table that is made once a request; Starlette searches the list each time."""
    table: dict[bytes, bytes] | None = request.scope.get('header_table')
    if table is None:
        table = request.scope['header_table'] = dict(request.scope['headers'])
    value = table.get(name)
    return None if value is None else value.decode('latin-1')


def doors_of(request: Request) -> Doors:
    """The doors this application was made with."""
    doors: Doors = request.app.state.doors
    return doors


def limits_of(request: Request) -> Limits:
    """The counters this application was made with."""
    limits: Limits = request.app.state.limits
    return limits


def idle_of(doors: Doors) -> timedelta:
    """How long a session may go unused."""
    return timedelta(minutes=doors.settings.session_idle_minutes)


def own_origin(origin: str, host: str, public: str | None) -> bool:
    """Whether a page of this origin is one of ours: the address it was asked at, or PUBLIC_URL."""
    return origin == public or (bool(host) and origin in (f'http://{host}', f'https://{host}'))
