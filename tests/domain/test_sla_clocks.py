"""What is done to a lead, and what its clocks make of it: pauses, replies, closing; and what they say of themselves."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from domain.base import clock
from domain.base.clock import now
from domain.base.errors import NotFound
from domain.base.scope import Actor, ActorType, Scope, system
from domain.conversations.actions import answered as replied_elsewhere
from domain.conversations.actions import called, met, note
from domain.desk.merging import merge, unmerge
from domain.intake.actions import take_in_transaction
from domain.leads.actions import answered, assign, close, reopen, snooze
from domain.leads.editing import edit, undo
from domain.leads.messages import LeadEdit, Undo
from domain.leads.models import Stage, Status
from domain.sla.explaining import explain_lead
from domain.sla.models import ClockKind, CountedTime
from domain.tenancy.models import Holiday, LocationHours
from domain.tenancy.queries import calendar, default_location
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.rows import command, table
from tests.domain.sla_rows import MOMENT, captured, clock_row, near, next_monday, opened, policy, set_status, titles, travel


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def test_waiting_for_the_customer_pauses_the_clock_and_what_was_left_is_left(desk: Desk, people: People) -> None:
    lead_id = captured(desk, quality='warm', message='hello')
    before = clock_row(desk)
    clock.advance(timedelta(minutes=20))
    set_status(desk, people.dev, lead_id, Status.WAITING)
    paused = clock_row(desk)
    assert (paused['fires_at'], paused['due_at']) == (None, before['due_at']) and near(now(), paused['paused_at'])
    clock.advance(timedelta(hours=5))
    set_status(desk, people.dev, lead_id, Status.OPEN)
    after = clock_row(desk)
    (begins, ends), *_ = [[datetime.fromisoformat(text) for text in pause] for pause in after['pauses']]
    assert after['paused_at'] is None and begins == paused['paused_at'] and near(now(), ends)
    assert after['due_at'] == before['due_at'] + (ends - begins) and after['warn_at'] == before['warn_at'] + (ends - begins)
    assert after['fires_at'] == after['warn_at'] and lead_row(desk, lead_id)['next_at'] == after['due_at']
    groups_hold(desk)


def test_a_customer_who_writes_ends_the_pause(desk: Desk, people: People) -> None:
    lead_id = captured(desk, quality='warm', message='hello')
    before = clock_row(desk)
    set_status(desk, people.dev, lead_id, Status.WAITING)
    clock.advance(timedelta(hours=5))
    captured(desk, message='and another thing')
    after = clock_row(desk)
    assert after['paused_at'] is None and near(after['due_at'], before['due_at'] + timedelta(hours=5))
    assert (lead_row(desk, lead_id)['status'], after['fires_at']) == (Status.OPEN, after['warn_at'])
    groups_hold(desk)


def test_what_was_due_before_the_pause_still_fires_and_stays_due(desk: Desk, people: People) -> None:
    lead_id = captured(desk, quality='warm', message='hello')
    clock.advance(timedelta(hours=2))
    set_status(desk, people.dev, lead_id, Status.WAITING)
    paused = clock_row(desk)
    assert paused['fires_at'] == paused['warn_at']
    clock.advance(timedelta(hours=2))
    set_status(desk, people.dev, lead_id, Status.OPEN)
    assert clock_row(desk)['due_at'] == paused['due_at']


def test_a_policy_says_which_statuses_pause(desk: Desk, people: People) -> None:
    policy(desk, 'cold', pausing=['snoozed'])
    lead_id = captured(desk, message='just looking, no hurry')
    set_status(desk, people.dev, lead_id, Status.WAITING)
    assert clock_row(desk)['paused_at'] is None
    done: Undo = act(desk, snooze, people.dev, [lead_id], now() + timedelta(days=1))
    assert clock_row(desk)['paused_at'] is not None
    act(desk, undo, people.dev, done)
    assert clock_row(desk)['paused_at'] is None and clock_row(desk)['fires_at'] is not None
    groups_hold(desk)


def test_a_pause_in_business_hours_moves_the_deadline_by_open_time_only(desk: Desk, people: People) -> None:
    policy(desk, 'cold', clock=CountedTime.BUSINESS)
    opened(desk, dict.fromkeys(range(5), (8 * 60, 18 * 60)))
    travel(next_monday(16, 30))
    lead_id = captured(desk, message='just looking, no hurry')
    due = clock_row(desk)['due_at']
    assert due == clock_row(desk)['started_at'] + timedelta(hours=1)
    clock.advance(timedelta(minutes=30))
    set_status(desk, people.dev, lead_id, Status.WAITING)
    clock.advance(timedelta(hours=16, minutes=30))  # until half past nine
    set_status(desk, people.dev, lead_id, Status.OPEN)
    begins, ends = (datetime.fromisoformat(text) for text in clock_row(desk)['pauses'][0])
    assert clock_row(desk)['due_at'] == ends + (due - begins)
    with desk.db.reading() as session:
        told = explain_lead(session, Scope(desk.tenant_id), lead_id)
    assert [(step.counted_seconds > 0, step.why) for step in told.steps] == [
        (True, 'counts'),
        (False, 'paused: waiting for the customer'),
        (True, 'counts'),
    ]
    groups_hold(desk)


@pytest.mark.parametrize('who', ['assistant', 'sequence', 'note', 'status', 'assignment', 'call without answer'])
def test_what_is_no_reply_leaves_the_clock_running(desk: Desk, people: People, who: str) -> None:
    lead_id = captured(desk, message='hello')
    match who:
        case 'assistant':
            assert act(desk, answered, Actor(Scope(desk.tenant_id), ActorType.BOT, scopes=frozenset({'all'})), lead_id, now()) is False
        case 'sequence':
            assert act(desk, answered, system(desk.tenant_id), lead_id, now()) is False
        case 'note':
            act(desk, note, people.dev, lead_id, 'called in the neighbourhood')
        case 'status':
            act(desk, edit, people.dev, lead_id, LeadEdit(stage=Stage.QUALIFIED))
        case 'assignment':
            act(desk, assign, people.dev, [lead_id], people.ines.id)
        case _:
            act(desk, called, people.dev, lead_id, reached=False)
    row = clock_row(desk)
    assert row['answered_at'] is None and row['fires_at'] is not None
    assert table(desk.db, 'conversations')[0]['first_response_at'] is None
    groups_hold(desk)


def test_a_tenant_may_let_the_assistant_count(desk: Desk) -> None:
    policy(desk, 'cold', assistant_counts=True)
    lead_id = captured(desk, message='just looking, no hurry')
    bot = Actor(Scope(desk.tenant_id), ActorType.BOT, scopes=frozenset({'all'}))
    at = now()
    assert act(desk, answered, bot, lead_id, at) is True
    assert clock_row(desk)['answered_at'] == at == table(desk.db, 'conversations')[0]['first_response_at']
    assert act(desk, answered, system(desk.tenant_id), lead_id, at) is False


@pytest.mark.parametrize('reply', [replied_elsewhere, met, partial(called, reached=True)])
def test_a_call_a_meeting_and_a_reply_stop_the_clock(desk: Desk, people: People, reply: Any) -> None:
    lead_id = captured(desk, message='hello')
    act(desk, reply, people.dev, lead_id)
    row = clock_row(desk)
    assert near(now(), row['answered_at']) and row['fires_at'] is None
    assert table(desk.db, 'conversations')[0]['first_response_at'] == row['answered_at']
    groups_hold(desk)


def test_a_late_answer_is_a_breach_whether_or_not_it_was_told(desk: Desk, people: People) -> None:
    lead_id = captured(desk, quality='hot', message='hello')
    clock.advance(timedelta(minutes=16))
    act(desk, replied_elsewhere, people.dev, lead_id)
    row = clock_row(desk)
    assert row['breached_at'] == row['due_at'] and table(desk.db, 'conversations')[0]['sla_breached'] is True
    groups_hold(desk)


def test_an_answer_during_a_pause_is_in_time(desk: Desk, people: People) -> None:
    lead_id = captured(desk, quality='hot', message='hello')
    set_status(desk, people.dev, lead_id, Status.WAITING)
    clock.advance(timedelta(hours=3))
    act(desk, replied_elsewhere, people.dev, lead_id)
    row = clock_row(desk)
    assert row['breached_at'] is None and row['answered_at'] < row['due_at'] and row['paused_at'] is None
    groups_hold(desk)


def test_the_next_reply_has_a_clock_where_the_policy_says_so(desk: Desk, people: People) -> None:
    policy(desk, 'cold', next_reply_seconds=1800)
    lead_id = captured(desk, message='just looking, no hurry')
    captured(desk, message='still looking, no hurry')
    assert len(table(desk.db, 'sla_clocks')) == 1, 'nobody has answered the first one'
    act(desk, replied_elsewhere, people.dev, lead_id)
    clock.advance(timedelta(hours=1))
    captured(desk, message='and another')
    row = clock_row(desk, ClockKind.NEXT_REPLY)
    assert near(row['due_at'], now() + timedelta(minutes=30) - MOMENT + timedelta(seconds=1)) or row['due_at'] - now() < timedelta(
        minutes=30
    )
    assert lead_row(desk, lead_id)['next_at'] == row['due_at'] and row['fires_at'] == row['warn_at']
    clock.advance(timedelta(minutes=10))
    captured(desk, message='hello')
    assert clock_row(desk, ClockKind.NEXT_REPLY)['due_at'] == row['due_at'], 'the first of two unanswered messages counts'
    set_status(desk, people.dev, lead_id, Status.WAITING)
    clock.advance(timedelta(minutes=40))
    set_status(desk, people.dev, lead_id, Status.OPEN)
    moved = clock_row(desk, ClockKind.NEXT_REPLY)['due_at']
    assert near(moved, row['due_at'] + timedelta(minutes=40))
    first = clock_row(desk)
    assert act(desk, answered, people.dev, lead_id, now()) is True and titles(desk)[-1] == 'Next reply given'
    row = clock_row(desk, ClockKind.NEXT_REPLY)
    assert row['answered_at'] is not None and row['fires_at'] is None and clock_row(desk) == first
    assert act(desk, answered, people.dev, lead_id, now()) is False
    captured(desk, message='once more')
    again = clock_row(desk, ClockKind.NEXT_REPLY)
    assert again['answered_at'] is None and again['started_at'] > row['answered_at'] and again['id'] == row['id']
    groups_hold(desk)


@pytest.mark.parametrize('fast', [True, False])
def test_a_resolution_runs_from_arrival_to_closing(desk: Desk, people: People, fast: bool) -> None:
    policy(desk, 'cold', resolution_seconds=7200)
    if fast:
        lead_id = captured(desk, message='just looking, no hurry')
    else:
        taken = take_in_transaction(desk.db, command('chatbot', email='ada@example.com', message='just looking, no hurry'), desk.facts)
        assert taken.lead_id
        lead_id = taken.lead_id
    row = clock_row(desk, ClockKind.RESOLUTION)
    assert row['due_at'] == row['started_at'] + timedelta(hours=2) == clock_row(desk)['started_at'] + timedelta(hours=2)
    assert row['fires_at'] == row['warn_at'] == row['due_at'] - timedelta(minutes=30)
    act(desk, replied_elsewhere, people.dev, lead_id)
    assert clock_row(desk, ClockKind.RESOLUTION)['answered_at'] is None
    done: Undo = act(desk, close, people.dev, [lead_id])
    assert clock_row(desk, ClockKind.RESOLUTION)['answered_at'] is not None
    act(desk, undo, people.dev, done)
    assert clock_row(desk, ClockKind.RESOLUTION) == row
    act(desk, close, people.dev, [lead_id])
    act(desk, reopen, people.dev, [lead_id])
    assert clock_row(desk, ClockKind.RESOLUTION) == row, 'by hand: on to the old deadline'
    act(desk, close, people.dev, [lead_id])
    clock.advance(timedelta(days=1))
    captured(desk, message='no hurry, but')
    assert clock_row(desk, ClockKind.RESOLUTION)['started_at'] > row['due_at'], 'by the customer: a new beginning'
    groups_hold(desk)


def test_a_calendar_is_read_with_its_holidays(desk: Desk) -> None:
    scope = Scope(desk.tenant_id)
    with desk.db.reading() as session:
        assert calendar(session, scope, default_location(session, scope).id) is None
    place_id = opened(desk, {0: (480, 720)}, 'Europe/Berlin')
    with desk.db.transaction() as session:
        session.add(LocationHours(tenant_id=desk.tenant_id, location_id=place_id, weekday=0, opens=0, closes=60))
        more = {'closed_from': 600, 'closed_to': 720, 'yearly': True, 'name': 'Half'}
        session.add(Holiday(tenant_id=desk.tenant_id, location_id=place_id, day=date(2026, 12, 24), **more))
    with desk.db.reading() as session:
        hours = calendar(session, scope, place_id)
        assert calendar(session, Scope(uuid4()), place_id) is None
    assert hours is not None and hours.week[0] == ((0, 60), (480, 720)) and hours.week[1:] == ((),) * 6
    assert [(each.part, each.yearly, each.name) for each in hours.holidays] == [((600, 720), True, 'Half')]
    assert desk.refresh().calendar == hours


def test_a_deadline_is_explained_only_to_whom_it_concerns(desk: Desk, people: People) -> None:
    lead_id = captured(desk, message='hello')
    for scope, which in (
        (Scope(uuid4()), lead_id),
        (replace(Scope(desk.tenant_id), location_ids=frozenset({uuid4()})), lead_id),
        (Scope(desk.tenant_id), uuid4()),
    ):
        with desk.db.reading() as session, pytest.raises(NotFound):
            explain_lead(session, scope, which)
    with desk.db.reading() as session, pytest.raises(NotFound, match='no such deadline'):
        explain_lead(session, Scope(desk.tenant_id), lead_id, ClockKind.RESOLUTION)


def test_a_merge_hands_over_the_wait_for_the_next_reply_and_an_undo_gives_it_back(desk: Desk, people: People) -> None:
    policy(desk, 'cold', next_reply_seconds=1800)
    kept, merged = (captured(desk, email=f'{name}@example.com', message='just looking, no hurry') for name in ('kept', 'merged'))
    for lead_id in (kept, merged):
        act(desk, replied_elsewhere, people.dev, lead_id)
    captured(desk, email='merged@example.com', message='hello')
    theirs = clock_row(desk, ClockKind.NEXT_REPLY)
    merge_id = act(desk, merge, people.dev, kept, merged)
    rows = {row['lead_id']: row for row in table(desk.db, 'sla_clocks', "kind = 'next_reply'")}
    assert rows[kept]['due_at'] == theirs['due_at'] == lead_row(desk, kept)['next_at'] and rows[kept]['fires_at'] == theirs['fires_at']
    assert rows[merged]['stopped_at'] is not None and rows[merged]['fires_at'] is None
    act(desk, unmerge, people.dev, merge_id)
    rows = {row['lead_id']: row for row in table(desk.db, 'sla_clocks', "kind = 'next_reply'")}
    assert rows == {merged: theirs}, 'the clock that the merge made is gone'
    groups_hold(desk)


@pytest.mark.parametrize('waits', ['kept', 'merged'])
def test_a_merge_of_a_lead_that_waits_for_the_customer(desk: Desk, people: People, waits: str) -> None:
    kept, merged = (captured(desk, email=f'{name}@example.com', message='just looking, no hurry') for name in ('kept', 'merged'))
    set_status(desk, people.dev, kept if waits == 'kept' else merged, Status.WAITING)
    clock.advance(timedelta(hours=1))
    before = table(desk.db, 'sla_clocks')
    merge_id = act(desk, merge, people.dev, kept, merged)
    rows = {row['lead_id']: row for row in table(desk.db, 'sla_clocks')}
    assert rows[kept]['paused_at'] is None and rows[kept]['fires_at'] is not None and lead_row(desk, kept)['status'] == Status.OPEN
    assert rows[merged]['fires_at'] is None
    act(desk, unmerge, people.dev, merge_id)
    assert table(desk.db, 'sla_clocks') == before
    groups_hold(desk)
