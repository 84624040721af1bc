"""Laws of follow-ups: when a task speaks up, when a step is due, and what counts as "no more of these". Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.base.errors import FieldError, Invalid
from domain.follow_ups.messages import Step
from domain.follow_ups.models import FollowUpTask, TaskStatus
from domain.tenancy.calendars import Calendar

FAR = timedelta(days=366)  # a task is at most this far ahead
LATE = timedelta(minutes=1)  # a step taken later than this moves the ones after it
_TICK = timedelta(microseconds=1)

# The words carriers take for "no more" (CTIA), and the one that people write to mailing lists.
_OPT_OUT = re.compile(
    r'(?:please +)?(?:stop|stop ?all|unsubscribe|cancel|end|quit|opt[ -]?out|remove me)(?: +me)?(?: +please)?[.!]*', re.IGNORECASE
)


def fires_at(task: FollowUpTask) -> datetime | None:
    """When it speaks up next: its reminder, then when it is due, then when its latest time is over; None: it has nothing left to say."""
    if not task.is_open:
        return None
    moments = []
    if task.remind_at is not None and task.reminded_at is None:
        moments.append(task.remind_at)
    if task.status is TaskStatus.SCHEDULED:
        moments.append(task.follow_up_date)
    if task.sla_deadline is not None and not task.sla_breached:
        moments.append(task.sla_deadline)
    return min(moments, default=None)


def check_ahead(moment: datetime, now: datetime, field: str = 'dueAt') -> datetime:
    """The moment; raises Invalid, naming the field, unless it lies within a year ahead."""
    if not now < moment <= now + FAR:
        raise Invalid('Choose a time in the future, at most one year ahead.', errors=[FieldError(field, 'must be within a year ahead')])
    return moment


def check_reminder(remind_at: datetime | None, due_at: datetime) -> datetime | None:
    """The reminder; raises Invalid for one that comes after the task is due."""
    if remind_at is not None and remind_at > due_at:
        raise Invalid('A reminder comes before the task is due.', errors=[FieldError('remindAt', 'is after dueAt')])
    return remind_at


def check_latest(sla_deadline: datetime | None, due_at: datetime) -> datetime | None:
    """The latest time; raises Invalid for one before the task is due."""
    if sla_deadline is not None and sla_deadline < due_at:
        raise Invalid('The latest time cannot be before the task is due.', errors=[FieldError('slaDeadline', 'is before dueAt')])
    return sla_deadline


def check_order(steps: Sequence[Step]) -> None:
    """Raises Invalid, naming the step, for steps that are not in the order of their time."""
    for number in range(1, len(steps)):
        if steps[number].after_hours < steps[number - 1].after_hours:
            why = f'comes before step {number}'
            raise Invalid(f'Step {number + 1} {why}: put the steps in order.', errors=[FieldError(f'steps.{number}.afterHours', why)])


def opening(calendar: Calendar | None, moment: datetime) -> datetime:
    """The moment itself while the location is open, else when it opens next; without hours, or never open, the moment itself."""
    if calendar is None or calendar.never_open:
        return moment
    return calendar.after(moment, _TICK.total_seconds()) - _TICK


def due_at(step: Step, started_at: datetime, calendar: Calendar | None) -> datetime:
    """When a step of a run is due that began at this moment."""
    planned = started_at + timedelta(hours=step.after_hours)
    return opening(calendar, planned) if step.business_hours else planned


def moved(started_at: datetime, due: datetime, taken: datetime) -> datetime:
    """What the later steps count from: after an outage they keep their distance, so that nobody gets two letters at once."""
    late = taken - due
    return started_at + late if late > LATE else started_at


def opts_out(words: str) -> bool:
    """Whether somebody wants no more automatic messages: the whole text, or its first line, is one of the words for it."""
    first = next((line.strip() for line in words.splitlines() if line.strip()), '')
    return _OPT_OUT.fullmatch(first) is not None
