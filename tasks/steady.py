"""A clock that is not believed at once when it jumps."""

import time
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger(__name__)

JUMP = timedelta(seconds=2)  # what a clock may differ from the time that passed before it counts as having jumped
HOLD = 30.0  # seconds until a clock that jumped is believed


class Steady:
    """A clock that is not believed at once when it jumps: for half a minute the earlier of what it says and what has really passed counts.

    So a wrong time that is soon put right fires nothing early; twice nothing fires anyway, for the rows say what was told.
    """

    def __init__(self) -> None:
        self._anchor: tuple[datetime, float] | None = None
        self._doubted: float | None = None  # since when

    def at(self, reading: datetime, passed: float) -> datetime:
        """The moment to go by; `reading` is what the clock says, `passed` are seconds of a clock that nobody can set."""
        if self._anchor is None:
            self._anchor = (reading, passed)
        expected = self._anchor[0] + timedelta(seconds=passed - self._anchor[1])
        if abs(reading - expected) > JUMP:
            if self._doubted is None:
                self._doubted = passed
                log.warning('clock_jumped', seconds=round((reading - expected).total_seconds(), 3))
            if passed - self._doubted < HOLD:
                return min(reading, expected)
        self._anchor, self._doubted = (reading, passed), None
        return reading


def steady_seconds() -> float:
    """Seconds that nobody can set, those that the machine slept through included where the system counts them."""
    counter = getattr(time, 'CLOCK_BOOTTIME', None)
    return time.monotonic() if counter is None else time.clock_gettime(counter)
