"""What the environment sets up with these channels, and which account a destination of the desk gets."""

from typing import Any

import pytest

from domain.base.settings import BadSettings, Settings
from integrations.environment import complete
from integrations.registry import check, from_environment

SID = 'AC' + '0' * 32
TWILIO = {'twilio_account_sid': SID, 'twilio_auth_token': 'canary', 'twilio_from': '+15550142000'}
SLACK = {'slack_bot_token': 'xoxb-canary', 'slack_channel': 'C0G9QF9GW'}
MAIL = {'sendgrid_api_key': 'SG.canary', 'email_from': 'leads@example.com', 'email_to': 'sales@example.com'}


def settings(**given: Any) -> Settings:
    blank = dict.fromkeys(('slack_webhook_url', 'email_host', 'email_user', 'email_from', 'email_to', 'twilio_to'))
    return Settings(_env_file=None, **{**blank, **given})


def test_the_bot_takes_the_place_of_the_incoming_webhook() -> None:
    both = settings(slack_webhook_url='https://hooks.slack.com/services/T/B/x', **SLACK)
    assert from_environment(both) == {'slack_bot': {'token': 'xoxb-canary', 'channel': 'C0G9QF9GW', 'url': 'https://slack.com'}}
    assert list(from_environment(settings(slack_webhook_url='https://hooks.slack.com/x', slack_bot_token='xoxb-1'))) == ['slack']


def test_sendgrid_carries_mail_where_there_is_no_mail_server() -> None:
    found = from_environment(settings(**MAIL, sendgrid_api_url='http://127.0.0.1:4104/'))
    assert found == {
        'sendgrid': {'api_key': 'SG.canary', 'from': 'leads@example.com', 'to': 'sales@example.com', 'url': 'http://127.0.0.1:4104'}
    }
    assert list(from_environment(settings(**MAIL, email_host='smtp.example.com'))) == ['email']


@pytest.mark.parametrize(('to', 'kind'), [('+15550143000', 'sms'), ('whatsapp:+15550143000', 'whatsapp')])
def test_a_telephone_to_tell_makes_a_destination(to: str, kind: str) -> None:
    (found,) = from_environment(settings(**TWILIO, twilio_to=to)).items()
    assert found[0] == kind
    assert found[1]['to'] == to
    assert from_environment(settings(**TWILIO)) == {}


@pytest.mark.parametrize(
    ('given', 'named'),
    [
        ({**TWILIO, 'twilio_to': '+15550143000', 'twilio_from': None}, 'TWILIO_FROM'),
        ({'twilio_to': '+15550143000'}, 'TWILIO_ACCOUNT_SID'),
        ({**TWILIO, 'twilio_to': 'nobody'}, 'TWILIO_TO'),
        ({**TWILIO, 'twilio_to': '+15550143000', 'twilio_account_sid': 'AC1'}, 'TWILIO_ACCOUNT_SID'),
        ({**TWILIO, 'twilio_to': '+15550143000', 'twilio_api_url': 'http://192.0.2.1'}, 'TWILIO_API_URL'),
        ({'slack_channel': 'C0G9QF9GW'}, 'SLACK_BOT_TOKEN'),
        ({**SLACK, 'slack_bot_token': 'hunter2canary'}, 'SLACK_BOT_TOKEN'),
        ({**SLACK, 'slack_channel': 'a b'}, 'SLACK_CHANNEL'),
        ({'sendgrid_api_key': 'SG.canary'}, 'EMAIL_FROM'),
        ({**MAIL, 'email_to': 'nobody'}, 'EMAIL_TO'),
    ],
)
def test_half_a_channel_stops_the_start_by_the_name_of_its_setting(given: dict[str, Any], named: str) -> None:
    with pytest.raises(BadSettings) as caught:
        from_environment(settings(**given))
    assert f'  {named}: ' in caught.value.detail
    assert 'canary' not in caught.value.detail


def test_a_destination_of_the_desk_may_use_the_account_and_address_of_the_environment() -> None:
    ours = settings(**TWILIO, twilio_api_url='http://127.0.0.1:4103')
    config = {'to': '+15550143000'}
    check('sms', config, trusted=False, settings=ours)
    made, trusted = complete('sms', config, ours)
    assert (made['account_sid'], made['auth_token'], made['from']) == (SID, 'canary', '+15550142000')
    assert (made['url'], trusted) == ('http://127.0.0.1:4103', True)
    assert config == {'to': '+15550143000'}
    with pytest.raises(ValueError, match='TWILIO_ACCOUNT_SID'):
        check('sms', config, trusted=False, settings=settings())


def test_an_account_is_lent_as_a_whole_and_never_to_an_address_of_the_desk() -> None:
    ours = settings(**TWILIO, **SLACK, **MAIL)
    own = {'to': '+15550143000', 'account_sid': 'AC' + '1' * 32, 'auth_token': 'mine'}
    with pytest.raises(ValueError, match='"from"'):
        complete('sms', own, ours)
    assert complete('sms', {**own, 'from': '+15550149999'}, ours)[0]['auth_token'] == 'mine'
    for kind, config in (('sms', {'to': '+15550143000'}), ('slack_bot', {'channel': 'C1'}), ('sendgrid', {'to': 'a@example.com'})):
        for tried in (complete, lambda *given: check(given[0], given[1], trusted=False, settings=given[2])):
            with pytest.raises(ValueError, match='needs'):
                tried(kind, {**config, 'url': 'https://thief.example'}, ours)


def test_an_address_of_the_desk_is_not_trusted_and_other_kinds_are_left_as_they_are() -> None:
    made, trusted = complete('slack_bot', {'token': 'xoxb-1', 'channel': 'C1', 'url': 'https://gateway.example'}, settings())
    assert (made['url'], trusted) == ('https://gateway.example', False)
    assert complete('webhook', {'url': 'https://x.example'}, settings(**TWILIO)) == ({'url': 'https://x.example'}, False)


def test_rates_are_shared_by_those_who_share_a_provider() -> None:
    given = settings(slack_rate=2, email_rate=3, sms_rate=4, webhook_rate=5)
    kinds = ('slack', 'slack_bot', 'email', 'sendgrid', 'sms', 'whatsapp', 'webhook', 'sandbox')
    assert [given.rate(kind) for kind in kinds] == [2, 2, 3, 3, 4, 4, 5, 5]
    assert 'canary' not in repr(settings(**TWILIO, **SLACK, **MAIL))
