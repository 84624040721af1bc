"""Alerts through the desk API: listed, acknowledged by name, and nobody else's business."""

from uuid import UUID, uuid4

from domain.alerts.actions import raise_alert
from domain.base.scope import system
from tests.routes.house import ADMIN_KEY, House, problem

ADMIN = {'Authorization': f'Bearer {ADMIN_KEY}'}


def raised(house: House, tenant_id: UUID | None = None) -> str:
    with house.doors.db.transaction() as session:
        return str(raise_alert(session, system(tenant_id or house.tenant_id), 'dead:x', 'A message could not be delivered', 'Why.').id)


def test_an_alert_is_acknowledged_with_the_name_of_who_did(house: House) -> None:
    alert = raised(house)

    answer = house.ask('POST', f'/api/v1/alerts/{alert}/acknowledge', headers=ADMIN)

    assert answer.status_code == 200 and answer.json()['acknowledgedBy'] == 'ADMIN_API_KEY'
    (listed,) = house.get('/api/v1/alerts')['items']
    assert (listed['id'], listed['acknowledgedBy']) == (alert, 'ADMIN_API_KEY') and listed['acknowledgedAt']


def test_foreign_unknown_and_forbidden_ones_stay_as_they_are(house: House) -> None:
    theirs = raised(house, house.second_tenant())
    for alert in (theirs, str(uuid4())):
        problem(house.ask('POST', f'/api/v1/alerts/{alert}/acknowledge', headers=ADMIN), 404, 'not_found')
    weak = {'Authorization': f'Bearer {house.api_key("leads:read")}'}
    problem(house.ask('POST', f'/api/v1/alerts/{raised(house)}/acknowledge', headers=weak), 403, 'forbidden')
    problem(house.ask('POST', f'/api/v1/alerts/{theirs}/acknowledge'), 401)
    assert house.count('alerts', 'acknowledged_at is not null') == 0
