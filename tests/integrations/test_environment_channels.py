"""Channels that the environment sets up, and the gateways it may put in the place of providers."""

from pathlib import Path
from typing import Any

import pytest

from domain.base.log import masked
from domain.base.settings import BadSettings, Settings
from integrations.gateways import Gateways
from integrations.ports import Answer
from integrations.registry import CHANNELS, build, from_environment, stand_ins
from tests.integrations.letters import letter
from tests.integrations.test_registry import Recorder

TOKEN = '123456789:AAEverysecretpart-of_a_telegram_bot'
BOT = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.verysecretpart_of_a_discord_bot'
HOOK = 'https://discord.com/api/webhooks/1300000000000000000/verysecretpart'
ACCOUNT = {'email_host': 'smtp.example.com', 'email_user': 'desk@example.com', 'email_pass': 'verysecretpart'}


def settings(tmp_path: Path, **given: Any) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None, **given)


@pytest.mark.parametrize(
    ('given', 'found'),
    [
        ({}, {}),
        ({'slack_webhook_url': 'simulated:slack'}, {'slack': {'url': 'simulated:slack'}}),
        ({'discord_webhook_url': HOOK}, {'discord': {'url': HOOK}}),
        ({'discord_bot_token': BOT, 'discord_channel_id': '42'}, {'discord': {'token': BOT, 'channel': '42'}}),
        ({'telegram_bot_token': TOKEN, 'telegram_chat_id': '-100123'}, {'telegram': {'token': TOKEN, 'chat': '-100123'}}),
        ({'telegram_bot_token': 'simulated:', 'telegram_chat_id': '1'}, {'telegram': {'token': 'simulated:', 'chat': '1'}}),
        (
            ACCOUNT,
            {
                'email': {
                    'host': 'smtp.example.com',
                    'port': '587',
                    'user': 'desk@example.com',
                    'password': 'verysecretpart',
                    'from': 'desk@example.com',
                }
            },
        ),
    ],
)
def test_settings_make_destinations(tmp_path: Path, given: dict[str, str], found: dict[str, dict[str, str]]) -> None:
    assert from_environment(settings(tmp_path, **given)) == found


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        ({'discord_bot_token': BOT}, 'DISCORD_CHANNEL_ID: A bot needs'),
        ({'discord_channel_id': '42'}, 'DISCORD_WEBHOOK_URL: Discord needs'),
        ({'discord_webhook_url': 'https://discord.com/channels/1/2'}, 'DISCORD_WEBHOOK_URL: This is not the address'),
        ({'telegram_bot_token': TOKEN}, 'TELEGRAM_CHAT_ID: Telegram needs the field "chat"'),
        ({'telegram_chat_id': '1'}, 'TELEGRAM_BOT_TOKEN: Telegram needs the field "token"'),
        ({'telegram_bot_token': 'verysecretpart', 'telegram_chat_id': '1'}, 'TELEGRAM_BOT_TOKEN: This is not the token'),
        ({'slack_webhook_url': 'ftp://x'}, 'SLACK_WEBHOOK_URL: '),
        ({'email_host': 'smtp.example.com'}, 'EMAIL_FROM: EMAIL_HOST needs'),
        ({**ACCOUNT, 'email_to': 'nobody'}, 'EMAIL_TO: '),
        ({'telegram_api_url': 'http://10.0.0.5:8081'}, 'TELEGRAM_API_URL: '),
        ({'discord_api_url': 'https:///x'}, 'DISCORD_API_URL: '),
    ],
)
def test_a_wrong_setting_stops_the_start_by_name_and_without_its_secret(tmp_path: Path, given: dict[str, str], words: str) -> None:
    with pytest.raises(BadSettings, match=words) as refused:
        from_environment(settings(tmp_path, **given))
    assert 'verysecretpart' not in str(refused.value)


def test_a_gateway_replaces_scheme_and_host_of_its_provider_alone_and_is_trusted(tmp_path: Path) -> None:
    given = settings(tmp_path, telegram_api_url='http://127.0.0.1:4106/', discord_api_url='https://gateway.example.com/ignored')
    client = Recorder()
    wire = Gateways(client, stand_ins(given))
    build('telegram', {'token': TOKEN, 'chat': '1'}, wire, trusted=False).send(letter())
    build('discord', {'url': HOOK}, wire, trusted=False).send(letter())
    build('slack', {'url': 'https://hooks.slack.com/services/x'}, wire, trusted=False).send(letter())
    wire.post('https://api.telegram.org.evil.example/x', headers={}, content=b'', trusted=False)
    assert [(call['url'], call['trusted']) for call in client.calls] == [
        (f'http://127.0.0.1:4106/bot{TOKEN}/sendMessage', True),
        ('https://gateway.example.com/api/webhooks/1300000000000000000/verysecretpart?wait=true', True),
        ('https://hooks.slack.com/services/x', False),
        ('https://api.telegram.org.evil.example/x', False),
    ]
    assert stand_ins(settings(tmp_path)) == {}


def test_each_kind_has_its_pace(tmp_path: Path) -> None:
    given = settings(tmp_path, discord_rate=0.5, telegram_rate=3)
    assert [given.rate(kind) for kind in ('slack', 'discord', 'telegram', 'email')] == [1, 0.5, 3, 5]
    assert {line.origin for line in CHANNELS.values()} == {'', 'https://discord.com', 'https://api.telegram.org'}


@pytest.mark.parametrize(
    'line',
    [
        f'POST https://api.telegram.org/bot{TOKEN}/sendMessage',
        f'token in a text: {TOKEN}.',
        f'POST {HOOK}?wait=true',
        f'Authorization Bot {BOT}',
        f"{{'headers': {{'Authorization': 'Bot {BOT}'}}}}",
    ],
)
def test_no_secret_of_a_channel_gets_into_the_log(line: str) -> None:
    assert 'verysecretpart' in line
    assert 'verysecretpart' not in masked(line)


def test_answers_reach_a_caller_unchanged() -> None:
    assert Gateways(Recorder(), {}).post('https://x.example', headers={}, content=b'', trusted=False) == Answer(200, {}, 'ok')
