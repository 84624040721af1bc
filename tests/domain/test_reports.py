"""First replies over a range, and the way of one lead from its receipt to the first reply."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.base import clock
from domain.base.clock import now
from domain.base.ids import uuid7
from domain.base.scope import Actor, ActorType, Scope, system
from domain.conversations.actions import called
from domain.desk.lineage import lineage
from domain.desk.reports import first_replies, percentile
from domain.leads.actions import answered, assign, close, mark_read
from domain.leads.models import Lead
from domain.outbox.models import Delivery, State
from domain.sla.models import SlaClock
from domain.tenancy.models import Location, LocationHours
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, people_of
from tests.domain.rows import command, destination, other_tenant, table


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def lead(desk: Desk, name: str, quality: str = 'warm', *, place: UUID | None = None, **columns: Any) -> UUID:
    (taken,) = desk.capture(command(name=name, email=f'{name.lower()}@example.com'))
    assert taken.lead_id
    with desk.db.transaction() as session:
        values: dict[str, Any] = {'quality': quality} | ({'location_id': place} if place else {})
        session.execute(sa.update(Lead).where(Lead.id == taken.lead_id).values(**values))
        if columns:
            session.execute(sa.update(SlaClock).where(SlaClock.lead_id == taken.lead_id).values(**columns))
    return taken.lead_id


def replied(
    desk: Desk, name: str, seconds: int, *, window: int = 3600, quality: str = 'warm', ago: timedelta = timedelta(0), **more: Any
) -> UUID:
    """A lead that was answered so many seconds after it came."""
    began = now() - ago
    due, at = began + timedelta(seconds=window), began + timedelta(seconds=seconds)
    late = {'breached_at': due} if seconds > window else {}
    return lead(desk, name, quality, started_at=began, due_at=due, window_seconds=window, answered_at=at, **late, **more)


def report(desk: Desk, days: int = 30, location_id: UUID | None = None, scope: Scope | None = None) -> Any:
    with desk.db.reading() as session:
        return first_replies(session, scope or Scope(desk.tenant_id), days, location_id)


def way(desk: Desk, lead_id: UUID, scope: Scope | None = None) -> Any:
    with desk.db.reading() as session:
        return lineage(session, scope or Scope(desk.tenant_id), lead_id)


def another_place(desk: Desk, zone: str = 'Asia/Tokyo') -> UUID:
    with desk.db.transaction() as session:
        place = Location(tenant_id=desk.tenant_id, slug='eastgate', name='Eastgate', time_zone=zone)
        session.add(place)
        session.flush()
        return place.id


@pytest.mark.parametrize(
    ('times', 'share', 'expected'),
    [([], 0.5, None), ([7], 0.5, 7), ([7], 0.9, 7), ([1, 2], 0.5, 1), ([1, 2, 3], 0.5, 2), (range(1, 11), 0.9, 9), (range(1, 12), 0.9, 10)],
)
def test_percentiles_are_values_that_were_measured(times: list[float], share: float, expected: float | None) -> None:
    assert percentile(times, share) == expected


def test_median_share_in_time_and_those_who_wait_are_counted(desk: Desk) -> None:
    for number, seconds in enumerate((60, 120, 180, 4000)):
        replied(desk, f'R{number}', seconds, quality='hot' if number < 2 else 'cold')
    lead(desk, 'Waits')
    lead(desk, 'Late', breached_at=now())
    gone = lead(desk, 'Gone')
    act(desk, close, system(desk.tenant_id), [gone])  # in time for nobody, late for nobody

    found = report(desk)

    total = found.total
    assert (total.leads, total.replied, total.met, total.missed, total.waiting) == (7, 4, 3, 2, 2)
    assert (total.in_time, total.median, total.p90) == (0.6, 120, 4000)
    by = {part.key: part.figures for part in found.qualities}
    assert (by['hot'].in_time, by['cold'].in_time, by['warm'].in_time) == (1.0, 0.5, 0.0)
    assert sum(part.figures.leads for part in found.hours) == 7


def test_range_location_and_scope_narrow_the_report(desk: Desk) -> None:
    place = another_place(desk)
    replied(desk, 'Today', 60)
    with desk.db.transaction() as session:
        session.execute(sa.update(Lead).values(location_id=place))
    replied(desk, 'Here', 90)
    replied(desk, 'Old', 120, ago=timedelta(days=8))

    assert [report(desk, days).total.leads for days in (7, 30)] == [2, 3]
    assert report(desk, 7).before.leads == 1
    assert report(desk, 30, place).total.times == [60]
    assert report(desk, 30, scope=Scope(desk.tenant_id, frozenset({place}))).total.times == [60]
    assert report(desk, 30, scope=Scope(other_tenant(desk.db))).total.leads == 0
    assert {part.name for part in report(desk, 7).places} == {'Eastgate', 'Main'}


def test_replies_count_for_who_gave_them_not_for_who_owns_the_lead(desk: Desk, people: People) -> None:
    first, second, third = (lead(desk, name) for name in ('A', 'B', 'C'))
    act(desk, assign, people.dev, [first, second], people.ines.id)
    act(desk, called, people.dev, first, reached=True)
    act(desk, answered, people.ines, second, now())
    act(desk, answered, Actor(Scope(desk.tenant_id), ActorType.SYSTEM), third, now())

    people_ = {part.name: part.figures.replied for part in report(desk).people}

    assert people_['Dev'] == 1
    assert people_['Ines'] == 1
    assert sum(people_.values()) == report(desk).total.replied


def test_in_business_hours_only_open_time_counts(desk: Desk) -> None:
    id_ = replied(desk, 'Night', 7200, window=9000, clock='business')
    with desk.db.transaction() as session:
        began = session.execute(sa.select(SlaClock.started_at).where(SlaClock.lead_id == id_)).scalar_one()
        place = session.execute(sa.select(Location)).scalars().one()
        begins = began + timedelta(hours=1)
        for day in range(7):
            opens = begins.hour * 60 + begins.minute
            session.add(
                LocationHours(tenant_id=desk.tenant_id, location_id=place.id, weekday=day, opens=opens, closes=min(1440, opens + 30))
            )

    found = report(desk)

    assert found.business_hours
    assert found.total.times[0] <= 1800 < 7200


def test_hours_are_those_of_the_location(desk: Desk) -> None:
    place = another_place(desk)
    id_ = lead(desk, 'Tokyo', place=place)
    with desk.db.reading() as session:
        began: datetime = session.execute(sa.select(SlaClock.started_at).where(SlaClock.lead_id == id_)).scalar_one()

    (hour,) = [part.key for part in report(desk).hours if part.figures.leads]

    assert int(hour) == (began.hour + 9) % 24


def test_hot_leads_are_told_day_by_day(desk: Desk) -> None:
    moment = now()
    lead(desk, 'Ada', 'hot', started_at=moment - timedelta(days=2), answered_at=moment - timedelta(days=2) + timedelta(minutes=4))
    lead(desk, 'Bea', 'cold', started_at=moment - timedelta(days=2), answered_at=moment)
    lead(desk, 'Cid', 'hot')
    with desk.db.reading() as session:
        report = first_replies(session, Scope(desk.tenant_id), 7)
    assert [day.figures.leads for day in report.hot_days] == [0, 0, 0, 0, 1, 0, 1]
    assert (report.hot_days[4].figures.median, report.hot_limit) == (240, 900)


def test_the_way_of_a_lead_names_its_slowest_link(desk: Desk, people: People) -> None:
    destination(desk.db, desk.tenant_id, 'Booking')
    desk.refresh()
    id_ = lead(desk, 'Ada')
    clock.advance(timedelta(seconds=30))
    act(desk, assign, people.dev, [id_], people.ines.id)
    with desk.db.transaction() as session:
        session.execute(sa.update(Delivery).values(state=State.SENT, settled_at=now()))
    clock.advance(timedelta(seconds=600))
    act(desk, mark_read, people.ines, id_)
    before = way(desk, id_)
    clock.advance(timedelta(seconds=45))
    act(desk, answered, people.ines, id_, now())

    after = way(desk, id_)

    assert (before.slowest, before.waiting, before.total) == ('seen', True, None)
    assert [step.name for step in after.steps] == ['received', 'stored', 'assigned', 'alerted', 'seen', 'replied']
    assert [round(step.seconds) for step in after.steps] == [0, 0, 30, 0, 600, 45]
    assert (after.slowest, round(after.seconds), round(after.total)) == ('seen', 600, 675)


def test_a_lead_that_nobody_answers_waits_at_its_last_link(desk: Desk) -> None:
    id_ = lead(desk, 'Ada')
    clock.advance(timedelta(minutes=5))

    found = way(desk, id_)

    assert (found.slowest, found.waiting) == ('replied', True)
    assert found.seconds >= 300
    assert {step.name for step in found.steps if step.at is None} >= {'alerted', 'seen', 'replied'}


def test_opening_a_lead_is_noted_once(desk: Desk, people: People) -> None:
    id_ = lead(desk, 'Ada')
    for actor in (people.reader, people.dev, people.ines):
        act(desk, mark_read, actor, id_)
        with desk.db.transaction() as session:
            session.execute(sa.update(Lead).values(unread=True))

    opened = [row for row in table(desk.db, 'conversation_timeline') if row['title'] == 'Opened for the first time']

    assert [row['actor_name'] for row in opened] == ['Dev']


def test_the_way_of_a_lead_is_for_those_who_may_see_it(desk: Desk) -> None:
    id_ = lead(desk, 'Ada')

    assert way(desk, id_) is not None
    assert way(desk, id_, Scope(desk.tenant_id, frozenset())) is None
    assert way(desk, id_, Scope(other_tenant(desk.db))) is None
    assert way(desk, uuid7()) is None
