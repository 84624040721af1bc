"""The order of the alarm ladder: kept as a whole, refused when somebody else changed it, and told in words that hold for the next lead."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from domain.alerts.queries import open_alerts
from domain.alerts.rungs import Turn, order_ladder, rungs
from domain.base import clock
from domain.base.errors import Conflict, Forbidden, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.flags.actions import set_flag
from domain.flags.models import Flag
from domain.outbox.models import Destination
from tests.domain.conftest import Desk
from tests.domain.lead_rows import act
from tests.domain.rows import destination, table
from tests.domain.test_ladder import MINUTE, backup, came_at, climbed, heard, hot
from ui.presenters.ladder import ladder


def person(desk: Desk, role: Role) -> Actor:
    return Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Ada', role)


def order(desk: Desk, wanted: list[UUID], known: list[UUID], role: Role = Role.ADMIN) -> None:
    act(desk, order_ladder, person(desk, role), wanted, known=known)


def turns(desk: Desk) -> list[tuple[str, bool, Turn]]:
    with desk.db.reading() as session:
        return [(row.name, row.place, row.turn) for row in rungs(session, Scope(desk.tenant_id))]


def change(desk: Desk, id_: UUID, **values: Any) -> None:
    with desk.db.transaction() as session:
        session.execute(sa.update(Destination).where(Destination.id == id_).values(**values))


def test_an_order_is_kept_and_the_next_lead_climbs_by_it(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Sales')
    older, newer, letters = backup(desk, 'Older'), backup(desk, 'Newer'), destination(desk.db, desk.tenant_id, 'Letters', events=[])
    assert turns(desk) == [
        ('Sales', False, Turn.AT_ONCE),
        ('Older', False, Turn.NEXT),
        ('Newer', False, Turn.LATER),
        ('Letters', False, Turn.NEVER),
    ]

    order(desk, [letters, newer], [])
    assert turns(desk)[:2] == [('Letters', True, Turn.NEXT), ('Newer', True, Turn.LATER)]
    order(desk, [newer, letters, older], [letters, newer])

    assert [name for name, place, _ in turns(desk) if place] == ['Newer', 'Letters', 'Older']
    lead_id = hot(desk)
    climbed(desk, came_at(desk, lead_id) + 2 * MINUTE)
    assert {id_ for id_, _ in heard(desk)} >= {newer} and not {id_ for id_, _ in heard(desk)} & {older, letters}
    assert [row['subject'] for row in table(desk.db, 'audit_log') if row['action'] == 'alarm_ladder.ordered'] == [
        'Letters, Newer',
        'Newer, Letters, Older',
    ]


def test_what_somebody_else_ordered_meanwhile_is_not_overwritten(desk: Desk) -> None:
    first, second = backup(desk, 'First'), backup(desk, 'Second')
    order(desk, [first, second], [])

    with pytest.raises(Conflict, match='meanwhile'):
        order(desk, [second], [])
    with pytest.raises(NotFound):
        order(desk, [uuid4()], [first, second])
    with pytest.raises(Forbidden):
        order(desk, [second], [first, second], Role.MANAGER)

    assert [name for name, place, _ in turns(desk) if place] == ['First', 'Second']


def test_what_is_paused_or_off_is_passed_over_and_the_words_say_so(desk: Desk) -> None:
    place = desk.facts.place.id
    at_once, paused, off = destination(desk.db, desk.tenant_id, 'Sales'), backup(desk, 'Paused'), backup(desk, 'Off')
    near, gone = backup(desk, 'Near'), backup(desk, 'Gone')
    order(desk, [paused, off, near], [])
    change(desk, paused, paused_at=clock.now())
    change(desk, off, enabled=False)
    change(desk, gone, enabled=False)
    change(desk, near, location_ids=[place.hex])
    change(desk, at_once, location_ids=[place.hex])

    with desk.db.reading() as session:
        shown = ladder(rungs(session, Scope(desk.tenant_id)), {place: 'Northside'})

    assert [(row['name'], row['said']) for row in shown['rungs']] == [
        ('Paused', 'Paused, so it is passed over'),
        ('Off', 'Off, so it is passed over'),
        ('Near', 'Told after 2 minutes (Northside)'),
        ('Sales', 'Told at once: it hears about new leads (Northside)'),
    ]
    assert [each['who'] for each in shown['moments']] == ['Sales (Northside)', 'Near (Northside)', 'Every open desk: red banner and sound']


def test_a_channel_behind_a_flag_that_is_off_is_skipped_and_the_next_one_has_its_turn(desk: Desk) -> None:
    loud, texts, last = destination(desk.db, desk.tenant_id, 'Loud'), backup(desk, 'Texts'), backup(desk, 'Last')
    order(desk, [texts, last], [])
    change(desk, loud, kind='sms')
    change(desk, texts, kind='sms')

    assert [(name, turn) for name, _, turn in turns(desk)] == [('Texts', Turn.SKIPPED), ('Last', Turn.NEXT), ('Loud', Turn.SKIPPED)]
    with desk.db.transaction() as session:
        said = [row['said'] for row in ladder(rungs(session, Scope(desk.tenant_id)), {})['rungs']]
        set_flag(session, system(desk.tenant_id), Flag.SMS, True)
    passed = 'Its feature flag is off, so it is passed over'
    assert said == [passed, 'Told after 2 minutes', passed]
    assert [(name, turn) for name, _, turn in turns(desk)] == [('Texts', Turn.NEXT), ('Last', Turn.LATER), ('Loud', Turn.AT_ONCE)]


def test_a_desk_without_any_channel_sounds_all_the_same_and_says_what_is_missing(desk: Desk) -> None:
    lead_id = hot(desk)

    climbed(desk, came_at(desk, lead_id) + 5 * MINUTE)

    with desk.db.reading() as session:
        (alert,) = open_alerts(session, Scope(desk.tenant_id))
        shown = ladder(rungs(session, Scope(desk.tenant_id)), {})
    assert 'No channel is connected' in alert.detail and 'Destinations' in alert.detail
    said = [row['title'] for row in table(desk.db, 'conversation_timeline')]
    assert 'No channel is connected that could have told anybody for 5 min' in said
    assert [each['who'] for each in shown['moments']][:2] == [
        'No channel: none that works hears about new leads',
        'No channel: none works',
    ]
