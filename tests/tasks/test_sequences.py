"""The thread that keeps follow-ups and sequences to their second: in time, once each however many look, and past what is broken."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from domain.base import clock
from domain.base.clock import now
from domain.base.db import Database
from domain.base.doorbell import Ring
from domain.base.scope import system
from domain.conversations.models import Author, Conversation, Message
from domain.follow_ups.actions import create
from domain.follow_ups.messages import SequenceOrder, Step, TaskOrder, TemplateOrder
from domain.follow_ups.models import FollowUpTask, SequenceRun, SequenceStep, StepState, TaskStatus, Template
from domain.follow_ups.sequences import create_sequence, create_template
from domain.leads.models import Lead
from domain.outbox.models import LeadEvent
from domain.tenancy.queries import first_tenant
from domain.timeline.models import TimelineEntry
from integrations.registry import twin
from integrations.simulated.memory import Memory
from tasks.sequences import Sequences
from tests.journeys.conftest import Start, embedded  # noqa: F401 - fixtures
from tests.mailserver import mail_server
from tests.servers import until
from tests.tasks.conftest import Post

LATE = timedelta(seconds=2)  # on a machine that does other things too; alone it is a tenth of a second


def sequence(db: Database, tenant_id: UUID, *hours: float, channel: str = 'email', body: str = 'Hello {{ lead.first_name }}.') -> UUID:
    """A sequence that is switched on, with these steps."""
    actor = system(tenant_id)
    with db.transaction() as session:
        words = create_template(session, actor, TemplateOrder(name=f'Words {uuid4().hex[:6]}', subject='Your wish', body=body))
        steps = [Step(after_hours=after, channel=channel, template_id=words.id) for after in hours]
        order = SequenceOrder(name=f'Welcome {uuid4().hex[:6]}', steps=steps, enabled=True)
        return create_sequence(session, actor, order).id


def mail_account(post: Post) -> tuple[UUID, Memory]:
    config = {'host': f'simulated:{uuid4().hex}', 'from': 'leads@example.com'}
    place = post.rows.destination(kind='email', sealed=post.box.seal(json.dumps(config)), name='Mail', rate=1e6, events=[])
    memory = twin('email', config)
    assert isinstance(memory, Memory)
    return place, memory


def new_lead(post: Post) -> UUID:
    lead_id = post.rows.lead()
    with post.rows.db.transaction() as session:
        lead = session.get(Lead, lead_id)
        assert lead
        lead.email = 'ann@example.com'
        session.add(lead)
    return lead_id


def task(post: Post, lead_id: UUID, seconds: float) -> datetime:
    """A task that is due in so many seconds, and when that is."""
    at = now() + timedelta(seconds=seconds)
    with post.rows.db.transaction() as session:
        create(session, post.rows.actor, TaskOrder(lead_id=lead_id, title='Ring', due_at=at))
    return at


def rows_of(db: Database, model: type[Any]) -> list[Any]:
    with db.reading() as session:
        return list(session.exec(select(model).order_by(col(model.id))))


@contextmanager
def watching(db: Database, count: int = 1) -> Iterator[None]:
    threads = [Sequences(db) for _ in range(count)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        for each in threads:
            each.stop()


def overdue(post: Post) -> list[FollowUpTask]:
    return [row for row in rows_of(post.rows.db, FollowUpTask) if row.status is TaskStatus.OVERDUE]


def test_a_task_is_overdue_within_a_second_of_its_time_also_one_that_comes_sooner(post: Post) -> None:
    lead_id = post.rows.lead()
    task(post, lead_id, 60)
    with watching(post.rows.db):
        post.rows.db.bell.ring(Ring('follow_up'))
        at = task(post, lead_id, 1.0)
        post.rows.db.bell.ring(Ring('follow_up'))  # as on PostgreSQL the listening connection does
        until(lambda: overdue(post), seconds=8, what='the task')
    (row,) = overdue(post)
    (event,) = post.events('follow_up.due')
    late = event.created_at - at
    print(f'late by {late.total_seconds():.3f} s')
    assert timedelta(0) <= late < LATE and row.follow_up_date == at


def test_of_several_workers_each_task_and_each_step_is_done_once(post: Post) -> None:
    db, leads = post.rows.db, 12
    mail_account(post)
    sequence(db, post.rows.actor.tenant_id, 0, 0, 0)
    ids = [new_lead(post) for _ in range(leads)]
    due = [task(post, lead_id, 0.5) for lead_id in ids]
    with watching(db, 4):
        until(lambda: len(rows_of(db, SequenceStep)) == 3 * leads and len(overdue(post)) == leads, seconds=40, what='all of it')
    taken = [(row.run_id, row.step) for row in rows_of(db, SequenceStep)]
    assert len(taken) == len(set(taken)) == 3 * leads
    assert {row.lead_id for row in rows_of(db, SequenceRun)} == set(ids)
    assert len(post.events('message.sent')) == 3 * leads and len(post.events('follow_up.due')) == leads == len(due)


def test_workers_that_meet_at_the_same_step_take_it_once(post: Post) -> None:
    db = post.rows.db
    mail_account(post)
    sequence(db, post.rows.actor.tenant_id, 1)
    for _ in range(8):
        new_lead(post)
    Sequences(db).round()
    clock.advance(timedelta(hours=2))
    gate = threading.Barrier(4)
    failed: list[BaseException] = []

    def meet() -> None:
        gate.wait()
        try:
            Sequences(db).round()
        except Exception as trouble:
            failed.append(trouble)

    threads = [threading.Thread(target=meet) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    Sequences(db).round()
    assert failed == []
    assert len(rows_of(db, SequenceStep)) == 8 == len(post.events('message.sent'))


def test_a_letter_of_a_sequence_is_carried_to_the_customer_and_says_that_nobody_wrote_it(post: Post) -> None:
    place, server = mail_account(post)
    sequence(post.rows.db, post.rows.actor.tenant_id, 0)
    new_lead(post)
    Sequences(post.rows.db).round()
    assert post.carrier.carry(place) == 1
    (got,) = server.received
    letter = message_from_bytes(got.content, policy=default)
    assert (got.headers['rcpt-to'], letter['Subject'], letter['Auto-Submitted']) == ('ann@example.com', 'Your wish', 'auto-generated')
    assert letter.get_content().strip() == 'Hello Ann.'
    assert post.timeline()[-1] == 'Automatic message handed over for ann@example.com'


def test_what_cannot_be_done_keeps_nobody_else_from_going_on(post: Post) -> None:
    db = post.rows.db
    mail_account(post)
    broken, good = (sequence(db, post.rows.actor.tenant_id, 0, body=body) for body in ('Hello {{ lead.first_name }}.', 'Good day.'))
    with db.transaction() as session:  # as an older version may have kept it
        words = session.exec(select(Template).where(Template.body != 'Good day.')).one()
        session.execute(sa.update(Template).where(col(Template.id) == words.id).values(body='{{ nothing.here }}'))
    new_lead(post)
    with watching(db):
        until(lambda: rows_of(db, SequenceStep), seconds=8, what='the good one')
    states = {row.sequence_id: (row.state, row.step) for row in rows_of(db, SequenceRun)}
    assert (states[broken], states[good]) == (('running', 0), ('completed', 1))


def test_a_reply_that_no_hook_told_of_stops_it_all_the_same(post: Post) -> None:
    db = post.rows.db
    mail_account(post)
    sequence(db, post.rows.actor.tenant_id, 1)
    lead_id = new_lead(post)
    Sequences(db).round()
    clock.advance(timedelta(minutes=59, seconds=59))
    with db.transaction() as session:
        thread = Conversation(tenant_id=post.rows.actor.tenant_id, lead_id=lead_id, source='chat')
        session.add(thread)
        session.flush()
        session.add(Message(tenant_id=thread.tenant_id, conversation_id=thread.id, author=Author.CUSTOMER, content='Hi', channel='chat'))
    clock.advance(timedelta(seconds=1))
    Sequences(db).round()
    assert [(row.state, row.stopped_because) for row in rows_of(db, SequenceRun)] == [('stopped', 'the customer replied')]
    assert rows_of(db, SequenceStep) == []


@pytest.mark.slow
def test_the_customer_has_the_arrival_message_within_thirty_seconds(embedded: Start) -> None:  # noqa: F811 - the fixture
    with mail_server() as mail:
        account = {'EMAIL_HOST': '127.0.0.1', 'EMAIL_PORT': str(mail.port), 'EMAIL_FROM': 'Northside <leads@northside.example>'}
        desk = embedded(**account, EMAIL_RATE='1000')
        db = Database(f'sqlite:///{desk.processes["serve"].data_dir / "leadkeeper.sqlite3"}')
        with db.reading() as session:
            tenant = first_tenant(session)
            assert tenant
        sequence(db, tenant.id, 0)
        asked = now()
        lead = desk.post('Ann Brown').json['leadId']
        (letter,) = mail.wait(1, seconds=30)
        took = (now() - asked).total_seconds()
        assert letter.recipients == ['ann.brown@example.com'] and letter.text == 'Hello Ann.\n'
        assert took < 30 and letter.mail['Auto-Submitted'] == 'auto-generated'
        print(f'the arrival message was there after {took:.2f} s')
        shown = desk.get(f'/api/v1/leads/{lead}')
        assert (shown['stage'], shown['firstResponseAt']) == ('new', None), 'it is no reply'
        with db.reading() as session:
            assert session.exec(select(SequenceStep.state)).all() == [StepState.SENT]
            assert session.exec(select(LeadEvent).where(LeadEvent.event_type == 'message.sent')).one()
            assert session.exec(select(TimelineEntry).where(col(TimelineEntry.title).contains('started'))).one()
        db.close()
