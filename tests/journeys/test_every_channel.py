"""Every channel at once, as the environment sets them up: each lead is announced once on each, also when the vendors falter."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from tests.journeys.conftest import Desk, Start
from tests.servers import until
from tests.vendors import stand_ins

pytestmark = pytest.mark.slow

PLACES = {'slack': 'Slack bot', 'sendgrid': 'SendGrid', 'twilio': 'SMS'}


@pytest.fixture(scope='module')
def vendors() -> Iterator[dict[str, str]]:
    """The addresses of the stand-ins, by vendor."""
    with stand_ins('slack', 'twilio', 'sendgrid') as found:
        yield found


@pytest.fixture
def control(vendors: dict[str, str]) -> Iterator[dict[str, httpx.Client]]:
    """How to make each stand-in falter, and what it was sent; at the end nothing of that may have broken its description."""
    clients = {name: httpx.Client(base_url=address, trust_env=False) for name, address in vendors.items()}
    for client in clients.values():
        client.delete('/_mock/requests')
    yield clients
    assert [entry['errors'] for client in clients.values() for entry in client.get('/_mock/requests').json() if not entry['valid']] == []


def told(client: httpx.Client, name: str) -> list[dict[str, Any]]:
    """What was sent there about this person; an alert about a message in doubt is told too."""
    return [entry for entry in client.get('/_mock/requests').json() if name in unquote_plus(entry['body'])]


@pytest.fixture
def desk(embedded: Start, vendors: dict[str, str]) -> Desk:
    return embedded(
        SLACK_BOT_TOKEN='xoxb-1-x',
        SLACK_CHANNEL='C0G9QF9GW',
        SLACK_API_URL=vendors['slack'],
        SENDGRID_API_KEY='SG.x',
        SENDGRID_API_URL=vendors['sendgrid'],
        EMAIL_FROM='leads@northside.example',
        EMAIL_TO='sales@northside.example',
        EMAIL_RATE='1000',
        TWILIO_ACCOUNT_SID='AC' + '0' * 32,
        TWILIO_AUTH_TOKEN='t',
        TWILIO_FROM='+15550142000',
        TWILIO_TO='+15550143000',
        TWILIO_API_URL=vendors['twilio'],
        SMS_RATE='1000',
        FEATURE_SMS_ENABLED='true',
    )


def states(desk: Desk, lead: str) -> dict[str, str]:
    return {str(row['destination']).removesuffix(' (from environment)'): str(row['state']) for row in desk.deliveries(lead)}


def test_each_lead_is_announced_once_on_each_channel_and_not_by_the_webhook_too(desk: Desk, control: dict[str, httpx.Client]) -> None:
    leads = [desk.post(f'Visitor {number}').json['leadId'] for number in range(3)]
    until(
        lambda: all(states(desk, lead) == dict.fromkeys(PLACES.values(), 'sent') for lead in leads), seconds=20, what='every channel heard'
    )
    assert {name: len(told(client, 'Visitor')) for name, client in control.items()} == {'slack': 3, 'sendgrid': 3, 'twilio': 3}
    assert desk.receiver.at('/slack') == []


def test_a_faltering_vendor_gets_it_again_and_what_may_have_cost_money_waits_for_a_person(
    desk: Desk, control: dict[str, httpx.Client]
) -> None:
    control['slack'].post(
        '/_mock/fault', json={'status': 429, 'headers': {'Retry-After': '1'}, 'body': {'ok': False, 'error': 'ratelimited'}}
    )
    control['sendgrid'].post('/_mock/fault', json={'status': 500})
    control['twilio'].post('/_mock/fault', json={'drop': True, 'after': True})
    lead = desk.post('Dana Reed').json['leadId']
    until(
        lambda: states(desk, lead) == {'Slack bot': 'sent', 'SendGrid': 'sent', 'SMS': 'held'},
        seconds=25,
        what='what faltered was sent again',
    )
    assert {name: len(told(client, 'Dana Reed')) for name, client in control.items()} == {'slack': 2, 'sendgrid': 2, 'twilio': 1}
