"""The board: which column a lead stands in, in what order, what a filter leaves, and what is counted."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.base.clock import now
from domain.base.ids import uuid7
from domain.base.scope import Scope, system
from domain.desk.board import board, cards, changes, late_count, more_cards
from domain.desk.board_values import Board, Column, Only, summed
from domain.leads.actions import answered, assign, close
from domain.leads.models import Lead
from domain.sla.models import ClockKind, SlaClock
from domain.tenancy.models import Location
from tests.domain.conftest import Desk
from tests.domain.lead_rows import act, people_of
from tests.domain.rows import command, other_tenant

ALL = Only()


def lead(desk: Desk, name: str, due: timedelta = timedelta(hours=2), *, place: UUID | None = None, **clock: Any) -> UUID:
    """A lead whose first reply is due so far from now; `clock` sets columns of its clock, `quality` its own."""
    (taken,) = desk.capture(command(name=name, email=f'{name.lower()}@example.com'))
    assert taken.lead_id
    quality = clock.pop('quality', 'warm')
    with desk.db.transaction() as session:
        session.execute(sa.update(SlaClock).where(SlaClock.lead_id == taken.lead_id).values(due_at=now() + due, **clock))
        values: dict[str, Any] = {'quality': quality} | ({'location_id': place} if place else {})
        session.execute(sa.update(Lead).where(Lead.id == taken.lead_id).values(**values))
    return taken.lead_id


def read(desk: Desk, only: Only = ALL, *, limit: int = 50, scope: Scope | None = None) -> Board:
    with desk.db.reading() as session:
        return board(session, scope or Scope(desk.tenant_id), only, limit=limit)


def names(page: Board) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for card in page.cards:
        out.setdefault(card.column.value, []).append(card.name)
    return out


def another_place(desk: Desk) -> UUID:
    with desk.db.transaction() as session:
        place = Location(tenant_id=desk.tenant_id, slug='eastgate', name='Eastgate')
        session.add(place)
        session.flush()
        return place.id


def test_each_lead_stands_in_the_column_of_its_clock(desk: Desk) -> None:
    lead(desk, 'Late', timedelta(minutes=-5), breached_at=now())
    lead(desk, 'Passing', timedelta(seconds=-1))  # past its deadline, and nobody has called it a breach yet
    lead(desk, 'Soon', timedelta(minutes=29))
    lead(desk, 'Calm', timedelta(minutes=31))
    lead(desk, 'Asked', timedelta(minutes=5), paused_at=now())
    lead(desk, 'Closed', timedelta(minutes=5))
    replied = lead(desk, 'Replied')
    (closed,) = [card.lead_id for card in read(desk).cards if card.name == 'Closed']
    act(desk, answered, people_of(desk).dev, replied, now())
    act(desk, close, system(desk.tenant_id), [closed])

    page = read(desk)

    assert names(page) == {
        'breached': ['Late'],
        'due': ['Passing', 'Soon'],
        'track': ['Calm'],
        'paused': ['Asked'],
        'responded': ['Replied'],
    }
    assert summed(page.tally, ALL) == {
        Column.BREACHED: 1,
        Column.DUE: 2,
        Column.TRACK: 1,
        Column.PAUSED: 1,
        Column.RESPONDED: 1,
    }
    with desk.db.reading() as session:
        assert late_count(session, Scope(desk.tenant_id)) == 1


def test_the_worst_comes_first_and_hot_before_warm_in_the_same_minute(desk: Desk) -> None:
    minute = now().replace(second=0, microsecond=0) + timedelta(hours=2)
    for name, quality, seconds in (('Warm', 'warm', 1), ('Hot', 'hot', 50), ('Earlier', 'cold', -20), ('Cold', 'cold', 30)):
        lead(desk, name, minute + timedelta(seconds=seconds) - now(), quality=quality)

    assert [card.name for card in read(desk).cards] == ['Earlier', 'Hot', 'Warm', 'Cold']


def test_pages_go_on_where_they_ended_and_miss_nobody(desk: Desk) -> None:
    wanted = [f'N{n}' for n in range(7)]
    for n, name in enumerate(wanted):
        lead(desk, name, timedelta(hours=1, seconds=n), quality='hot' if n % 2 else 'cold')

    page = read(desk, limit=3)
    seen, end = [card.name for card in page.cards], page.ends.get(Column.TRACK)
    while end:
        with desk.db.reading() as session:
            more, end = more_cards(session, Scope(desk.tenant_id), ALL, end, limit=3)
        seen += [card.name for card in more]

    assert sorted(seen) == wanted
    assert summed(page.tally, ALL)[Column.TRACK] == 7


def test_quality_and_location_narrow_the_board_and_its_numbers(desk: Desk) -> None:
    place = another_place(desk)
    lead(desk, 'Here', quality='hot')
    lead(desk, 'There', quality='hot', place=place)
    lead(desk, 'Mild', quality='warm', place=place)

    for only, expected in ((Only('hot'), ['Here', 'There']), (Only('', place), ['Mild', 'There']), (Only('hot', place), ['There'])):
        page = read(desk, only)
        assert sorted(card.name for card in page.cards) == expected
        assert summed(page.tally, only)[Column.TRACK] == len(expected)


def test_nobody_sees_another_location_or_another_tenant(desk: Desk) -> None:
    place = another_place(desk)
    lead(desk, 'Here', timedelta(minutes=-1), breached_at=now())
    there = lead(desk, 'There', timedelta(minutes=-1), breached_at=now(), place=place)
    mine, theirs = Scope(desk.tenant_id, frozenset({place})), Scope(other_tenant(desk.db))

    page = read(desk, scope=mine)
    with desk.db.reading() as session:
        assert late_count(session, mine) == 1
        assert cards(session, theirs, [there]) == []
        assert [card.name for card in cards(session, mine, [there])] == ['There']

    assert names(page) == {'breached': ['There']}
    assert sum(page.tally.values()) == 1
    assert read(desk, scope=theirs).cards == ()


def test_a_lead_that_waits_again_is_no_longer_among_the_answered(desk: Desk) -> None:
    id_ = lead(desk, 'Again')
    act(desk, answered, people_of(desk).dev, id_, now())
    with desk.db.transaction() as session:
        due = now() + timedelta(minutes=10)
        session.add(SlaClock(tenant_id=desk.tenant_id, lead_id=id_, kind=ClockKind.NEXT_REPLY, due_at=due, window_seconds=900))

    page = read(desk)
    with desk.db.reading() as session:
        (card,) = cards(session, Scope(desk.tenant_id), [id_])

    assert names(page) == {'due': ['Again']}
    assert (card.kind, card.column) == ('next_reply', Column.DUE)
    assert summed(page.tally, ALL)[Column.RESPONDED] == 0


def test_replies_of_yesterday_are_not_those_of_today(desk: Desk) -> None:
    id_ = lead(desk, 'Old')
    act(desk, answered, people_of(desk).dev, id_, now())
    with desk.db.transaction() as session:
        session.execute(sa.update(SlaClock).where(SlaClock.lead_id == id_).values(answered_at=now() - timedelta(days=1)))

    page = read(desk)
    with desk.db.reading() as session:
        assert cards(session, Scope(desk.tenant_id), [id_]) == []

    assert page.cards == ()
    assert page.today <= now() < page.today + timedelta(days=1)


@pytest.mark.parametrize('zone', ['Asia/Tokyo', 'America/Los_Angeles'])
def test_today_begins_where_the_shop_is(desk: Desk, zone: str) -> None:
    with desk.db.transaction() as session:
        session.execute(sa.update(Location).values(time_zone=zone))

    began: datetime = read(desk).today

    assert (began.hour, began.minute, str(began.tzinfo)) == (0, 0, zone)
    assert timedelta(0) <= now() - began < timedelta(hours=25)


def test_what_changed_is_found_and_shows_owner_and_contact(desk: Desk) -> None:
    people = people_of(desk)
    id_ = lead(desk, 'Ada')
    lead(desk, 'Other')
    before = now()
    act(desk, assign, people.dev, [id_], people.ines.id)

    with desk.db.reading() as session:
        told = changes(session, Scope(desk.tenant_id), [], before, limit=10)
        assert changes(session, Scope(desk.tenant_id), [id_, uuid7()], None, limit=1) is None
        elsewhere = changes(session, Scope(desk.tenant_id, frozenset()), [id_], None, limit=1)
    assert told is not None and elsewhere is not None
    (card,) = told.cards

    assert (card.owner, card.owner_id, card.email, card.message) == ('Ines', people.ines.id, 'ada@example.com', 'Please call me.')
    assert (elsewhere.cards, elsewhere.gone) == ((), (id_,))
