"""Sequences: who is taken up, which step when, and what stops one. The clock is moved, a worker looks."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.base import clock
from domain.base.clock import now
from domain.base.errors import Conflict, Invalid
from domain.base.scope import Scope, system
from domain.follow_ups.messages import SequenceEdit, TemplateEdit
from domain.follow_ups.running import opt_out
from domain.follow_ups.sequences import edit_sequence, edit_template
from domain.leads.actions import close
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit
from domain.leads.models import Stage
from domain.tenancy.models import LocationHours
from tests.domain.conftest import Desk
from tests.domain.follow_up_rows import HOUR, events, lead_of, look, mail_account, planned, sequence_of, template_of, titles
from tests.domain.lead_rows import act, groups_hold, lead_row, people_of
from tests.domain.rows import command, table

SECOND = timedelta(seconds=1)


def steps_of(desk: Desk) -> list[dict[str, Any]]:
    return table(desk.db, 'sequence_steps')


def run_of(desk: Desk, lead_id: UUID) -> dict[str, Any]:
    (row,) = [row for row in table(desk.db, 'sequence_runs') if row['lead_id'] == lead_id]
    return row


def three_steps(desk: Desk) -> tuple[UUID, UUID]:
    """By e-mail after one, two and three hours; with a mail account."""
    mail_account(desk)
    words = template_of(desk, 'Hello')
    steps = [{'after_hours': hours, 'channel': 'email', 'template_id': words} for hours in (1, 2, 3)]
    return sequence_of(desk, *steps), words


def test_three_steps_stop_at_a_reply_that_arrives_one_second_before_the_second(desk: Desk) -> None:
    three_steps(desk)
    lead_id = lead_of(desk)
    came = lead_row(desk, lead_id)['created_at']
    look(desk)
    assert run_of(desk, lead_id)['next_at'] == came + HOUR and steps_of(desk) == []
    clock.advance(came + HOUR - now())
    look(desk)
    assert [row['step'] for row in steps_of(desk)] == [0] and run_of(desk, lead_id)['next_at'] == came + 2 * HOUR
    clock.advance(came + 2 * HOUR - SECOND - now())
    look(desk)
    assert len(steps_of(desk)) == 1, 'a second too early'
    desk.capture(command(email='ada@example.com', message='Yes please, call me tomorrow.'))
    for _ in range(4):
        clock.advance(HOUR)
        look(desk)
    assert [row['step'] for row in steps_of(desk)] == [0]
    run = run_of(desk, lead_id)
    assert (run['state'], run['stopped_because'], run['next_at']) == ('stopped', 'the customer replied', None)
    assert len([row for row in table(desk.db, 'chat_messages') if row['author'] == 'bot']) == 1
    assert 'Sequence "Welcome" stopped: the customer replied' in titles(desk, lead_id)
    groups_hold(desk)


def test_without_a_reply_each_step_goes_out_once_at_its_time(desk: Desk) -> None:
    three_steps(desk)
    lead_id = lead_of(desk)
    came = lead_row(desk, lead_id)['created_at']
    for number in range(1, 4):
        look(desk)
        clock.advance(came + number * HOUR - now())
        look(desk)
        look(desk)
        assert [row['step'] for row in steps_of(desk)] == list(range(number))
    assert run_of(desk, lead_id)['state'] == 'completed'
    assert [row['due_at'] for row in steps_of(desk)] == [came + number * HOUR for number in range(1, 4)]
    assert len(events(desk, 'message.sent')) == 3 and {row['state'] for row in steps_of(desk)} == {'sent'}


def test_a_letter_of_a_sequence_is_no_reply(desk: Desk) -> None:
    mail_account(desk)
    words = template_of(desk, 'Now', 'Hello {{ lead.first_name }}, we at {{ location.name }} call you.', 'About {{ lead.name }}')
    sequence_of(desk, {'after_hours': 0, 'channel': 'email', 'template_id': words})
    lead_id = lead_of(desk)
    look(desk)
    row = lead_row(desk, lead_id)
    assert (row['inbox_group'], row['stage'], row['unread'], row['last_message']) == ('needs_reply', 'new', True, 'Please call me.')
    (clock_row,) = table(desk.db, 'sla_clocks')
    assert clock_row['answered_at'] is None
    (event,) = events(desk, 'message.sent')
    said = {name: event['payload'][name] for name in ('text', 'subject', 'to', 'by', 'sender', 'automatic')}
    expected = {'text': 'Hello Ada, we at Main call you.', 'subject': 'About Ada Lovelace', 'to': 'ada@example.com', 'by': 'Welcome'}
    assert said == expected | {'sender': '', 'automatic': True}
    (letter,) = [row for row in table(desk.db, 'deliveries') if row['event_id'] == event['id']]
    assert letter['state'] == 'pending'
    groups_hold(desk)


def test_channels_that_are_not_there_keep_their_words_and_say_so(desk: Desk) -> None:
    hello, chat = template_of(desk, 'Hello'), template_of(desk, 'Chat', 'Talk to us: {{ chat_link }}')
    kinds = (('sms', hello), ('whatsapp', hello), ('email', hello), ('email', chat))
    sequence_of(desk, *({'after_hours': 0, 'channel': kind, 'template_id': words} for kind, words in kinds))
    lead_id = lead_of(desk)
    look(desk)
    rows = steps_of(desk)
    assert [row['state'] for row in rows] == ['not_connected'] * 4
    assert [row['body'] for row in rows] == ['Hello Ada.'] * 3 + ['Talk to us: {{ chat_link }}']
    assert [row['detail'][:36] for row in rows[:2]] == ['Channel not connected: SMS.', 'Channel not connected: WhatsApp.']
    assert 'No e-mail account is connected' in rows[2]['detail'] and rows[3]['detail'] == 'Channel not connected: chat link.'
    said = [row for row in table(desk.db, 'conversation_timeline') if 'channel not connected' in row['title']]
    assert [row['title'].partition(': ')[2].partition(' not')[0] for row in said] == ['SMS', 'WhatsApp', 'e-mail', 'e-mail']
    assert events(desk, 'message.sent') == [] and run_of(desk, lead_id)['state'] == 'completed'


def test_a_step_that_is_a_task_is_the_leads_next_touch_and_then_a_task_of_its_owner(desk: Desk) -> None:
    people = people_of(desk)
    words = template_of(desk, 'Ring', 'They wanted {{ service }}.', 'Call {{ lead.first_name }}')
    sequence_of(desk, {'after_hours': 30, 'channel': 'task', 'template_id': words, 'kind': 'call'})
    lead_id = lead_of(desk)
    look(desk)
    act(desk, edit, people.dev, [lead_id][0], LeadEdit(status='waiting'))
    came = lead_row(desk, lead_id)['created_at']
    assert lead_row(desk, lead_id)['next_at'] == came + 30 * HOUR
    with desk.db.transaction() as session:
        from domain.leads.actions import assign

        assign(session, people.dev, [lead_id], people.ines.id)
    clock.advance(30 * HOUR)
    look(desk)
    (task,) = table(desk.db, 'follow_up_tasks')
    assert (task['kind'], task['title'], task['owner_id'], task['run_id']) == (
        'call',
        'Call Ada',
        people.ines.id,
        run_of(desk, lead_id)['id'],
    )
    assert [row['state'] for row in steps_of(desk)] == ['task']


@pytest.mark.parametrize('reason', ['closed', 'booked', 'appointment', 'opted out', 'said stop', 'switched off', 'merged away'])
def test_what_stops_a_sequence(desk: Desk, reason: str) -> None:
    people = people_of(desk)
    sequence_id, _ = three_steps(desk)
    lead_id = lead_of(desk)
    look(desk)
    because = {
        'closed': 'the lead was closed',
        'booked': 'there is an appointment',
        'appointment': 'there is an appointment',
        'opted out': 'asked for no more automatic messages',
        'said stop': 'the customer replied',
        'switched off': 'it was switched off',
        'merged away': 'the customer replied',
    }[reason]
    match reason:
        case 'closed':
            act(desk, close, people.dev, [lead_id])
        case 'booked':
            act(desk, edit, people.dev, lead_id, LeadEdit(stage=Stage.BOOKED))
        case 'appointment':
            planned(desk, people.dev, lead_id, kind='appointment', due_at=now() + 9 * HOUR)
        case 'opted out':
            act(desk, opt_out, people.dev, lead_id)
        case 'said stop':
            clock.advance(SECOND)
            desk.capture(command(email='ada@example.com', message='STOP'))
        case 'switched off':
            act(desk, edit_sequence, system(desk.tenant_id), sequence_id, SequenceEdit(enabled=False))
        case 'merged away':
            from domain.desk.merging import merge

            other = lead_of(desk, email='bob@example.com')
            act(desk, merge, people.dev, other, lead_id)
            clock.advance(SECOND)
            desk.capture(command(email='bob@example.com', message='And one more thing.'))
    clock.advance(HOUR + SECOND)
    look(desk)
    run = run_of(desk, lead_id)
    assert (run['state'], run['stopped_because'], len(steps_of(desk))) == ('stopped', because, 0)
    assert (lead_row(desk, lead_id)['opted_out_at'] is not None) == (reason in ('opted out', 'said stop'))


def test_only_open_leads_that_came_after_it_was_switched_on_and_fit_are_taken_up(desk: Desk) -> None:
    people = people_of(desk)
    before = lead_of(desk, email='before@example.com')
    clock.advance(SECOND)
    words = template_of(desk, 'Hello')
    step = {'after_hours': 1, 'channel': 'email', 'template_id': words}
    sequence_of(desk, step, qualities=['hot'])
    cold, hot, gone = (lead_of(desk, email=f'{name}@example.com', route='chatbot', grade=True) for name in ('cold', 'hot', 'gone'))
    for lead_id, quality in ((cold, 'cold'), (hot, 'hot'), (gone, 'hot')):
        act(desk, edit, people.dev, lead_id, LeadEdit(quality=quality))
    act(desk, close, people.dev, [gone])
    look(desk)
    look(desk)
    assert [row['lead_id'] for row in table(desk.db, 'sequence_runs')] == [hot]
    assert before != hot


def test_after_an_outage_the_steps_keep_their_distance(desk: Desk) -> None:
    three_steps(desk)
    lead_id = lead_of(desk)
    look(desk)
    clock.advance(10 * HOUR)
    look(desk)
    assert len(steps_of(desk)) == 1, 'not all of them at once'
    left = run_of(desk, lead_id)['next_at'] - now()
    assert HOUR - timedelta(seconds=30) < left <= HOUR
    clock.advance(left)
    look(desk)
    assert len(steps_of(desk)) == 2


def hours(desk: Desk, opens: int, closes: int) -> None:
    """Open on these minutes of every day."""
    with desk.db.transaction() as session:
        place = table(desk.db, 'locations')[0]['id']
        for weekday in range(7):
            session.add(LocationHours(tenant_id=desk.tenant_id, location_id=place, weekday=weekday, opens=opens, closes=closes))


def test_in_business_hours_a_step_waits_for_the_door_to_open_and_arrival_has_other_words_outside(desk: Desk) -> None:
    mail_account(desk)
    moment = now()
    opens = ((moment.hour * 60 + moment.minute) + 300) % 1380  # some hours from now, an hour long
    hours(desk, opens, opens + 60)
    inside, outside = template_of(desk, 'Inside', 'We are here.'), template_of(desk, 'Outside', 'We open later.')
    sequence_of(
        desk,
        {'after_hours': 0, 'channel': 'email', 'template_id': inside, 'outside_template_id': outside},
        {'after_hours': 0, 'channel': 'email', 'template_id': inside, 'outside_template_id': outside, 'business_hours': True},
    )
    lead_id = lead_of(desk)
    look(desk)
    assert [row['body'] for row in steps_of(desk)] == ['We open later.']
    planned_at = run_of(desk, lead_id)['next_at']
    assert planned_at.hour * 60 + planned_at.minute == opens and planned_at.second == 0
    clock.advance(planned_at - SECOND - now())
    look(desk)
    assert len(steps_of(desk)) == 1
    clock.advance(SECOND)
    look(desk)
    assert [row['body'] for row in steps_of(desk)] == ['We open later.', 'We are here.']


@pytest.mark.parametrize(
    'text', ['{{ leed.name }}', '{{ lead.age }}', '{% for x in lead %}x{% endfor %}', '{{ lead.__class__ }}', '{{ lead']
)
def test_a_template_that_names_what_is_not_there_is_refused_when_it_is_saved(desk: Desk, text: str) -> None:
    known = template_of(desk, 'Good')
    with pytest.raises(Invalid) as refused:
        template_of(desk, 'Bad', text)
    assert refused.value.errors[0].field == 'body'
    with pytest.raises(Invalid):
        act(desk, edit_template, system(desk.tenant_id), known, TemplateEdit(subject=text))
    assert [row['name'] for row in table(desk.db, 'templates')] == ['Good']


def test_sequences_that_cannot_be_are_refused(desk: Desk) -> None:
    words = template_of(desk, 'Hello')
    late, soon = ({'after_hours': hours, 'channel': 'email', 'template_id': words} for hours in (2, 1))
    with pytest.raises(Invalid, match='put the steps in order'):
        sequence_of(desk, late, soon)
    with pytest.raises(Invalid, match='no template of this desk'):
        sequence_of(desk, {**soon, 'template_id': Scope(desk.tenant_id).tenant_id})
    with pytest.raises(Invalid, match='without steps'):
        sequence_of(desk)
    sequence_id = sequence_of(desk, soon)
    with pytest.raises(Conflict, match='already'):
        sequence_of(desk, soon)
    with pytest.raises(Conflict, match='meanwhile'), desk.db.transaction() as session:
        edit_sequence(session, system(desk.tenant_id), sequence_id, SequenceEdit(name='Other'), version=7)
