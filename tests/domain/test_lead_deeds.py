"""Deeds on leads: who may, what changes, what is told, and that each can be taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from domain.access.actions import add_user
from domain.base import clock
from domain.base.clock import now
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.conversations.actions import answered, called, note
from domain.leads.actions import assign, close, mark_read, mark_unread, reopen, snooze, wake_snoozed
from domain.leads.editing import edit, undo
from domain.leads.messages import LeadEdit, Undo
from domain.leads.models import Quality, Stage, Status
from domain.tenancy.models import Location
from tests.domain.conftest import Desk
from tests.domain.lead_rows import DEEDS, PASSWORD, People, groups_hold, lead_row, people_of
from tests.domain.rows import command, destination, other_tenant, table


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def captured(desk: Desk, count: int = 1) -> list[UUID]:
    taken = desk.capture(*(command(email=f'p{number}@example.com', message=f'Hello {number}') for number in range(count)))
    return [each.lead_id for each in taken if each.lead_id]


def act(desk: Desk, deed: Callable[..., Any], actor: Actor, *args: Any, **more: Any) -> Any:
    with desk.db.transaction() as session:
        return deed(session, actor, *args, **more)


def told(desk: Desk, lead_id: UUID) -> list[tuple[str, int]]:
    """The events of a lead, with their sequence numbers."""
    return [(row['event_type'], row['lead_seq']) for row in table(desk.db, 'lead_events') if row['lead_id'] == lead_id]


def titles(desk: Desk, lead_id: UUID) -> list[str]:
    return [row['title'] for row in table(desk.db, 'conversation_timeline') if row['lead_id'] == lead_id]


CASES: list[tuple[str, Any, dict[str, Any], str, str]] = [
    ('assign', lambda p: (p.ines.id,), {'owner_id': 'ines'}, 'lead.assigned', 'Assigned to Ines'),
    (
        'snooze',
        lambda p: (now() + timedelta(hours=1),),
        {'status': Status.SNOOZED, 'inbox_group': 'snoozed'},
        'lead.status_changed',
        'Snoozed',
    ),
    ('close', lambda p: (), {'status': Status.CLOSED, 'inbox_group': 'closed', 'next_at': None}, 'lead.status_changed', 'Closed'),
]


@pytest.mark.parametrize(('name', 'arguments', 'expected', 'event', 'what'), CASES)
def test_a_deed_changes_many_leads_tells_each_once_and_can_be_undone(
    desk: Desk, people: People, name: str, arguments: Any, expected: dict[str, Any], event: str, what: str
) -> None:
    ids = captured(desk, 3)
    before = {id_: lead_row(desk, id_) for id_ in ids}
    clocks = table(desk.db, 'sla_clocks')
    one: Undo = act(desk, DEEDS[name], people.dev, ids[:1], *arguments(people))
    many: Undo = act(desk, DEEDS[name], people.dev, ids, *arguments(people))
    assert one.what == what and len(one.changes) == 1
    assert many.what.startswith('2 leads' if name != 'snooze' else '3 leads')
    wanted = expected | ({'owner_id': people.ines.id} if 'owner_id' in expected else {})
    for id_ in ids:
        assert {key: lead_row(desk, id_)[key] for key in wanted} == wanted
    assert told(desk, ids[1]) == [('lead.created', 1), (event, 2)]
    assert titles(desk, ids[1])[1].startswith(what) and len(titles(desk, ids[1])) == 2
    groups_hold(desk)
    act(desk, undo, people.dev, many)
    for id_ in ids[1:]:
        volatile = {'version': 3, 'changed_at': lead_row(desk, id_)['changed_at']}
        assert lead_row(desk, id_) == before[id_] | volatile
        assert titles(desk, id_)[2].startswith('Undone: ')
    assert [row for row in table(desk.db, 'sla_clocks') if row['lead_id'] in ids[1:]] == [r for r in clocks if r['lead_id'] in ids[1:]]
    groups_hold(desk)


@pytest.mark.parametrize('name', sorted(DEEDS))
def test_nobody_changes_what_is_not_theirs(desk: Desk, people: People, name: str) -> None:
    (mine, here) = captured(desk, 2)
    with desk.db.transaction() as session:
        place = Location(tenant_id=desk.tenant_id, slug='north', name='North')
        session.add(place)
        session.flush()
        north = place.id
    deed = people.arguments(name)
    foreign = system(other_tenant(desk.db))
    elsewhere = Actor(Scope(desk.tenant_id, frozenset({north})), ActorType.AGENT, people.dev.id, 'Dev', Role.AGENT)
    before = [table(desk.db, name) for name in ('leads', 'conversation_timeline', 'lead_events', 'sla_clocks')]
    for actor, ids, refusal in (
        (foreign, [mine], NotFound),
        (elsewhere, [mine], NotFound),
        (people.dev, [mine, uuid4()], NotFound),
        (people.reader, [mine], Forbidden),
        (Actor(Scope(desk.tenant_id), ActorType.AGENT, uuid4(), 'key', None, frozenset({'intake'})), [mine], Forbidden),
    ):
        with pytest.raises(refusal):
            act(desk, deed, actor, ids)
    assert [table(desk.db, name) for name in ('leads', 'conversation_timeline', 'lead_events', 'sla_clocks')] == before
    act(desk, deed, people.dev, [here])


def test_more_than_two_hundred_at_once_are_refused(desk: Desk, people: People) -> None:
    with pytest.raises(Invalid, match='At most 200'):
        act(desk, close, people.dev, [uuid4() for _ in range(201)])


def test_a_lead_is_given_only_to_somebody_who_can_sign_in_here(desk: Desk, people: People) -> None:
    (lead_id,) = captured(desk)
    with pytest.raises(Conflict, match='Gone is switched off'):
        act(desk, assign, people.dev, [lead_id], people.gone.id)
    with pytest.raises(NotFound):
        act(desk, assign, people.dev, [lead_id], uuid4())
    other = other_tenant(desk.db)
    with desk.db.transaction() as session:
        stranger = add_user(session, system(other), 'x@example.com', 'X', PASSWORD, Role.AGENT).id
    with pytest.raises(NotFound):
        act(desk, assign, people.dev, [lead_id], stranger)
    act(desk, assign, people.dev, [lead_id], people.ines.id)
    assert act(desk, assign, people.dev, [lead_id], people.ines.id) == Undo('Nothing to change')
    assert act(desk, assign, people.dev, [lead_id], None).what == 'Owner removed'
    assert lead_row(desk, lead_id)['owner_id'] is None


def test_an_undo_after_a_foreign_change_undoes_nothing_and_says_who(desk: Desk, people: People) -> None:
    ids = captured(desk, 2)
    done: Undo = act(desk, assign, people.dev, ids, people.dev.id)
    act(desk, assign, people.ines, ids[:1], people.ines.id)
    with pytest.raises(Conflict, match='Ines changed this since; nothing was undone'):
        act(desk, undo, people.dev, done)
    assert [lead_row(desk, id_)['owner_id'] for id_ in ids] == [people.ines.id, people.dev.id]
    act(desk, assign, people.dev, ids[:1], None)
    with pytest.raises(Conflict, match='You changed this since'):
        act(desk, undo, people.dev, done)
    act(desk, note, people.ines, ids[1], 'a note is no change of the owner')
    act(desk, undo, people.dev, Undo(done.what, done.changes[1:]))
    assert lead_row(desk, ids[1])['owner_id'] is None


@pytest.mark.parametrize('until', [timedelta(0), timedelta(minutes=-1), timedelta(days=400)])
def test_a_snooze_ends_within_a_year_ahead(desk: Desk, people: People, until: timedelta) -> None:
    (lead_id,) = captured(desk)
    with pytest.raises(Invalid, match='Choose a time in the future'):
        act(desk, snooze, people.dev, [lead_id], now() + until)
    act(desk, close, people.dev, [lead_id])
    with pytest.raises(Conflict, match='is closed'):
        act(desk, snooze, people.dev, [lead_id], now() + timedelta(hours=1))


def test_snoozed_leads_come_back_unread_when_their_time_has_come(desk: Desk, people: People) -> None:
    ids = captured(desk, 3)
    act(desk, snooze, people.dev, ids[:2], now() + timedelta(hours=1))
    act(desk, close, people.dev, ids[1:2])
    with desk.db.transaction() as session:
        session.connection().exec_driver_sql('update leads set unread = false')
    assert act(desk, wake_snoozed, system(desk.tenant_id), now()) == 0
    clock.advance(timedelta(hours=1, seconds=1))
    assert act(desk, wake_snoozed, system(other_tenant(desk.db)), now()) == 0
    assert act(desk, wake_snoozed, system(desk.tenant_id), now()) == 1
    row = lead_row(desk, ids[0])
    assert (row['status'], row['unread'], row['snoozed_until'], row['inbox_group']) == (Status.OPEN, True, None, 'needs_reply')
    assert titles(desk, ids[0])[-1] == 'Back from snooze' and told(desk, ids[0])[-1] == ('lead.status_changed', 3)
    assert lead_row(desk, ids[1])['status'] == Status.CLOSED
    groups_hold(desk)


def test_closing_stops_the_clock_and_reopening_lets_it_run_to_its_old_deadline(desk: Desk, people: People) -> None:
    (lead_id,) = captured(desk)
    due = table(desk.db, 'sla_clocks')[0]['due_at']
    act(desk, close, people.dev, [lead_id], stage=Stage.LOST, lost_reason=' Too far away ')
    assert table(desk.db, 'sla_clocks')[0]['stopped_at'] is not None
    assert (lead_row(desk, lead_id)['stage'], lead_row(desk, lead_id)['lost_reason']) == (Stage.LOST, 'Too far away')
    assert titles(desk, lead_id)[-1] == 'Closed as lost: Too far away'
    act(desk, reopen, people.dev, [lead_id])
    clock_row, row = table(desk.db, 'sla_clocks')[0], lead_row(desk, lead_id)
    assert (clock_row['stopped_at'], clock_row['due_at'], row['next_at']) == (None, due, due)
    assert (row['stage'], row['lost_reason'], row['inbox_group']) == (Stage.NEW, '', 'needs_reply')
    for stage, reason in ((Stage.LOST, ' '), (Stage.WON, 'because'), (Stage.LOST, 'x' * 301)):
        with pytest.raises(Invalid):
            act(desk, close, people.dev, [lead_id], stage=stage, lost_reason=reason)


def test_unread_is_nobodys_news(desk: Desk, people: People) -> None:
    (lead_id,) = captured(desk)
    assert act(desk, mark_unread, people.dev, [lead_id]) == Undo('Nothing to change')
    with desk.db.transaction() as session:
        session.connection().exec_driver_sql('update leads set unread = false')
    done: Undo = act(desk, mark_unread, people.dev, [lead_id])
    assert lead_row(desk, lead_id)['unread'] is True and len(told(desk, lead_id)) == len(titles(desk, lead_id)) == 1
    act(desk, undo, people.dev, done)
    assert lead_row(desk, lead_id)['unread'] is False and len(titles(desk, lead_id)) == 1


@pytest.mark.parametrize(('deed', 'first'), [(answered, True), (called, True), (called, False)])
def test_a_reply_answers_the_clock_once(desk: Desk, people: People, deed: Any, first: bool) -> None:
    (lead_id,) = captured(desk)
    reached = {'reached': first} if deed is called else {}
    act(desk, deed, people.dev, lead_id, **reached)
    clock_row, conversation, row = table(desk.db, 'sla_clocks')[0], table(desk.db, 'conversations')[0], lead_row(desk, lead_id)
    assert (clock_row['answered_at'] is not None) is first and conversation['first_response_at'] == clock_row['answered_at']
    assert row['stage'] == (Stage.CONTACTED if first else Stage.NEW)
    assert row['inbox_group'] == ('in_conversation' if first else 'needs_reply')
    act(desk, answered, people.dev, lead_id)
    at = table(desk.db, 'sla_clocks')[0]['answered_at']
    clock.advance(timedelta(minutes=1))
    assert act(desk, answered, people.dev, lead_id) is False
    assert table(desk.db, 'sla_clocks')[0]['answered_at'] == at
    groups_hold(desk)


def test_a_note_is_cleaned_kept_and_told_to_nobody_outside(desk: Desk, people: People) -> None:
    destination(desk.db, desk.tenant_id, 'all', events=['lead.updated'])
    (lead_id,) = captured(desk)
    entry = act(desk, note, people.dev, lead_id, '  secret\x00 one\r\nline\ttwo <b> ')
    (row,) = [row for row in table(desk.db, 'conversation_timeline') if row['id'] == entry]
    assert (row['description'], row['event_type'], row['actor_name']) == ('secret one\nline\ttwo <b>', 'note', 'Dev')
    (event,) = [row for row in table(desk.db, 'lead_events') if row['event_type'] == 'lead.updated']
    assert 'secret' not in str(event['payload']) and event['fanout'] == 1
    for text in ('', ' \x00 ', 'x' * 10_001):
        with pytest.raises(Invalid):
            act(desk, note, people.dev, lead_id, text)


def test_subscribers_get_a_letter_about_what_was_done(desk: Desk, people: People) -> None:
    destination(desk.db, desk.tenant_id, 'all', events=['lead.assigned'])
    (lead_id,) = captured(desk)
    act(desk, assign, people.dev, [lead_id], people.ines.id)
    payload = table(desk.db, 'lead_events')[-1]['payload']
    expected = {'title': 'Assigned to Ines', 'ownerId': str(people.ines.id), 'leadId': str(lead_id), 'changed': ['owner_id']}
    assert payload.items() >= expected.items() and payload['slaDeadline'] and payload['location']['timeZone'] == 'UTC'
    assert len(table(desk.db, 'deliveries')) == 1


def test_a_quality_set_by_hand_says_by_whom_and_moves_the_deadline(desk: Desk, people: People) -> None:
    (lead_id,) = captured(desk)
    before = table(desk.db, 'sla_clocks')[0]
    done: Undo = act(desk, edit, people.dev, lead_id, LeadEdit(quality=Quality.HOT, quality_reason='fleet of twelve'))
    row, clock_row = lead_row(desk, lead_id), table(desk.db, 'sla_clocks')[0]
    assert (row['quality'], row['quality_reason']) == (Quality.HOT, 'Set by Dev: fleet of twelve')
    assert clock_row['due_at'] == before['started_at'] + timedelta(minutes=15) == row['next_at']
    assert table(desk.db, 'conversations')[0]['sla_response_deadline'] == clock_row['due_at']
    act(desk, undo, people.dev, done)
    assert table(desk.db, 'sla_clocks')[0] == before and lead_row(desk, lead_id)['quality'] == Quality.COLD
    assert table(desk.db, 'conversations')[0]['sla_response_deadline'] == before['due_at']


def test_many_leads_cost_no_more_statements_than_few(desk: Desk, people: People) -> None:
    destination(desk.db, desk.tenant_id, 'all', events=['lead.assigned', 'lead.status_changed'])
    ids = captured(desk, 20)
    asked: list[str] = []
    sa.event.listen(desk.db.engine, 'before_cursor_execute', lambda _c, _cursor, text, *_: asked.append(text))
    counts = []
    for some in (ids[:2], ids[2:]):
        for deed, arguments in ((assign, (people.ines.id,)), (snooze, (now() + timedelta(hours=1),)), (close, ())):
            asked.clear()
            done: Undo = act(desk, deed, people.dev, some, *arguments)
            act(desk, undo, people.dev, done)
            counts.append(len(asked))
    assert counts[:3] == counts[3:] and max(counts) <= 35
    assert len(table(desk.db, 'deliveries')) == 20 * 6


def test_whoever_works_for_other_locations_marks_nothing_as_read(desk: Desk, people: People) -> None:
    (lead_id,) = captured(desk)
    elsewhere = replace(people.dev, scope=Scope(desk.tenant_id, frozenset({uuid4()})))
    act(desk, mark_read, elsewhere, lead_id)
    assert lead_row(desk, lead_id)['unread']
    act(desk, mark_read, people.dev, lead_id)
    assert not lead_row(desk, lead_id)['unread']
