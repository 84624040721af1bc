"""What the crawl of two tenants needs for the routes of the follow-ups."""

from typing import Any
from uuid import UUID

from domain.base.clock import now
from domain.base.scope import system
from domain.follow_ups.actions import create
from domain.follow_ups.messages import SequenceOrder, TaskOrder, TemplateOrder
from domain.follow_ups.sequences import create_sequence, create_template
from tests.domain.follow_up_rows import HOUR
from tests.routes.house import House

FOLLOW_UP_LISTS = tuple(f'GET /api/v1/{name}' for name in ('tasks', 'templates', 'sequences'))


def follow_up_ids(house: House, lead_id: str, name: str) -> dict[str, str]:
    """A task, a template and a sequence of the first tenant, by the names the paths have for their ids."""
    actor = system(house.tenant_id)
    with house.doors.db.transaction() as session:
        task = create(session, actor, TaskOrder(lead_id=UUID(lead_id), title=name, due_at=now() + HOUR))
        template = create_template(session, actor, TemplateOrder(name=name, body='Hello'))
        sequence = create_sequence(session, actor, SequenceOrder(name=name, steps=[]))
        return {'task_id': str(task.task_id), 'template_id': str(template.id), 'sequence_id': str(sequence.id)}


def follow_up_bodies(lead_id: str) -> dict[tuple[str, str], Any]:
    """Bodies that the routes take."""
    return {
        ('POST', '/api/v1/tasks'): {'leadId': lead_id, 'title': 'mine', 'dueAt': (now() + HOUR).isoformat()},
        ('PATCH', '/api/v1/tasks/{task_id}'): {'title': 'mine'},
        ('POST', '/api/v1/templates'): {'name': 'mine', 'body': 'Hello'},
        ('PATCH', '/api/v1/templates/{template_id}'): {'body': 'mine'},
        ('POST', '/api/v1/sequences'): {'name': 'mine', 'steps': []},
        ('PATCH', '/api/v1/sequences/{sequence_id}'): {'name': 'mine'},
    }
