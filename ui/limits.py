"""How often something may be asked for, counted in this process or for all of them."""

import time
from functools import lru_cache

import structlog
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from domain.base.errors import TooMany

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
