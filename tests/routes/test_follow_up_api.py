"""The desk API of follow-ups and sequences, and the calendar feed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar

from domain.access.people import disable
from domain.base.clock import now
from domain.base.scope import Role, system
from tasks.sequences import Sequences
from tests.people import account
from tests.routes.house import PASSWORD, House, problem

HOUR = timedelta(hours=1)


def ask(house: House, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    headers = {'Authorization': f'Bearer {key or house.api_key("all")}'}
    return house.ask(method, f'/api/v1{path}', headers=headers, **({'json': body} if body is not None else {}))


def made(house: House) -> str:
    answer = house.post({'name': 'Ada', 'message': f'hello {uuid4()}', 'email': f'{uuid4().hex}@example.com'})
    return str(answer.json()['leadId'])


def person(house: House, name: str = 'Ines') -> str:
    with house.doors.db.transaction() as session:
        return str(account(session, system(house.tenant_id), f'{uuid4().hex}@example.com', name, PASSWORD, Role.AGENT).id)


def task(house: House, lead_id: str, **fields: Any) -> Any:
    body = {'leadId': lead_id, 'title': 'Call back', 'kind': 'call', 'dueAt': (now() + HOUR).isoformat()} | fields
    answer = ask(house, 'POST', '/tasks', body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_task_is_made_listed_put_off_handed_on_and_done(shared_house: House) -> None:
    house, lead_id, ines = shared_house, made(shared_house), person(shared_house)
    first = task(house, lead_id, remindAt=(now() + HOUR / 2).isoformat())
    assert first.items() >= {'leadId': lead_id, 'title': 'Call back', 'kind': 'call', 'status': 'scheduled', 'ownerId': None}.items()
    later = (now() + 3 * HOUR).isoformat()
    moved = ask(house, 'PATCH', f'/tasks/{first["id"]}', {'dueAt': later, 'ownerId': ines, 'version': first['version']}).json()
    assert (moved['ownerName'], moved['dueAt'][:16], moved['version'] > first['version']) == ('Ines', later[:16], True)
    problem(ask(house, 'PATCH', f'/tasks/{first["id"]}', {'title': 'Late', 'version': first['version']}), 409)
    listed = house.get(f'/api/v1/tasks?ownerId={ines}&status=scheduled')['items']
    assert [row['id'] for row in listed] == [first['id']]
    house.run(house.send('GET', '/health'))
    done = ask(house, 'PATCH', f'/tasks/{first["id"]}', {'status': 'completed', 'result': 'Spoke to her'}).json()
    assert (done['status'], done['outcome'], bool(done['completedAt'])) == ('completed', 'Spoke to her', True)
    assert house.get(f'/api/v1/tasks?leadId={lead_id}')['items'][0]['status'] == 'completed'
    problem(ask(house, 'PATCH', f'/tasks/{first["id"]}', {'status': 'completed'}), 409)


def test_pages_of_tasks_follow_each_other(shared_house: House) -> None:
    house, lead_id = shared_house, made(shared_house)
    ids = [task(house, lead_id, title=f'Task {number}')['id'] for number in range(5)]
    seen, cursor = [], ''
    while True:
        page = house.get(f'/api/v1/tasks?leadId={lead_id}&limit=2{cursor}')
        seen += [row['id'] for row in page['items']]
        if page['nextCursor'] is None:
            break
        cursor = f'&cursor={page["nextCursor"]}'
    assert seen == ids[::-1]


def test_the_last_task_of_an_answered_lead_wants_an_outcome_or_a_date(shared_house: House) -> None:
    house, lead_id = shared_house, made(shared_house)
    ask(house, 'PATCH', f'/leads/{lead_id}', {'status': 'waiting'})
    first = task(house, lead_id)
    refused = problem(ask(house, 'PATCH', f'/tasks/{first["id"]}', {'status': 'completed'}), 400)
    assert {error['field'] for error in refused['errors']} == {'outcome', 'nextDueAt'}
    again = (now() + 48 * HOUR).isoformat()
    ask(house, 'PATCH', f'/tasks/{first["id"]}', {'status': 'completed', 'nextDueAt': again, 'nextTitle': 'Once more'})
    (follow,) = house.get(f'/api/v1/tasks?leadId={lead_id}&status=scheduled')['items']
    assert (follow['title'], follow['dueAt'][:16], follow['kind']) == ('Once more', again[:16], 'call')
    assert house.get(f'/api/v1/leads/{lead_id}')['nextAt'][:16] == again[:16]
    lost = {'status': 'completed', 'outcome': 'lost', 'lostReason': 'Too dear'}
    problem(ask(house, 'PATCH', f'/tasks/{follow["id"]}', lost | {'lostReason': ''}), 400)
    assert ask(house, 'PATCH', f'/tasks/{follow["id"]}', lost).status_code == 200
    assert house.get(f'/api/v1/leads/{lead_id}').items() >= {'status': 'closed', 'stage': 'lost', 'lostReason': 'Too dear'}.items()


@pytest.mark.parametrize(
    ('body', 'field'),
    [
        ({'dueAt': '2020-01-01T00:00:00Z'}, 'dueAt'),
        ({'dueAt': '2999-01-01T00:00:00Z'}, 'dueAt'),
        ({'dueAt': '2026-01-01T00:00:00'}, 'dueAt'),
        ({'remindAt': '2999-01-01T00:00:00Z'}, 'remindAt'),
        ({'slaDeadline': '2020-01-01T00:00:00Z'}, 'slaDeadline'),
        ({'title': ''}, 'title'),
        ({'kind': 'dance'}, 'kind'),
        ({'bogus': 1}, 'bogus'),
        ({'status': 'overdue'}, 'status'),
        ({'outcome': 'won'}, 'status'),
    ],
)
def test_what_cannot_be_names_the_field_and_changes_nothing(shared_house: House, body: dict[str, Any], field: str) -> None:
    house = shared_house
    before = task(house, made(house))
    found = problem(ask(house, 'PATCH', f'/tasks/{before["id"]}', body), 400)
    assert [error['field'] for error in found['errors']] == [field]
    assert house.get(f'/api/v1/tasks?leadId={before["leadId"]}')['items'] == [before]


def test_a_sequence_is_made_of_templates_and_switched_on(shared_house: House) -> None:
    house = shared_house
    words = ask(house, 'POST', '/templates', {'name': f'Hello {uuid4()}', 'subject': 'Hi', 'body': 'Hello {{ lead.name }}.'}).json()
    refused = problem(ask(house, 'PATCH', f'/templates/{words["id"]}', {'body': '{{ leed }}'}), 400)
    assert refused['errors'][0]['field'] == 'body' and 'lead.name' in refused['detail']
    step = {'afterHours': 0, 'channel': 'email', 'templateId': words['id']}
    body = {'name': f'Welcome {uuid4()}', 'steps': [step, step | {'afterHours': 24, 'channel': 'task', 'kind': 'call'}]}
    sequence = ask(house, 'POST', '/sequences', body).json()
    assert (sequence['enabled'], [each['channel'] for each in sequence['steps']]) == (False, ['email', 'task'])
    on = ask(house, 'PATCH', f'/sequences/{sequence["id"]}', {'enabled': True}).json()
    assert on['enabled'] and on['enabledAt'] and on['steps'] == sequence['steps']
    assert sequence['id'] in [row['id'] for row in house.get('/api/v1/sequences')['items']]
    wrong = {'steps': [step | {'afterHours': 2}, step]}
    assert problem(ask(house, 'PATCH', f'/sequences/{sequence["id"]}', wrong), 400)['errors'][0]['field'] == 'steps.1.afterHours'
    problem(ask(house, 'PATCH', f'/sequences/{sequence["id"]}', {'enabled': False}, key=house.api_key('leads')), 403)


def test_templates_and_sequences_are_deleted_and_what_is_in_use_only_when_asked(shared_house: House) -> None:
    house = shared_house
    words = ask(house, 'POST', '/templates', {'name': f'Bye {uuid4()}', 'subject': 'Bye', 'body': 'Bye.'}).json()
    step = {'afterHours': 9, 'channel': 'task', 'templateId': words['id']}
    name = f'Leaving {uuid4()}'
    sequence = ask(house, 'POST', '/sequences', {'name': name, 'steps': [step], 'enabled': True}).json()
    lead_id = made(house)
    Sequences(house.doors.db).round()

    problem(ask(house, 'DELETE', f'/sequences/{sequence["id"]}', key=house.api_key('leads')), 403)
    assert f'"{name}" uses it' in problem(ask(house, 'DELETE', f'/templates/{words["id"]}'), 409)['detail']
    assert 'Leads have been in' in problem(ask(house, 'DELETE', f'/sequences/{sequence["id"]}'), 409)['detail']
    assert ask(house, 'DELETE', f'/sequences/{sequence["id"]}?stop=true').status_code == 204
    assert ask(house, 'DELETE', f'/templates/{words["id"]}').status_code == 204

    problem(ask(house, 'DELETE', f'/sequences/{sequence["id"]}'), 404)
    problem(ask(house, 'DELETE', f'/templates/{words["id"]}'), 404)
    timeline = house.get(f'/api/v1/leads/{lead_id}/timeline')['items']
    assert any(entry['title'].startswith(f'Sequence "{name}" stopped: ') for entry in timeline)


def test_a_calendar_feed_shows_what_is_to_be_done_until_it_is_revoked(shared_house: House) -> None:
    house, lead_id, ines = shared_house, made(shared_house), person(shared_house)
    due = now() + HOUR
    first = task(house, lead_id, ownerId=ines, remindAt=(due - HOUR / 2).isoformat(), dueAt=due.isoformat(), note='Bring, the; list')
    task(house, lead_id, title='Somebody else has this', ownerId=person(house, 'Dev'))
    address = ask(house, 'POST', f'/users/{ines}/calendar-feed').json()['path']
    answer = house.ask('GET', address)
    assert (answer.status_code, answer.headers['content-type']) == (200, 'text/calendar; charset=utf-8')
    (event,) = Calendar.from_ical(answer.content).walk('VEVENT')
    assert str(event['uid']).startswith(first['id']) and str(event['summary']) == 'Call: Call back (Ada)'
    assert event.decoded('dtstart') == due.replace(microsecond=0)
    assert 'Bring, the; list' in str(event['description']) and f'/leads/{lead_id}' in str(event['url'])
    assert [alarm.decoded('trigger') for alarm in event.walk('VALARM')] == [-HOUR / 2]
    newer = ask(house, 'POST', f'/users/{ines}/calendar-feed').json()['path']
    problem(house.ask('GET', address), 404)
    assert house.ask('GET', newer).status_code == 200
    assert ask(house, 'DELETE', f'/users/{ines}/calendar-feed').status_code == 204
    problem(house.ask('GET', newer), 404)
    problem(house.ask('GET', '/calendar/nothing.ics'), 404)
    problem(ask(house, 'POST', f'/users/{ines}/calendar-feed', key=house.api_key('leads')), 403)


def test_a_feed_ends_with_its_persons_account(shared_house: House) -> None:
    house, ines = shared_house, person(shared_house)
    address = ask(house, 'POST', f'/users/{ines}/calendar-feed').json()['path']
    assert house.ask('GET', address).status_code == 200
    with house.doors.db.transaction() as session:
        from uuid import UUID

        disable(session, system(house.tenant_id), UUID(ines))
    problem(house.ask('GET', address), 404)
