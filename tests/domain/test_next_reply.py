"""Who was answered and wrote again: in the group of those who wait, by the deadline of the next reply, and with whom they know."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.assignment.queries import outlook
from domain.base import clock
from domain.base.clock import now
from domain.conversations.actions import answered
from domain.desk.inbox import changed_since, cursor, inbox, inbox_rows
from domain.desk.merging import merge, unmerge
from domain.leads.actions import assign, close, reopen
from domain.leads.models import Group
from domain.search.queries import search
from domain.sla.models import ClockKind
from tests.domain.assignment_rows import ask, change, here
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.merge_rows import fingerprint, ids_of
from tests.domain.rows import table
from tests.domain.sla_rows import captured, clock_row, policy

WORDS = 'just looking, no hurry'


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def wrote_again(desk: Desk, people: People, name: str = 'again') -> UUID:
    """A lead that was answered, and whose customer has written since."""
    lead_id = captured(desk, email=f'{name}@example.com', message=WORDS)
    act(desk, answered, people.dev, lead_id)
    assert lead_row(desk, lead_id)['inbox_group'] == Group.IN_CONVERSATION
    captured(desk, email=f'{name}@example.com', message='and another question')
    return lead_id


def test_they_stand_among_those_who_wait_sorted_by_the_deadline_that_counts(desk: Desk, people: People) -> None:
    policy(desk, 'cold', seconds=3600, next_reply_seconds=1800)
    early, late = (captured(desk, email=f'{name}@example.com', message=WORDS) for name in ('early', 'late'))
    clock.advance(timedelta(minutes=40))
    again = wrote_again(desk, people)
    latest = captured(desk, email='latest@example.com', message=WORDS)
    groups_hold(desk)
    rows = ask(desk, inbox)
    assert [row.id for row in rows] == [early, late, again, latest] and {row.group for row in rows} == {Group.NEEDS_REPLY}
    shown, row = rows[2], clock_row(desk, ClockKind.NEXT_REPLY)
    assert (shown.due_at, shown.window_seconds, shown.answered_at) == (row['due_at'], 1800, None)
    assert ask(desk, inbox_rows, [again]) == [shown] and shown in ask(desk, changed_since, now() - timedelta(minutes=1))
    (hit,) = ask(desk, search, 'again@example.com')
    assert (hit.due_at, hit.answered, hit.group) == (row['due_at'], False, Group.NEEDS_REPLY)
    paged, after = [], None
    while some := ask(desk, inbox, limit=1, after=after):
        paged, after = [*paged, *some], cursor(some[-1])
    assert paged == rows, 'page by page it is the same list'
    act(desk, answered, people.dev, again)
    (shown,) = ask(desk, inbox_rows, [again])
    assert shown.group == Group.IN_CONVERSATION and shown.answered_at is not None and shown.due_at != row['due_at']
    assert [row.id for row in ask(desk, inbox)] == [early, late, latest, again]
    groups_hold(desk)


def test_others_are_told_the_deadline_of_the_reply_that_is_awaited(desk: Desk, people: People) -> None:
    policy(desk, 'cold', next_reply_seconds=1800)
    lead_id = wrote_again(desk, people)
    due = clock_row(desk, ClockKind.NEXT_REPLY)['due_at'].isoformat()
    assert table(desk.db, 'lead_events')[-1]['payload']['slaDeadline'] == due
    act(desk, assign, people.dev, [lead_id], people.ines.id)
    assert table(desk.db, 'lead_events')[-1]['payload']['slaDeadline'] == due


def test_whoever_answered_once_is_not_taken_the_lead_when_the_customer_writes_again(desk: Desk, people: People) -> None:
    policy(desk, 'cold', next_reply_seconds=1800)
    here(desk, people.ines)
    lead_id = wrote_again(desk, people)
    act(desk, assign, people.ines, [lead_id], people.dev.id)
    change(desk, take_back_seconds=60)
    clock.advance(timedelta(minutes=20))
    assert ask(desk, outlook, now(), limit=10).lead_ids == ()
    never = captured(desk, email='never@example.com', message=WORDS)
    act(desk, assign, people.ines, [never], people.dev.id)
    clock.advance(timedelta(minutes=20))
    assert ask(desk, outlook, now(), limit=10).lead_ids == (never,)


def test_a_lead_that_started_over_and_is_opened_again_waits_for_one_reply_only(desk: Desk, people: People) -> None:
    policy(desk, 'cold', next_reply_seconds=1800)
    lead_id = wrote_again(desk, people)
    act(desk, close, people.dev, [lead_id])
    captured(desk, email='again@example.com', message='may I come by?')
    groups_hold(desk)
    act(desk, close, people.dev, [lead_id])
    act(desk, reopen, people.dev, [lead_id])
    groups_hold(desk)
    assert clock_row(desk)['stopped_at'] is None and clock_row(desk, ClockKind.NEXT_REPLY)['stopped_at'] is not None


def test_a_closed_lead_is_open_again_when_one_is_merged_into_it_that_waits_for_the_next_reply(desk: Desk, people: People) -> None:
    policy(desk, 'cold', next_reply_seconds=1800)
    kept, merged = captured(desk, email='kept@example.com', message=WORDS), wrote_again(desk, people)
    act(desk, answered, people.dev, kept)
    act(desk, close, people.dev, [kept])
    before, there = fingerprint(desk, kept, merged), ids_of(desk)
    merge_id = act(desk, merge, people.dev, kept, merged)
    assert lead_row(desk, kept)['inbox_group'] == Group.NEEDS_REPLY
    groups_hold(desk)
    act(desk, unmerge, people.dev, merge_id)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before
    assert ask(desk, inbox, limit=1)[0].id == merged
