"""The deliveries screen's reading: counters equal the rows under any mix, pages follow each other, and nobody sees others' deliveries."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from domain.base import clock
from domain.base.db import Database
from domain.base.scope import Scope
from domain.desk.deliveries import PAGE, attention, dead_count, detail, more_lines, overview
from domain.desk.delivery_values import GROUPS, Line, Wanted
from domain.leads.models import Lead
from domain.outbox.messages import ReplayOrder
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.queries import deliveries, delivery, matching
from domain.outbox.replays import replay_all
from domain.tenancy.models import Location
from tests.domain.outbox_rows import PERMANENT, SENT, TEMPORARY, Rows
from tests.domain.rows import other_tenant

DAY = timedelta(days=1)
OVER = ('sent', 'skipped', 'superseded', 'cancelled')


@pytest.fixture
def rows(desk: Any) -> Rows:
    return Rows.make(desk.db)


def mixed(rows: Rows, chance: random.Random, count: int) -> list[UUID]:
    """So many deliveries in states drawn at random, on three destinations of which one is paused and one is off."""
    places = [rows.destination(events=[]), rows.destination(events=[], paused_at=clock.now()), rows.destination(events=[], enabled=False)]
    event = rows.event()
    made = []
    with rows.db.transaction() as session:
        for generation in range(count):
            state = chance.choice(list(State))
            at = clock.now() - timedelta(seconds=chance.randrange(1, 60))
            ended = at + timedelta(seconds=chance.randrange(5)) if state not in (State.PENDING, State.LEASED) else None
            row = Delivery(
                tenant_id=rows.actor.tenant_id,
                event_id=event,
                destination_id=chance.choice(places),
                generation=generation + 1,
                provider_key=uuid4().hex[:22],
                state=state,
                attempts=chance.randrange(3),
                created_at=at,
                settled_at=ended,
                expires_at=at + 3 * DAY,
            )
            session.add(row)
            made.append(row.id)
    return made


def group_of(row: Line) -> str:
    """What the counters call it; '' for what none of them counts."""
    if row.state == 'pending':
        return 'waiting' if row.paused else 'retrying' if row.attempts else 'queued'
    return {'leased': 'queued', 'sent': 'sent', 'held': 'held', 'dead': 'dead'}.get(row.state, '')


def read(rows: Rows, *, scope: Scope | None = None, span: timedelta = DAY, **wanted: Any) -> Any:
    with rows.db.reading() as session:
        return overview(session, scope or rows.actor.scope, Wanted(span, **wanted))


@pytest.mark.parametrize('seed', range(3))
def test_counters_and_filters_equal_the_rows(rows: Rows, seed: int) -> None:
    made = mixed(rows, random.Random(seed), 120)

    everything = read(rows)
    expected = Counter(group_of(line) for line in everything.lines)
    told = {name: getattr(everything.counters, name) for name in GROUPS if name not in ('', 'attention')}

    assert sorted(line.id for line in everything.lines) == sorted(made)
    assert told == {name: expected[name] for name in told}
    assert not (everything.counters.more_open or everything.counters.more_sent)
    for group, count in told.items():
        found = read(rows, group=group)
        assert len(found.lines) == count and {group_of(line) for line in found.lines} <= {group}
        assert found.counters == everything.counters
    with rows.db.reading() as session:
        assert attention(session, rows.actor.scope) == told['dead'] + told['held'] == len(read(rows, group='attention').lines)


def test_a_destination_narrows_counters_and_rows_alike(rows: Rows) -> None:
    mixed(rows, random.Random(7), 90)
    names = Counter(line.destination for line in read(rows).lines)

    for place in read(rows).places:
        found = read(rows, destination_id=place.id)
        assert {line.destination for line in found.lines} == {place.name} and len(found.lines) == names[place.name]
        assert sum(group_of(line) == 'dead' for line in found.lines) == found.counters.dead


def test_what_is_over_leaves_with_its_time_and_what_needs_somebody_stays(rows: Rows) -> None:
    mixed(rows, random.Random(3), 60)
    before = read(rows)
    clock.advance(2 * DAY)

    after = read(rows)

    assert after.counters.sent == 0 and after.counters.median is None
    assert {line.id for line in after.lines} == {line.id for line in before.lines if line.state not in OVER}
    assert (after.counters.dead, after.counters.held) == (before.counters.dead, before.counters.held)
    assert read(rows, span=7 * DAY).counters == before.counters


def test_pages_follow_each_other_without_gap_or_repetition(rows: Rows) -> None:
    made = mixed(rows, random.Random(11), 2 * PAGE + 30)
    first = read(rows)
    seen = [line.id for line in first.lines]
    more = first.more

    while more:
        with rows.db.reading() as session:
            page, more = more_lines(session, rows.actor.scope, Wanted(DAY), seen[-1])
        seen += [line.id for line in page]

    assert len(first.lines) == first.page == PAGE
    assert seen == sorted(made, reverse=True)


def test_rows_below_the_first_page_are_looked_at_by_id(rows: Rows) -> None:
    made = mixed(rows, random.Random(5), PAGE + 20)
    oldest = min(made)
    rows.change(Delivery, oldest, state=State.DEAD)

    with rows.db.reading() as session:
        found = overview(session, rows.actor.scope, Wanted(DAY), [oldest, uuid4()])
        narrowed = overview(session, rows.actor.scope, Wanted(DAY, 'sent'), [oldest])

    assert [line.id for line in found.lines[found.page :]] == [oldest]
    assert oldest not in {line.id for line in narrowed.lines}


def test_one_delivery_tells_its_tries_its_key_and_what_was_said(rows: Rows) -> None:
    place = rows.destination(name='Team')
    rows.event(lead_id=rows.lead(), payload={'message': 'Can you tint it?'})
    rows.try_once(place, TEMPORARY)
    clock.advance(timedelta(minutes=1))
    rows.try_once(place, PERMANENT)
    row = rows.only()

    with rows.db.reading() as session:
        found = detail(session, rows.actor.scope, row.id)

    assert found is not None and (found.line.lead, found.line.destination, found.line.state) == ('Ann', 'Team', 'dead')
    assert [(each.status, each.http_status) for each in found.tries] == [('failed', 500), ('failed', 400)]
    assert found.payload == {'message': 'Can you tint it?'} and found.provider_key == row.provider_key
    assert found.line.last_error == 'It answered 400.'


def test_the_median_is_of_the_time_from_event_to_arrival(rows: Rows) -> None:
    place = rows.destination()
    for seconds in (1, 3, 30):
        rows.event()
        clock.advance(timedelta(seconds=seconds))
        rows.try_once(place, SENT)
        rows.change(
            Delivery, max(row.id for row in rows.all()), settled_at=max(row.created_at for row in rows.all()) + timedelta(seconds=seconds)
        )

    assert read(rows).counters.median == 3


def located(db: Database, rows: Rows) -> tuple[Scope, UUID, UUID, UUID]:
    """Two deliveries of two locations and one of no lead: the scope of the first location, and the three rows."""
    rows.destination(name='Both')
    mine, theirs = rows.lead(), rows.lead()
    with db.transaction() as session:
        other = Location(tenant_id=rows.actor.tenant_id, slug='old-mill', name='Old Mill')
        session.add(other)
        session.flush()
        away = session.get(Lead, theirs)
        here = session.get(Lead, mine)
        assert away and here
        away.location_id = other.id
        session.add(away)
        home = here.location_id
    ids = []
    for lead in (mine, theirs, None):
        event = rows.event(lead_id=lead)
        ids += [row.id for row in rows.all() if row.event_id == event]
    return Scope(rows.actor.tenant_id, frozenset({home})), *ids


def test_who_sees_one_location_sees_its_deliveries_and_tests_only(rows: Rows) -> None:
    scope, mine, theirs, nobodys = located(rows.db, rows)
    test = rows.test(rows.all()[0].destination_id)
    for row in (mine, theirs, nobodys):
        rows.change(Delivery, row, state=State.DEAD)

    with rows.db.reading() as session:
        assert {row.id for row in deliveries(session, scope, limit=10)} == {mine, test}
        assert delivery(session, scope, theirs) is None and delivery(session, scope, mine) is not None
        assert detail(session, scope, theirs) is None and detail(session, scope, mine) is not None
        assert attention(session, scope) == 1 and attention(session, rows.actor.scope) == 3
        assert [row.id for row in matching(session, scope, ReplayOrder(since=clock.now() - DAY))] == [mine]
        assert dead_count(session, scope, clock.now() - DAY) == 1
        assert matching(session, scope, ReplayOrder(delivery_id=theirs)) == []
    found = read(rows, scope=scope)
    assert {line.id for line in found.lines} == {mine, test}
    assert (found.counters.dead, found.counters.queued, found.counters.sent) == (1, 1, 0)


def test_counters_of_one_location_count_its_sent_rows(rows: Rows) -> None:
    scope, mine, theirs, _ = located(rows.db, rows)
    for row in (mine, theirs):
        rows.change(Delivery, row, state=State.SENT, settled_at=rows.delivery(row).created_at + timedelta(seconds=2))

    counted = read(rows, scope=scope).counters

    assert (counted.sent, counted.median, counted.more_sent) == (1, 2, False)
    assert read(rows).counters.sent == 2


def test_another_tenant_sees_and_moves_nothing(rows: Rows) -> None:
    mixed(rows, random.Random(1), 30)
    strange = Scope(other_tenant(rows.db))
    dead = rows.event()
    with rows.db.reading() as session:
        before = [(row.id, row.state) for row in session.exec(select(Delivery).order_by(col(Delivery.id)))]
        assert detail(session, strange, before[0][0]) is None
        assert attention(session, strange) == dead_count(session, strange, clock.now() - DAY) == 0
        assert matching(session, strange, ReplayOrder(ids=tuple(id_ for id_, _ in before))) == []
        assert matching(session, strange, ReplayOrder(event_id=dead)) == []
    found = read(rows, scope=strange)
    assert (found.lines, found.places, found.counters.dead) == ((), (), 0)
    for place in session_places(rows):
        assert read(rows, scope=strange, destination_id=place).lines == ()


def session_places(rows: Rows) -> list[UUID]:
    with rows.db.reading() as session:
        return list(session.exec(select(Destination.id)))


def test_the_preview_of_all_dead_is_what_is_sent(rows: Rows) -> None:
    mixed(rows, random.Random(2), 150)
    since = clock.now() - timedelta(seconds=30)
    for place in (*read(rows).places, None):
        with rows.db.transaction() as session:
            name = place.name if place else None
            preview = dead_count(session, rows.actor.scope, since, name)
            sent = replay_all(session, rows.actor, ReplayOrder(since=since, destination=name, dead=True))
            assert preview == len(sent)
    left = [row for row in rows.all() if row.state == State.DEAD]
    assert left and all(row.created_at < since for row in left)
