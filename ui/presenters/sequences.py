"""Sequences and their templates, as the settings draw them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.follow_ups import models as kept
from domain.follow_ups.messages import Step
from domain.follow_ups.models import RunState, StepChannel
from domain.follow_ups.templates import VARIABLES
from ui.presenters import words

_RUNS = ((RunState.RUNNING, 'under way'), (RunState.COMPLETED, 'completed'), (RunState.STOPPED, 'stopped'))


def sequence(row: kept.Sequence, places: Mapping[str, str], runs: Mapping[str, int]) -> dict[str, Any]:
    """One sequence with its steps; `places` are the names of the locations by id, `runs` how many leads are in each state."""
    qualities = [quality for quality in ('hot', 'warm', 'cold') if quality in row.qualities]
    ids = [str(UUID(each)) for each in row.location_ids]
    names = [places[each] for each in ids if each in places]
    whom = f'{words.sentence(" and ".join(qualities))} leads' if qualities else 'All leads'
    return {
        'id': str(row.id),
        'name': row.name,
        'on': row.enabled_at is not None,
        'whom': f'{whom} at {", ".join(names)}' if names else whom,
        'runs': ', '.join(f'{runs[state]:,} {word}' for state, word in _RUNS if runs.get(state)),
        'underWay': runs.get(RunState.RUNNING, 0),
        'leads': sum(runs.values()),
        'qualities': qualities,
        'locationIds': ids,
        'steps': [Step.model_validate(step).model_dump(mode='json', by_alias=True) for step in row.steps],
        'version': row.version,
    }


def template(row: kept.Template) -> dict[str, Any]:
    """The words of a step."""
    return {'id': str(row.id), 'name': row.name, 'subject': row.subject, 'body': row.body, 'version': row.version}


def variables() -> list[dict[str, str]]:
    """What a template can name, for the buttons that put it in."""
    return [{'name': name, 'label': _label(name), 'about': f'For example {example}'} for name, example in VARIABLES.items()]


def connected(kinds: Iterable[str]) -> Sequence[str]:
    """The channels that carry a step now; `kinds` are those of the destinations that are switched on."""
    return [StepChannel.TASK, *([StepChannel.EMAIL] if StepChannel.EMAIL in set(kinds) else [])]


def _label(name: str) -> str:
    return words.sentence(name.removesuffix('.name').replace('lead.', '').replace('.', ' '))
