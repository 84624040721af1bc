"""Policies and opening hours over HTTP, and the deadlines that leads get by them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.routes.house import ADMIN_KEY, House, problem

HOURS = {'mon': [['08:00', '12:00'], ['13:00', '18:00']], 'fri': [['08:00', '18:00']]}


def call(house: House, method: str, path: str, body: Any = None, key: str = ADMIN_KEY) -> Any:
    return house.ask(method, f'/api/v1{path}', json=body, headers={'Authorization': f'Bearer {key}'})


def location(house: House) -> dict[str, Any]:
    return dict(house.get('/api/v1/locations')['items'][0])


def test_policies_are_listed_replaced_and_changed(house: House) -> None:
    listed = house.get('/api/v1/sla/policies')
    assert [(row['quality'], row['firstReplySeconds'], row['clock']) for row in listed['items']] == [
        ('hot', 900, 'always'), ('warm', 3600, 'always'), ('cold', 86400, 'always'),
    ]  # fmt: skip
    assert listed['nextCursor'] is None

    made = call(house, 'POST', '/sla/policies', {'quality': 'hot', 'firstReplySeconds': 600, 'clock': 'business', 'nextReplySeconds': 60})
    again = call(house, 'POST', '/sla/policies', {'quality': 'hot', 'firstReplySeconds': 300})
    assert (made.status_code, again.status_code, again.json()['id']) == (201, 201, made.json()['id'])
    assert (again.json()['nextReplySeconds'], again.json()['clock'], again.json()['version']) == (None, 'always', 2)

    warm = listed['items'][1]['id']
    changed = call(house, 'PATCH', f'/sla/policies/{warm}', {'warnSeconds': 600, 'warnShare': 0.25, 'escalateSeconds': 60})
    assert changed.status_code == 200
    assert changed.json() == {
        'id': warm, 'quality': 'warm', 'firstReplySeconds': 3600, 'nextReplySeconds': None, 'resolutionSeconds': None, 'clock': 'always',
        'pausing': ['waiting'], 'warnSeconds': 600, 'warnShare': 0.25, 'escalateSeconds': 60, 'assistantCounts': False, 'version': 1,
    }  # fmt: skip
    assert [row['firstReplySeconds'] for row in house.get('/api/v1/sla/policies')['items']] == [300, 3600, 86400]


@pytest.mark.parametrize(
    ('body', 'field'),
    [
        ({'quality': 'hot', 'firstReplySeconds': 0}, 'firstReplySeconds'),
        ({'quality': 'hot', 'firstReplySeconds': -60}, 'firstReplySeconds'),
        ({'quality': 'hot'}, 'firstReplySeconds'),
        ({'quality': 'boiling', 'firstReplySeconds': 60}, 'quality'),
        ({'quality': 'hot', 'firstReplySeconds': 60, 'clock': 'never'}, 'clock'),
        ({'quality': 'hot', 'firstReplySeconds': 60, 'resolutionSeconds': 0}, 'resolutionSeconds'),
        ({'quality': 'hot', 'firstReplySeconds': 60, 'speed': 'fast'}, 'speed'),
    ],
)
def test_a_policy_that_makes_no_sense_is_a_400_that_names_the_field(small_house: House, body: dict[str, Any], field: str) -> None:
    refused = problem(call(small_house, 'POST', '/sla/policies', body), 400)
    assert [error['field'] for error in refused['errors']] == [field]
    assert small_house.count('sla_policies') == 0


def test_a_new_policy_is_what_the_next_lead_gets(house: House) -> None:
    assert call(house, 'POST', '/sla/policies', {'quality': 'cold', 'firstReplySeconds': 120, 'clock': 'always'}).status_code == 201
    before = datetime.now().astimezone()
    answer = house.post({'email': 'ada@example.com', 'name': 'Ada', 'message': 'hello'}).json()
    due = datetime.fromisoformat(answer['slaDeadline'])
    assert timedelta(seconds=119) < due - before < timedelta(seconds=150) and answer['quality'] == 'cold'


def test_hours_holidays_and_zone_are_set_and_read_back_as_they_may_be_sent(house: House) -> None:
    place = location(house)
    assert (place['hours'], place['holidays'], place['timeZone']) == (None, [], 'UTC')
    sent = {
        'timeZone': 'America/New_York',
        'hours': HOURS,
        'holidays': ['2026-12-25', {'date': '2026-12-24', 'from': '12:00', 'name': 'Eve'}],
    }

    answer = call(house, 'PATCH', f'/locations/{place["id"]}', sent)

    assert answer.status_code == 200 and answer.json() == location(house)
    assert (answer.json()['hours'], answer.json()['timeZone']) == (HOURS, 'America/New_York')
    assert answer.json()['holidays'] == [
        {'date': '2026-12-24', 'name': 'Eve', 'yearly': False, 'from': '12:00', 'to': '24:00'},
        {'date': '2026-12-25', 'name': '', 'yearly': False},
    ]
    again = call(house, 'PATCH', f'/locations/{place["id"]}', {'holidays': answer.json()['holidays'], 'hours': answer.json()['hours']})
    assert again.json() == answer.json()
    assert call(house, 'PATCH', f'/locations/{place["id"]}', {'hours': None}).json()['hours'] is None


@pytest.mark.parametrize(
    ('body', 'field', 'says'),
    [
        ({'hours': {}}, 'hours', 'this location is never open: nothing would ever be due'),
        ({'hours': {'mon': []}}, 'hours', 'this location is never open: nothing would ever be due'),
        ({'hours': {'mon': [['08:00', '12:00'], ['11:00', '18:00']]}}, 'hours.mon', 'overlap'),
        ({'hours': {'mon': [['18:00', '08:00']]}}, 'hours.mon', 'ends before it starts'),
        ({'hours': {'mon': [['8', '12:00']]}}, 'hours.mon', 'not a time of day'),
        ({'hours': {'someday': [['08:00', '12:00']]}}, 'hours.someday', 'not a weekday'),
        ({'timeZone': 'Mars/Olympus'}, 'timeZone', 'Europe/Berlin'),
        ({'holidays': ['25 December']}, 'holidays.0.date', ''),
        ({'holidays': 'none'}, 'holidays', ''),
        ({'hours': 'nine to five'}, 'hours', ''),
        ({'opens': '08:00'}, 'opens', ''),
    ],
)
def test_hours_that_make_no_sense_are_a_400_with_a_sentence(small_house: House, body: dict[str, Any], field: str, says: str) -> None:
    refused = problem(call(small_house, 'PATCH', f'/locations/{location(small_house)["id"]}', body), 400)
    assert [error['field'] for error in refused['errors']] == [field]
    assert says in refused['errors'][0]['message'] and (says or field).lower() in refused['detail'].lower()
    assert small_house.count('location_hours') == small_house.count('holidays') == 0


def test_only_a_key_that_may_edit_settings_changes_them_and_only_what_is_there(small_house: House) -> None:
    reader = small_house.api_key('leads:read', 'leads:write')
    editor = small_house.api_key('settings:edit')
    place, policy = location(small_house)['id'], small_house.get('/api/v1/sla/policies')['items'][0]['id']
    for method, path, body in (
        ('PATCH', f'/locations/{place}', {'hours': HOURS}),
        ('POST', '/sla/policies', {'quality': 'hot', 'firstReplySeconds': 60, 'clock': 'business'}),
        ('PATCH', f'/sla/policies/{policy}', {'firstReplySeconds': 30}),
    ):
        problem(call(small_house, method, path, body, reader), 403, 'forbidden')
        assert call(small_house, method, path, body, editor).status_code in (200, 201), path
    problem(call(small_house, 'PATCH', f'/locations/{policy}', {'hours': HOURS}), 404)
    problem(call(small_house, 'PATCH', f'/sla/policies/{place}', {'firstReplySeconds': 30}), 404)


def test_intake_goes_by_the_hours_at_once_and_a_key_without_leads_may_still_set_them(house: House) -> None:
    editor, place = house.api_key('settings:edit'), location(house)['id']
    call(house, 'POST', '/sla/policies', {'quality': 'cold', 'firstReplySeconds': 3600, 'clock': 'business'})
    closed_today = {'holidays': [datetime.now(UTC).date().isoformat()]}
    day_and_night = {name: [['00:00', '24:00']] for name in ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')}
    assert call(house, 'PATCH', f'/locations/{place}', {'hours': day_and_night}, editor).status_code == 200
    first = house.post({'email': 'ada@example.com', 'name': 'Ada'}).json()
    assert call(house, 'PATCH', f'/locations/{place}', closed_today | {'timeZone': 'Pacific/Kiritimati'}, editor).status_code == 200
    assert call(house, 'PATCH', f'/locations/{place}', {'timeZone': 'UTC'}, editor).status_code == 200
    second = house.post({'email': 'bo@example.com', 'name': 'Bo'}).json()

    due = {row['id']: datetime.fromisoformat(row['slaDeadline']) for row in house.get('/api/v1/leads')['items']}
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    assert due[second['leadId']].date() == tomorrow and due[first['leadId']].date() == tomorrow
    assert due[second['leadId']].strftime('%H:%M:%S') == '01:00:00'
