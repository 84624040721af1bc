"""Quiet hours put alarms off, never past the deadline; then the next one is told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.access.models import User
from domain.access.preferences import preferences, set_preference
from domain.access.quiet import Ear, Tell, check_quiet, hand_round, quiet_until
from domain.alerts.actions import close_over
from domain.alerts.notices import escalate, next_notice, notify, tell_due, unseen_notices
from domain.alerts.queries import open_alerts
from domain.base import clock
from domain.base.errors import Invalid
from domain.base.ids import uuid7
from domain.base.scope import Scope, system
from domain.leads.actions import answered, assign
from domain.leads.alarms import Fired
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, people_of
from tests.domain.rows import table
from tests.domain.test_alarms import clock_of, fired_at, hot

NIGHT = {'from': '22:00', 'to': '07:00', 'zone': 'Europe/Berlin'}
LUNCH = {'from': '12:00', 'to': '13:30', 'zone': 'America/New_York'}


@pytest.mark.parametrize(
    ('what', 'hours', 'moment', 'until'),
    [
        ('none are set', None, '2026-11-21T23:00Z', None),
        ('before they begin', NIGHT, '2026-11-21T20:59:59Z', None),
        ('at their begin', NIGHT, '2026-11-21T21:00Z', '2026-11-22T06:00Z'),
        ('after midnight', NIGHT, '2026-11-22T03:00Z', '2026-11-22T06:00Z'),
        ('at their end', NIGHT, '2026-11-22T06:00Z', None),
        ('within a day', LUNCH, '2026-11-21T17:30Z', '2026-11-21T18:30Z'),
        ('within a day, in the evening', LUNCH, '2026-11-21T23:30Z', None),
        ('the night the clocks go back is an hour longer', NIGHT, '2026-10-24T21:30Z', '2026-10-25T06:00Z'),
        ('the night the clocks go ahead is an hour shorter', NIGHT, '2026-03-28T22:30Z', '2026-03-29T05:00Z'),
        ('an end that the clocks skip', NIGHT | {'to': '02:30'}, '2026-03-29T00:00Z', '2026-03-29T01:30Z'),
    ],
)
def test_when_quiet_hours_end(what: str, hours: dict[str, str] | None, moment: str, until: str | None) -> None:
    found = quiet_until({'quietHours': hours}, datetime.fromisoformat(moment))
    assert found == (datetime.fromisoformat(until) if until else None), what


@pytest.mark.parametrize(
    ('value', 'says'),
    [
        ({'from': '22:00', 'to': '07:00'}, 'need'),
        ('night', 'need'),
        (NIGHT | {'from': '24:00'}, 'no time of day'),
        (NIGHT | {'to': 7}, 'no time of day'),
        (NIGHT | {'to': '22:00'}, 'never end'),
        (NIGHT | {'zone': 'Mars/Olympus'}, 'no time zone'),
    ],
)
def test_quiet_hours_that_make_no_sense_are_refused(value: Any, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        check_quiet(value)


AT = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
OWNER, NEXT, THIRD = (UUID(int=number) for number in (1, 2, 3))


def after(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ('what', 'quiet', 'others', 'deadline', 'told'),
    [
        ('an owner who can be told is told', None, {}, 8, [(OWNER, 0)]),
        ('quiet that ends before the deadline delays', 5, {NEXT: None}, 8, [(OWNER, 5)]),
        ('quiet that ends with the deadline delays', 8, {NEXT: None}, 8, [(OWNER, 8)]),
        ('quiet that outlasts the deadline goes to the next', 60, {NEXT: None}, 8, [(NEXT, 0), (OWNER, 60)]),
        ('the next who wants quiet too is passed over', 60, {NEXT: 30, THIRD: None}, 8, [(THIRD, 0), (OWNER, 60)]),
        ('nobody else: the owner at the deadline, quiet or not', 60, {}, 8, [(OWNER, 8)]),
        ('all want quiet: the owner at the deadline', 60, {NEXT: 60, THIRD: 60}, 8, [(OWNER, 8)]),
        ('a breach cannot wait', 60, {NEXT: None}, 0, [(NEXT, 0), (OWNER, 60)]),
        ('an escalation with nobody else is told now', 60, {}, -15, [(OWNER, 0)]),
        ('the owner is not the next', 60, {OWNER: None, NEXT: None}, 0, [(NEXT, 0), (OWNER, 60)]),
    ],
)
def test_who_is_told_and_when(
    what: str, quiet: int | None, others: dict[UUID, int | None], deadline: int, told: list[tuple[UUID, int]]
) -> None:
    ears = [Ear(id_, None if until is None else after(until)) for id_, until in others.items()]
    owner = Ear(OWNER, None if quiet is None else after(quiet))
    assert hand_round(owner, ears, AT, after(deadline)) == [Tell(id_, after(minutes)) for id_, minutes in told], what


def around(moment: datetime, minutes: int) -> dict[str, str]:
    """Quiet hours that began an hour ago and end in so many minutes."""
    begin, end = moment - timedelta(hours=1), moment + timedelta(minutes=minutes)
    return {'from': f'{begin:%H:%M}', 'to': f'{end:%H:%M}', 'zone': 'UTC'}


def told_of(desk: Desk, fired: list[Fired]) -> None:
    with desk.db.transaction() as session:
        notify(session, system(desk.tenant_id), fired)


def waits(desk: Desk, people: People) -> UUID:
    """A hot lead of Dev's."""
    lead_id = hot(desk)
    act(desk, assign, people.ines, [lead_id], people.dev.id)
    return lead_id


