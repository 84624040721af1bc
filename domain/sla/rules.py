"""Windows and deadlines. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

# Seconds until somebody must have answered, round the clock, where the tenant has no policy of its own.
DEFAULT_WINDOWS: Mapping[str, int] = {'hot': 15 * 60, 'warm': 60 * 60, 'cold': 24 * 60 * 60}


def due_at(started_at: datetime, window_seconds: int) -> datetime:
    """When the first reply is due."""
    return started_at + timedelta(seconds=window_seconds)


def moved(started_at: datetime, due: datetime, window_seconds: int, now: datetime) -> datetime:
    """The deadline after the window became `window_seconds`: counted from arrival, never before now, never later than it was."""
    return min(due, max(now, due_at(started_at, window_seconds)))
