"""What a search is asked and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Found(StrEnum):
    """Where in a lead the words were found."""

    REFERENCE = 'reference'
    NAME = 'name'
    EMAIL = 'email'
    PHONE = 'phone'
    DETAILS = 'details'
    TIMELINE = 'timeline'


@dataclass(frozen=True, slots=True)
class Hit:
    """One lead that was found. `due_at` is None unless a first reply is awaited; `window_seconds` is the whole of that wait.

    `name_marks` are the found parts of the name, as (start, end) in characters. `snippet` is a piece of the other text the words were found
    in, with its own `marks`; it is empty where the name says it all. Everything is as it was typed: nothing is escaped.
    """

    lead_id: UUID
    reference: str
    name: str
    quality: str
    location: str
    group: str
    status: str
    due_at: datetime | None
    window_seconds: int
    answered: bool
    field: Found
    name_marks: tuple[tuple[int, int], ...] = ()
    snippet: str = ''
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The tokens of one lead as it was at `changed_at`, ready to be stored; none when it is not to be found (merged)."""

    lead_id: UUID
    changed_at: datetime
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """What the index lacks: some documents, and how far it will have come once they are in it; `past`: from before it was begun."""

    documents: tuple[Document, ...]
    caught_up: datetime
    filled_from: datetime | None
    past: bool
