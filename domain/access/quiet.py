"""Quiet hours: when a person does not want to be told, in their own time zone, and who is told instead. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from domain.base.errors import FieldError, Invalid

QUIET = 'quietHours'  # the preference: {"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"}; null: none
_CLOCK = re.compile(r'([01]\d|2[0-3]):[0-5]\d')


def check_quiet(value: object) -> dict[str, str] | None:
    """The preference as it is stored; raises Invalid naming what is wrong."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) != {'from', 'to', 'zone'}:
        raise Invalid('Quiet hours need "from", "to" and "zone".')
    for name in ('from', 'to'):
        if not isinstance(value[name], str) or not _CLOCK.fullmatch(value[name]):
            raise Invalid(f'"{value[name]}" is no time of day; write it as 22:00.', errors=[FieldError(name, 'must be HH:MM')])
    if value['from'] == value['to']:
        raise Invalid('Quiet hours that never end would keep everything from you.', errors=[FieldError('to', 'is the same as "from"')])
    if value['zone'] not in _zones():
        raise Invalid(f'"{value["zone"]}" is no time zone.', errors=[FieldError('zone', 'is unknown')])
    return {name: str(value[name]) for name in ('from', 'to', 'zone')}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def quiet_until(preferences: Mapping[str, Any], moment: datetime) -> datetime | None:
    """When the quiet hours end in which this moment lies; None: it lies in none. Hours over midnight belong to the day they begin."""
    hours = preferences.get(QUIET)
    if not hours:
        return None
    zone = ZoneInfo(hours['zone'])
    begin, end = time.fromisoformat(hours['from']), time.fromisoformat(hours['to'])
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last = day if begin < end else day + timedelta(days=1)
        since, until = (datetime.combine(at, clock, zone).astimezone(UTC) for at, clock in ((day, begin), (last, end)))
        if since <= moment < until:
            return until
    return None


@dataclass(frozen=True, slots=True)
class Ear:
    """Somebody who could be told, and until when they want quiet; None: they can be told now."""

    id: UUID
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Whom to tell, and when."""

    id: UUID
    at: datetime


def hand_round(owner: Ear, others: Sequence[Ear], moment: datetime, deadline: datetime) -> list[Tell]:
    """Who is told of a lead of this owner, and when; `others` are those who come next, in their order.

    Quiet hours put it off to their end, but never past the deadline: if they last longer, the next one who can be told gets it now, and
    the owner hears of it afterwards. Where everybody wants quiet, the owner is told at the deadline all the same.
    """
    if owner.quiet_until is None:
        return [Tell(owner.id, moment)]
    if owner.quiet_until <= deadline:
        return [Tell(owner.id, owner.quiet_until)]
    awake = next((each for each in others if each.quiet_until is None and each.id != owner.id), None)
    if awake is None:
        return [Tell(owner.id, max(moment, deadline))]
    return [Tell(awake.id, moment), Tell(owner.id, owner.quiet_until)]
