"""What is known of the open pages: who watches which list, and what each was told."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nicegui import Client

from domain.base.scope import Scope
from domain.desk.messages import InboxRow, LeadPage

REMEMBERED = 1000  # rows per scope, to leave out what pages have already


class Board(Protocol):
    """What a page offers to be told about; all are called on the event loop."""

    def patch(self, rows: Sequence[InboxRow], gone: Sequence[UUID], open_count: int) -> None:
        """These rows are new or different, those leads are out of sight."""

    def resync(self, rows: Sequence[InboxRow], open_count: int) -> None:
        """Start over with this first page."""

    def show(self, page: LeadPage) -> None:
        """The open lead has changed."""


@dataclass(eq=False)
class Watcher:
    """One open page."""

    client: Client
    board: Board
    scope: Scope  # as it was when the page was made: a change of role ends the session
    lead_id: UUID | None = None
    missed_since: datetime | None = None  # it may have missed what changed after this


@dataclass
class News:
    """What was rung since the last look."""

    ids: set[UUID] = field(default_factory=set)
    anything: bool = False


@dataclass
class Seen:
    """What the pages of one scope were told."""

    looked_at: datetime
    rows: OrderedDict[UUID, InboxRow] = field(default_factory=OrderedDict)
    open_count: int = -1

    def fresh(self, rows: Iterable[InboxRow]) -> list[InboxRow]:
        """The rows that differ from what was sent last; remembers them."""
        new = [row for row in rows if self.rows.get(row.id) != row]
        for row in new:
            self.rows[row.id] = row
            self.rows.move_to_end(row.id)
        while len(self.rows) > REMEMBERED:
            self.rows.popitem(last=False)
        return new


@dataclass(frozen=True)
class Look:
    """One reading: changed rows, or with `whole` the first page anew."""

    rows: list[InboxRow]
    open_count: int
    whole: bool = False
