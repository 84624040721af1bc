"""The columns of a lead that closes or is open again."""

from datetime import datetime

from domain.base.errors import FieldError, Invalid
from domain.leads.changing import Held
from domain.leads.clocking import again, end
from domain.leads.models import Stage, Status


def check_lost(stage: Stage | None, lost_reason: str) -> None:
    """Raises Invalid when a lead is to be lost without saying why, or says why without being lost."""
    if stage is Stage.LOST and not lost_reason.strip():
        raise Invalid('Say in a few words why the lead was lost.', errors=[FieldError('lostReason', 'is needed for a lost lead')])
    if stage is not Stage.LOST and lost_reason.strip():
        raise Invalid('A reason belongs to a lost lead only.', errors=[FieldError('lostReason', 'belongs to the stage lost')])
    if len(lost_reason.strip()) > 300:
        raise Invalid('The reason is too long: at most 300 characters.', errors=[FieldError('lostReason', 'is too long')])


def close_one(each: Held, moment: datetime) -> None:
    """The columns of a closed lead."""
    if each.lead.status is Status.CLOSED:
        return
    each.set('status', Status.CLOSED)
    each.set('snoozed_until', None)
    each.set('next_at', None)
    end(each, moment)


def open_one(each: Held, moment: datetime) -> None:
    """The columns of a lead that is open again."""
    if each.lead.status is Status.OPEN:
        return
    if each.lead.stage is Stage.LOST:
        each.set('stage', Stage.CONTACTED if each.clock and each.clock.answered_at else Stage.NEW)
        each.set('lost_reason', '')
    each.set('status', Status.OPEN)
    each.set('snoozed_until', None)
    again(each, moment)
    each.set('next_at', each.awaited.due_at if each.awaited else moment)
