"""A key of one organisation against everything of the other: nothing is found, nothing is listed, nothing is changed."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute

from tests.routes.follow_up_bodies import FOLLOW_UP_LISTS, follow_up_bodies, follow_up_ids
from tests.routes.house import House, problem

SECRET = 'canary-of-the-first-tenant'
ORDER = {'kind': 'webhook', 'config': {'url': 'https://example.com/hook', 'secret': 'whsec_' + 'c2VjcmV0' * 4}}


@dataclass
class Crawl:
    """One desk with everything in it, and a stranger's key."""

    house: House
    ids: dict[str, str]
    key: str
    seen: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {'Authorization': f'Bearer {key or self.key}'}
        return self.house.ask(method, path, headers=headers, **({'json': body} if body is not None else {}))


@pytest.fixture
def crawl(house: House) -> Crawl:
    destination = house.destination(SECRET)
    house.doors.facts.drop()
    made = house.post({'name': SECRET, 'email': 'ada@example.com', 'message': SECRET}).json()
    delivery = house.get('/api/v1/deliveries')['items'][0]
    house.post({'email': 'broken', 'name': SECRET}, key=None, headers={'X-Widget-Key': house.widget_key('https://a.example')})
    house.person('ines@example.com')
    other = house.second_tenant()
    ids = {
        'lead_id': made['leadId'],
        'receipt_id': made['receiptId'],
        'delivery_id': delivery['id'],
        'destination_id': str(destination),
        'event_id': made['eventId'],
        'alert_id': house.get('/api/v1/alerts')['items'][0]['id'],
        'user_id': house.get('/api/v1/users')['items'][0]['id'],
        'policy_id': house.get('/api/v1/sla/policies')['items'][0]['id'],
        'location_id': house.get('/api/v1/locations')['items'][0]['id'],
    }
    return Crawl(house, ids | follow_up_ids(house, made['leadId'], SECRET), house.api_key('all', tenant_id=other))


def routes(house: House) -> list[APIRoute]:
    return [route for route in all_routes(house.fast.routes) if route.path.startswith('/api/v1/')]


def all_routes(found: Any) -> list[APIRoute]:
    out: list[APIRoute] = []
    for route in found:
        if isinstance(route, APIRoute):
            out.append(route)
        elif hasattr(route, 'effective_candidates'):
            out += all_routes(route.original_router.routes)
    return out


def test_every_get_route_finds_nothing_of_the_other(crawl: Crawl) -> None:
    paths = sorted(route.path for route in routes(crawl.house) if 'GET' in route.methods)
    assert len(paths) >= 10, paths
    for path in paths:
        names = re.findall(r'{(\w+)}', path)
        answer = crawl.ask('GET', path.format(**crawl.ids))
        if names:
            problem(answer, 404)
        else:
            items = answer.json().get('items', [])  # the rule of assignment and its preview are no lists
            assert answer.status_code == 200 and (items == [] or path in ('/api/v1/locations', '/api/v1/sla/policies')), path
        assert SECRET not in answer.text
        own = crawl.ask('GET', path.format(**crawl.ids), key='lk_test_0123456789abcdefghijklmnopqrstuvwxyz')
        assert own.status_code == 200, f'{path}: the crawl must be able to find what is there'


