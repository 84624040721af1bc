"""A clock's alarms: in their order, each once, told to the timeline and to subscribers, and marked when nobody watched."""

import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.base import clock
from domain.leads.actions import answered, close, snooze
from domain.leads.alarms import Alarm, Fired, fire, next_alarm
from domain.sla.actions import arm
from domain.sla.models import ClockKind, SlaClock
from tests.domain.conftest import Desk
from tests.domain.lead_rows import act, groups_hold, people_of
from tests.domain.rows import command, destination, table

HOT = {'quality': 'hot', 'email': 'ada@example.com'}
SECOND = timedelta(seconds=1)


def hot(desk: Desk, **more: Any) -> UUID:
    """A hot lead, due in 15 minutes and warned of at half of that."""
    (taken,) = desk.capture(command('chatbot', grade=True, **(HOT | more)))
    return UUID(str(taken.lead_id))


def clock_of(desk: Desk, lead_id: UUID) -> dict[str, Any]:
    (row,) = [row for row in table(desk.db, 'sla_clocks') if row['lead_id'] == lead_id]
    return row


def fired_at(desk: Desk, moment: datetime, since: datetime | None = None) -> list[Fired]:
    """What is told at this moment by a worker that watches since then (since ever)."""
    with desk.db.transaction() as session:
        return fire(session, moment, since or moment - timedelta(days=1))


