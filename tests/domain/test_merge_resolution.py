"""What becomes of two resolutions when two leads become one: the earlier running deadline counts, and an undo gives both back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.base import clock
from domain.conversations.actions import answered
from domain.desk.merging import merge, unmerge
from domain.leads.actions import close
from domain.leads.models import Status
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.merge_rows import fingerprint, ids_of
from tests.domain.rows import table
from tests.domain.sla_rows import captured, near, policy, set_status

WORDS = 'just looking, no hurry'


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


def resolutions(desk: Desk) -> dict[UUID, dict[str, Any]]:
    return {row['lead_id']: row for row in table(desk.db, 'sla_clocks', "kind = 'resolution'")}


def pair(desk: Desk, first: str, second: str) -> tuple[UUID, UUID]:
    """Two leads, one an hour after the other."""
    found = {first: captured(desk, email=f'{first}@example.com', message=WORDS)}
    clock.advance(timedelta(hours=1))
    found[second] = captured(desk, email=f'{second}@example.com', message=WORDS)
    return found['kept'], found['merged']


@pytest.mark.parametrize(('first', 'second'), [('kept', 'merged'), ('merged', 'kept')])
def test_of_two_running_resolutions_the_earlier_deadline_counts(desk: Desk, people: People, first: str, second: str) -> None:
    policy(desk, 'cold', resolution_seconds=7200)
    kept, merged = pair(desk, first, second)
    due = {name: row['due_at'] for name, row in resolutions(desk).items()}
    before, there = fingerprint(desk, kept, merged), ids_of(desk)
    merge_id = act(desk, merge, people.dev, kept, merged)
    rows = resolutions(desk)
    assert rows[kept]['due_at'] == min(due.values()) and rows[kept]['fires_at'] == rows[kept]['warn_at']
    assert rows[merged]['stopped_at'] is not None and rows[merged]['fires_at'] is None
    act(desk, unmerge, people.dev, merge_id)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before
    groups_hold(desk)


def test_a_lead_without_a_resolution_takes_the_others_and_gives_it_back(desk: Desk, people: People) -> None:
    kept = captured(desk, email='kept@example.com', message=WORDS)
    policy(desk, 'cold', resolution_seconds=7200)
    merged = captured(desk, email='merged@example.com', message=WORDS)
    theirs = resolutions(desk)[merged]
    before, there = fingerprint(desk, kept, merged), ids_of(desk)
    merge_id = act(desk, merge, people.dev, kept, merged)
    rows = resolutions(desk)
    assert (rows[kept]['due_at'], rows[kept]['fires_at'], rows[kept]['stopped_at']) == (theirs['due_at'], theirs['fires_at'], None)
    act(desk, unmerge, people.dev, merge_id)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before
    again = act(desk, merge, people.dev, kept, merged)
    act(desk, close, people.dev, [kept])
    resolved = resolutions(desk)[kept]
    assert resolved['answered_at'] is not None
    act(desk, unmerge, people.dev, again)
    assert resolutions(desk)[kept] == resolved and resolutions(desk)[merged] == theirs, 'what was resolved since stays so'


def test_a_paused_deadline_counts_as_if_it_went_on_now(desk: Desk, people: People) -> None:
    policy(desk, 'cold', resolution_seconds=7200)
    kept, merged = pair(desk, 'merged', 'kept')
    for lead_id in (kept, merged):
        act(desk, answered, people.dev, lead_id)
    set_status(desk, people.dev, merged, Status.WAITING)
    clock.advance(timedelta(minutes=90))
    before, there = fingerprint(desk, kept, merged), ids_of(desk)
    mine = resolutions(desk)[kept]['due_at']
    merge_id = act(desk, merge, people.dev, kept, merged)
    assert resolutions(desk)[kept]['due_at'] == mine, 'the other one stood still for longer than it was ahead'
    act(desk, unmerge, people.dev, merge_id)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before
    clock.advance(timedelta(minutes=1))
    turned = act(desk, merge, people.dev, merged, kept)
    taken = resolutions(desk)[merged]
    assert near(taken['due_at'], mine) and taken['paused_at'] is not None and lead_row(desk, merged)['status'] == Status.WAITING
    act(desk, unmerge, people.dev, turned)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before


def test_a_lead_that_is_closed_stays_resolved_unless_somebody_waits_again(desk: Desk, people: People) -> None:
    policy(desk, 'cold', resolution_seconds=7200)
    kept, merged = pair(desk, 'kept', 'merged')
    act(desk, close, people.dev, [kept])
    theirs = resolutions(desk)[merged]
    before, there = fingerprint(desk, kept, merged), ids_of(desk)
    waits = act(desk, merge, people.dev, kept, merged)
    row = resolutions(desk)[kept]
    assert lead_row(desk, kept)['status'] == Status.OPEN and (row['answered_at'], row['due_at']) == (None, theirs['due_at'])
    act(desk, unmerge, people.dev, waits)
    assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before
    act(desk, answered, people.dev, merged)
    act(desk, merge, people.dev, kept, merged)
    assert lead_row(desk, kept)['status'] == Status.CLOSED and resolutions(desk)[kept]['answered_at'] is not None
    groups_hold(desk)
