"""Values of the flags, as the settings page shows them."""

from dataclasses import dataclass
from datetime import datetime

from domain.flags.models import Flag


@dataclass(frozen=True, slots=True)
class FlagState:
    """One switch: where it stands, and who moved it last; `changed_by` is empty while it has its first value."""

    name: Flag
    enabled: bool
    changed_at: datetime | None = None
    changed_by: str = ''
