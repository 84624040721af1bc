"""What the desk is shown of a conversation, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `channel` '' came through intake; `state` is that of its delivery (surface.md), '' where nothing had to go out.

    `detail` is the last answer of the provider where it did not arrive. `author` is customer, agent or bot; `who` a name where known.
    """

    id: UUID
    author: str
    who: str
    text: str
    at: datetime
    channel: str
    state: str = ''
    detail: str = ''
