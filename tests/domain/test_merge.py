"""Two leads become one, everything is reached from it, and an undo makes both what they were, to the last column."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from domain.base.clock import now
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound
from domain.base.scope import Scope, system
from domain.conversations.actions import answered, note
from domain.conversations.queries import messages
from domain.desk.merge_preview import preview
from domain.desk.merging import merge, unmerge
from domain.desk.open_lead import open_lead
from domain.desk.queries import lead_page
from domain.leads.actions import assign, close, mark_read, snooze, touch
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit
from domain.leads.models import Lead, Status
from domain.leads.queries import family, leads
from domain.leads.queries import lead as find_lead
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.merge_rows import fingerprint, ids_of
from tests.domain.rows import command, destination, other_tenant, table


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def read(desk: Desk, query: Callable[..., Any], *args: Any, **more: Any) -> Any:
    with desk.db.reading() as session:
        return query(session, Scope(desk.tenant_id), *args, **more)


def pair(desk: Desk, **second: Any) -> tuple[UUID, UUID]:
    one = command(email='ada@example.com', message='First words')
    two = command(**({'phone': '+14155552671', 'name': 'Ada L.', 'message': 'A quote today?'} | second))
    kept, merged = (each.lead_id for each in desk.capture(one, two))
    assert kept and merged
    return kept, merged


def test_everything_of_both_is_reached_from_the_kept_lead(desk: Desk, people: People) -> None:
    destination(desk.db, desk.tenant_id, 'all')
    desk.refresh()
    kept, merged = pair(desk)
    act(desk, note, people.dev, merged, 'Rang twice')
    act(desk, merge, people.dev, kept, merged)
    assert read(desk, find_lead, merged).id == kept and read(desk, family, kept) == [kept, merged]
    page = read(desk, lead_page, merged)
    assert page.row.id == kept and len(page.deliveries) == 2
    assert [entry.title for entry in page.timeline].count('Lead kept from contact form') == 2
    assert 'Note added' in {entry.title for entry in page.timeline}
    assert [said.text for said in read(desk, messages, kept)] == ['First words', 'A quote today?']
    assert [lead.id for lead in read(desk, leads, limit=10)] == [kept]
    row = lead_row(desk, kept)
    assert (row['email'], row['phone'], row['quality'], row['last_message']) == ('ada@example.com', '+14155552671', 'hot', 'A quote today?')
    clocks = {each['lead_id']: each for each in table(desk.db, 'sla_clocks')}
    assert clocks[kept]['due_at'] == clocks[merged]['due_at'] and clocks[merged]['stopped_at'] and not clocks[kept]['stopped_at']
    again = desk.capture(command(phone='(415) 555 2671', message='And me again'))[0]
    assert again.lead_id == kept and lead_row(desk, kept)['last_message'] == 'And me again'
    assert {each['event_type'] for each in table(desk.db, 'lead_events')} == {
        'lead.created',
        'lead.updated',
        'lead.merged',
        'lead.resubmitted',
    }
    groups_hold(desk)


def test_the_merge_tells_both_timelines_and_clears_the_warning_between_the_two(desk: Desk, people: People) -> None:
    kept, merged = pair(desk)
    desk.capture(command(email='ada@example.com', phone='+14155552671', message='both'))
    assert lead_row(desk, kept)['possible_duplicates'] == [merged.hex]
    merge_id = act(desk, merge, people.dev, kept, merged)
    assert lead_row(desk, kept)['possible_duplicates'] == lead_row(desk, merged)['possible_duplicates'] == []
    entries = {row['lead_id']: row for row in table(desk.db, 'conversation_timeline') if row['event_type'] == 'merged'}
    assert entries[kept]['title'] == f'L-{merged.hex[-8:].upper()} merged into this lead' and entries[kept]['actor_name'] == 'Dev'
    assert entries[merged]['title'] == f'Merged into L-{kept.hex[-8:].upper()}'
    (event,) = [row for row in table(desk.db, 'lead_events') if row['event_type'] == 'lead.merged']
    assert event['lead_id'] == kept and event['lead_seq'] == lead_row(desk, kept)['version']
    (row,) = table(desk.db, 'lead_merges')
    assert (row['id'], row['by_name'], row['undone_at']) == (merge_id, 'Dev', None)
    act(desk, unmerge, people.dev, merge_id)
    assert lead_row(desk, kept)['possible_duplicates'] == [merged.hex] and lead_row(desk, merged)['possible_duplicates'] == [kept.hex]
    with pytest.raises(Conflict, match='undone already'):
        act(desk, unmerge, people.dev, merge_id)


def test_the_preview_says_what_the_merge_then_makes(desk: Desk, people: People) -> None:
    kept, merged = pair(desk)
    act(desk, note, people.dev, merged, 'Rang twice')
    act(desk, assign, people.dev, [merged], people.ines.id)
    shown = read(desk, preview, kept, merged)
    wins = {row.field: (row.wins, row.result) for row in shown.rows}
    assert wins['email'] == ('kept', 'ada@example.com') and wins['phone'] == ('merged', '+14155552671')
    assert wins['name'] == ('kept', 'Ada') and wins['owner'] == ('merged', 'Ines') and wins['quality'] == ('merged', 'hot')
    assert (shown.kept.messages, shown.merged.messages, shown.merged.notes, shown.kept.receipts) == (1, 1, 1, 1)
    act(desk, merge, people.dev, kept, merged)
    row = lead_row(desk, kept)
    assert {field: str(row[field]) for field in ('name', 'email', 'phone', 'quality', 'status', 'stage')} == {
        field: wins[field][1] for field in ('name', 'email', 'phone', 'quality', 'status', 'stage')
    }
    assert shown.due_at == table(desk.db, 'sla_clocks')[0]['due_at']
    with pytest.raises(Conflict, match='one lead already'):
        read(desk, preview, kept, merged)


@pytest.mark.parametrize('kept_state', ['closed', 'snoozed', 'answered'])
def test_whoever_waits_for_an_answer_goes_on_waiting(desk: Desk, people: People, kept_state: str) -> None:
    kept, merged = pair(desk)
    if kept_state == 'closed':
        act(desk, close, people.dev, [kept])
    elif kept_state == 'snoozed':
        act(desk, snooze, people.dev, [kept], now() + timedelta(days=1))
    else:
        act(desk, answered, people.dev, kept)
    before = fingerprint(desk, kept, merged)
    there = ids_of(desk)
    merge_id = act(desk, merge, people.dev, kept, merged)
    row = lead_row(desk, kept)
    assert (row['status'], row['unread']) == (Status.OPEN, True)
    assert row['inbox_group'] == ('in_conversation' if kept_state == 'answered' else 'needs_reply')
    groups_hold(desk)
    act(desk, unmerge, people.dev, merge_id)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before


def test_a_lead_without_a_clock_takes_the_others_and_gives_it_back(desk: Desk, people: People) -> None:
    kept, merged = pair(desk)
    with desk.db.transaction() as session:
        which = kept.hex if desk.db.is_sqlite else str(kept)
        session.execute(sa.text('delete from sla_clocks where lead_id = :lead'), {'lead': which})
        session.execute(sa.text("update leads set inbox_group = 'in_conversation' where id = :lead"), {'lead': which})
    before, there = fingerprint(desk, kept, merged), ids_of(desk)
    merge_id = act(desk, merge, people.dev, kept, merged)
    assert lead_row(desk, kept)['inbox_group'] == 'needs_reply' and table(desk.db, 'sla_clocks')[0]['lead_id'] == kept
    act(desk, unmerge, people.dev, merge_id)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before
    again = act(desk, merge, people.dev, kept, merged)
    act(desk, answered, people.dev, kept)
    with pytest.raises(Conflict, match='deadline'):
        act(desk, unmerge, people.dev, again)


def test_daily_work_on_the_kept_lead_does_not_stand_in_the_way_of_an_undo(desk: Desk, people: People) -> None:
    kept, merged = pair(desk)
    with desk.db.transaction() as session:
        session.execute(sa.text('update leads set unread = false'))
    merge_id = act(desk, merge, people.dev, kept, merged)
    act(desk, mark_read, people.dev, kept)
    act(desk, assign, people.ines, [kept], people.ines.id)
    desk.capture(command(email='ada@example.com', message='from the kept address'))
    act(desk, answered, people.dev, kept)
    act(desk, unmerge, people.dev, merge_id)
    assert (lead_row(desk, kept)['owner_id'], lead_row(desk, kept)['phone']) == (people.ines.id, '')
    assert lead_row(desk, merged)['inbox_group'] == 'needs_reply' and lead_row(desk, kept)['inbox_group'] == 'in_conversation'
    assert read(desk, messages, kept)[-1].text == 'from the kept address'
    groups_hold(desk)


def test_an_undo_that_could_not_be_exact_is_refused_and_says_why(desk: Desk, people: People) -> None:
    kept, merged = pair(desk)
    merge_id = act(desk, merge, people.dev, kept, merged)
    act(desk, edit, people.dev, kept, LeadEdit(phone='+14155552699'))
    with pytest.raises(Conflict, match=f'The phone of L-{kept.hex[-8:].upper()} was changed after the merge'):
        act(desk, unmerge, people.dev, merge_id)
    act(desk, edit, people.dev, kept, LeadEdit(phone='+14155552671'))
    desk.capture(command(phone='+1 (415) 555-2671', message='whose words are these?'))
    before = [table(desk.db, name) for name in ('leads', 'lead_merges', 'sla_clocks', 'conversation_timeline')]
    with pytest.raises(Conflict, match='cannot be told apart'):
        act(desk, unmerge, people.dev, merge_id)
    assert [table(desk.db, name) for name in ('leads', 'lead_merges', 'sla_clocks', 'conversation_timeline')] == before


def test_merges_in_a_row_are_undone_from_the_last(desk: Desk, people: People) -> None:
    first, second = pair(desk)
    third = desk.capture(command(email='c@example.com', message='third', name='C'))[0].lead_id
    assert third
    before, there = fingerprint(desk, first, second, third), ids_of(desk)
    one = act(desk, merge, people.dev, second, third)
    two = act(desk, merge, people.dev, first, second)
    assert read(desk, find_lead, third).id == first and set(read(desk, family, first)) == {first, second, third}
    assert desk.capture(command(email='c@example.com', message='third again'))[0].lead_id == first
    for bad in (lambda: act(desk, merge, people.dev, first, third), lambda: act(desk, note, people.dev, third, 'x')):
        with pytest.raises(Conflict, match='is part of'):
            bad()
    with pytest.raises(Conflict, match='undo that merge first'):
        act(desk, unmerge, people.dev, one)
    with pytest.raises(Conflict, match='cannot be told apart'):
        act(desk, unmerge, people.dev, two)
    assert before['leads'] != fingerprint(desk, first, second, third, without=ids_of(desk) - there)['leads']


def test_who_may_merge_and_what(desk: Desk, people: People) -> None:
    kept, merged = pair(desk)
    other = system(other_tenant(desk.db))
    for actor, first, second, refusal in (
        (people.reader, kept, merged, Forbidden),
        (other, kept, merged, NotFound),
        (people.dev, kept, uuid4(), NotFound),
        (people.dev, kept, kept, Invalid),
    ):
        with pytest.raises(refusal):
            act(desk, merge, actor, first, second)
    merge_id = act(desk, merge, people.dev, kept, merged)
    for actor, refusal in ((people.reader, Forbidden), (other, NotFound)):
        with pytest.raises(refusal):
            act(desk, unmerge, actor, merge_id)
    with pytest.raises(NotFound):
        act(desk, unmerge, people.dev, uuid4())


def test_a_change_of_a_part_of_a_part_reaches_the_lead_that_is_shown(desk: Desk, people: People) -> None:
    first, second, shown = (desk.capture(command(email=f'{name}@example.com', phone=''))[0].lead_id for name in ('a', 'b', 'c'))
    act(desk, merge, people.dev, second, first)
    act(desk, merge, people.dev, shown, second)
    before = lead_row(desk, shown)['changed_at']
    with desk.db.transaction() as session:
        touch(session, people.dev, first)
        assert session.info['rings'][-1].ids == (first, second, shown)
    assert lead_row(desk, shown)['changed_at'] > before


def test_a_lead_is_never_named_as_its_own_duplicate(desk: Desk, people: People) -> None:
    shown, one, two = (desk.capture(command(email=f'{name}@example.com', phone=''))[0].lead_id for name in ('c', 'a', 'b'))
    with desk.db.transaction() as session:
        lead = session.get_one(Lead, shown)
        lead.possible_duplicates = [one.hex, two.hex]
        session.add(lead)
    act(desk, merge, people.dev, one, two)
    assert [twin.id for twin in read(desk, open_lead, shown).twins] == [one], 'two is part of one, and named once'
    act(desk, merge, people.dev, shown, one)
    assert read(desk, open_lead, shown).twins == ()
