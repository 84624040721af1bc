"""Strings that break programs, handed in and read back: unchanged but for control characters, and never an accident."""

import itertools
import json
import os
import unicodedata
from pathlib import Path

import pytest

from domain.intake.messages import line, text
from tests.routes.house import ADMIN_KEY, INTAKE, House, lead

_numbers = itertools.count()
EXTRA = [
    '\u202eevil',
    'a\x00b',
    '\x1b[31m',
    'a\r\nBcc: x',
    '\u2028\u2029',
    '\x85',
    '😀' * 75,
    '<!channel>',
    '{{7*7}}',
    '=1+1',
    '\ufeff',
    '\u0085\u200b',
]


def strings() -> list[str]:
    path = Path(os.environ.get('DATA_FIXTURES_DIR') or Path(__file__).resolve().parents[3] / 'shared' / 'data') / 'naughty-strings.json'
    if not path.exists():
        pytest.skip('NO NAUGHTY STRINGS: set DATA_FIXTURES_DIR to the folder of naughty-strings.json to run this test')
    found: list[str] = json.loads(path.read_text(encoding='utf-8'))
    return found


def check(house: House, naughty: list[str]) -> None:
    bodies = [{'name': one[:300], 'message': one, 'subject': one[:300], 'email': f'naughty{next(_numbers)}@example.com'} for one in naughty]
    answers = []
    for start in range(0, len(bodies), 50):
        requests = [{'method': 'POST', 'path': INTAKE[0], **lead(body)} for body in bodies[start : start + 50]]
        answers += house.together(*requests)
    wrong = [(body, answer.text) for body, answer in zip(bodies, answers, strict=True) if answer.status_code != 201]
    assert wrong == []
    kept = {}
    cursor = ''
    while cursor is not None:
        page = house.get(f'/api/v1/leads?limit=200{"&cursor=" + cursor if cursor else ""}')
        kept |= {row['id']: row for row in page['items']}
        cursor = page['nextCursor']
    words = dict(
        house.rows(
            'select email, content from chat_messages m join conversations c on c.id = conversation_id join leads l on l.id = c.lead_id'
        )
    )
    for body, answer in zip(bodies, answers, strict=True):
        row = kept[answer.json()['leadId']]
        subject, message = line(body['subject']), text(body['message'])
        assert row['name'] == line(body['name'])
        assert row['facts'] == ({'subject': subject} if subject else {})
        assert words[body['email']] == ('\n\n'.join(part for part in (subject, message) if part))
    receipts = [
        house.ask('GET', f'/api/v1/receipts/{a.json()["receiptId"]}', headers={'Authorization': f'Bearer {ADMIN_KEY}'})
        for a in answers[:20]
    ]
    assert [json.loads(receipt.json()['raw']) for receipt in receipts] == bodies[:20]


def test_ours_come_back_as_they_were(shared_house: House) -> None:
    check(shared_house, EXTRA)


def test_theirs_come_back_as_they_were(shared_house: House) -> None:
    check(shared_house, strings())


def test_naughty_strings_elsewhere_are_no_accident(shared_house: House) -> None:
    for one in EXTRA + strings()[::8]:
        for body in ({'email': one}, {'phone': one}, {'email': 'a@example.com', 'metadata': {'utmSource': one}}, {one: one}):
            assert shared_house.post(body, path=INTAKE[1]).status_code in (201, 400), (one, body)
        assert shared_house.ask(
            'GET', '/api/v1/leads', params={'search': one}, headers={'Authorization': f'Bearer {ADMIN_KEY}'}
        ).status_code in (200, 400)


def test_only_control_characters_are_removed() -> None:
    for number in itertools.chain(range(0xD800), range(0xE000, 0x110000, 7)):
        character = chr(number)
        is_control = unicodedata.category(character) == 'Cc'
        assert line(character) == ('' if is_control else character)
        assert text(character) == (character if character in '\n\t' else '' if is_control else character)
