"""What a real run writes to its log: lines that parse, and nothing of the people and secrets it works with."""

import json
from typing import Any

import pytest

from domain.base.log import masked
from tests.processes import ADMIN_KEY, Houses, request
from tests.receiver import Receiver
from tests.servers import until

CANARIES = ('canary.person@example.com', '415 555 2671', '+14155552671', 'canary message', 'canary name', ADMIN_KEY)


def lines(text: str) -> list[dict[str, Any]]:
    """The log's lines; what is announced at start is for people."""
    return [json.loads(line) for line in text.splitlines() if line.startswith('{')]


def test_a_run_tells_no_secrets(houses: Houses, receiver: Receiver) -> None:
    env = {
        'SLACK_WEBHOOK_URL': receiver.slack_url,
        'LOG_LEVEL': 'debug',
        'LOG_FORMAT': 'json',
        'SECRET_KEY': 'canary-secret-key-0123456789abcdef',
    }
    serve = houses.start('serve', env=env).ready()
    body = {'name': 'canary name', 'email': CANARIES[0], 'phone': '415 555 2671', 'message': 'canary message'}
    assert request('POST', f'{serve.url}/api/submit-contact', body, key=ADMIN_KEY).status == 201
    until(lambda: receiver.at('/slack'), seconds=10, what='the message in Slack')
    request('POST', f'{serve.url}/api/submit-contact', body | {'email': 'broken canary.person'}, key=None)
    request('POST', f'{serve.url}/api/submit-contact', b'{"message": "canary message"', key=ADMIN_KEY)
    request('GET', f'{serve.url}/api/v1/leads?search=canary.person@example.com', key='lk_canary_wrong_key_0123456789')
    form = {'Content-Type': 'application/x-www-form-urlencoded'}
    first_run = b'name=canary+name&email=canary.person@example.com&password=canary+password+1&company=x&location=y&time_zone=UTC'
    assert request('POST', f'{serve.url}/first-run', first_run, headers=form).status == 303
    request('POST', f'{serve.url}/login', b'email=canary.person@example.com&password=canary+wrong+1', headers=form)
    assert serve.terminate() in (0, 143, -15)
    found = serve.log
    for canary in (
        *CANARIES,
        'canary password',
        'canary+password',
        'canary-secret-key',
        'lk_canary_wrong',
        receiver.slack_url.rpartition('/')[2],
    ):
        assert canary not in found, f'{canary}: ' + next(line for line in found.splitlines() if canary in line)[:500]
    assert lines(found) and all({'event', 'level', 'timestamp'} <= set(line) for line in lines(found))
    after_start = found[found.index('{') :] if '{' in found else ''
    odd = [line for line in after_start.splitlines() if line and not line.startswith(('{', ' ', 'Leadkeeper'))]
    assert odd == []


@pytest.mark.parametrize(
    ('text', 'gone'),
    [
        ('Authorization: Bearer lk_abcdefghijklmnop', 'abcdefghijklmnop'),
        ('X-Widget-Key lkw_abcdefghijklmnop', 'abcdefghijklmnop'),
        ('POST https://hooks.slack.com/services/T0/B0/abcdef', 'T0/B0'),
        ('password=hunter22 next', 'hunter22'),
        ('{"api_key": "abcdef123456"}', 'abcdef123456'),
        ("secret='abcdef123456'", 'abcdef123456'),
        ('postgresql://user:pass-word@host/name', 'pass-word'),
        ('mail from ada.lovelace@example.com came', 'ada.lovelace'),
        ('call +1 415 555 2671 now', '555 2671'),
        ('call +14155552671 now', '55552671'),
        ("[parameters: ('(415) 555-2671',)]", '555-2671'),
    ],
)
def test_secrets_and_people_are_masked(text: str, gone: str) -> None:
    assert gone not in masked(text) and '…' in masked(text)


@pytest.mark.parametrize(
    'text',
    [
        'lead 01a1fc7d-ebe3-7605-b994-96bb672bb7ff kept in 12.345 ms',
        '2026-11-21T05:04:33.251000Z port 8080 pid 12345',
        'Retry-After 1763701473 L-EBE37605',
        'deliveries 10000000 rows, 127.0.0.1:54321',
        '01a1fc7debe37605b99496bb672bb7ff',
    ],
)
def test_numbers_of_ours_stay_readable(text: str) -> None:
    assert masked(text) == text
