"""The mail account that the environment gives: it carries replies always, and tells people of leads where it has readers."""

import pytest
from sqlmodel import select

from domain.base.db import Database
from domain.base.events import DEFAULT_SUBSCRIPTION, EventType
from domain.base.settings import Settings
from domain.desk.actions import prepare
from domain.outbox.models import Destination
from tests.domain.rows import BOX

ACCOUNT = {'host': 'mail.example.com', 'port': '587', 'from': 'leads@example.com'}
READERS = {**ACCOUNT, 'to': 'sales@example.com'}
ALL = [str(event) for event in DEFAULT_SUBSCRIPTION]


def prepared(db: Database, account: dict[str, str] | None, kind: str = 'email') -> Destination:
    with db.transaction() as session:
        prepare(session, Settings(admin_api_key=None), BOX, {kind: account} if account else {})
    with db.reading() as session:
        return session.exec(select(Destination).where(Destination.kind == kind)).one()


@pytest.mark.parametrize(('account', 'events'), [(ACCOUNT, []), (READERS, ALL)])
def test_it_subscribes_only_where_it_has_readers(db: Database, account: dict[str, str], events: list[str]) -> None:
    row = prepared(db, account)
    assert (row.name, row.from_environment, row.enabled, row.events) == ('Email (from environment)', True, True, events)
    assert prepared(db, account) == row, 'doing it again changes nothing'


def test_readers_that_come_and_go_change_what_it_hears_and_a_new_password_does_not(db: Database) -> None:
    prepared(db, ACCOUNT)
    assert prepared(db, READERS).events == ALL
    with db.transaction() as session:
        row = session.exec(select(Destination).where(Destination.kind == 'email')).one()
        row.events = [EventType.SLA_BREACHED]
        session.add(row)
    assert prepared(db, {**READERS, 'user': 'desk', 'password': 'new'}).events == ['sla.breached'], 'what a person chose stays'
    assert prepared(db, ACCOUNT).events == []
    gone = prepared(db, None)
    assert (gone.enabled, gone.events) == (False, [])


@pytest.mark.parametrize(('readers', 'events'), [({}, []), ({'to': 'sales@example.com'}, ALL)])
def test_sendgrid_is_a_mail_account_like_any_other(db: Database, readers: dict[str, str], events: list[str]) -> None:
    row = prepared(db, {'api_key': 'SG.x', 'from': 'leads@example.com', **readers}, 'sendgrid')
    assert (row.name, row.events) == ('SendGrid (from environment)', events)


def test_the_other_kinds_of_the_environment_have_names_that_people_say(db: Database) -> None:
    kinds = {'slack_bot': 'Slack bot', 'sms': 'SMS', 'whatsapp': 'WhatsApp', 'slack': 'Slack'}
    assert [prepared(db, {'to': 'x'}, kind).name for kind in kinds] == [f'{name} (from environment)' for name in kinds.values()]
