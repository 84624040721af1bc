"""Policies, hours and moments for the tests of clocks, and what their rows hold."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.base import clock
from domain.base.clock import now
from domain.base.scope import Actor, Scope
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit, Undo
from domain.leads.models import Status
from domain.sla.models import ClockKind, SlaPolicy
from domain.tenancy.models import Location, LocationHours
from domain.tenancy.queries import default_location
from tests.domain.conftest import Desk
from tests.domain.lead_rows import act
from tests.domain.rows import command, table

MOMENT = timedelta(seconds=30)  # what a test may take between two moments that should be one


def policy(desk: Desk, quality: str, seconds: int = 3600, **more: Any) -> None:
    with desk.db.transaction() as session:
        session.add(SlaPolicy(tenant_id=desk.tenant_id, quality=quality, first_reply_seconds=seconds, **more))
    desk.refresh()


def opened(desk: Desk, week: dict[int, tuple[int, int]], zone: str = 'UTC', place_id: UUID | None = None) -> UUID:
    """Hours of a location (the default one), in minutes by weekday."""
    with desk.db.transaction() as session:
        place = session.get(Location, place_id) if place_id else default_location(session, Scope(desk.tenant_id))
        assert place is not None
        place.time_zone = zone
        session.add(place)
        for weekday, (opens, closes) in week.items():
            hours = LocationHours(tenant_id=desk.tenant_id, location_id=place.id, weekday=weekday, opens=opens, closes=closes)
            session.add(hours)
        found = place.id
    desk.refresh()
    return found


def travel(to: datetime) -> None:
    """Move to a moment ahead."""
    clock.advance(to - now())


def next_monday(hour: int, minute: int = 0) -> datetime:
    day = now() + timedelta(days=7 - now().weekday())
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def captured(desk: Desk, **fields: Any) -> UUID:
    lead_id = desk.capture(command('chatbot', grade=True, **({'email': 'ada@example.com'} | fields)))[0].lead_id
    assert lead_id
    return lead_id


def clock_row(desk: Desk, kind: ClockKind = ClockKind.FIRST_REPLY) -> dict[str, Any]:
    (row,) = [row for row in table(desk.db, 'sla_clocks') if row['kind'] == kind]
    return row


def titles(desk: Desk) -> list[str]:
    return [row['title'] for row in table(desk.db, 'conversation_timeline')]


def set_status(desk: Desk, actor: Actor, lead_id: UUID, status: Status) -> Undo:
    done: Undo = act(desk, edit, actor, lead_id, LeadEdit(status=status))
    return done


def near(one: datetime, two: datetime) -> bool:
    return timedelta(0) <= one - two < MOMENT
