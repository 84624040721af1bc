"""What tests of follow-ups begin with: tasks, templates and sequences of a desk, and a worker's look at them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.base.clock import now
from domain.base.scope import Actor, Scope, system
from domain.follow_ups.actions import create
from domain.follow_ups.messages import SequenceOrder, Step, TaskOrder, TaskUndo, TemplateOrder
from domain.follow_ups.queries import task_row
from domain.follow_ups.sequences import create_sequence, create_template
from domain.outbox.models import Destination
from tasks.sequences import Sequences
from tests.domain.conftest import Desk
from tests.domain.rows import BOX, command, table

HOUR = timedelta(hours=1)


def lead_of(desk: Desk, **fields: Any) -> UUID:
    (captured,) = desk.capture(command(**({'email': 'ada@example.com', 'name': 'Ada Lovelace'} | fields)))
    assert captured.lead_id
    return captured.lead_id


def planned(desk: Desk, actor: Actor, lead_id: UUID, **fields: Any) -> TaskUndo:
    """A task in an hour."""
    order = TaskOrder.model_validate({'lead_id': lead_id, 'title': 'Call back', 'due_at': now() + HOUR} | fields)
    with desk.db.transaction() as session:
        return create(session, actor, order)


def task_of(desk: Desk, task_id: UUID) -> Any:
    with desk.db.reading() as session:
        return task_row(session, Scope(desk.tenant_id), task_id, moment=now())


def look(desk: Desk) -> None:
    """What a worker does when it wakes."""
    Sequences(desk.db).round()


def template_of(desk: Desk, name: str, body: str = 'Hello {{ lead.first_name }}.', subject: str = 'Your wish') -> UUID:
    with desk.db.transaction() as session:
        return create_template(session, system(desk.tenant_id), TemplateOrder(name=name, subject=subject, body=body)).id


def sequence_of(desk: Desk, *steps: dict[str, Any], name: str = 'Welcome', **fields: Any) -> UUID:
    """A sequence that is switched on."""
    order = SequenceOrder(name=name, steps=[Step(**step) for step in steps], **({'enabled': True} | fields))
    with desk.db.transaction() as session:
        return create_sequence(session, system(desk.tenant_id), order).id


def mail_account(desk: Desk, **fields: Any) -> UUID:
    """A mail account that is told of nothing."""
    row = Destination(tenant_id=desk.tenant_id, kind='email', name='Mail', config_sealed=BOX.seal('{}'), **({'events': []} | fields))
    with desk.db.transaction() as session:
        session.add(row)
    return row.id


def titles(desk: Desk, lead_id: UUID) -> list[str]:
    """The lead's timeline."""
    return [row['title'] for row in table(desk.db, 'conversation_timeline') if row['lead_id'] == lead_id]


def events(desk: Desk, kind: str) -> list[dict[str, Any]]:
    return [row for row in table(desk.db, 'lead_events') if row['event_type'] == kind]
