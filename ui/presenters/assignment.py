"""How leads are given out, as the settings draw it: the rule, the people, and who would get a lead."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.assignment.messages import Decision, Rule, Worker
from domain.base.ids import short
from domain.leads.models import Lead
from ui.presenters import words
from ui.presenters.access import ROLES


def rule(held_to: Rule) -> dict[str, Any]:
    """The rule; times in minutes, which is what people type."""
    take_back = held_to.take_back_seconds
    return {
        'on': held_to.enabled,
        'queue': held_to.queue,
        'takeBack': '' if take_back is None else f'{take_back / 60:g}',
        'capacity': '' if held_to.default_capacity is None else str(held_to.default_capacity),
    }


def worker(row: Worker, held_to: Rule, places: Mapping[UUID, str], me: UUID | None) -> dict[str, Any]:
    """One person who may be given leads."""
    most = held_to.default_capacity if row.capacity is None else row.capacity
    return {
        'id': str(row.id),
        'name': row.name,
        'initials': words.initials(row.name),
        'tint': words.tint(row.name),
        'role': ROLES[row.role][0],
        'me': row.id == me,
        'present': row.present,
        'since': words.ms(row.present_at),
        'load': f'{row.load} of {most}' if most is not None else str(row.load),
        'full': most is not None and row.load >= most,
        'capacity': '' if row.capacity is None else str(row.capacity),
        'skills': list(row.skills),
        'places': [str(each) for each in row.location_ids],
        'placeNames': ', '.join(places[each] for each in row.location_ids if each in places) or 'All locations',
    }


def waiting(rows: Sequence[Lead]) -> list[dict[str, str]]:
    """The leads that nobody has, to choose one of."""
    return [{'id': str(row.id), 'name': f'{row.name or row.email or row.phone}, L-{short(row.id)}'} for row in rows]


def decision(found: Decision, queue: str) -> dict[str, Any]:
    """Who would get it, why, and what was said of each."""
    taker = found.taker
    return {
        'title': f'{taker.name} would get it' if taker else f'It would wait in the queue {queue}',
        'good': taker is not None,
        'why': found.why,
        'people': [{'name': each.candidate.name, 'can': each.fits, 'why': each.why} for each in found.verdicts],
    }
