"""A mail account as a destination: what may be saved, what the environment makes of one, which wire it gets, and its imitated server."""

from typing import Any

import pytest

from domain.base import clock
from domain.base.events import Letter
from domain.base.settings import BadSettings, Settings
from integrations.errors import Misconfigured
from integrations.registry import build, check, from_environment, twin
from integrations.smtp import Smtp
from tests.mailserver import mail_server

CONFIG = {'host': 'simulated:', 'port': '1025', 'from': 'Northside <leads@northside.example>', 'to': 'sales@northside.example'}
GOOD = {**CONFIG, 'host': 'smtp.example.com'}


def test_the_imitated_server_refuses_what_a_real_one_refuses() -> None:
    memory = twin('email', CONFIG)

    def status(
        content: bytes = b'From: a@b\r\nTo: c@d\r\nDate: Sat, 21 Nov 2026 20:15:00 +0000\r\nMessage-ID: <1@b>\r\nSubject: x\r\n\r\nHi\r\n',
        **changed: str,
    ) -> int:
        headers = {'mail-from': 'a@example.com', 'rcpt-to': 'b@example.com'} | {
            name.replace('_', '-'): value for name, value in changed.items()
        }
        return memory('smtp://x', headers=headers, content=content).status

    assert status() == 250
    assert status(mail_from='') == 501
    assert status(rcpt_to='a b@example.com') == 501
    assert status(rcpt_to='ü@example.com') == 553
    assert status(rcpt_to='nobody@example.com') == 550
    assert status(b'From: a@b\n\nHi') == 554
    assert status(b'Subject: x\r\n\r\nHi') == 554


@pytest.mark.parametrize(
    ('changed', 'words'),
    [
        ({'host': ''}, 'E-mail needs the field "host"'),
        ({'from': ''}, 'E-mail needs the field "from"'),
        ({'from': 'nobody'}, 'The field "from" is not an e-mail address'),
        ({'from': 'a@example.com, b@example.com'}, 'names too many addresses'),
        ({'to': 'a@example.com, b'}, 'The field "to" is not an e-mail address'),
        ({'to': ','.join(f'a{n}@example.com' for n in range(21))}, 'names too many addresses'),
        ({'port': '0'}, 'The port must be a number'),
        ({'port': 'mail'}, 'The port must be a number'),
        ({'user': 'desk'}, 'the password is missing'),
        ({'password': 'hunter2'}, 'the user is missing'),
        ({'host': 'smtp://mail.example.com'}, 'bare name of a mail server'),
        ({'host': '127.0.0.1'}, 'OUTBOUND_ALLOW'),
        ({'host': '0x7f000001'}, 'OUTBOUND_ALLOW'),
        ({'host': '::1'}, 'OUTBOUND_ALLOW'),
        ({'host': 'localhost'}, 'OUTBOUND_ALLOW'),
        ({'host': '10.0.0.8'}, 'a private address'),
        ({'url': 'https://x'}, 'E-mail has no field "url"'),
    ],
)
def test_a_wrong_account_is_refused_with_a_sentence(changed: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace('(', r'\(')) as refused:
        check('email', {**GOOD, **changed}, trusted=False)
    assert str(refused.value).endswith('.')
    assert 'hunter2' not in str(refused.value)


def test_good_accounts_tell_which_fields_are_secret_and_may_do_without_the_optional_ones() -> None:
    fields = {'host': False, 'port': False, 'user': False, 'password': True, 'from': False, 'to': False}
    assert check('email', {**GOOD, 'user': 'desk', 'password': 'x'}, trusted=False) == fields
    assert check('email', {'host': 'smtp.example.com', 'from': 'a@example.com'}, trusted=False) == fields
    assert check('email', {'host': 'smtp.example.com', 'from': 'a@example.com', 'to': '', 'port': ''}, trusted=False) == fields
    assert check('email', {**GOOD, 'host': '127.0.0.1'}, trusted=True) == fields
    assert check('email', {**GOOD, 'host': '127.0.0.1'}, trusted=False, allow=('127.0.0.0/8',)) == fields


def settings(**fields: Any) -> Settings:
    return Settings(_env_file=None, slack_webhook_url=None, **fields)  # type: ignore[call-arg]  # no .env of the checkout


def test_the_environment_makes_the_account() -> None:
    assert from_environment(settings()) == {}
    whole = settings(
        email_host='localhost', email_port=1025, email_user='u', email_pass='p', email_from='a@example.com', email_to='b@example.com'
    )
    assert from_environment(whole)['email'] == {
        'host': 'localhost', 'port': '1025', 'user': 'u', 'password': 'p', 'from': 'a@example.com', 'to': 'b@example.com',
    }  # fmt: skip
    short = settings(email_host='smtp.example.com', email_user='u@example.com', email_pass='p')
    assert from_environment(short)['email']['from'] == 'u@example.com'
    assert 'to' not in from_environment(short)['email']


@pytest.mark.parametrize(
    ('fields', 'name'),
    [
        ({}, 'EMAIL_FROM'),
        ({'email_from': 'nobody'}, 'EMAIL_FROM'),
        ({'email_from': 'a@example.com', 'email_to': 'b'}, 'EMAIL_TO'),
        ({'email_from': 'a@example.com', 'email_user': 'u'}, 'EMAIL_PASS'),
        ({'email_from': 'a@example.com', 'email_host': 'smtp://x'}, 'EMAIL_HOST'),
    ],
)
def test_a_wrong_setting_is_named(fields: dict[str, str], name: str) -> None:
    with pytest.raises(BadSettings, match=f'  {name}: '):
        from_environment(settings(**{'email_host': 'smtp.example.com', **fields}))


def test_a_destination_gets_the_mail_wire_with_its_trust() -> None:
    with mail_server() as server:
        config = {**CONFIG, 'host': '127.0.0.1', 'port': str(server.port)}
        with pytest.raises(Misconfigured, match='OUTBOUND_ALLOW'):
            build('email', config, None, trusted=False, smtp=Smtp(deadline=3)).send(Letter('k', 'lead.created', clock.now(), 'New lead'))
        assert server.connections == 0
