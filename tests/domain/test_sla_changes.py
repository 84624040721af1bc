"""Deadlines that change while they run: by quality, by place, by hours; and a thank-you that changes nothing."""

from datetime import UTC, timedelta
from uuid import uuid4

import pytest

from domain.base import clock
from domain.base.clock import now
from domain.base.scope import Scope, system
from domain.conversations.actions import answered as replied_elsewhere
from domain.conversations.rules import says_thanks
from domain.leads.actions import close, reopen
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit
from domain.leads.models import Quality, Stage, Status
from domain.leads.recompute import recompute_clocks
from domain.sla.explaining import explain_lead
from domain.sla.models import CountedTime
from domain.sla.queries import first_reply_clock
from domain.sla.rules import State, state
from domain.tenancy.models import Holiday, Location
from domain.tenancy.queries import calendar, default_location
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.rows import table
from tests.domain.sla_rows import captured, clock_row, near, next_monday, opened, policy, titles, travel

HOT_WORDS = {'message': 'I want a quote today', 'phone': '+14155552671', 'budget': '5000'}


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


@pytest.mark.parametrize(('to', 'minutes', 'due'), [('hot', 5, 15), ('hot', 40, 40), ('cold', 5, 1440)])
def test_a_change_of_quality_counts_anew_from_arrival_and_never_backdates(
    desk: Desk, people: People, to: str, minutes: int, due: int
) -> None:
    lead_id = captured(desk, quality='warm', message='hello')
    started = clock_row(desk)['started_at']
    clock.advance(timedelta(minutes=minutes))
    act(desk, edit, people.dev, lead_id, LeadEdit(quality=Quality(to)))
    row = clock_row(desk)
    expected = started + timedelta(minutes=due)
    assert row['due_at'] == expected or (minutes == due and near(row['due_at'], expected))
    assert row['breached_at'] is None and row['warn_at'] <= row['due_at']
    assert row['fires_at'] == (row['due_at'] if row['warned_at'] else row['warn_at']), 'a warning that was due is told first'
    assert lead_row(desk, lead_id)['next_at'] == row['due_at']
    groups_hold(desk)


def test_colder_gets_the_longer_deadline_and_keeps_a_breach_that_happened(desk: Desk, people: People) -> None:
    lead_id = captured(desk, quality='hot', message='hello')
    first = clock_row(desk)
    clock.advance(timedelta(minutes=20))
    act(desk, edit, people.dev, lead_id, LeadEdit(quality=Quality.WARM))
    row = clock_row(desk)
    assert row['due_at'] == first['started_at'] + timedelta(hours=1) and row['breached_at'] is not None
    assert table(desk.db, 'conversations')[0]['sla_breached'] is True
    assert 'sla_breached' in [each['event_type'] for each in table(desk.db, 'conversation_timeline')], 'it was told'
    with desk.db.reading() as session:
        held = first_reply_clock(session, Scope(desk.tenant_id), lead_id)
        assert held is not None and state(held, now()) is State.BREACHED
    groups_hold(desk)


def test_business_hours_hold_at_arrival_by_edit_and_when_somebody_writes_again(desk: Desk, people: People) -> None:
    for quality, seconds in (('hot', 900), ('warm', 3600), ('cold', 86_400)):
        policy(desk, quality, seconds, clock=CountedTime.BUSINESS)
    opened(desk, dict.fromkeys(range(5), (8 * 60, 18 * 60)), 'Europe/Berlin')
    friday = (next_monday(0) + timedelta(days=4)).replace(tzinfo=UTC)
    with desk.db.reading() as session:
        hours = calendar(session, Scope(desk.tenant_id), default_location(session, Scope(desk.tenant_id)).id)
    assert hours is not None
    opens, closes = (span for span in hours.spans(friday, friday + timedelta(days=4)) if span.is_open)
    travel(opens.end - timedelta(minutes=10))
    lead_id = captured(desk, quality='hot', message='hello')
    row = clock_row(desk)
    assert row['due_at'] == closes.start + timedelta(minutes=5) + (row['started_at'] - (opens.end - timedelta(minutes=10)))
    act(desk, edit, people.dev, lead_id, LeadEdit(quality=Quality.WARM))
    assert clock_row(desk)['due_at'] == row['due_at'] + timedelta(minutes=45)
    captured(desk, **HOT_WORDS)
    assert clock_row(desk)['due_at'] == row['due_at'] and clock_row(desk)['warn_at'] <= row['due_at']
    act(desk, close, people.dev, [lead_id])
    act(desk, reopen, people.dev, [lead_id])
    assert clock_row(desk)['due_at'] == row['due_at']
    with desk.db.reading() as session:
        told = explain_lead(session, Scope(desk.tenant_id), lead_id)
    assert told.due_at == row['due_at'] == told.steps[-1].end and sum(step.counted_seconds for step in told.steps) == 900
    assert 'outside opening hours' in [step.why for step in told.steps]


