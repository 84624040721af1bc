"""A policy tried on the leads that came: what it says is what happens to the same leads where the policy holds from the start."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.base import clock
from domain.base.db import Database
from domain.base.errors import Invalid
from domain.base.scope import Scope, system
from domain.desk import demo
from domain.desk.simulation import Count, Simulation, cases_since, replay, simulate, turns_since
from domain.leads.actions import assign, close, reopen, snooze
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit
from domain.sla.messages import PolicyOrder
from domain.sla.policies import set_policy
from domain.sla.queries import terms
from domain.tenancy.models import Location, LocationHours
from domain.tenancy.queries import calendars, default_location
from tasks.tell import tell
from tests.domain.conftest import Desk
from tests.domain.lead_rows import act, people_of
from tests.domain.rows import BOX, TABLES, command, copy_of, prepared, table

MONTH = 30
SPLIT, LONG = [(8 * 60, 12 * 60), (13 * 60, 17 * 60 + 45)], [(9 * 60, 18 * 60)]
TRIED = [
    PolicyOrder(quality='hot', first_reply_seconds=5 * 60, clock='business'),
    PolicyOrder(quality='warm', first_reply_seconds=3 * 60 * 60, clock='business'),
]


def open_by_day(db: Database, tenant_id: Any) -> None:
    """Two of the sample places keep hours, the third is always open."""
    with db.transaction() as session:
        place = default_location(session, Scope(tenant_id))
        place.name, place.time_zone = 'Riverside', 'America/Chicago'
        other = Location(tenant_id=tenant_id, slug='old-mill', name='Old Mill', time_zone='Europe/Berlin')
        session.add_all((place, other))
        session.flush()
        for location, periods in ((place, SPLIT), (other, LONG)):
            for weekday in range(6):
                for opens, closes in periods:
                    row = LocationHours(tenant_id=tenant_id, location_id=location.id, weekday=weekday, opens=opens, closes=closes)
                    session.add(row)


def month_of(db: Database, at: datetime) -> int:
    """A month of sample leads that ends at this moment."""
    before = clock.offset
    clock.offset = at - datetime.now(UTC)
    try:
        return demo.load(db, BOX, timedelta(hours=72), tell, days=MONTH)
    finally:
        clock.offset = before


def simulated(db: Database, tenant_id: Any, policies: list[PolicyOrder], at: datetime) -> Simulation:
    clock.offset = at - datetime.now(UTC)
    try:
        with db.reading() as session:
            return simulate(session, Scope(tenant_id), policies, MONTH + 1)
    finally:
        clock.reset()


def counted(found: Simulation, which: str) -> dict[tuple[str, str], Count]:
    lines = {('all', ''): found.total} | {('agent', line.name): line for line in found.agents}
    lines |= {('place', line.name): line for line in found.locations}
    return {key: getattr(line, which) for key, line in lines.items()}


def stood(db: Database, at: datetime) -> dict[tuple[str, str], Count]:
    """What really became of all clocks, counted from the rows by other means than the simulation's."""
    leads = {row['id']: row for row in table(db, 'leads') if row['merged_into'] is None}
    names = {row['id']: row['name'] for name in ('users', 'locations') for row in table(db, name)}
    found: dict[tuple[str, str], Count] = {}
    for row in table(db, 'sla_clocks', "kind = 'first_reply'"):
        lead = leads.get(row['lead_id'])
        if lead is None:
            continue
        end = row['answered_at'] or row['stopped_at']
        late = (end or at) > row['due_at']
        word = 'missed' if late else 'open' if end is None else 'met' if row['answered_at'] else 'closed'
        for key in (('all', ''), ('agent', names.get(lead['owner_id'], 'Nobody')), ('place', names[lead['location_id']])):
            found.setdefault(key, Count()).add(word)
    return found


@pytest.fixture
def two(engine_kind: str, request: pytest.FixtureRequest, migrated: Callable[[str], str], tmp_path: Path) -> Iterator[list[Database]]:
    """Two databases that begin alike."""
    made = []
    for number in range(2):
        if engine_kind == 'postgres':
            made.append(Database(request.getfixturevalue('postgres').create(template=migrated('postgres'))))
        else:
            made.append(Database(copy_of(migrated('sqlite'), tmp_path / f'{number}.sqlite3')))
    yield made
    for db in made:
        db.close()


@pytest.mark.long
def test_the_simulated_month_is_the_month_that_a_fresh_run_with_that_policy_shows(two: list[Database]) -> None:
    tried, ran = two
    at = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    for db in two:
        tenant_id = prepared(db)
        open_by_day(db, tenant_id)
        if db is ran:
            with db.transaction() as session:
                for order in TRIED:
                    set_policy(session, system(tenant_id), order)
        assert month_of(db, at) > 140

    (tenant,) = table(tried, 'tenants')
    before_rows = {one.name: table(tried, one.name) for one in TABLES}
    found = simulated(tried, tenant['id'], TRIED, at)
    assert {one.name: table(tried, one.name) for one in TABLES} == before_rows, 'a simulation writes nothing'

    assert counted(found, 'before') == stood(tried, at)
    fresh = stood(ran, at)
    assert counted(found, 'after') == fresh
    total = fresh['all', '']
    print(found.leads, found.total.before, total, found.differ)
    assert found.leads > 120 and found.differ > 20 and min(total.met, total.missed, total.open) > 0


