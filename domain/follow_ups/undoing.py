"""Taking a deed on a task back."""

from sqlmodel import Session

from domain.access.rules import Permission, require
from domain.base.errors import Conflict
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.follow_ups.changing import HeldTask, hold_task, tell_task
from domain.follow_ups.messages import TaskUndo
from domain.follow_ups.models import TaskStatus
from domain.leads import editing as leads


def undo(session: Session, actor: Actor, undo: TaskUndo) -> None:
    """Take the deed back, with what was done to the lead, and an entry of its own on the timeline; a task it made is cancelled.

    Raises Conflict, and undoes nothing, where a task no longer shows what the deed left.
    """
    require(actor, Permission.LEADS_WRITE)
    if undo.lead is not None:
        leads.undo(session, actor, undo.lead)
        session.flush()
    held = [(change, hold_task(session, actor, change.task_id)) for change in undo.changes]
    for change, each in held:
        if any(getattr(each.task, name) != value for name, value in change.after.items()) or (change.made and not each.task.is_open):
            raise Conflict('Somebody changed this follow-up since; nothing was undone.')
    for change, each in held:
        for name, value in change.before.items():
            each.set(name, value)
        if change.made:
            each.set('status', TaskStatus.CANCELLED)
        _told(session, actor, each, undo.what)


def _told(session: Session, actor: Actor, each: HeldTask, what: str) -> None:
    tell_task(session, actor, each, EventType.LEAD_UPDATED, f'Undone: {what[:1].lower()}{what[1:]}', each.task.title)
