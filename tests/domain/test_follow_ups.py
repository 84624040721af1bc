"""Tasks: made, done, put off, handed on, taken back; overdue by themselves; and the one next touch of a lead."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.base import clock
from domain.base.clock import now
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound
from domain.base.scope import Scope
from domain.desk.merging import merge
from domain.follow_ups.actions import cancel, complete, edit, reassign, snooze
from domain.follow_ups.messages import Next, Outcome, TaskEdit
from domain.follow_ups.queries import agenda, counts, day, of_lead, task_row
from domain.follow_ups.undoing import undo
from domain.leads.actions import answered, close, reopen
from domain.leads.actions import snooze as snooze_lead
from domain.leads.editing import undo as undo_lead
from tests.domain.conftest import Desk
from tests.domain.follow_up_rows import HOUR, events, lead_of, look, planned, task_of, titles
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.rows import other_tenant, table

SECOND = timedelta(seconds=1)


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def answered_lead(desk: Desk, people: People, **fields: Any) -> UUID:
    """A lead whose first-reply clock stands."""
    lead_id = lead_of(desk, **fields)
    act(desk, answered, people.dev, lead_id, now())
    return lead_id


def agenda_of(desk: Desk, owner: UUID | None) -> Any:
    with desk.db.reading() as session:
        return agenda(session, Scope(desk.tenant_id), owner=owner, moment=now())


def test_a_task_is_planned_for_whoever_makes_it_and_told(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    before = lead_row(desk, lead_id)
    made = planned(desk, people.dev, lead_id, kind='call', note='After\x07 lunch')
    row = task_of(desk, made.task_id)
    assert (row.title, row.kind, row.note, row.status, row.owner_id, row.owner_name) == (
        'Call back',
        'call',
        'After lunch',
        'scheduled',
        people.dev.id,
        'Dev',
    )
    (entry,) = [entry for entry in table(desk.db, 'conversation_timeline') if entry['event_type'] == 'task']
    assert entry['title'] == 'Follow-up planned: Call back' and entry['metadata']['taskId'] == str(row.id)
    assert lead_row(desk, lead_id)['version'] == before['version'] + 1
    assert table(desk.db, 'follow_up_tasks')[0]['conversation_id'] == table(desk.db, 'conversations')[0]['id']
    act(desk, undo, people.dev, made)
    assert task_of(desk, made.task_id).status == 'cancelled'
    groups_hold(desk)


def test_it_is_overdue_at_its_second_by_itself_and_said_once(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    due = now() + HOUR
    task_id = planned(desk, people.dev, lead_id, due_at=due, remind_at=due - HOUR / 2, sla_deadline=due + HOUR).task_id
    clock.advance(due - HOUR / 2 - now())
    look(desk)
    (row,) = table(desk.db, 'follow_up_tasks')
    assert row['reminded_at'] is not None and row['status'] == 'scheduled' and row['fires_at'] == due
    clock.advance(due - SECOND - now())
    look(desk)
    assert table(desk.db, 'follow_up_tasks')[0]['status'] == 'scheduled' and events(desk, 'follow_up.due') == []
    clock.advance(due - now())
    look(desk)
    look(desk)
    (row,) = table(desk.db, 'follow_up_tasks')
    assert (row['status'], row['sla_breached'], row['fires_at']) == ('overdue', False, due + HOUR)
    (event,) = events(desk, 'follow_up.due')
    assert event['payload']['task'].items() >= {'id': str(task_id), 'status': 'overdue', 'ownerId': str(people.dev.id)}.items()
    clock.advance(HOUR)
    look(desk)
    (row,) = table(desk.db, 'follow_up_tasks')
    assert (row['sla_breached'], row['fires_at'], len(events(desk, 'follow_up.due'))) == (True, None, 1)
    assert titles(desk, lead_id)[-2:] == ['Follow-up is due: Call back', 'Follow-up is past its latest time: Call back']


def test_what_passed_while_nobody_looked_is_found_late_and_says_so(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    planned(desk, people.dev, lead_id)
    clock.advance(5 * HOUR)
    look(desk)
    (entry,) = [entry for entry in table(desk.db, 'conversation_timeline') if entry['title'].startswith('Follow-up is due')]
    assert entry['description'].startswith('Found late, by 14')


def test_the_last_task_of_an_open_lead_asks_for_an_outcome_or_a_date(desk: Desk, people: People) -> None:
    lead_id = answered_lead(desk, people)
    task_id = planned(desk, people.dev, lead_id).task_id
    with pytest.raises(Invalid, match='say how it ended') as refused:
        act(desk, complete, people.dev, task_id)
    assert {error.field for error in refused.value.errors} == {'outcome', 'nextDueAt'}
    assert task_of(desk, task_id).status == 'scheduled'
    with pytest.raises(Invalid, match='future'):
        act(desk, complete, people.dev, task_id, then=Next(now() - SECOND))
    with pytest.raises(Invalid, match='Either'):
        act(desk, complete, people.dev, task_id, then=Next(now() + HOUR), outcome=Outcome.WON)
    done = act(desk, complete, people.dev, task_id, then=Next(now() + 48 * HOUR, 'Ask again'), said='Not yet')
    assert (task_of(desk, task_id).status, task_of(desk, task_id).outcome) == ('completed', 'Not yet')
    (follow,) = [row for row in table(desk.db, 'follow_up_tasks') if row['status'] == 'scheduled']
    assert (follow['title'], follow['owner_id']) == ('Ask again', people.dev.id)
    assert lead_row(desk, lead_id)['next_at'] == follow['follow_up_date']
    assert events(desk, 'follow_up.completed')[0]['payload']['task']['outcome'] == 'Not yet'
    act(desk, undo, people.dev, done)
    assert {row['title']: row['status'] for row in table(desk.db, 'follow_up_tasks')} == {
        'Call back': 'scheduled',
        'Ask again': 'cancelled',
    }
    groups_hold(desk)


@pytest.mark.parametrize(('outcome', 'stage'), [(Outcome.WON, 'won'), (Outcome.LOST, 'lost'), (Outcome.CLOSED, 'contacted')])
def test_an_outcome_closes_the_lead_and_comes_back_with_the_undo(desk: Desk, people: People, outcome: Outcome, stage: str) -> None:
    lead_id = answered_lead(desk, people)
    task_id = planned(desk, people.dev, lead_id).task_id
    lost_reason = 'Too dear' if outcome is Outcome.LOST else ''
    done = act(desk, complete, people.dev, task_id, outcome=outcome, lost_reason=lost_reason)
    row = lead_row(desk, lead_id)
    assert (row['status'], row['stage'], row['lost_reason'], row['next_at']) == ('closed', stage, lost_reason, None)
    act(desk, undo, people.dev, done)
    row = lead_row(desk, lead_id)
    assert (row['status'], row['stage'], row['lost_reason']) == ('open', 'contacted', '')
    assert row['next_at'] == task_of(desk, task_id).due_at and task_of(desk, task_id).status == 'scheduled'
    groups_hold(desk)


def test_another_task_or_a_running_clock_is_a_next_touch_so_nothing_is_asked(desk: Desk, people: People) -> None:
    waiting = lead_of(desk, email='waiting@example.com')
    act(desk, complete, people.dev, planned(desk, people.dev, waiting).task_id)
    both = answered_lead(desk, people)
    first, second = (planned(desk, people.dev, both, due_at=now() + hours * HOUR).task_id for hours in (1, 2))
    act(desk, complete, people.dev, first)
    with pytest.raises(Invalid):
        act(desk, complete, people.dev, second)
    act(desk, close, people.dev, [both])
    act(desk, complete, people.dev, second)
    assert lead_row(desk, both)['status'] == 'closed'


def test_a_snooze_into_the_past_is_refused_and_one_ahead_takes_the_reminder_along(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    due = now() + HOUR
    task_id = planned(desk, people.dev, lead_id, due_at=due, remind_at=due - HOUR / 2, sla_deadline=due + HOUR / 4).task_id
    for wrong in (now() - SECOND, now(), now() + timedelta(days=400)):
        with pytest.raises(Invalid, match='future'):
            act(desk, snooze, people.dev, task_id, wrong)
    clock.advance(2 * HOUR)
    look(desk)
    assert task_of(desk, task_id).status == 'overdue' and task_of(desk, task_id).sla_breached
    later = now() + 24 * HOUR
    put_off = act(desk, snooze, people.dev, task_id, later)
    row = task_of(desk, task_id)
    assert (row.due_at, row.remind_at, row.sla_deadline) == (later, later - HOUR / 2, later + HOUR / 4)
    assert (row.status, row.sla_breached, table(desk.db, 'follow_up_tasks')[0]['fires_at']) == ('scheduled', False, row.remind_at)
    act(desk, undo, people.dev, put_off)
    assert (task_of(desk, task_id).due_at, task_of(desk, task_id).status) == (due, 'overdue')


def test_it_is_handed_on_edited_and_cancelled_and_each_can_be_undone(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    task_id = planned(desk, people.dev, lead_id).task_id
    before = task_of(desk, task_id)
    for deed, arguments, changed in (
        (reassign, (people.ines.id,), {'owner_name': 'Ines'}),
        (reassign, (None,), {'owner_name': ''}),
        (edit, (TaskEdit(title='Send the offer', kind='document', remind_at=now() + HOUR / 2),), {'kind': 'document'}),
        (cancel, (), {'status': 'cancelled'}),
    ):
        done = act(desk, deed, people.dev, task_id, *arguments)
        row = task_of(desk, task_id)
        assert {name: getattr(row, name) for name in changed} == changed
        act(desk, undo, people.dev, done)
        after = task_of(desk, task_id)
        assert {**_plain(after), 'version': 0} == {**_plain(before), 'version': 0}
    with pytest.raises(Conflict, match='switched off'):
        act(desk, reassign, people.dev, task_id, people.gone.id)


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def test_what_somebody_changed_since_is_not_undone_or_overwritten(desk: Desk, people: People) -> None:
    task_id = planned(desk, people.dev, lead_of(desk)).task_id
    shown = task_of(desk, task_id).version
    moved = act(desk, snooze, people.dev, task_id, now() + 3 * HOUR, version=shown)
    with pytest.raises(Conflict, match='meanwhile'):
        act(desk, reassign, people.ines, task_id, people.ines.id, version=shown)
    act(desk, snooze, people.ines, task_id, now() + 5 * HOUR)
    with pytest.raises(Conflict, match='since'):
        act(desk, undo, people.dev, moved)


def test_the_next_touch_is_the_first_of_clock_snooze_and_tasks(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    deadline = table(desk.db, 'sla_clocks')[0]['due_at']
    planned(desk, people.dev, lead_id, due_at=deadline + 9 * HOUR)
    assert lead_row(desk, lead_id)['next_at'] == deadline, 'the clock runs'
    act(desk, answered, people.dev, lead_id, now())
    assert lead_row(desk, lead_id)['next_at'] == deadline + 9 * HOUR, 'it stands'
    away = act(desk, snooze_lead, people.dev, [lead_id], deadline + 5 * HOUR)
    assert lead_row(desk, lead_id)['next_at'] == deadline + 5 * HOUR, 'back from snooze before the task'
    planned(desk, people.dev, lead_id, due_at=deadline + 7 * HOUR)
    act(desk, undo_lead, people.dev, away)
    assert lead_row(desk, lead_id)['next_at'] == deadline + 7 * HOUR
    act(desk, close, people.dev, [lead_id])
    assert lead_row(desk, lead_id)['next_at'] is None
    act(desk, reopen, people.dev, [lead_id])
    assert lead_row(desk, lead_id)['next_at'] == deadline + 7 * HOUR
    groups_hold(desk)


def test_the_tasks_of_a_merged_lead_are_those_of_the_one_it_is_part_of(desk: Desk, people: People) -> None:
    kept, merged = answered_lead(desk, people), answered_lead(desk, people, email='bob@example.com')
    task_id = planned(desk, people.dev, merged).task_id
    act(desk, merge, people.dev, kept, merged)
    assert task_of(desk, task_id).lead_id == kept
    with desk.db.reading() as session:
        assert [row.id for row in of_lead(session, Scope(desk.tenant_id), kept, moment=now())] == [task_id]
    act(desk, snooze, people.dev, task_id, now() + 2 * HOUR)
    assert lead_row(desk, kept)['next_at'] == task_of(desk, task_id).due_at
    clock.advance(3 * HOUR)
    look(desk)
    assert task_of(desk, task_id).status == 'overdue' and 'Follow-up is due: Call back' in titles(desk, kept)


def test_the_agenda_sorts_by_when_and_each_task_stands_once(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    moment = now()
    clock.advance(moment.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1) - moment)  # a morning in UTC
    ids = {hours: planned(desk, people.dev, lead_id, due_at=now() + hours * HOUR, title=str(hours)).task_id for hours in (1, 3, 5, 40)}
    theirs = planned(desk, people.ines, lead_id, due_at=now() + 2 * HOUR, title='theirs').task_id
    act(desk, complete, people.dev, ids[5])
    clock.advance(2 * HOUR)  # nobody has looked: it is overdue all the same
    mine = agenda_of(desk, people.dev.id)
    assert [[row.title for row in rows] for rows in (mine.overdue, mine.today, mine.done_today, mine.upcoming)] == [
        ['1'],
        ['3'],
        ['5'],
        ['40'],
    ]
    assert mine.overdue[0].status == 'overdue'
    everybody = agenda_of(desk, None)
    assert theirs in [row.id for row in (*everybody.overdue, *everybody.today)]
    with desk.db.reading() as session:
        scope = Scope(desk.tenant_id)
        assert counts(session, scope, owner=people.dev.id, moment=now()) == (1, 1)
        shown = day(session, scope, people.dev.id, now().date(), moment=now())
        assert [row.title for row in shown] == ['1', '3', '5']
        assert day(session, scope, people.dev.id, now().date(), moment=now(), zone='Pacific/Auckland') != shown
        nobody = agenda(session, Scope(desk.tenant_id, frozenset({uuid4()})), owner=None, moment=now(), zone='UTC')
        assert nobody == type(nobody)((), (), (), ())


def test_readers_strangers_and_closed_leads_get_no_tasks(desk: Desk, people: People) -> None:
    lead_id = lead_of(desk)
    task_id = planned(desk, people.dev, lead_id).task_id
    theirs = Scope(other_tenant(desk.db))
    with pytest.raises(Forbidden):
        planned(desk, people.reader, lead_id)
    with pytest.raises(NotFound), desk.db.reading() as session:
        task_row(session, theirs, task_id, moment=now())
    with pytest.raises(NotFound):
        planned(desk, people.dev, uuid4())
    act(desk, close, people.dev, [lead_id])
    with pytest.raises(Conflict, match='closed'):
        planned(desk, people.dev, lead_id)
