"""The one source of time. Rules take `now` as an argument; everything else asks here."""

from datetime import UTC, datetime, timedelta

# Tests move time by setting this; the SQL side adds it to the database's clock too (see db.now).
offset = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + offset


def advance(by: timedelta) -> None:
    """Move the clock of this process forward (tests only)."""
    global offset
    offset += by


def reset() -> None:
    """Back to the real time (tests only)."""
    global offset
    offset = timedelta(0)
