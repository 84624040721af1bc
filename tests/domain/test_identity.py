"""The same person again: recognised however it is typed, nothing lost, nobody merged by machine."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.base import clock
from domain.leads.models import Quality
from domain.leads.rules import normal_email, normal_phone, score
from domain.sla.rules import moved
from tests.domain.conftest import Desk
from tests.domain.rows import command, destination, facts_of, other_tenant, table

HOT = {'message': 'I want a quote today', 'phone': '+14155552671', 'budget': '5000'}
COLD = {'message': 'just looking, no hurry'}


def clocks_agree(desk: Desk) -> dict[str, Any]:
    """The one clock, which conversations repeat."""
    (clock_row,), conversation = table(desk.db, 'sla_clocks'), table(desk.db, 'conversations')[-1]
    assert conversation['id'] == clock_row['conversation_id']
    assert conversation['sla_response_deadline'] == clock_row['due_at']
    assert conversation['first_response_at'] == clock_row['answered_at']
    assert conversation['sla_breached'] == (clock_row['breached_at'] is not None)
    return clock_row


@pytest.mark.parametrize(
    ('first', 'again'),
    [
        ({'email': 'ada@example.com'}, {'email': 'ADA@Example.COM'}),
        ({'email': 'ada@example.com'}, {'email': '  ada@example.com '}),
        ({'email': 'ada@bücher.example'}, {'email': 'ada@xn--bcher-kva.example'}),
        ({'phone': '+1 415 555 2671'}, {'phone': '(415) 555-2671'}),
        ({'phone': '+14155552671'}, {'phone': '001 415.555.2671 '.replace('001', '+1')}),
        ({'email': 'a@example.com', 'phone': '415-555-2671'}, {'phone': '+1 (415) 555 2671', 'email': 'new@example.com'}),
    ],
)
def test_the_same_person_is_recognised(desk: Desk, first: dict[str, str], again: dict[str, str]) -> None:
    one, two = desk.capture(command(message='First', **first), command(message='Second', **again))
    assert one.lead_id == two.lead_id and len(table(desk.db, 'leads')) == 1
    assert [row['outcome'] for row in table(desk.db, 'submissions')] == ['created', 'resubmitted']
    assert [row['content'] for row in table(desk.db, 'chat_messages')] == ['First', 'Second']
    raws = [json.loads(row['raw']) for row in table(desk.db, 'submissions')]
    assert [raw['message'] for raw in raws] == ['First', 'Second'] and raws[1].items() >= again.items()


def test_a_new_number_leads_to_the_same_person(desk: Desk) -> None:
    desk.capture(command(email='ada@example.com'), command(email='ada@example.com', phone='+14155552671', message='b'))
    third = desk.capture(command(phone='415 555 2671', message='c'))[0]
    assert third.lead_id == table(desk.db, 'leads')[0]['id']
    assert table(desk.db, 'leads')[0]['phone'] == '+14155552671'


def test_mail_of_one_and_phone_of_another_is_flagged_and_never_merged(desk: Desk) -> None:
    one, two = desk.capture(command(email='a@example.com'), command(phone='+14155552671', message='b'))
    third = desk.capture(command(email='a@example.com', phone='+14155552671', message='c'))[0]
    assert third.lead_id == one.lead_id != two.lead_id
    leads = {row['id']: row for row in table(desk.db, 'leads')}
    assert leads[one.lead_id]['possible_duplicates'] == [two.lead_id.hex]
    assert leads[two.lead_id]['possible_duplicates'] == [one.lead_id.hex]
    assert {row['value']: row['lead_id'] for row in table(desk.db, 'lead_identities')} == {
        'a@example.com': one.lead_id,
        '+14155552671': two.lead_id,
    }
    desk.capture(command(email='a@example.com', phone='+14155552671', message='d'))
    assert leads == {
        row['id']: {**row, 'version': leads[row['id']]['version']} | {k: leads[row['id']][k] for k in CHANGES}
        for row in table(desk.db, 'leads')
    }
    notes = [row for row in table(desk.db, 'conversation_timeline') if row['event_type'] == 'note']
    assert {row['lead_id'] for row in notes} == {one.lead_id, two.lead_id} and len(notes) == 2


CHANGES = ('version', 'changed_at', 'last_message', 'next_at', 'quality', 'quality_points', 'quality_reason')


def test_hotter_words_bring_the_deadline_forward(desk: Desk) -> None:
    desk.capture(command('chatbot', email='a@example.com', **COLD))
    before = clocks_agree(desk)
    assert before['window_seconds'] == 86_400
    clock.advance(timedelta(minutes=5))
    desk.capture(command('chatbot', email='a@example.com', **HOT))
    after = clocks_agree(desk)
    assert after['due_at'] == before['started_at'] + timedelta(minutes=15) and after['window_seconds'] == 900
    lead = table(desk.db, 'leads')[0]
    assert (lead['quality'], lead['next_at']) == (Quality.HOT, after['due_at'])


def test_a_deadline_is_never_moved_into_the_past(desk: Desk) -> None:
    desk.capture(command('chatbot', email='a@example.com', **COLD))
    clock.advance(timedelta(hours=3))
    now = clock.now()
    desk.capture(command('chatbot', email='a@example.com', **HOT))
    assert timedelta(0) <= clocks_agree(desk)['due_at'] - now < timedelta(seconds=30)


def test_colder_words_change_neither_heat_nor_deadline(desk: Desk) -> None:
    desk.capture(command('chatbot', email='a@example.com', **HOT))
    before = clocks_agree(desk)
    clock.advance(timedelta(minutes=1))
    desk.capture(command('chatbot', email='a@example.com', **COLD))
    assert clocks_agree(desk)['due_at'] == before['due_at']
    assert table(desk.db, 'leads')[0]['quality'] == Quality.HOT


def test_a_late_deadline_stays_late(desk: Desk) -> None:
    desk.capture(command('chatbot', email='a@example.com', **HOT))
    before = clocks_agree(desk)
    clock.advance(timedelta(hours=1))
    desk.capture(command('chatbot', email='a@example.com', message='Hello? today', phone='+14155552671'))
    assert clocks_agree(desk)['due_at'] == before['due_at']


def test_a_closed_lead_opens_again_with_a_fresh_clock(desk: Desk) -> None:
    desk.capture(command('chatbot', email='a@example.com', **HOT))
    with desk.db.transaction() as session:
        session.execute(sa.text("update leads set status = 'closed', stage = 'won'"))
        session.execute(sa.text('update sla_clocks set answered_at = started_at, breached_at = started_at'))
        session.execute(sa.text('update conversations set first_response_at = created_at, sla_breached = true'))
    clock.advance(timedelta(days=30))
    now = clock.now()
    desk.capture(command('chatbot', email='a@example.com', **COLD))
    running, lead = clocks_agree(desk), table(desk.db, 'leads')[0]
    assert lead['status'] == 'open' and lead['quality'] == Quality.COLD and lead['unread'] is True
    assert running['answered_at'] is None and running['breached_at'] is None
    assert abs(running['due_at'] - now - timedelta(hours=24)) < timedelta(seconds=30)


def test_tenants_never_meet(desk: Desk) -> None:
    elsewhere = facts_of(desk.db, other_tenant(desk.db))
    destination(desk.db, desk.tenant_id, 'mine')
    mine = desk.capture(command(email='a@example.com', phone='+14155552671'), facts=desk.refresh())[0]
    theirs = desk.capture(command(email='a@example.com', phone='+14155552671'), facts=elsewhere)[0]
    assert mine.lead_id != theirs.lead_id and not theirs.replayed
    assert [row['outcome'] for row in table(desk.db, 'submissions')] == ['created', 'created']
    assert {row['tenant_id'] for row in table(desk.db, 'deliveries')} == {desk.tenant_id}
    assert all(row['possible_duplicates'] == [] for row in table(desk.db, 'leads'))


def test_the_event_sequence_of_a_lead_has_no_gap(desk: Desk) -> None:
    desk.capture(*(command(email='a@example.com', message=f'{n}') for n in range(5)))
    assert [row['lead_seq'] for row in table(desk.db, 'lead_events')] == [1, 2, 3, 4, 5]
    assert table(desk.db, 'leads')[0]['version'] == 5


@pytest.mark.parametrize('text', ['no at', 'a@b', 'a@@b.co', 'a b@c.de', '@c.de', 'a@c..de', '', 'a@' + 'x' * 300 + '.de', 'a\u202e@c.de'])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match='not an e-mail address'):
        normal_email(text)


@pytest.mark.parametrize(
    ('text', 'normal'), [('A.B+c@Example.COM', 'a.b+c@example.com'), ("o'neil@x.ie", "o'neil@x.ie"), ('a@printer.local', 'a@printer.local')]
)
def test_addresses_are_recognised(text: str, normal: str) -> None:
    assert normal_email(text) == normal


@pytest.mark.parametrize(
    ('text', 'region', 'normal'),
    [
        ('(415) 555-2671', 'US', '+14155552671'),
        ('030 123456', 'DE', '+4930123456'),
        ('+49 30 123456', 'US', '+4930123456'),
        ('123456', 'US', '123456'),
        ('+999 123456789012', 'US', '+999123456789012'),
    ],
)
def test_numbers_are_recognised(text: str, region: str, normal: str) -> None:
    assert normal_phone(text, region).lstrip('+') == normal.lstrip('+')


def test_every_point_is_told() -> None:
    graded = score(message='Can I book a test drive today?', phone='+1', email='a@b.co', budget='10k', wants=('oil change',))
    assert graded.quality is Quality.HOT and f'{graded.points} points' in graded.reason
    assert graded.points == sum(int(part.split(')')[0]) for part in graded.reason.split('(')[1:])


def test_moving_a_deadline() -> None:
    start = datetime.fromisoformat('2026-01-01T00:00:00+00:00')
    late = start + timedelta(hours=24)
    quarter = start + timedelta(minutes=15)
    assert moved(late, quarter, start + timedelta(minutes=5)) == quarter
    assert moved(late, quarter, start + timedelta(hours=2)) == start + timedelta(hours=2)
    assert moved(start + timedelta(minutes=1), quarter, start + timedelta(hours=2)) == start + timedelta(minutes=1)
