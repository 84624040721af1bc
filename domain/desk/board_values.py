"""What the SLA board is made of: its columns, its cards and their order. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Column(StrEnum):
    """Where a card stands. `PAUSED` is the end of the third column; the fourth holds today's first replies."""

    BREACHED = 'breached'
    DUE = 'due'
    TRACK = 'track'
    PAUSED = 'paused'
    RESPONDED = 'responded'


@dataclass(frozen=True, slots=True)
class Only:
    """Which cards are wanted; an empty value does not narrow."""

    quality: str = ''
    location_id: UUID | None = None

    def takes(self, quality: str, location_id: UUID) -> bool:
        """Whether a lead of this quality at this location is wanted."""
        return self.quality in ('', quality) and self.location_id in (None, location_id)


@dataclass(frozen=True, slots=True)
class Card:
    """One lead that waits for a reply, or got its first one today. `answered_at` is set in the last column only."""

    lead_id: UUID
    column: Column
    name: str
    quality: str
    message: str
    location: str
    location_id: UUID
    phone: str
    email: str
    owner: str | None
    owner_id: UUID | None
    reference: str
    kind: str
    started_at: datetime
    due_at: datetime
    window_seconds: int
    answered_at: datetime | None = None
    snoozed_until: datetime | None = None

    @property
    def mark(self) -> 'Mark':
        """Where its column goes on after this card."""
        return Mark(self.column, self.answered_at or self.due_at, self.lead_id)


@dataclass(frozen=True, slots=True)
class Mark:
    """The last card of a page: its column, the time it is ordered by, its lead."""

    column: Column
    at: datetime
    lead_id: UUID


Tally = Mapping[tuple[Column, str, UUID], int]  # how many cards of each column, quality and location


@dataclass(frozen=True, slots=True)
class Board:
    """The first cards of each column, how many there are, and the moment this was read at."""

    only: Only
    cards: tuple[Card, ...]
    ends: Mapping[Column, Mark]  # of the columns that have further cards, where these begin
    tally: Tally
    at: datetime
    today: datetime  # when the day of the last column began


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different on the board: these cards are new or changed, those leads are not on it."""

    cards: tuple[Card, ...]
    gone: tuple[UUID, ...]
    tally: Tally


def summed(counts: Tally, only: Only) -> dict[Column, int]:
    """The tally of a narrowed board, by column."""
    out = dict.fromkeys(Column, 0)
    for (column, quality, location_id), number in counts.items():
        if only.takes(quality, location_id):
            out[column] += number
    return out


def worst_first(found: Iterable[Card]) -> list[Card]:
    """In the order of the screen: the earliest deadline, hot before warm where they fall into the same minute; replies newest first."""
    heat = {'hot': 0, 'warm': 1, 'cold': 2}

    def key(card: Card) -> tuple[float, int, float]:
        if card.answered_at:
            return (-card.answered_at.timestamp(), 0, 0.0)
        due = card.due_at.timestamp()
        return (due // 60, heat.get(card.quality, 3), due)

    return sorted(found, key=key)
