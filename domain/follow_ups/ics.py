"""A calendar feed as calendar programs read it (RFC 5545). icalendar is loaded where it is needed: each start would wait for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from domain.follow_ups.messages import TaskRow
from domain.follow_ups.models import TaskKind

LENGTHS = {TaskKind.APPOINTMENT: timedelta(hours=1)}  # how long it is shown
LENGTH = timedelta(minutes=30)
_SAID = {'call': 'Call', 'email': 'E-mail', 'message': 'Message', 'document': 'Document', 'appointment': 'Appointment', 'task': 'Follow-up'}


class Fed(NamedTuple):
    """Whose feed it is, and what is theirs to do."""

    name: str
    rows: tuple[TaskRow, ...]


def ics(found: Fed, link: str, moment: datetime) -> bytes:
    """The feed as calendar programs read it; `link` is the desk's address."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add('prodid', '-//Leadkeeper//Follow-ups//EN')
    calendar.add('version', '2.0')
    calendar.add('x-wr-calname', f'Follow-ups of {found.name}')
    calendar.add('refresh-interval', timedelta(minutes=15), parameters={'VALUE': 'DURATION'})
    for event in _events(found.rows, link, moment):
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _events(rows: Iterable[TaskRow], link: str, moment: datetime) -> Iterable[Any]:
    from icalendar import Alarm, Event

    for row in rows:
        event = Event()
        address = f'{link}/leads/{row.lead_id}'
        event.add('uid', f'{row.id}@leadkeeper')
        event.add('dtstamp', moment)
        event.add('sequence', row.version)
        event.add('dtstart', row.due_at)
        event.add('dtend', row.due_at + LENGTHS.get(TaskKind(row.kind), LENGTH))
        event.add('summary', f'{_SAID[row.kind]}: {row.title} ({row.lead_name or row.reference})')
        event.add('description', '\n\n'.join(part for part in (row.note, address) if part))
        event.add('url', address)
        event.add('transp', 'OPAQUE' if row.kind == TaskKind.APPOINTMENT else 'TRANSPARENT')
        if row.remind_at is not None:
            alarm = Alarm()
            alarm.add('action', 'DISPLAY')
            alarm.add('description', row.title)
            alarm.add('trigger', row.remind_at - row.due_at)
            event.add_component(alarm)
        yield event
