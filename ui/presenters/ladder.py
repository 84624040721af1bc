"""The alarm ladder as the settings draw it: the order of the channels, and who is told when, in words."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from domain.alerts.rungs import Rung, Turn
from ui.presenters.words import ANY_PLACE

_SAID = {
    Turn.AT_ONCE: 'Told at once: it hears about new leads',
    Turn.NEXT: 'Told after 2 minutes',
    Turn.LATER: 'Told after 2 minutes if those before it were told or do not work',
    Turn.NEVER: 'Carries replies alone, and is not alarmed until it has a place here',
}


def ladder(rungs: Sequence[Rung], names: Mapping[UUID, str], icons: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """The channels in their order and the three moments; `names` are those of locations, `icons` of kinds. What is off needs a place."""
    at_once = _who(rungs, Turn.AT_ONCE, names)
    return {
        'rungs': [_rung(row, names, icons) for row in rungs if row.enabled or row.place],
        'moments': [
            {'when': 'At once', 'who': at_once or 'No channel: none that works hears about new leads'},
            {'when': 'After 2 minutes', 'who': _who(rungs, Turn.NEXT, names) or _nobody(at_once)},
            {'when': 'After 5 minutes', 'who': 'Every open desk: red banner and sound'},
        ],
    }


def _nobody(at_once: str) -> str:
    others = 'each one that works is told at once already' if at_once else 'none works'
    return f'No channel: {others}'


def _rung(row: Rung, names: Mapping[UUID, str], icons: Mapping[str, str]) -> dict[str, Any]:
    said = _SAID.get(row.turn) or f'{_why(row)}, so it is passed over'
    return {'id': str(row.id), 'name': row.name, 'icon': icons.get(row.kind, ANY_PLACE), 'place': row.place, 'said': said + _at(row, names)}


def _why(row: Rung) -> str:
    if not row.enabled:
        return 'Off'
    return 'Paused' if row.paused else 'Its feature flag is off'


def _who(rungs: Iterable[Rung], turn: Turn, names: Mapping[UUID, str]) -> str:
    return ', '.join(row.name + _at(row, names) for row in rungs if row.turn is turn)


def _at(row: Rung, names: Mapping[UUID, str]) -> str:
    """Where, for one that does not hear of all locations."""
    if not row.location_ids or row.turn not in (Turn.AT_ONCE, Turn.NEXT, Turn.LATER):
        return ''
    return f' ({", ".join(names[each] for each in row.location_ids if each in names)})'
