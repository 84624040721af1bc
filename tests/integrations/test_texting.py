"""A lead as a text message: as few segments as its words allow, and the address of the lead whole in each."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.base.events import Letter
from integrations.channels.texting import MOST_SEGMENTS, WHATSAPP_LIMIT, segments, sms, whatsapp

NOW = datetime(2026, 11, 21, 20, 15, tzinfo=UTC)
LINK = 'https://desk.example.com/leads/01979f0e-8a2b-7c3d-9e4f-5a6b7c8d9e0f'


def letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        'key': 'k',
        'event_type': 'lead.created',
        'occurred_at': NOW,
        'title': 'New lead',
        'name': 'Dana Reed',
        'email': 'dana@example.com',
        'phone': '+15125550143',
        'message': 'Could you tint my car before Friday?',
        'wants': 'ceramic tint',
        'quality': 'hot',
        'due_at': NOW + timedelta(minutes=15),
        'time_zone': 'America/Chicago',
        'link': LINK,
    }
    return Letter(**{**given, **fields})


def test_a_text_says_who_how_hot_until_when_how_to_reach_them_what_and_where_to_look() -> None:
    said = (
        'New lead: Dana Reed\nHot, reply due 14:30 CST, in 15 min\n+15125550143\nceramic tint\n'
        f'Could you tint my car before Friday?\n{LINK}'
    )
    assert sms(letter(), NOW) == said == whatsapp(letter(), NOW)
    assert segments(said) == 2


def test_an_alert_and_a_test_are_as_short_as_they_can_be() -> None:
    assert sms(Letter(key='k', event_type='alert.opened', occurred_at=NOW, title='Sales is paused'), NOW) == 'Sales is paused'
    assert sms(Letter(key='k', event_type='test', occurred_at=NOW, title='Test', test=True), NOW) == 'Test, nobody waits.\nTest'
    assert sms(letter(possible_duplicate=True), NOW).startswith('Possible duplicate.\nNew lead')
    assert '\n+15125550143\n' in sms(letter(email='x@example.com'), NOW)
    assert '\nx@example.com\n' in sms(letter(email='x@example.com', phone=''), NOW)


@pytest.mark.parametrize(
    ('text', 'count'),
    [
        ('a' * 160, 1),
        ('a' * 161, 2),
        ('a' * 306, 2),
        ('a' * 307, 3),
        ('€' * 80, 1),
        ('€' * 81, 2),
        ('ü' * 160, 1),
        ('ç' * 70, 1),
        ('ç' * 71, 2),
        ('💥' * 35, 1),
        ('💥' * 36, 2),
        ('', 1),
    ],
)
def test_segments_are_counted_as_the_networks_do(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize('typed', ['a', '{', '€', 'ü', 'ç', 'Ω', '漢', '💥', '﷽', 'word ', '👩‍👩‍👧 '])
@pytest.mark.parametrize('fields', [('message',), ('title', 'name', 'message', 'wants', 'phone', 'quality')])
def test_whatever_is_typed_a_text_stays_within_its_segments_and_keeps_its_link(typed: str, fields: tuple[str, ...]) -> None:
    said = sms(letter(**dict.fromkeys(fields, typed * 2000)), NOW)
    assert segments(said) <= MOST_SEGMENTS
    assert said.endswith(f'\n{LINK}')
    assert '...' in said
    wide = whatsapp(letter(**dict.fromkeys(fields, typed * 2000)), NOW)
    assert len(wide.encode('utf-16-le')) // 2 <= WHATSAPP_LIMIT
    assert wide.endswith(f'\n{LINK}')


def test_a_long_message_uses_the_room_there_is() -> None:
    said = sms(letter(message='tint ' * 500), NOW)
    assert segments(said) == MOST_SEGMENTS
    assert len(said) > 440
    assert len(whatsapp(letter(message='tint ' * 500), NOW)) > 1400


def test_marks_of_telephones_do_not_halve_the_room() -> None:
    said = sms(letter(message='It’s “urgent” – call me…\u00a0please'), NOW)
    assert 'It\'s "urgent" - call me... please' in said
    assert segments(said) == 2


def test_line_breaks_and_control_characters_of_visitors_make_no_lines_of_ours() -> None:
    said = sms(letter(name='Eve\r\nHot', message='a\x00b\n\nhttps://x\n'), NOW)
    assert said.split('\n')[0] == 'New lead: Eve Hot'
    assert '\nab https://x\n' in said
    assert sms(letter(link='javascript:alert(1)'), NOW).endswith('Friday?')


def test_naughty_strings_fit(naughty: list[str]) -> None:
    for typed in naughty:
        said = sms(letter(name=typed, message=typed, wants=typed), NOW)
        assert segments(said) <= MOST_SEGMENTS, typed
        assert said.endswith(LINK), typed
        said.encode()
