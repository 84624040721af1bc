"""How one record of many rows becomes durable in one step: what keepers are, and how they gather records into groups.

A record is a mapping of plain values; a statement (see intake/statement.py) says which rows they make. Nothing here knows what a lead is.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.base.doorbell import Ring

Record = Mapping[str, Any]


class Met(Exception):
    """A unique index already knows the key or the person: the ordinary path decides."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement for SQLite: its text with `?`, what its values are in order, and the record's list it goes through (None: one row)."""

    sqlite: str
    pick: Callable[[Record], Sequence[Any]]
    each: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """The same inserts for both engines: lines for SQLite; for PostgreSQL one text, whose `$1` is the group's records as a JSON list."""

    lines: tuple[Line, ...]
    meetings: tuple[Line, ...]  # questions whose answer means that the key or the person is known
    postgres: str  # `$2`: a JSON list of what to notify
    postgres_meetings: str  # gives back the places in the list, from 0, of those who are known
    rings: Callable[[Record], Sequence[Ring]]


class Keeper(Protocol):
    """Commits all rows of a record, or none."""

    async def keep(self, record: Record) -> None:
        """Durable when it returns. Raises Met, Twin (a lock was not to be had) or Unavailable (nothing may be claimed)."""
        ...

    async def open(self) -> None:
        """Get ready on the running event loop."""
        ...

    async def close(self) -> None:
        """Finish what was handed in and let go."""
        ...


@dataclass(slots=True)
class Job:
    """One record on its way; `future` ends with None (durable) or the reason why not."""

    record: Record
    future: 'asyncio.Future[None]'


Results = Sequence[Exception | None]


class Gatherer(ABC):
    """Hands records over in groups: one flush to disk, and one write of each index page, serves all who wait for it.

    What arrives while the group's turn is not yet there waits. Under load a group waits a moment for the others, who have just had their
    answer and are on their way again; a lone lead on an idle desk waits for nobody. All of this runs on one event loop.
    """

    GROUP = 256
    GATHER = 0.002  # seconds
    SHARES = 1  # into how many groups those who come together are split, so that one is on its way while the next is being made

    def __init__(self, depth: int) -> None:
        """`depth`: how many groups may be under way at once."""
        self._depth = depth
        self._waiting: list[Job] = []
        self._groups = 0
        self._under_way = 0
        self._expected = 1  # how many were on their way together, lately
        self._timer: asyncio.TimerHandle | None = None
        self._done = asyncio.Event()

    @abstractmethod
    def start(self, group: list[Job]) -> None:
        """Begin to commit the group; `finish` is called on the event loop when it has ended."""

    async def keep(self, record: Record) -> None:
        """See Keeper."""
        loop = asyncio.get_running_loop()
        job = Job(record, loop.create_future())
        self._waiting.append(job)
        self._expected = max(self._expected, len(self._waiting) + self._under_way)
        self._consider(loop)
        await job.future

    async def drain(self) -> None:
        """Return once everything that was handed in has its answer."""
        while self._waiting or self._groups:
            self._done.clear()
            await self._done.wait()

    def finish(self, group: list[Job], results: Results) -> None:
        """Answer those of one group, and let the next one go."""
        self._groups -= 1
        self._under_way -= len(group)
        for job, result in zip(group, results, strict=True):
            if job.future.done():
                continue  # the client hung up; its lead is kept all the same
            if result is None:
                job.future.set_result(None)
            else:
                job.future.set_exception(result)
        self._done.set()
        self._consider(asyncio.get_running_loop())

    def _consider(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._groups >= self._depth or not self._waiting:
            return
        if len(self._waiting) >= max(1, self._expected // self.SHARES):
            self._go()
        elif self._timer is None:
            self._timer = loop.call_later(self.GATHER, self._go_without)

    def _go_without(self) -> None:
        """The others did not come: expect no more than are here."""
        self._timer = None
        self._expected = max(1, len(self._waiting) + self._under_way)
        self._go()

    def _go(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._waiting and self._groups < self._depth:
            group, self._waiting = self._waiting[: self.GROUP], self._waiting[self.GROUP :]
            self._groups += 1
            self._under_way += len(group)
            self.start(group)
