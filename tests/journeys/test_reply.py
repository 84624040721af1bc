"""A customer gets an answer: a lead comes in, a person replies, a real mail server takes the letter once, and the clock stands."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from domain.base.db import Database
from domain.base.scope import Actor, ActorType, Role, Scope
from domain.conversations.replies import reply, states
from domain.tenancy.queries import first_tenant
from domain.timeline.models import EntryType, TimelineEntry
from tests.journeys.conftest import Desk, Start
from tests.mailserver import MailServer, mail_server
from tests.servers import until

pytestmark = pytest.mark.slow


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def with_mail(embedded: Start, mail: MailServer, **more: str) -> Desk:
    account = {'EMAIL_HOST': '127.0.0.1', 'EMAIL_PORT': str(mail.port), 'EMAIL_FROM': 'Northside <leads@northside.example>'}
    return embedded(**account, EMAIL_RATE='1000', **more)


def answer(desk: Desk, lead: str, text: str) -> UUID:
    """As the lead page does it, from beside the running desk."""
    db = _database(desk)
    with db.transaction() as session:
        tenant = first_tenant(session)
        assert tenant is not None
        message = reply(session, Actor(Scope(tenant.id), ActorType.AGENT, uuid4(), 'Ines Vega', Role.AGENT), UUID(lead), text)
    db.close()
    return message


def state(desk: Desk, message: UUID) -> str | None:
    db = _database(desk)
    with db.reading() as session:
        tenant = first_tenant(session)
        assert tenant is not None
        found = states(session, Scope(tenant.id), [message])
    db.close()
    return found.get(message)


def _database(desk: Desk) -> Database:
    return Database(f'sqlite:///{desk.processes["serve"].data_dir / "leadkeeper.sqlite3"}')


def replies_of(desk: Desk, lead: str) -> list[dict[str, object]]:
    return [row for row in desk.deliveries(lead) if str(row['destination']).startswith('Email')]


def test_two_replies_arrive_once_each_as_one_thread_and_the_clock_stands(embedded: Start, mail: MailServer) -> None:
    desk = with_mail(embedded, mail)
    lead = desk.post('Ann Brown').json['leadId']
    first = answer(desk, lead, 'Hello Ann,\n\nwe call you at 9.\n\nInes')
    mail.wait(1)
    second = answer(desk, lead, 'And bring the car.')
    mail.wait(2)
    one, two = mail.taken
    assert (one.recipients, one.mail['From'], one.mail['Auto-Submitted']) == (
        ['ann.brown@example.com'],
        'Ines Vega <leads@northside.example>',
        None,
    )
    assert one.text == 'Hello Ann,\n\nwe call you at 9.\n\nInes\n'
    assert two.mail['In-Reply-To'] == two.mail['References'] == one.mail['Message-ID']
    assert two.mail['Subject'] == one.mail['Subject'] == 'Re: your message'
    for message in (first, second):
        until(lambda message=message: state(desk, message) == 'sent', seconds=5, what='the end of the delivery')
    assert desk.get(f'/api/v1/leads/{lead}')['stage'] == 'contacted'
    assert len(mail.taken) == 2


def test_with_readers_the_account_also_tells_them_of_the_lead(embedded: Start, mail: MailServer) -> None:
    desk = with_mail(embedded, mail, EMAIL_TO='sales@northside.example')
    lead = desk.post('Ann Brown').json['leadId']
    (told,) = mail.wait(1)
    assert (told.recipients, told.mail['Auto-Submitted']) == (['sales@northside.example'], 'auto-generated')
    assert 'Ann Brown' in told.mail['Subject']
    assert f'/leads/{lead}' in told.text
    answer(desk, lead, 'Yes.')
    assert mail.wait(2)[1].recipients == ['ann.brown@example.com']


def test_a_refused_reply_is_dead_and_the_timeline_says_why(embedded: Start, mail: MailServer) -> None:
    desk = with_mail(embedded, mail)
    lead = desk.post('Ann Brown').json['leadId']
    mail.replies['rcpt'] = ['550 5.1.1 no such user']
    message = answer(desk, lead, 'Yes.')
    until(lambda: state(desk, message) == 'dead', seconds=5, what='the end of the delivery')
    (row,) = replies_of(desk, lead)
    assert (row['attempts'], '5.1.1 no such user' in str(row['lastError'])) == (1, True)
    assert mail.taken == []
    db = _database(desk)
    with db.reading() as session:
        titles = session.exec(select(TimelineEntry.title).where(TimelineEntry.event_type == EntryType.NOTIFICATION_FAILED)).all()
    db.close()
    assert titles == ['Your reply was not delivered to ann.brown@example.com']


def test_a_reply_written_while_the_server_is_down_arrives_once_when_it_is_back(embedded: Start, mail: MailServer) -> None:
    desk = with_mail(embedded, mail)
    lead = desk.post('Ann Brown').json['leadId']
    mail.stop()
    message = answer(desk, lead, 'Yes.')
    until(lambda: replies_of(desk, lead)[0]['attempts'] == 1, seconds=5, what='the first try')
    mail.start()
    mail.wait(1, seconds=15)
    until(lambda: state(desk, message) == 'sent', seconds=5, what='the end of the delivery')
    assert len(mail.taken) == 1
