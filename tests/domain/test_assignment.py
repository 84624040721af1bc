"""Leads are given out by the rule: whose turn it is, to whom it fits, together with other workers, and back after silence."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.access.abilities import set_capacity, set_places, set_skills
from domain.access.presence import set_present
from domain.assignment.actions import AT_ONCE, hand_out, say_in_vain
from domain.assignment.queries import dry_run, dry_run_of, is_said, outlook, tenants_in_use, workers
from domain.base import clock
from domain.base.clock import now
from domain.base.db import Database
from domain.base.errors import NotFound
from domain.base.scope import system
from domain.leads.actions import answered, assign, close
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit
from domain.tenancy.models import Location
from tests.domain.assignment_rows import ask, captured, change, entries, here, owners, rounds, sound
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.rows import table

MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


@pytest.fixture
def root(desk: Desk) -> Any:
    return system(desk.tenant_id)


def test_before_anybody_is_there_new_leads_wait_in_the_queue(desk: Desk, people: People) -> None:
    captured(desk, 3)
    with desk.db.reading() as session:
        assert tenants_in_use(session) == []
    assert {row['queue'] for row in table(desk.db, 'leads')} == {'Arrivals'}
    assert rounds(desk) == 0 and owners(desk) == {None: 3}
    found = ask(desk, outlook, now(), limit=AT_ONCE)
    assert found.in_vain and 'Dev is away; Ines is away' in found.why
    assert 'Gone' not in found.why and 'Reader' not in found.why
    sound(desk)


def test_leads_go_round_the_people_who_are_there_oldest_first(desk: Desk, people: People) -> None:
    ids = captured(desk, 5)
    here(desk, people.dev, people.ines)
    assert rounds(desk) == 5
    assert [lead_row(desk, id_)['owner_id'] for id_ in ids] == [people.dev.id, people.ines.id, people.dev.id, people.ines.id, people.dev.id]
    row = lead_row(desk, ids[0])
    assert (row['queue'], row['passed_over']) == (None, []) and row['assigned_at'] is not None
    why = 'Ines works for all locations, is online with 0 of 50 waiting leads, and waited longest for a lead.'
    assert entries(desk, ids[1]) == [('Assigned to Ines', why)]
    assert {event['event_type'] for event in table(desk.db, 'lead_events')} == {'lead.created', 'lead.assigned'}
    (sixth,) = captured(desk, 1)
    assert rounds(desk) == 1 and lead_row(desk, sixth)['owner_id'] == people.ines.id, 'the turn is kept between the rounds'
    groups_hold(desk)
    sound(desk)


def test_capacity_bounds_and_a_reply_a_closing_and_more_room_free_it(desk: Desk, people: People, root: Any) -> None:
    ids = captured(desk, 5)
    act(desk, set_capacity, root, people.dev.id, 2)
    here(desk, people.dev)
    assert rounds(desk) == 2
    assert [lead_row(desk, id_)['owner_id'] is not None for id_ in ids] == [True, True, False, False, False]
    assert 'Dev has 2 of at most 2 waiting leads' in ask(desk, outlook, now(), limit=AT_ONCE).why
    act(desk, answered, people.dev, ids[0], now())
    assert rounds(desk) == 1 and lead_row(desk, ids[2])['owner_id'] == people.dev.id
    act(desk, close, people.dev, [ids[1]])
    assert rounds(desk) == 1 and lead_row(desk, ids[3])['owner_id'] == people.dev.id
    act(desk, set_capacity, root, people.dev.id, None)
    change(desk, default_capacity=3)
    assert rounds(desk) == 1 and lead_row(desk, ids[4])['owner_id'] == people.dev.id
    sound(desk)


def test_location_and_skills_decide(desk: Desk, people: People, root: Any) -> None:
    with desk.db.transaction() as session:
        mill = Location(tenant_id=desk.tenant_id, slug='mill', name='Old Mill')
        session.add(mill)
    act(desk, set_places, root, people.dev.id, [mill.id])
    act(desk, set_skills, root, people.ines.id, ['Tint', 'tint ', ' paint   protection'])
    here(desk, people.dev, people.ines)
    (row,) = [each for each in ask(desk, workers) if each.id == people.ines.id]
    assert (row.skills, row.present, row.location_ids) == (('Tint', 'paint protection'), True, ())
    default, special = captured(desk, 1)[0], captured(desk, 1, service='Tint for a Model Y')[0]
    assert ask(desk, dry_run, default).taker.id == people.ines.id
    act(desk, edit, people.dev, default, LeadEdit(location_id=mill.id))
    rounds(desk)
    assert [lead_row(desk, id_)['owner_id'] for id_ in (default, special)] == [people.dev.id, people.ines.id]
    assert 'knows Tint' in entries(desk, special)[0][1] and 'works for Old Mill' in entries(desk, default)[0][1]
    before = table(desk.db, 'leads')
    tinted = ask(desk, dry_run_of, mill.id, ('tint',))
    assert tinted.taker.name == 'Ines' and 'Dev does not know Tint' in [f'{v.candidate.name} {v.why}' for v in tinted.verdicts]
    assert ask(desk, dry_run_of, None).taker.name == 'Ines'
    assert table(desk.db, 'leads') == before, 'a dry run writes nothing'
    for bad in (lambda: ask(desk, dry_run_of, people.dev.id), lambda: ask(desk, dry_run, people.dev.id)):
        with pytest.raises(NotFound):
            bad()


def test_silence_takes_a_lead_back_and_on_to_the_next(desk: Desk, people: People) -> None:
    change(desk, take_back_seconds=600)
    (lead,) = captured(desk, 1)
    here(desk, people.dev)
    rounds(desk)
    clock.advance(10 * MINUTE - timedelta(seconds=2))
    assert rounds(desk) == 0
    here(desk, people.ines)
    clock.advance(timedelta(seconds=3))
    assert rounds(desk) == 1
    row = lead_row(desk, lead)
    assert (row['owner_id'], row['passed_over']) == (people.ines.id, [people.dev.id.hex])
    assert entries(desk, lead)[1][0] == 'Passed from Dev to Ines'
    assert entries(desk, lead)[1][1].startswith('Dev gave no first reply within 10 minutes. Ines works for all locations')
    clock.advance(10 * MINUTE)
    assert rounds(desk) == 1, 'Ines kept silent too, and nobody is left'
    row = lead_row(desk, lead)
    assert (row['owner_id'], row['queue'], row['assigned_at']) == (None, 'Arrivals', None)
    assert entries(desk, lead)[2][0] == 'Taken back from Ines, into the queue Arrivals'
    assert rounds(desk) == 0, 'nobody gets back what they kept in silence'
    act(desk, assign, people.dev, [lead], people.dev.id)
    act(desk, answered, people.dev, lead, now())
    clock.advance(20 * MINUTE)
    assert rounds(desk) == 0, 'an answered lead stays'
    sound(desk)


def at_once(desk: Desk, *halves: Sequence[UUID]) -> list[int]:
    """So many workers, each with the leads it saw, at the same moment; gives back what each did."""
    done: list[int] = []
    start = threading.Barrier(len(halves))

    def worker(ids: Sequence[UUID]) -> None:
        db = Database(desk.db.url.render_as_string(hide_password=False))
        start.wait()
        with db.transaction() as session:
            done.append(hand_out(session, system(desk.tenant_id), ids, now()))
        db.close()

    threads = [threading.Thread(target=worker, args=(ids,)) for ids in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(done)


def test_two_workers_never_give_one_lead_to_two_people(desk: Desk, people: People) -> None:
    ids = captured(desk, 20)
    here(desk, people.dev, people.ines)
    ahead = ask(desk, outlook, now(), limit=AT_ONCE)
    assert set(ahead.lead_ids) == set(ids)
    assert at_once(desk, *[ahead.lead_ids] * 4) == [0, 0, 0, 20]
    assert owners(desk) == {people.dev.id: 10, people.ines.id: 10}
    assert all(len(entries(desk, id_)) == 1 for id_ in ids)
    assert Counter(row['event_type'] for row in table(desk.db, 'lead_events'))['lead.assigned'] == 20


def test_two_workers_together_give_nobody_more_than_they_can_take(desk: Desk, people: People, root: Any) -> None:
    """Each has other leads before it, so only the lock on the people keeps them apart."""
    ids = captured(desk, 40)
    act(desk, set_capacity, root, people.dev.id, 3)
    act(desk, set_capacity, root, people.ines.id, 10)
    here(desk, people.dev, people.ines)
    assert sum(at_once(desk, ids[:10], ids[10:20], ids[20:30], ids[30:])) == 13
    assert owners(desk) == {people.dev.id: 3, people.ines.id: 10, None: 27}


def test_what_was_done_by_hand_meanwhile_is_left_alone(desk: Desk, people: People, root: Any) -> None:
    first, second, third = captured(desk, 3)
    here(desk, people.dev)
    ahead = ask(desk, outlook, now(), limit=AT_ONCE)
    act(desk, assign, people.ines, [first], people.ines.id)
    act(desk, close, people.ines, [second])
    assert act(desk, hand_out, root, ahead.lead_ids, now()) == 1
    assert [lead_row(desk, id_)['owner_id'] for id_ in (first, second, third)] == [people.ines.id, None, people.dev.id]
    ahead = ask(desk, outlook, now(), limit=AT_ONCE)
    act(desk, set_present, people.dev, people.dev.id, False)
    captured(desk, 1)
    assert act(desk, hand_out, root, [row['id'] for row in table(desk.db, 'leads', 'owner_id is null')], now()) == 0, 'away since'


def test_one_alert_while_nobody_can_take_a_lead(desk: Desk, people: People, root: Any) -> None:
    captured(desk, 1)
    why = ask(desk, outlook, now(), limit=AT_ONCE).why
    assert not ask(desk, is_said)
    for _ in range(3):
        act(desk, say_in_vain, root, why)
    (alert,) = table(desk.db, 'alerts')
    assert (alert['title'], alert['count'], alert['closed_at']) == ('Nobody can take new leads', 1, None)
    assert alert['detail'].startswith('Nobody can take it: Dev is away') and 'queue Arrivals' in alert['detail']
    assert ask(desk, is_said)
    act(desk, say_in_vain, root, '')
    assert table(desk.db, 'alerts')[0]['closed_at'] is not None and not ask(desk, is_said)