def events(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    found = [row for row in table(desk.db, 'lead_events') if row['event_type'].startswith('sla.')]
    return [(row['event_type'], row['payload']) for row in found]


def entries(desk: Desk, lead_id: UUID) -> list[tuple[str, str]]:
    found = [row for row in table(desk.db, 'conversation_timeline') if row['lead_id'] == lead_id]
    return [(row['event_type'], row['title']) for row in found if row['event_type'].startswith('sla_')]


def test_warning_breach_and_escalation_are_told_once_each_in_their_order(desk: Desk) -> None:
    lead_id = hot(desk)
    first = clock_of(desk, lead_id)
    due, warn = first['due_at'], first['warn_at']
    assert due - warn == timedelta(minutes=7, seconds=30)
    told: list[Alarm] = []
    for moment in (
        warn - SECOND,
        warn,
        warn + SECOND,
        due - SECOND,
        due,
        due + SECOND,
        due + timedelta(minutes=15),
        due + timedelta(hours=9),
    ):
        told += [each.alarm for each in fired_at(desk, moment)]
    assert told == [Alarm.WARNING, Alarm.BREACH, Alarm.ESCALATION]
    last = clock_of(desk, lead_id)
    assert (last['warned_at'], last['breached_at'], last['escalated_at']) == (warn, due, due + timedelta(minutes=15))
    assert last['fires_at'] is None
    assert [name for name, _ in events(desk)] == ['sla.warning', 'sla.breached', 'sla.breached']
    assert [payload['escalation'] for _, payload in events(desk)] == [False, False, True]
    assert all(payload['leadId'] == str(lead_id) and payload['foundLate'] is False for _, payload in events(desk))
    assert [kind for kind, _ in entries(desk, lead_id)] == ['sla_warning', 'sla_breached', 'sla_breached']
    (conversation,) = table(desk.db, 'conversations')
    assert conversation['sla_breached'] is True
    groups_hold(desk)


def test_the_next_alarm_is_the_earliest_of_all_tenants_and_none_where_nothing_runs(desk: Desk) -> None:
    with desk.db.reading() as session:
        assert next_alarm(session) is None
    lead_id = hot(desk)
    hot(desk, email='later@example.com', quality='cold')
    with desk.db.reading() as session:
        assert next_alarm(session) == clock_of(desk, lead_id)['warn_at']


def test_subscribed_destinations_hear_of_a_breach(desk: Desk) -> None:
    listener = destination(desk.db, desk.tenant_id, 'Sales', events=['sla.breached'])
    deaf = destination(desk.db, desk.tenant_id, 'Others', events=['lead.created'])
    lead_id = hot(desk)
    fired_at(desk, clock_of(desk, lead_id)['warn_at'])
    fired_at(desk, clock_of(desk, lead_id)['due_at'])
    heard = [(row['destination_id'], row['priority']) for row in table(desk.db, 'deliveries')]
    assert heard == [(listener, 0)]
    assert deaf not in [place for place, _ in heard]


def test_what_passed_while_everything_was_down_is_found_late_and_says_so(desk: Desk) -> None:
    lead_id = hot(desk)
    back = clock_of(desk, lead_id)['due_at'] + timedelta(minutes=5)
    fired = fired_at(desk, back, since=back)
    assert [(each.alarm, each.found_late, each.late) for each in fired] == [(Alarm.WARNING, True, 750.0), (Alarm.BREACH, True, 300.0)]
    assert [(name, payload['foundLate'], payload['lateSeconds']) for name, payload in events(desk)] == [
        ('sla.warning', True, 750.0),
        ('sla.breached', True, 300.0),
    ]
    assert all(title.endswith('(found late)') for _, title in entries(desk, lead_id))
    assert fired_at(desk, back + SECOND) == []


def test_a_worker_that_watched_all_the_while_and_was_only_slow_found_nothing_late(desk: Desk) -> None:
    lead_id = hot(desk)
    warn = clock_of(desk, lead_id)['warn_at']
    (fired,) = fired_at(desk, warn + 3 * SECOND, since=warn - SECOND)
    assert (fired.found_late, fired.late) == (False, 3.0)


def test_an_answered_clock_says_nothing_more(desk: Desk) -> None:
    lead_id, people = hot(desk), people_of(desk)
    due = clock_of(desk, lead_id)['due_at']
    act(desk, answered, people.dev, lead_id, clock.now())
    assert fired_at(desk, due + SECOND) == []
    assert events(desk) == []


def test_a_snoozed_leads_clock_goes_on_and_a_closed_ones_stands(desk: Desk) -> None:
    people = people_of(desk)
    snoozed, closed = hot(desk), hot(desk, email='eve@example.com')
    due = clock_of(desk, closed)['due_at']
    act(desk, snooze, people.dev, [snoozed], clock.now() + timedelta(hours=3))
    act(desk, close, people.dev, [closed])
    fired = fired_at(desk, due + SECOND)
    assert {each.lead_id for each in fired} == {snoozed}
    assert [each.alarm for each in fired] == [Alarm.WARNING, Alarm.BREACH]
    groups_hold(desk)


def test_an_alarm_left_on_a_closed_leads_clock_is_put_out_silently(desk: Desk) -> None:
    lead_id, people = hot(desk), people_of(desk)
    act(desk, close, people.dev, [lead_id])
    with desk.db.transaction() as session:
        session.execute(sa.update(SlaClock).values(fires_at=SlaClock.due_at))
    assert fired_at(desk, clock_of(desk, lead_id)['due_at']) == []
    assert clock_of(desk, lead_id)['fires_at'] is None


@pytest.mark.parametrize('kind', [ClockKind.NEXT_REPLY, ClockKind.RESOLUTION])
def test_other_clocks_of_a_lead_have_alarms_of_their_own(desk: Desk, kind: ClockKind) -> None:
    lead_id, people = hot(desk), people_of(desk)
    act(desk, answered, people.dev, lead_id, clock.now())
    due = clock.now() + timedelta(hours=1)
    with desk.db.transaction() as session:
        other = SlaClock(tenant_id=desk.tenant_id, lead_id=lead_id, kind=kind, due_at=due, window_seconds=3600)
        arm(other)
        session.add(other)
    (fired,) = fired_at(desk, due)
    assert (fired.kind, fired.alarm, fired.title.startswith('First')) == (kind, Alarm.BREACH, False)
    (conversation,) = table(desk.db, 'conversations')
    assert conversation['sla_breached'] is False  # that column repeats the first reply's clock


def test_at_most_so_many_at_once_the_earliest_first(desk: Desk) -> None:
    leads = [hot(desk, email=f'a{number}@example.com') for number in range(5)]
    last = clock_of(desk, leads[-1])['warn_at']
    with desk.db.transaction() as session:
        assert {each.lead_id for each in fire(session, last, last, most=3)} == set(leads[:3])
    with desk.db.transaction() as session:
        assert {each.lead_id for each in fire(session, last, last, most=3)} == set(leads[3:])


def test_eight_workers_at_the_same_moment_tell_each_alarm_once(desk: Desk) -> None:
    leads = [hot(desk, email=f'b{number}@example.com') for number in range(20)]
    due = clock_of(desk, leads[-1])['due_at']
    together, fired, troubles = threading.Barrier(8), [], []

    def work() -> None:
        together.wait()
        idle = 0
        try:
            while idle < 20:
                with desk.db.transaction() as session:
                    found = fire(session, due, due, most=3)
                fired.extend((each.lead_id, each.alarm) for each in found)
                idle = 0 if found else idle + 1
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert sorted(fired) == sorted((lead_id, alarm) for lead_id in leads for alarm in (Alarm.WARNING, Alarm.BREACH))
    assert len(events(desk)) == 40
