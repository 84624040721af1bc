"""What pages and routes both need of a request: where it comes from, and how often that may be."""

import hashlib
import ipaddress
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from domain.base.errors import TooMany
from ui.doors import Doors

log = structlog.get_logger(__name__)

_items = lru_cache(maxsize=256)(parse)


class Limits:
    """Counters of this process, for what must be fast; those of sign-ins are shared where Redis is given, and kept here when it is away."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(_shared(redis_url)) if redis_url else None
        self._alone_until = 0.0

    def hit(self, limit: str, *who: str, what: str) -> None:
        """Count one in this process; raises TooMany with the seconds until the window opens again."""
        self._hit(self._own, _items(limit), who, what)

    def hit_shared(self, limit: str, *who: str, what: str) -> None:
        """Count one for all processes; waits for Redis, so it is for threads and not for the hot path."""
        item = _items(limit)
        limiter = self._limiter()
        try:
            self._hit(limiter, item, who, what)
        except TooMany:
            raise
        except Exception as trouble:  # whatever the Redis driver raises: then this process counts alone for a while
            self._alone_until = time.monotonic() + item.get_expiry()
            log.warning('limits_alone', error=type(trouble).__name__)
            self._hit(self._own, item, who, what)

    def forgive_shared(self, limit: str, *who: str) -> None:
        """Forget what was counted by `hit_shared`: it turned out to be one who may."""
        item = _items(limit)
        try:
            self._limiter().clear(item, *who)
        except Exception as trouble:  # as above; then this window simply stays counted
            log.warning('limits_alone', error=type(trouble).__name__)

    def _limiter(self) -> FixedWindowRateLimiter:
        return self._own if self._shared is None or time.monotonic() < self._alone_until else self._shared

    def _hit(self, limiter: FixedWindowRateLimiter, item: RateLimitItem, who: tuple[str, ...], what: str) -> None:
        if limiter.hit(item, *who):
            return
        wait = max(1, int(limiter.get_window_stats(item, *who).reset_time - time.time()) + 1)
        raise TooMany(f'Too many {what}: at most {item}. Try again in {wait} seconds.', retry_after=wait)


def _shared(redis_url: str) -> Storage:
    return RedisStorage(redis_url, socket_timeout=1, socket_connect_timeout=1)


def address(request: Request, doors: Doors) -> str:
    """The visitor's address, as far as the proxies in front can be trusted."""
    peer = request.client.host if request.client else ''
    if not doors.settings.trusted_proxies:
        return peer
    return client_address(peer, ','.join(request.headers.getlist('x-forwarded-for')), doors.settings.trusted_proxies)


def address_hash(text: str, doors: Doors) -> str:
    """What is kept of an address: enough to see that two receipts came from the same one."""
    return _hashed(text, doors.box.sign)


@lru_cache(maxsize=4096)
def _hashed(text: str, sign: Callable[[str], str]) -> str:
    return hashlib.sha256(sign(text).encode()).hexdigest()[:16]


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


def client_address(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """The visitor's address: the peer's, or behind TRUSTED_PROXIES the nearest hop of X-Forwarded-For that is not one of them."""
    if not trusted or not forwarded:
        return peer
    networks = [ipaddress.ip_network(network, strict=False) for network in trusted]

    def is_proxy(text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in networks if network.version == address.version)

    address = peer
    for hop in reversed([part.strip() for part in forwarded.split(',')]):
        if not is_proxy(address):
            break
        address = hop
    return address
