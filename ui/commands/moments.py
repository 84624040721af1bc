"""Times as people type them on the command line."""

import re
from datetime import datetime, timedelta

import typer

from domain.base import clock

_SPAN = re.compile(r'(\d+)([smhdw])')
_UNITS = {'s': 'seconds', 'm': 'minutes', 'h': 'hours', 'd': 'days', 'w': 'weeks'}


def moment_of(text: str) -> datetime:
    """A time span back from now, or an ISO time with a zone; ends the command with exit 2 otherwise."""
    if match := _SPAN.fullmatch(text):
        return clock.now() - timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        typer.echo(
            f'"{text}" is not a time: write a span such as 30d or 12h, or an ISO time with zone such as 2026-03-01T09:00:00Z.', err=True
        )
        raise typer.Exit(2)
    return moment
