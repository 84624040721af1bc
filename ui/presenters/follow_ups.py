"""A follow-up in the agenda and on its lead, as the browser draws it."""

from collections.abc import Iterable
from typing import Any

from domain.follow_ups.messages import Agenda, RunRow, TaskRow
from domain.follow_ups.models import RunState, TaskKind, TaskStatus
from domain.leads.models import Lead
from ui.presenters import words

# What each kind is called, and its icon; the browser's form offers them in this order.
KINDS: dict[str, tuple[str, str]] = {
    TaskKind.CALL: ('Call', 'phone'),
    TaskKind.EMAIL: ('E-mail', 'mail'),
    TaskKind.MESSAGE: ('Message', 'message-square'),
    TaskKind.DOCUMENT: ('Document', 'file-text'),
    TaskKind.APPOINTMENT: ('Appointment', 'calendar'),
    TaskKind.TASK: ('Task', 'pin'),
}


def row(task: TaskRow) -> dict[str, Any]:
    """Plain JSON values: texts unescaped (the browser's template escapes), times as numbers. Overdue is what the browser's clock says."""
    word, icon = KINDS.get(task.kind) or (words.sentence(task.kind), 'pin')
    lead = task.lead_name or task.reference
    return {
        'id': str(task.id),
        'leadId': str(task.lead_id),
        'lead': lead,
        'first': lead.split()[0] if lead.split() else lead,
        'title': task.title,
        'note': task.note,
        'kind': task.kind,
        'word': word,
        'icon': icon,
        'due': words.ms(task.due_at),
        'remind': words.ms(task.remind_at),
        'done': words.ms(task.completed_at) if task.status == TaskStatus.COMPLETED else None,
        'outcome': task.outcome,
        'sequence': task.sequence,
        'owner': task.owner_name,
        'ownerId': str(task.owner_id) if task.owner_id else '',
        'initials': words.initials(task.owner_name),
        'tint': words.tint(task.owner_name),
        'version': task.version,
    }


def rows(tasks: Iterable[TaskRow]) -> dict[str, dict[str, Any]]:
    """By their ids; what was taken away is not shown."""
    return {str(task.id): row(task) for task in tasks if task.status != TaskStatus.CANCELLED}


def agenda(found: Agenda) -> dict[str, dict[str, Any]]:
    """All of an agenda, by id: the browser groups them by its own clock."""
    return rows((*found.overdue, *found.today, *found.done_today, *found.upcoming))


def run(found: RunRow) -> dict[str, Any]:
    """A sequence of a lead: how far it is, or why it ended; `next` when its next step is due."""
    said = f'Step {found.step + 1} of {found.of}'
    if found.state == RunState.STOPPED:
        said = f'Stopped: {found.stopped_because}' if found.stopped_because else 'Stopped'
    elif found.state == RunState.COMPLETED:
        said = 'Completed'
    return {'id': str(found.id), 'name': found.sequence, 'said': said, 'next': words.ms(found.next_at)}


def choice(lead: Lead) -> dict[str, Any]:
    """A lead that a new follow-up can be for."""
    name = lead.name or lead.email or lead.phone
    reach = ' · '.join(each for each in (lead.email, lead.phone) if each and each != name)
    return {'id': str(lead.id), 'name': name, 'note': reach, 'owner': str(lead.owner_id) if lead.owner_id else ''}


def person(user_id: object, name: str) -> dict[str, Any]:
    """Somebody a follow-up can be given to."""
    return {'id': str(user_id), 'name': name, 'initials': words.initials(name), 'tint': words.tint(name)}