COURSES: dict[str, list[tuple[int, Any]]] = {
    'nothing happens': [],
    'hotter while there is time': [(10, {'quality': 'hot'})],
    'hotter when that is past already': [(40, {'quality': 'hot'})],
    'colder': [(10, {'quality': 'cold'})],
    'there and back': [(5, {'quality': 'cold'}), (20, {'quality': 'warm'})],
    'waits for the customer': [(10, {'status': 'waiting'}), (200, {'status': 'open'})],
    'waits, and gets hotter meanwhile': [(10, {'status': 'waiting'}), (20, {'quality': 'hot'}), (90, {'status': 'open'})],
    'waits still': [(10, {'status': 'waiting'})],
    'at another place': [(10, 'place')],
    'waits, and goes to another place': [(5, {'status': 'waiting'}), (30, 'place'), (95, {'status': 'open'})],
    'writes again, and sounds hotter': [(20, 'again')],
    'waits, and writes again': [(10, {'status': 'waiting'}), (50, 'again')],
    'closed and open again': [(10, 'close'), (25, 'reopen')],
    'closed, and writes again': [(10, 'close'), (25, 'again')],
    'put away': [(10, 'snooze')],
}


@pytest.mark.parametrize('course', COURSES)
def test_run_again_under_the_terms_of_today_a_clock_comes_out_as_it_is(desk: Desk, course: str) -> None:
    open_by_day(desk.db, desk.tenant_id)
    dev = people_of(desk).ines
    with desk.db.transaction() as session:
        for quality, window in (('hot', 1200), ('warm', 3600), ('cold', 7200)):
            set_policy(session, system(desk.tenant_id), PolicyOrder(quality=quality, first_reply_seconds=window, clock='business'))
    clock.offset = datetime(2026, 11, 20, 16, 50, tzinfo=UTC) - datetime.now(UTC)  # ten to eleven in Chicago, and Berlin about to close
    facts = desk.refresh()
    desk.capture(
        command(email='ada@example.com', phone='+1 312 555 0199', message='Could you send me a quote for two windows?'), facts=facts
    )
    (row,) = table(desk.db, 'leads')
    assert row['quality'] == 'warm'
    passed = 0
    for minute, deed in COURSES[course]:
        clock.advance(timedelta(minutes=minute - passed))
        passed = minute
        do(desk, dev, row['id'], deed)
    clock.advance(timedelta(minutes=3))

    with desk.db.reading() as session:
        scope, since = Scope(desk.tenant_id), clock.now() - timedelta(days=2)
        ((_, real),) = cases_since(session, scope, since)
        turns = turns_since(session, scope, since)[row['id']]
        again = replay(real, turns, terms(session, scope), calendars(session, scope, {turn.location_id for turn in turns}))
    assert abs(again.due_at - real.due_at) < timedelta(seconds=3)
    assert (again.window_seconds, again.clock, again.paused_at is None) == (real.window_seconds, real.clock, real.paused_at is None)
    assert (again.answered_at, again.stopped_at, len(again.pauses)) == (real.answered_at, real.stopped_at, len(real.pauses))


def do(desk: Desk, who: Any, lead_id: Any, deed: Any) -> None:
    match deed:
        case 'place':
            other = next(row['id'] for row in table(desk.db, 'locations') if not row['is_default'])
            act(desk, edit, who, lead_id, LeadEdit(locationId=other))
        case 'again':
            desk.capture(command(email='ada@example.com', phone='+1 312 555 0199', message='I want to book it today, what is the price?'))
        case 'close':
            act(desk, close, who, [lead_id])
        case 'reopen':
            act(desk, reopen, who, [lead_id])
        case 'snooze':
            act(desk, snooze, who, [lead_id], clock.now() + timedelta(hours=3))
        case _:
            act(desk, edit, who, lead_id, LeadEdit(**deed))


def test_leads_count_by_agent_and_place_and_only_those_in_scope(desk: Desk) -> None:
    open_by_day(desk.db, desk.tenant_id)
    people = people_of(desk)
    desk.capture(*(command(email=f'{number}@example.com') for number in range(4)))
    rows = table(desk.db, 'leads')
    act(desk, assign, people.dev, [row['id'] for row in rows[:2]], people.dev.id)
    act(desk, close, people.dev, [rows[0]['id']])
    clock.advance(timedelta(days=3))

    with desk.db.reading() as session:
        found = simulate(session, Scope(desk.tenant_id), [PolicyOrder(quality='cold', first_reply_seconds=30 * 86400)], 30)
        none = simulate(session, Scope(desk.tenant_id), [], 2)
        foreign = simulate(session, Scope(desk.tenant_id, frozenset()), [], 30)
    assert rows[0]['quality'] == 'cold' and (found.leads, found.differ) == (4, 3)
    assert (found.total.before, found.total.after) == (Count(missed=3, closed=1), Count(open=3, closed=1))
    assert [(line.name, line.before.leads) for line in found.agents] == [('Dev', 2), ('Nobody', 2)]
    assert [(line.name, line.after.open) for line in found.locations] == [('Riverside', 3)]
    assert (none.leads, none.agents, foreign.leads) == (0, (), 0)


@pytest.mark.parametrize('days', [0, -3, 367])
def test_a_time_that_makes_no_sense_is_refused(desk: Desk, days: int) -> None:
    with desk.db.reading() as session, pytest.raises(Invalid, match='1 to 366'):
        simulate(session, Scope(desk.tenant_id), [], days)