def notices(desk: Desk) -> list[tuple[UUID, bool, str]]:
    return [(row['user_id'], row['told_at'] is not None, row['kind']) for row in table(desk.db, 'notices')]


def test_the_owner_is_told_of_a_warning_on_every_open_page_once(desk: Desk) -> None:
    people = people_of(desk)
    lead_id = waits(desk, people)
    moment = clock_of(desk, lead_id)['warn_at']
    told_of(desk, fired_at(desk, moment))
    assert notices(desk) == [(people.dev.id, True, 'warning')]
    with desk.db.reading() as session:
        (row,) = unseen_notices(session, Scope(desk.tenant_id), [people.dev.id, people.ines.id], moment)
        assert row.text.startswith('Ada: First reply is due at ')
        assert unseen_notices(session, Scope(uuid7()), [people.dev.id], moment) == []


def test_a_lead_without_an_owner_is_told_nobody_in_person(desk: Desk) -> None:
    people_of(desk)
    lead_id = hot(desk)
    told_of(desk, fired_at(desk, clock_of(desk, lead_id)['warn_at']))
    assert notices(desk) == []


def test_a_warning_waits_for_the_end_of_quiet_hours_and_is_told_then(desk: Desk) -> None:
    people = people_of(desk)
    lead_id = waits(desk, people)
    moment = clock_of(desk, lead_id)['warn_at']
    act(desk, set_preference, people.dev, 'quietHours', around(moment, 3))
    told_of(desk, fired_at(desk, moment))
    assert notices(desk) == [(people.dev.id, False, 'warning')]
    with desk.db.reading() as session:
        at = next_notice(session)
    assert at is not None
    assert moment < at <= clock_of(desk, lead_id)['due_at']
    with desk.db.transaction() as session:
        assert tell_due(session, at - timedelta(seconds=1)) == 0
    with desk.db.transaction() as session:
        assert tell_due(session, at) == 1
        assert tell_due(session, at) == 0
    assert notices(desk) == [(people.dev.id, True, 'warning')]


def test_what_was_put_off_and_is_answered_meanwhile_is_told_nobody(desk: Desk) -> None:
    people = people_of(desk)
    lead_id = waits(desk, people)
    moment = clock_of(desk, lead_id)['warn_at']
    act(desk, set_preference, people.dev, 'quietHours', around(moment, 3))
    told_of(desk, fired_at(desk, moment))
    act(desk, answered, people.ines, lead_id, clock.now())
    later = moment + timedelta(minutes=10)
    with desk.db.transaction() as session:
        assert tell_due(session, later) == 1
        assert unseen_notices(session, Scope(desk.tenant_id), [people.dev.id], later) == []


def test_quiet_that_outlasts_the_deadline_goes_to_whoever_is_present_else_to_a_manager(desk: Desk) -> None:
    people = people_of(desk)
    lead_id = waits(desk, people)
    clock_row = clock_of(desk, lead_id)
    act(desk, set_preference, people.dev, 'quietHours', around(clock_row['warn_at'], 600))
    told_of(desk, fired_at(desk, clock_row['warn_at']))
    assert notices(desk) == [(people.ines.id, True, 'warning'), (people.dev.id, False, 'warning')]  # Ines leads
    with desk.db.transaction() as session:
        session.execute(sa.update(User).where(User.id == people.gone.id).values(disabled_at=None, present=True))
    told_of(desk, fired_at(desk, clock_row['due_at']))
    assert notices(desk)[2:] == [(people.gone.id, True, 'breach'), (people.dev.id, False, 'breach')]  # present comes first


def test_an_escalation_raises_an_alert_that_is_over_with_the_reply(desk: Desk) -> None:
    people = people_of(desk)
    lead_id = waits(desk, people)
    due = clock_of(desk, lead_id)['due_at']
    for moment in (due, due + timedelta(minutes=15)):
        fired = fired_at(desk, moment)
        with desk.db.transaction() as session:
            escalate(session, system(desk.tenant_id), fired)
    with desk.db.transaction() as session:
        assert [(alert.key, alert.severity) for alert in open_alerts(session, Scope(desk.tenant_id))] == [('late', 'critical')]
        assert close_over(session, system(desk.tenant_id)) == 0
    act(desk, answered, people.dev, lead_id, clock.now())
    with desk.db.transaction() as session:
        assert close_over(session, system(desk.tenant_id)) == 1


def test_quiet_hours_are_a_preference_and_can_be_taken_away(desk: Desk) -> None:
    people = people_of(desk)
    act(desk, set_preference, people.dev, 'quietHours', NIGHT)
    with desk.db.reading() as session:
        assert preferences(session, Scope(desk.tenant_id), people.dev.id) == {'quietHours': NIGHT}
    act(desk, set_preference, people.dev, 'quietHours', None)
    with desk.db.reading() as session:
        assert quiet_until(preferences(session, Scope(desk.tenant_id), people.dev.id), clock.now()) is None
