"""The first steps of a desk as they are drawn: what is done, where to begin, and what became of the test lead."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.base.scope import Actor
from domain.desk.destinations import DestinationRow
from domain.desk.messages import DeliveryRow, Entry
from domain.desk.setup import Setup
from ui.presenters import words

STEPS = ('place', 'hear', 'form', 'test')

_ICONS: dict[str, tuple[str, words.Tone]] = {
    'created': ('shield-check', 'green'),
    'notification_sent': ('check-check', 'green'),
    'notification_failed': ('circle-x', 'red'),
    'message': ('message-square', ''),
}


def progress(setup: Setup, rows: Sequence[DestinationRow]) -> dict[str, Any]:
    """What the rows say is done, and what they hold."""
    live = [row for row in rows if row.enabled]
    return {
        'place': {'name': setup.location, 'zone': setup.time_zone, 'region': setup.region},
        'rows': [_row(row) for row in live],
        'hint': setup.widget_hint,
        'done': {'hear': any(not row.paused for row in live), 'form': bool(setup.widget_hint), 'test': setup.leads},
    }


def _row(row: DestinationRow) -> dict[str, Any]:
    good = row.delivered_at is not None
    return {'id': str(row.id), 'kind': row.kind, 'name': row.name, 'paused': row.paused, 'good': good, 'env': row.from_environment}


def first_step(setup: Setup, rows: Sequence[DestinationRow], asked: str) -> str:
    """Where to begin: what the address asks for, else the place on a fresh desk, else the first thing that is not done."""
    if asked in STEPS:
        return asked
    done = progress(setup, rows)['done']
    if not done['form'] and not done['test']:
        return 'place'
    return next((step for step in STEPS if step in done and not done[step]), 'test')


def account(actor: Actor) -> str:
    """Who set this desk up."""
    return f'{actor.name}, {words.sentence(actor.role.value).lower()}' if actor.role else actor.name


def story(entries: Iterable[Entry], deliveries: Iterable[DeliveryRow]) -> list[dict[str, Any]]:
    """What happened to a lead, oldest first, and what is still under way."""
    lines = []
    for each in entries:
        icon, tone = _ICONS.get(each.event_type, ('circle-dot', ''))
        lines.append({'id': str(each.id), 'at': words.ms(each.at), 'title': each.title, 'icon': icon, 'tone': tone})
    for row in deliveries:
        if row.state in ('pending', 'leased'):
            shown = words.state(row.state, row.paused, row.attempts)
            title = f'{row.destination}: {shown.word}{f": {row.last_error}" if row.last_error else ""}'
            lines.append({'id': str(row.id), 'at': None, 'title': title, 'icon': 'clock', 'tone': shown.tone})
    return lines