def test_every_other_route_changes_nothing_of_the_other(crawl: Crawl) -> None:
    bodies: dict[tuple[str, str], Any] = {
        ('POST', '/api/v1/sla/policies'): {'quality': 'hot', 'firstReplySeconds': 60},
        ('PATCH', '/api/v1/sla/policies/{policy_id}'): {'firstReplySeconds': 60},
        ('PATCH', '/api/v1/locations/{location_id}'): {'timeZone': 'Europe/Berlin'},
        ('PATCH', '/api/v1/assignment'): {'queue': 'mine', 'enabled': False},
        ('POST', '/api/v1/leads'): {'email': 'ada@example.com', 'name': 'mine'},
        ('POST', '/api/v1/destinations'): ORDER | {'name': 'mine'},
        ('POST', '/api/v1/deliveries/replay'): {'leadId': crawl.ids['lead_id']},
        ('POST', '/api/v1/deliveries/resolve'): {'deliveryIds': [crawl.ids['delivery_id']]},
        ('PATCH', '/api/v1/destinations/{destination_id}'): {'paused': True},
        ('PATCH', '/api/v1/users/{user_id}'): {'role': 'agent'},
        ('PATCH', '/api/v1/leads/{lead_id}'): {'name': 'mine'},
        ('POST', '/api/v1/leads/{lead_id}/assign'): {'ownerId': None},
        ('POST', '/api/v1/leads/{lead_id}/notes'): {'text': 'mine'},
        ('POST', '/api/v1/leads/{lead_id}/merge'): {'leadId': crawl.ids['lead_id']},
        **follow_up_bodies(crawl.ids['lead_id']),
    }
    tables = ('deliveries', 'destinations', 'leads', 'lead_merges', 'conversation_timeline', 'lead_events', 'audit_log')
    tables += ('sla_policies', 'locations', 'location_hours', 'holidays', 'assignment_settings')
    tables += ('follow_up_tasks', 'sequences', 'templates')
    mine = crawl.house.tenant_id
    is_mine = f"tenant_id = '{mine.hex if crawl.house.doors.db.is_sqlite else mine}'"
    before = [crawl.house.rows(f'select * from {table} where {is_mine}') for table in tables]
    for route in routes(crawl.house):
        for method in sorted(route.methods - {'GET', 'HEAD', 'OPTIONS'}):
            answer = crawl.ask(method, route.path.format(**crawl.ids), bodies.get((method, route.path)))
            assert SECRET not in answer.text
            if '{' in route.path:
                problem(answer, 404)
            elif route.path == '/api/v1/assignment':
                assert answer.json()['queue'] == 'mine'
            elif route.path.endswith('/tasks'):
                problem(answer, 404)  # the lead is not there
            elif route.path.endswith('/resolve'):
                problem(answer, 409)  # as for ids that nobody has: nothing among these waits
            elif route.path.endswith('/replay'):
                assert answer.json() == {'queued': 0, 'deliveryIds': []}
            else:
                assert answer.status_code == 201, f'{method} {route.path}: {answer.text}'
    assert [crawl.house.rows(f'select * from {table} where {is_mine}') for table in tables] == before


@pytest.mark.parametrize('what', ['event_id', 'delivery_id', 'lead_id'])
def test_nothing_of_the_other_is_sent_again(crawl: Crawl, what: str) -> None:
    name = what.removesuffix('_id') + 'Id'
    before = crawl.house.rows('select * from deliveries')
    answer = crawl.ask('POST', '/api/v1/deliveries/replay', {name: crawl.ids[what]})
    assert answer.status_code == 404 or answer.json()['queued'] == 0
    assert crawl.house.rows('select * from deliveries') == before


def test_filters_reach_nothing_of_the_other(crawl: Crawl) -> None:
    for path in (
        '/leads?search=canary',
        f'/deliveries?leadId={crawl.ids["lead_id"]}',
        f'/deliveries?destinationId={crawl.ids["destination_id"]}',
    ):
        assert crawl.ask('GET', '/api/v1' + path).json()['items'] == []
    for cursor in (crawl.ids['lead_id'], str(uuid4())):
        assert crawl.ask('GET', f'/api/v1/leads?cursor={cursor}').json()['items'] == []


def test_an_id_nobody_has_looks_the_same(crawl: Crawl) -> None:
    foreign, unknown = (crawl.ask('GET', f'/api/v1/leads/{id_}').json() for id_ in (crawl.ids['lead_id'], str(uuid4())))
    assert {**foreign, 'requestId': ''} == {**unknown, 'requestId': ''}


SCOPES = [
    (
        'leads:read',
        {
            'GET /api/v1/leads',
            'GET /api/v1/quarantine',
            'GET /api/v1/locations',
            'GET /api/v1/sla/policies',
            'GET /api/v1/alerts',
            'GET /api/v1/assignment',
            'GET /api/v1/assignment/preview',
            'GET /api/v1/reports/first-reply',
            *FOLLOW_UP_LISTS,
        },
    ),
    ('deliveries:read', {'GET /api/v1/deliveries'}),
    ('destinations:read', {'GET /api/v1/destinations'}),
    ('intake', set()),
]


@pytest.mark.parametrize(('scope', 'open_'), SCOPES)
def test_a_key_opens_what_its_scopes_name(crawl: Crawl, scope: str, open_: set[str]) -> None:
    key = crawl.house.api_key(scope)
    lists = [route.path for route in routes(crawl.house) if 'GET' in route.methods and '{' not in route.path]
    assert {f'GET {path}' for path in lists if crawl.ask('GET', path, key=key).status_code == 200} == open_
    for path in lists:
        if f'GET {path}' not in open_:
            problem(crawl.ask('GET', path, key=key), 403, 'forbidden')


def test_a_widget_key_opens_nothing_of_the_desk(crawl: Crawl) -> None:
    widget = crawl.house.widget_key('https://a.example')
    for path in ('/api/v1/leads', '/api/v1/deliveries', '/api/v1/destinations'):
        problem(crawl.house.ask('GET', path, headers={'X-Widget-Key': widget}), 401)
        problem(crawl.ask('GET', path, key=widget), 401)
