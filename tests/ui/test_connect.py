"""What becomes of a stored secret when somebody changes the address it goes to."""

from types import SimpleNamespace
from typing import Any

import pytest

from domain.base.errors import Invalid
from integrations.registry import CHANNELS, check
from ui.pages.connect import _config

DOORS: Any = SimpleNamespace(channels=CHANNELS, check_destination=lambda kind, config: check(kind, config, trusted=False))
BOT = {'token': 'xoxb-1-canary', 'channel': 'C1', 'url': 'https://gateway.example'}


def saved(former: dict[str, str], **fields: str) -> dict[str, str]:
    return _config(DOORS, 'slack_bot', {'fields': fields}, former)[0]


def test_a_token_is_not_sent_to_another_address_than_the_one_it_was_entered_for() -> None:
    for former in (BOT, {name: BOT[name] for name in ('token', 'channel')}):
        with pytest.raises(Invalid, match='Enter it again') as refused:
            saved(former, channel='C1', url='https://thief.example')
        assert refused.value.errors[0].field == 'token'
        assert saved(former, channel='C1', url='https://new.example', token='xoxb-2-x')['token'] == 'xoxb-2-x'


def test_what_is_not_typed_stays() -> None:
    assert saved(BOT, channel='C2') == {**BOT, 'channel': 'C2'}
    assert saved(BOT, channel='C2', url=BOT['url']) == {**BOT, 'channel': 'C2'}
