"""The sample week: believable, the same each time, and gone without a trace of it or a scratch on anything else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from domain.access.actions import add_user
from domain.access.models import User
from domain.access.queries import actor_of
from domain.access.signing import sign_in
from domain.alerts.queries import open_alerts
from domain.assignment.queries import rule as held_to
from domain.assignment.queries import workers
from domain.base import clock
from domain.base.db import Database
from domain.base.errors import Conflict, Forbidden
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.desk import demo
from domain.desk.demo_clear import clear
from domain.desk.demo_script import visitors
from domain.desk.demo_stage import has_samples, owner_of, owner_password
from domain.desk.health import health_page
from domain.desk.hours import openings
from domain.desk.ledger import verify
from domain.follow_ups.queries import agenda
from domain.follow_ups.runs import run_counts
from domain.follow_ups.sequences import sequences
from domain.leads.models import Lead
from domain.outbox.destinations import add_destination
from domain.outbox.messages import DestinationOrder
from domain.outbox.models import Delivery, LeadEvent
from domain.tenancy.queries import first_tenant
from tasks.tell import tell
from tests.domain.conftest import Desk
from tests.domain.rows import BOX, TABLES, command, copy_of, destination, facts_of, prepared, table

pytestmark = pytest.mark.long

EXPIRE = timedelta(hours=72)
# Written for ever, or measured: the rest must be as it was, to the letter.
KEPT = ('audit_log', 'heartbeats', 'search_marks')


def load(desk: Desk, most: int | None = None) -> int:
    return demo.load(desk.db, BOX, EXPIRE, tell, most=most)


def scope(desk: Desk) -> Scope:
    return Scope(desk.tenant_id)


def all_rows(db: Database) -> dict[str, list[str]]:
    return {one.name: sorted(repr(sorted(row.items(), key=str)) for row in table(db, one.name)) for one in TABLES if one.name not in KEPT}


def rows_in(session: Session) -> dict[str, list[str]]:
    """As `all_rows`, of a transaction that is not committed."""
    found = {one.name: session.execute(sa.select(one)).mappings() for one in TABLES if one.name not in KEPT}
    return {name: sorted(repr(sorted(dict(row).items(), key=str)) for row in rows) for name, rows in found.items()}


def counted(db: Database, text: str) -> dict[Any, int]:
    with db.reading() as session:
        return dict(session.execute(sa.text(text)).all())


def owner(desk: Desk, email: str = 'boss@example.com') -> Actor:
    with desk.db.transaction() as session:
        return actor_of(add_user(session, system(desk.tenant_id), email, 'The Boss', 'a long enough phrase', Role.OWNER))


def remove(desk: Desk, actor: Actor) -> int:
    with desk.db.transaction() as session:
        return clear(session, actor, BOX)


def test_the_script_is_the_same_each_time_and_believable() -> None:
    now = datetime(2026, 11, 21, 16, 20, tzinfo=UTC)
    week = visitors(now)
    assert week == visitors(now) and 160 <= len(week) <= 190
    assert all(now - timedelta(days=7) < each.at < now for each in week)
    assert len({each.body['email'] for each in week}) == len(week)
    phones = [each.body['phone'] for each in week if 'phone' in each.body]
    assert len(set(phones)) == len(phones) and all(' 555 01' in phone for phone in phones)
    assert all(each.body['email'].endswith('@example.com') for each in week)
    night = sum(1 <= each.at.hour < 6 for each in week)
    assert night == 0 and {each.route for each in week} == {'chatbot', 'contact', 'property', 'phone', 'walk-in'}
    assert any(act.what == 'lost' for each in week for act in each.acts)


def test_at_night_too_somebody_waits_for_a_reply() -> None:
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    waiting = [each for each in visitors(now) if now - each.at < timedelta(minutes=15)]
    assert len(waiting) >= 3


@dataclass
class Played:
    """A desk with the week loaded."""

    desk: Desk
    visitors: int


@pytest.fixture(scope='module')
def new_desk(migrated: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """The week on a new desk: loaded once, and only ever copied."""
    url = copy_of(migrated('sqlite'), tmp_path_factory.mktemp('demo') / 'new.sqlite3')
    db = Database(url)
    tenant_id = prepared(db)
    visitors = load(Desk(db, tenant_id, facts_of(db, tenant_id)))
    db.close()
    return url, visitors


@pytest.fixture
def played(new_desk: tuple[str, int], tmp_path: Path) -> Iterator[Played]:
    db = Database(copy_of(new_desk[0], tmp_path / 'copy.sqlite3'))
    with db.reading() as session:
        tenant = first_tenant(session)
    assert tenant is not None
    yield Played(Desk(db, tenant.id, facts_of(db, tenant.id)), new_desk[1])
    db.close()


def test_the_week_shows_every_kind_of_thing_and_loses_nothing(played: Played) -> None:
    db = played.desk.db
    assert played.visitors > 150 and clock.offset == timedelta(0)
    assert counted(db, 'select outcome, count(*) from submissions group by outcome').keys() == {
        'created', 'resubmitted', 'twin', 'quarantined',
    }  # fmt: skip
    groups = counted(db, 'select inbox_group, count(*) from leads group by inbox_group')
    assert groups.keys() == {'needs_reply', 'in_conversation', 'snoozed', 'closed', 'merged'} and groups['needs_reply'] >= 8
    assert counted(db, 'select state, count(*) from deliveries group by state').keys() == {
        'sent', 'pending', 'dead', 'held', 'skipped', 'cancelled',
    }  # fmt: skip
    assert counted(db, 'select stage, count(*) from leads group by stage').keys() >= {'new', 'contacted', 'booked', 'won', 'lost'}
    assert set(counted(db, 'select name, count(*) from locations group by name')) == {'Riverside', 'Old Mill', 'Eastgate'}
    with db.reading() as session:
        assert verify(session, scope(played.desk), None).good
        page = health_page(session, scope(played.desk))
        assert page.result is not None and page.result.good
        kinds = {alert.key.partition(':')[0] for alert in open_alerts(session, scope(played.desk))}
        retrying = session.exec(select(Delivery).where(Delivery.state == 'pending', Delivery.attempts > 3)).all()
        flagged = [lead for lead in session.exec(select(Lead)) if lead.possible_duplicates]
    assert kinds == {'dead', 'held', 'destination', 'quarantine'}
    assert all(row.next_at > clock.now() + timedelta(minutes=1) for row in retrying) and retrying
    assert len(flagged) == 2


def test_ids_follow_the_time_they_tell_of(played: Played) -> None:
    for name in ('leads', 'lead_events', 'deliveries', 'submissions'):
        time = 'received_at' if name == 'submissions' else 'created_at'
        off = [row['id'] for row in table(played.desk.db, name) if abs((row['id'].int >> 80) / 1000 - row[time].timestamp()) > 5]
        assert off == [], name


def test_the_shop_has_hours_a_rule_and_sequences_and_everybody_has_something_to_do(played: Played) -> None:
    desk = played.desk
    with desk.db.reading() as session:
        places = {each.name: each for each in openings(session, scope(desk))}
        assert held_to(session, scope(desk)).default_capacity == 12
        people = {each.name: each for each in workers(session, scope(desk))}
        runs = [run_counts(session, scope(desk))[each.id] for each in sequences(session, scope(desk))]
        plans = {name: agenda(session, scope(desk), owner=each.id, moment=clock.now()) for name, each in people.items()}
        everything = agenda(session, scope(desk), owner=None, moment=clock.now())
    assert places['Old Mill'].hours is not None and places['Old Mill'].hours['mon'] == [['08:30', '12:30'], ['13:30', '17:30']]
    assert all(len(each.holidays) == 2 for each in places.values())
    assert people['Rosa Silva'].present and 'ceramic' in people['Rosa Silva'].skills and not people['Dev Kapoor'].present
    assert len(runs) == 2 and all(counts.get('running') and sum(counts.values()) >= 5 for counts in runs)
    assert {row['state'] for row in table(desk.db, 'sequence_steps')} == {'sent', 'task'}
    assert all(plan.overdue or plan.today or plan.upcoming for plan in plans.values())
    mine = plans['Ines Navarro']
    assert mine.overdue and mine.today and mine.upcoming
    assert 3 <= len(everything.overdue) <= 12 and len(everything.upcoming) >= 6
    assert all(row.lead_open for row in everything.overdue + everything.today)
    assert counted(desk.db, 'select status, count(*) from follow_up_tasks group by status').keys() >= {'scheduled', 'overdue', 'completed'}
    late = [row for row in table(desk.db, 'follow_up_tasks') if row['status'] == 'scheduled' and row['follow_up_date'] < clock.now()]
    assert late == [], 'what is past its time says so already'


def test_on_a_desk_with_people_of_its_own_the_sample_takes_no_real_lead(desk: Desk) -> None:
    owner(desk)
    load(desk, 40)
    assert table(desk.db, 'assignment_settings') == [] and not any(row['present'] or row['skills'] for row in table(desk.db, 'users'))
    ours = {row['id'].hex for row in table(desk.db, 'locations') if row['slug'].startswith('demo-')}
    assert all(row['location_ids'] and ours.issuperset(row['location_ids']) for row in table(desk.db, 'sequences'))


def test_loading_twice_changes_nothing(played: Played) -> None:
    before = all_rows(played.desk.db)
    assert load(played.desk) == 0
    assert all_rows(played.desk.db) == before


def test_only_the_sample_owner_of_a_new_desk_can_sign_in(played: Played) -> None:
    with played.desk.db.transaction() as session:
        email = owner_of(session, scope(played.desk), BOX)
        assert email is not None
        assert sign_in(session, email, owner_password(BOX), hours=1)[1].role is Role.OWNER
        others = session.exec(select(User).where(User.email != email)).all()
    assert len(others) == 3 and len(owner_password(BOX)) >= 12


def test_the_owner_who_removes_the_week_stays_and_so_does_the_desk(played: Played) -> None:
    desk = played.desk
    with desk.db.reading() as session:
        ines = actor_of(session.exec(select(User).where(User.role == Role.OWNER)).one())
    leads = len(table(desk.db, 'leads'))
    assert remove(desk, ines) == leads
    for name in ('leads', 'submissions', 'lead_events', 'deliveries', 'alerts', 'destinations', 'conversation_timeline', 'lead_merges'):
        assert table(desk.db, name) == [], name
    for name in ('follow_up_tasks', 'sequence_runs', 'sequences', 'templates', 'location_hours', 'holidays', 'assignment_settings'):
        assert table(desk.db, name) == [], name
    (left,) = table(desk.db, 'users')
    assert (left['preferences'], left['skills'], left['present'], left['capacity']) == ({}, [], False, None)
    assert [row['email'] for row in table(desk.db, 'users')] == ['ines@brightwater.example.com']
    with desk.db.reading() as session:
        assert not has_samples(session, scope(desk))
        assert [place.name for place in session.exec(select(User)) if place.disabled_at] == []
    assert remove(desk, ines) == 0


def test_what_was_there_before_is_there_afterwards_to_the_letter_and_a_sample_that_became_real_stays(desk: Desk) -> None:
    boss = owner(desk)
    desk.capture(command(email='real@example.org', message='quote today'), command(email='real@example.org', message='again'))
    before = all_rows(desk.db)
    assert load(desk, 60) == 60
    with desk.db.reading() as session:
        assert owner_of(session, scope(desk), BOX) is None
    with desk.db.transaction() as session:
        clear(session, boss, BOX)
        session.flush()
        assert rows_in(session) == before
        session.rollback()
    _a_sample_became_real(desk, boss)


def _a_sample_became_real(desk: Desk, boss: Actor) -> None:
    sample = next(row for row in table(desk.db, 'leads', "email <> '' and inbox_group <> 'merged'") if row['owner_id'])
    real = facts_of(desk.db, desk.tenant_id)
    desk.capture(command(email=sample['email'], message='It is really me'), command(email='new@example.org'), facts=real)
    mine = {row['lead_id'] for row in table(desk.db, 'submissions') if row['credential'] == 'api:1'}
    assert sample['id'] in mine and len(mine) == 3
    kept = {name: rows_of(desk, name, mine) for name in ('submissions', 'conversation_timeline', 'lead_events', 'deliveries', 'sla_clocks')}
    remove(desk, boss)
    assert {row['id'] for row in table(desk.db, 'leads')} == mine
    assert {name: rows_of(desk, name, mine) for name in kept} == kept
    with desk.db.reading() as session:
        assert verify(session, scope(desk), None).good
    assert all(not row['enabled'] for row in table(desk.db, 'destinations'))
    assert {row['name'] for row in table(desk.db, 'users') if row['disabled_at'] is None} == {'The Boss'}


def rows_of(desk: Desk, name: str, leads: set[UUID]) -> list[str]:
    return sorted(repr(row) for row in table(desk.db, name) if row['lead_id'] in leads)


def test_a_desk_with_real_destinations_is_left_alone(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Real')
    before = all_rows(desk.db)
    with pytest.raises(Conflict, match='Real'):
        load(desk)
    assert all_rows(desk.db) == before and clock.offset == timedelta(0)


def test_nothing_is_removed_by_who_may_not_or_where_nothing_is(desk: Desk) -> None:
    boss = owner(desk)
    desk.capture(command(email='real@example.org'))
    with desk.db.transaction() as session, pytest.raises(Forbidden):
        clear(session, Actor(scope(desk), ActorType.AGENT, None, 'Rosa', Role.AGENT), BOX)
    before = all_rows(desk.db)
    assert remove(desk, boss) == 0 and all_rows(desk.db) == before


def test_no_event_of_the_week_was_meant_for_anybody_else(played: Played) -> None:
    order = DestinationOrder(kind='webhook', name='Late', config={'url': 'https://example.com/'})
    with played.desk.db.transaction() as session:
        late = add_destination(session, system(played.desk.tenant_id), order, BOX).id
    with played.desk.db.reading() as session:
        told = session.exec(select(Delivery.id).join(LeadEvent).where(Delivery.destination_id == late)).all()
    assert told == []


def test_a_location_that_a_destination_of_the_desk_is_narrowed_to_stays(desk: Desk) -> None:
    boss = owner(desk)
    load(desk, most=60)
    (narrow, *_) = [row for row in table(desk.db, 'locations') if row['slug'].startswith('demo-')]
    order = DestinationOrder(kind='webhook', name='Ours', config={'url': 'https://example.com/hook'}, locationIds=[narrow['id']])
    with desk.db.transaction() as session:
        add_destination(session, boss, order, BOX)
    remove(desk, boss)
    assert [row['slug'] for row in table(desk.db, 'locations') if row['slug'].startswith('demo-')] == [narrow['slug']]
