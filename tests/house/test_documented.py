"""What the README promises is what the program has: settings, routes, events, words."""

import re
from pathlib import Path

from domain.base.events import EventType
from domain.base.settings import Settings
from tests.house.routes import documented_routes, served_routes
from tests.house.tree import readme_section

# The public surface's list. A new event needs a line here, in the README and in the changelog.
EVENTS = [
    'lead.created', 'lead.updated', 'lead.resubmitted', 'lead.assigned', 'lead.status_changed', 'lead.merged',
    'message.received', 'message.sent', 'notification.sent', 'notification.failed', 'sla.warning', 'sla.breached',
    'follow_up.due', 'follow_up.completed', 'appointment.booked', 'appointment.cancelled', 'crm.synced', 'crm.conflict',
    'ai.replied', 'handoff.changed', 'alert.opened', 'alert.closed',
]  # fmt: skip


def test_every_setting_stands_in_the_readmes_settings_table_and_nothing_else_does() -> None:
    rows = [line for line in readme_section('settings').splitlines() if line.startswith('|')]
    documented = {name for row in rows for name in re.findall(r'`([A-Z][A-Z0-9_]+)`', row)}
    assert documented == {name.upper() for name in Settings.model_fields}


def test_every_settings_default_stands_beside_its_name_where_it_is_a_plain_value() -> None:
    table = readme_section('settings')
    wrong = {}
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, bool | int | float | str) and default != '':
            shown = str(default).lower() if isinstance(default, bool) else f'{default:g}' if isinstance(default, float) else str(default)
            row = next((line for line in table.splitlines() if f'`{name.upper()}`' in line), '')
            if shown not in row:
                wrong[name.upper()] = shown
    assert wrong == {}


def test_every_route_stands_in_the_readmes_routes_table_and_nothing_else_does(tmp_path: Path) -> None:
    assert documented_routes() == served_routes(tmp_path)


def test_the_events_are_those_of_the_public_surface() -> None:
    assert [event.value for event in EventType] == EVENTS
