"""Hours and holidays of a location: what is refused and why, what a feed gives, and the clocks that follow."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.base import clock
from domain.base.errors import Forbidden, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.desk.hours import Opening, change_location, import_holidays, openings
from domain.sla.messages import PolicyOrder
from domain.sla.policies import set_policy
from domain.tenancy.feeds import Feed, read
from domain.tenancy.holidays import Day
from domain.tenancy.hours import week_of
from domain.tenancy.messages import LocationChange
from domain.tenancy.queries import calendar
from tests.domain.conftest import Desk
from tests.domain.rows import command, other_tenant, table

DAILY = {'mon': [['08:00', '12:00'], ['13:00', '18:00']], 'tue': [['08:00', '18:00']], 'fri': [['08:00', '18:00']]}
TODAY = date(2026, 11, 20)  # a Friday
NEVER = 'this location is never open: nothing would ever be due'


def place(desk: Desk) -> UUID:
    return UUID(str(table(desk.db, 'locations')[0]['id']))


def change(desk: Desk, actor: Actor | None = None, location_id: UUID | None = None, **fields: Any) -> Opening:
    with desk.db.transaction() as session:
        return change_location(session, actor or system(desk.tenant_id), location_id or place(desk), LocationChange.model_validate(fields))


def take(desk: Desk, text: str) -> Feed:
    with desk.db.transaction() as session:
        return import_holidays(session, system(desk.tenant_id), place(desk), text)


def now_open(desk: Desk) -> Opening:
    with desk.db.reading() as session:
        return openings(session, Scope(desk.tenant_id))[0]


def event(*lines: str, uid: str = 'a') -> str:
    return '\r\n'.join(('BEGIN:VEVENT', f'UID:{uid}', *lines, 'END:VEVENT'))


def feed(*events: str) -> str:
    return '\r\n'.join(('BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:test', *events, 'END:VCALENDAR', ''))


@pytest.mark.parametrize(
    ('hours', 'where', 'why'),
    [
        ({'mon': [['12:00', '08:00']]}, 'mon', 'ends before it starts'),
        ({'mon': [['08:00', '08:00']]}, 'mon', 'ends as it starts'),
        ({'sat': [['08:00', '12:00'], ['11:59', '18:00']]}, 'sat', '08:00 to 12:00 and 11:59 to 18:00 overlap'),
        ({'sat': [['08:00', '12:00'], ['08:00', '12:00']]}, 'sat', 'overlap'),
        ({'tue': [['22:00', '06:00']]}, 'tue', 'over midnight are two periods'),
        ({'tue': [['8:00', '12:00']]}, 'tue', 'is not a time of day'),
        ({'tue': [['08:00', '24:01']]}, 'tue', 'is not a time of day'),
        ({'tue': [['08:60', '12:00']]}, 'tue', 'is not a time of day'),
        ({'tue': [['08:00']]}, 'tue', 'two times'),
        ({'tue': [['08:00', '12:00', '13:00']]}, 'tue', 'two times'),
        ({'wed': [[f'{n:02}:00', f'{n:02}:30'] for n in range(13)]}, 'wed', '12 is the most'),
        ({'monday': [['08:00', '12:00']]}, 'monday', 'is not a weekday'),
    ],
)
def test_hours_that_make_no_sense_are_refused_by_day_and_reason(hours: dict[str, Any], where: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        week_of(hours | {'sun': [['10:00', '24:00']]})
    assert [error.field for error in refused.value.errors] == [f'hours.{where}']


def test_periods_that_touch_and_days_without_any_are_fine() -> None:
    assert week_of({'sun': [['12:00', '24:00'], ['00:00', '12:00']]}) == ((), (), (), (), (), (), ((0, 720), (720, 1440)))


@pytest.mark.parametrize(
    'fields',
    [
        {'hours': {}},
        {'hours': {'mon': []}},
        {'hours': {'mon': [['08:00', '12:00']]}, 'holidays': [{'date': f'2024-{d:%m-%d}', 'yearly': True} for d in
         (date(2024, 1, 1) + timedelta(days=n) for n in range(366))]},
    ],
    ids=['no day', 'no period', 'every day a holiday'],
)  # fmt: skip
def test_a_location_that_is_never_open_is_refused(desk: Desk, fields: dict[str, Any]) -> None:
    change(desk, hours=DAILY)
    with pytest.raises(Invalid, match='(?i)' + NEVER) as refused:
        change(desk, **fields)
    assert [tuple(error) for error in refused.value.errors] == [('hours', NEVER)]
    assert now_open(desk).hours == DAILY and now_open(desk).holidays == ()


def test_hours_holidays_and_zone_are_kept_written_down_and_told(desk: Desk) -> None:
    holidays = ['2026-12-25', {'date': '2026-12-24', 'name': ' Christmas  Eve ', 'yearly': True, 'from': '12:00'}]
    with desk.db.transaction() as session:
        actor = Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Ines', Role.ADMIN)
        change_location(session, actor, place(desk), LocationChange(timeZone='Europe/Berlin', hours=DAILY, holidays=holidays))
        assert [ring.topic for ring in session.info['rings']] == ['facts']

    found = now_open(desk)
    assert (found.time_zone, found.hours) == ('Europe/Berlin', DAILY)
    assert found.holidays == (Day(date(2026, 12, 24), 'Christmas Eve', True, (720, 1440)), Day(date(2026, 12, 25)))
    (entry,) = [row for row in table(desk.db, 'audit_log') if row['action'] == 'location.changed']
    assert (entry['actor_name'], entry['details']['holidays'], entry['details']['hours']) == ('Ines', 2, DAILY)
    with desk.db.reading() as session:
        hours = calendar(session, Scope(desk.tenant_id), place(desk))
    assert hours is not None and hours.counted(datetime(2026, 12, 24, tzinfo=UTC), datetime(2026, 12, 26, tzinfo=UTC)) == 0


def test_what_is_not_named_stays_and_null_takes_the_hours_away(desk: Desk) -> None:
    change(desk, hours=DAILY, holidays=['2026-12-25'])
    assert change(desk, timeZone='Asia/Tokyo').hours == DAILY
    assert change(desk, holidays=[]).time_zone == 'Asia/Tokyo'
    assert change(desk, hours={'sun': [['10:00', '11:00']]}).hours == {'sun': [['10:00', '11:00']]}
    assert change(desk, hours=None).hours is None
    assert table(desk.db, 'location_hours') == [] and now_open(desk).week is None


def test_the_same_again_changes_nothing_and_tells_nobody(desk: Desk) -> None:
    change(desk, hours=DAILY, holidays=['2026-12-25'])
    before = table(desk.db, 'audit_log'), table(desk.db, 'location_hours')
    change(desk, hours=DAILY, holidays=['2026-12-25', '2026-12-25'], timeZone='UTC')
    assert (table(desk.db, 'audit_log'), table(desk.db, 'location_hours')) == before


@pytest.mark.parametrize('zone', ['Mars/Olympus', '', 'Europe', '../etc/passwd', 'Europe/Berlin ', '/etc/localtime'])
def test_an_unknown_zone_is_refused(desk: Desk, zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(desk, timeZone=zone)
    assert [error.field for error in refused.value.errors] == ['timeZone']


@pytest.mark.parametrize(
    'holiday',
    ['2026-13-01', '2026-02-29', 5, {'name': 'no day'}, {'date': 1700000000}, {'date': '2026-12-24', 'from': '18:00', 'to': '12:00'},
     {'date': '2026-12-24', 'from': 'noon'}, {'date': '2026-12-24', 'yearly': 'yes'}, {'date': '2026-12-24', 'closed': True}],
)  # fmt: skip
def test_a_holiday_that_is_none_is_refused(holiday: Any) -> None:
    with pytest.raises(ValidationError):
        LocationChange.model_validate({'holidays': [holiday]})


def test_more_holidays_than_a_clock_can_count_by_are_refused(desk: Desk) -> None:
    many = [(date(2026, 1, 1) + timedelta(days=number)).isoformat() for number in range(1001)]
    with pytest.raises(Invalid, match='1,001, and 1,000 is the most'):
        change(desk, holidays=many)


def test_only_who_may_edit_settings_and_only_places_of_ones_own(desk: Desk) -> None:
    agent = Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Rosa', Role.MANAGER)
    elsewhere = Actor(Scope(desk.tenant_id, frozenset()), ActorType.AGENT, None, 'Key', Role.ADMIN)
    with pytest.raises(Forbidden):
        change(desk, agent, hours=DAILY)
    with desk.db.transaction() as session, pytest.raises(Forbidden):
        import_holidays(session, agent, place(desk), '')
    for actor in (elsewhere, system(other_tenant(desk.db))):
        with pytest.raises(NotFound):
            change(desk, actor, UUID(str(next(row['id'] for row in table(desk.db, 'locations') if row['tenant_id'] == desk.tenant_id))))
    assert table(desk.db, 'location_hours') == []


def test_running_clocks_follow_the_hours_and_none_becomes_late_by_that(desk: Desk) -> None:
    clock.offset = datetime(2026, 11, 20, 17, 50, tzinfo=UTC) - datetime.now(UTC)  # a Friday
    with desk.db.transaction() as session:
        set_policy(session, system(desk.tenant_id), PolicyOrder(quality='cold', first_reply_seconds=900, clock='business'))
    change(desk, hours={'fri': [['08:00', '18:00']], 'mon': [['08:00', '18:00']]})
    desk.capture(command(email='ada@example.com'), facts=desk.refresh())
    assert due(desk) == '2026-11-23T08:05'

    change(desk, hours={'fri': [['08:00', '18:00']], 'mon': [['10:00', '18:00']]})
    assert due(desk) == '2026-11-23T10:05'
    change(desk, holidays=['2026-11-23'])
    assert due(desk) == '2026-11-27T08:05'
    clock.advance(timedelta(hours=3))
    change(desk, hours=None)  # always open: it would have been due at 18:05 already
    (row,) = table(desk.db, 'sla_clocks')
    assert abs(row['due_at'] - clock.now()) < timedelta(seconds=30) and row['breached_at'] is None


def due(desk: Desk) -> str:
    (row,) = table(desk.db, 'sla_clocks')
    assert table(desk.db, 'conversations')[0]['sla_response_deadline'] == row['due_at']
    return str(row['due_at'].isoformat()[:16])


CASES: list[tuple[str, tuple[str, ...], list[tuple[str, bool, tuple[int, int] | None]]]] = [
    ('a whole day', ('DTSTART;VALUE=DATE:20261225',), [('2026-12-25', False, None)]),
    ('several days', ('DTSTART;VALUE=DATE:20261230', 'DTEND;VALUE=DATE:20270102'),
     [('2026-12-30', False, None), ('2026-12-31', False, None), ('2027-01-01', False, None)]),
    ('every year', ('DTSTART;VALUE=DATE:20201225', 'RRULE:FREQ=YEARLY'), [('2020-12-25', True, None)]),
    ('every year, said twice', ('DTSTART;VALUE=DATE:20201225', 'RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25'), [('2020-12-25', True, None)]),
    ('leap day', ('DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'), [('2024-02-29', True, None)]),
    ('a Thursday of November', ('DTSTART;VALUE=DATE:20241128', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', 'EXDATE;VALUE=DATE:20271125'),
     [('2025-11-27', False, None), ('2026-11-26', False, None), ('2028-11-23', False, None), ('2029-11-22', False, None)]),
    ('until', ('DTSTART;VALUE=DATE:20251225', 'RRULE:FREQ=YEARLY;UNTIL=20261231'),
     [('2025-12-25', False, None), ('2026-12-25', False, None)]),
    ('an afternoon, in UTC', ('DTSTART:20261224T110000Z', 'DTEND:20261224T230000Z'), [('2026-12-24', False, (720, 1440))]),
    ('an afternoon, here', ('DTSTART:20261224T120000', 'DURATION:PT4H30M'), [('2026-12-24', False, (720, 990))]),
    ('over midnight', ('DTSTART:20261224T220000', 'DURATION:PT4H'), [('2026-12-24', False, (1320, 1440)), ('2026-12-25', False, (0, 120))]),
    ('begun minutes', ('DTSTART:20261224T120030', 'DTEND:20261224T120130'), [('2026-12-24', False, (720, 722))]),
    ('cancelled', ('DTSTART;VALUE=DATE:20261225', 'STATUS:CANCELLED'), []),
    ('long ago', ('DTSTART;VALUE=DATE:20201225',), []),
]  # fmt: skip


@pytest.mark.parametrize(('lines', 'expected'), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_entry_of_a_feed_closes_these_days(lines: tuple[str, ...], expected: list[Any]) -> None:
    found = read(feed(event(*lines)), 'Europe/Berlin', TODAY)
    assert [(day.day.isoformat(), day.yearly, day.part) for day in found.days] == expected and found.bad == ()


BROKEN = [
    ('no time', ('DTSTART:tomorrow',), 'DTSTART cannot be read'),
    ('no such month', ('DTSTART;VALUE=DATE:20261399',), 'DTSTART cannot be read'),
    ('no start', ('SUMMARY:Some day',), 'has no DTSTART'),
    ('backwards', ('DTSTART:20261225T120000', 'DTEND:20261225T110000'), 'ends before it starts'),
    ('no length', ('DTSTART:20261225T120000',), 'has no length'),
    ('for ever', ('DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20301225'), 'longer than a year'),
    ('strange rule', ('DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=NEVERLY'), 'RRULE cannot be read'),
    ('every second', ('DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=SECONDLY'), 'more than once a day'),
]


@pytest.mark.parametrize(('lines', 'why'), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_the_good_are_taken_and_the_bad_are_listed_with_their_line(lines: tuple[str, ...], why: str) -> None:
    good = event('DTSTART;VALUE=DATE:20261225', 'SUMMARY:Good\\, long', '  name', uid='good')
    found = read(feed(event('SUMMARY:Bad', *lines, uid='bad'), 'what is this', good), 'UTC', TODAY)
    assert [(day.name, day.uid) for day in found.days] == [('Good, long name', 'good')]
    first, second = found.bad
    assert (first.number, first.text) == (4, 'Bad') and why in first.why
    assert second.text == 'what is this' and feed(event('SUMMARY:Bad', *lines), second.text).split('\r\n')[second.number - 1] == second.text


def test_an_entry_that_never_ends_spoils_no_other() -> None:
    text = feed(event('DTSTART;VALUE=DATE:20261225').removesuffix('END:VEVENT').strip(), event('DTSTART;VALUE=DATE:20261226', uid='b'))
    found = read(text.replace('\r\n', '\n'), 'UTC', TODAY)
    assert [day.day.day for day in found.days] == [26] and [line.why for line in found.bad] == ['has no end']


def test_the_zone_a_feed_describes_itself_is_understood() -> None:
    zone = ('BEGIN:VTIMEZONE', 'TZID:Office', 'BEGIN:STANDARD', 'DTSTART:16010101T000000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0100',
            'END:STANDARD', 'END:VTIMEZONE')  # fmt: skip
    found = read(feed(*zone, event('DTSTART;TZID=Office:20261224T120000', 'DURATION:PT1H')), 'Europe/London', TODAY)
    assert [day.part for day in found.days] == [(660, 720)] and found.bad == ()


@pytest.mark.parametrize('text', ['', 'hello', '<html></html>', '\x00\x01', feed(), 'BEGIN:VEVENT'])
def test_what_is_no_feed_is_refused_in_a_sentence(desk: Desk, text: str) -> None:
    with pytest.raises(Invalid, match='no holiday in this'):
        take(desk, text)


def test_a_feed_taken_again_replaces_its_own_days_and_leaves_the_others(desk: Desk) -> None:
    change(desk, hours=DAILY, holidays=['2027-01-01', {'date': '2027-05-01', 'name': 'Ours'}])
    clock.offset = datetime(2026, 11, 20, 12, tzinfo=UTC) - datetime.now(UTC)
    take(
        desk,
        feed(event('DTSTART;VALUE=DATE:20270401', 'SUMMARY:Old day'), event('DTSTART;VALUE=DATE:20270101', 'SUMMARY:New Year', uid='b')),
    )
    take(desk, feed(event('DTSTART;VALUE=DATE:20270402', 'SUMMARY:New day')))
    take(desk, feed(event('DTSTART;VALUE=DATE:20270402', 'SUMMARY:New day')))

    assert [(day.day.isoformat(), day.name) for day in now_open(desk).holidays] == [
        ('2027-01-01', 'New Year'), ('2027-04-02', 'New day'), ('2027-05-01', 'Ours'),
    ]  # fmt: skip
    assert len([row for row in table(desk.db, 'audit_log') if row['action'] == 'location.changed']) == 3


def test_a_feed_that_would_close_a_place_for_good_is_refused(desk: Desk) -> None:
    change(desk, hours={'mon': [['08:00', '12:00']]})
    year = event('DTSTART;VALUE=DATE:20240101', 'DTEND;VALUE=DATE:20250101', 'RRULE:FREQ=YEARLY')
    with pytest.raises(Invalid, match='never open'):
        take(desk, feed(year))
    assert now_open(desk).holidays == ()
