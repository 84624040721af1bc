"""Holidays as people send them in: checked, and put in order. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.base.errors import FieldError, Invalid
from domain.tenancy.calendars import NEVER_OPEN, Calendar, Closed, Period
from domain.tenancy.hours import MIDNIGHT, Week

HOLIDAYS_MOST, NAME_LONGEST = 1000, 200


@dataclass(frozen=True, slots=True)
class Day:
    """A holiday before it is a row. `uid` is the .ics entry it came from: taken again, it is the same holiday."""

    day: date
    name: str = ''
    yearly: bool = False
    part: Period | None = None  # None: the whole day
    uid: str = ''

    def closed(self) -> Closed:
        """The holiday as a calendar takes it."""
        return Closed(self.day, self.yearly, self.part, self.name)


def check_opens(time_zone: str, week: Week, holidays: Iterable[Day]) -> None:
    """Raises Invalid for hours that leave nothing open in any year: nothing would ever be due."""
    if Calendar(time_zone, week, tuple(day.closed() for day in holidays)).never_open:
        said = NEVER_OPEN[:1].upper() + NEVER_OPEN[1:]
        raise Invalid(f'{said}.', errors=[FieldError('hours', NEVER_OPEN)])


def check_days(days: Sequence[Day]) -> list[Day]:
    """The holidays in the order of their days, each once; raises Invalid for too many or too long a name."""
    if len(days) > HOLIDAYS_MOST:
        why = f'are {len(days):,}, and {HOLIDAYS_MOST:,} is the most'
        raise Invalid(f'The holidays {why}.', errors=[FieldError('holidays', why)])
    for number, day in enumerate(days):
        if len(day.name) > NAME_LONGEST or not (day.name.isprintable()):
            why = f'needs a name of at most {NAME_LONGEST} printable characters'
            raise Invalid(f'Holiday {number + 1} {why}.', errors=[FieldError(f'holidays.{number}', why)])
    return in_order(dict.fromkeys(days))


def in_order(days: Iterable[Day]) -> list[Day]:
    """Holidays by their day."""
    return sorted(days, key=lambda day: (day.day, day.part or (0, MIDNIGHT), day.name, day.uid))
