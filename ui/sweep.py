"""Gives back the memory of pages that are gone.

A page is a web of objects that point at each other, which only Python's collector can free; intake has it look seldom, because each look
costs a pause (`ui.routes.build.tune_process`). So it is asked once many pages have gone, and not more often than now and then.
"""

import asyncio
import gc

MANY = 20  # pages
REST = 10.0  # seconds between two looks


class Sweep:
    """Counts pages that went; runs on the event loop."""

    def __init__(self) -> None:
        self._gone = 0
        self._due: asyncio.TimerHandle | None = None

    def page_gone(self) -> None:
        """One more."""
        self._gone += 1
        if self._gone >= MANY and self._due is None:
            self._due = asyncio.get_running_loop().call_later(REST, self._collect)

    def _collect(self) -> None:
        self._gone, self._due = 0, None
        gc.collect()