def test_a_lead_that_goes_to_another_location_goes_by_its_hours(desk: Desk, people: People) -> None:
    policy(desk, 'cold', clock=CountedTime.BUSINESS)
    opened(desk, dict.fromkeys(range(7), (0, 1440)))
    with desk.db.transaction() as session:
        north = Location(tenant_id=desk.tenant_id, slug='north', name='North')
        session.add(north)
        north_id = north.id
    opened(desk, dict.fromkeys(range(5), (8 * 60, 18 * 60)), place_id=north_id)
    travel(next_monday(20))
    lead_id = captured(desk, message='just looking, no hurry')
    tuesday = next_monday(9) - timedelta(days=6)
    assert clock_row(desk)['due_at'] < tuesday
    act(desk, edit, people.dev, lead_id, LeadEdit(location_id=north_id))
    assert clock_row(desk)['due_at'] == tuesday == lead_row(desk, lead_id)['next_at']
    captured(desk, **HOT_WORDS)
    assert clock_row(desk)['due_at'] <= now() + timedelta(minutes=15), 'hot is round the clock by the default policy'


def test_changed_hours_move_running_deadlines_and_never_into_the_past(desk: Desk, people: People) -> None:
    policy(desk, 'cold', clock=CountedTime.BUSINESS)
    place_id = opened(desk, dict.fromkeys(range(7), (8 * 60, 10 * 60)))
    travel(next_monday(9, 30))
    lead_id = captured(desk, message='just looking, no hurry')
    row = clock_row(desk)
    assert row['due_at'] == row['started_at'] + timedelta(hours=23)  # half an hour today, half tomorrow
    boss = system(desk.tenant_id)
    with desk.db.transaction() as session:
        day = (row['started_at'] + timedelta(days=1)).date()
        session.add(Holiday(tenant_id=desk.tenant_id, location_id=place_id, day=day, name='Feast'))
        assert recompute_clocks(session, boss, place_id) == 1
    assert clock_row(desk)['due_at'] == row['due_at'] + timedelta(days=1) == lead_row(desk, lead_id)['next_at']
    assert titles(desk)[-1] == 'Deadline counted anew: the opening hours changed'
    travel(row['started_at'] + timedelta(hours=5))
    with desk.db.transaction() as session:
        session.connection().exec_driver_sql('update location_hours set closes = 1440')
        assert recompute_clocks(session, boss, place_id) == 1
    assert near(now(), clock_row(desk)['due_at']) and clock_row(desk)['breached_at'] is None
    with desk.db.transaction() as session:
        session.connection().exec_driver_sql('update location_hours set closes = 600')
        assert recompute_clocks(session, boss, place_id) == 0, 'what was missed stays missed'
        assert recompute_clocks(session, system(uuid4()), place_id) == 0, 'another tenant'
    groups_hold(desk)


def test_a_thank_you_after_closing_is_kept_and_opens_no_breach(desk: Desk, people: People) -> None:
    lead_id = captured(desk, quality='hot', message='hello')
    act(desk, replied_elsewhere, people.dev, lead_id)
    act(desk, close, people.dev, [lead_id], stage=Stage.WON)
    before, row = clock_row(desk), lead_row(desk, lead_id)
    clock.advance(timedelta(days=2))
    captured(desk, message='Thank you so much!')
    after = lead_row(desk, lead_id)
    assert clock_row(desk) == before and (after['status'], after['stage'], after['unread']) == (Status.CLOSED, Stage.WON, True)
    assert (after['last_message'], after['version']) == ('Thank you so much!', row['version'] + 1)
    assert [each['content'] for each in table(desk.db, 'chat_messages')][-1] == 'Thank you so much!'
    assert any('Stays closed' in title for title in titles(desk)) and table(desk.db, 'lead_events')[-1]['event_type'] == 'lead.resubmitted'
    captured(desk, message='Thank you, but when do you open tomorrow?')
    assert lead_row(desk, lead_id)['status'] == Status.OPEN and clock_row(desk)['answered_at'] is None
    groups_hold(desk)


@pytest.mark.parametrize(
    'text',
    [
        'thanks',
        'Thank you!',
        'OK',
        'ok, great',
        'Thanks a lot for your help.',
        'Vielen Dank!',
        '¡Muchas gracias!',
        '👍',
        '🙏🙏',
        'merci beaucoup',
    ],
)
def test_what_is_a_thank_you(text: str) -> None:
    assert says_thanks(text)


@pytest.mark.parametrize(
    'text',
    [
        '', 'hello', 'thanks, call me', 'ok?', 'Thanks! Can you come on Monday?', 'not ok', 'no thanks', 'ok 15:30', 'is it good', 'help',
        'thanks for nothing', 'thanks ' * 30, 'thank you, my new number is 030 123456', 'danke, aber leider kaputt', 'a@example.com thanks',
    ],
)  # fmt: skip
def test_what_is_more_than_a_thank_you(text: str) -> None:
    assert not says_thanks(text)
