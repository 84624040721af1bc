"""No open lead is without owner or queue, or without a next date; and who may say how leads are given out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.access.abilities import set_capacity, set_places, set_skills
from domain.access.models import User
from domain.access.people import disable
from domain.access.presence import present_people, set_present
from domain.access.signing import sign_in, sign_out
from domain.assignment.actions import AT_ONCE, free_orphans, hand_out, set_rule
from domain.assignment.messages import Audit, Outlook, RuleChange
from domain.assignment.queries import audit, outlook, rule
from domain.base import clock
from domain.base.clock import now
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound
from domain.base.scope import system
from domain.conversations.actions import note
from domain.leads.actions import answered, assign, close, reopen, snooze, wake_snoozed
from domain.leads.editing import edit, undo
from domain.leads.messages import LeadEdit
from domain.leads.models import Status
from tests.domain.assignment_rows import ask, captured, change, entries, here, rounds, sound
from tests.domain.conftest import Desk
from tests.domain.lead_rows import PASSWORD, People, act, groups_hold, lead_row, people_of
from tests.domain.rows import command, facts_of, table

MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(desk: Desk) -> People:
    return people_of(desk)


@pytest.fixture
def root(desk: Desk) -> Any:
    return system(desk.tenant_id)


def test_whoever_is_given_a_lead_by_hand_and_removed_does_not_get_it_again(desk: Desk, people: People) -> None:
    (lead,) = captured(desk, 1)
    act(desk, assign, people.dev, [lead], people.dev.id)
    assert lead_row(desk, lead)['queue'] is None
    removed = act(desk, assign, people.ines, [lead], None)
    assert (lead_row(desk, lead)['queue'], lead_row(desk, lead)['passed_over']) == ('Arrivals', [people.dev.id.hex])
    sound(desk)
    here(desk, people.dev)
    assert rounds(desk) == 0
    act(desk, undo, people.ines, removed)
    assert (lead_row(desk, lead)['owner_id'], lead_row(desk, lead)['passed_over']) == (people.dev.id, [])


def test_an_account_that_is_switched_off_gives_its_leads_back(desk: Desk, people: People, root: Any) -> None:
    ids = captured(desk, 3)
    act(desk, assign, people.dev, ids, people.dev.id)
    act(desk, answered, people.dev, ids[1], now())
    act(desk, close, people.dev, [ids[2]])
    act(desk, disable, root, people.dev.id)
    assert act(desk, free_orphans, root) == 2 and act(desk, free_orphans, root) == 0
    assert [lead_row(desk, id_)['queue'] for id_ in ids] == ['Arrivals', 'Arrivals', None]
    assert entries(desk, ids[1])[-1] == ('Taken back from Dev', 'This account was switched off.')
    sound(desk)


def test_switched_off_new_leads_have_neither_and_the_audit_names_them(desk: Desk, people: People) -> None:
    kept = captured(desk, 2)
    change(desk, enabled=False)
    desk.refresh()
    here(desk, people.dev)
    lost = captured(desk, 2)
    assert rounds(desk) == 0 and ask(desk, outlook, now(), limit=AT_ONCE) == Outlook((), '')
    found: Audit = ask(desk, audit)
    assert (found.open, [(stray.lead_id, stray.missing) for stray in found.strays]) == (4, [(id_, ('owner', 'queue')) for id_ in lost])
    assert ask(desk, audit).strays and lead_row(desk, kept[0])['queue'] == 'Arrivals'
    act(desk, close, people.dev, [lost[0]])
    assert [stray.lead_id for stray in ask(desk, audit).strays] == [lost[1]], 'a closed one needs nobody'
    change(desk, enabled=True, queue='  Front   desk ')
    assert rule_of(desk).queue == 'Front desk'
    assert {lead_row(desk, id_)['queue'] for id_ in (*kept, lost[1])} == {'Front desk'}
    sound(desk)
    desk.refresh()
    assert lead_row(desk, captured(desk, 1)[0])['queue'] == 'Front desk'


def rule_of(desk: Desk) -> Any:
    return ask(desk, rule)


def test_a_lead_without_a_next_date_is_named_until_somebody_does_something_with_it(desk: Desk, people: People) -> None:
    first, second = captured(desk, 2)
    act(desk, answered, people.dev, second, now())
    with desk.db.transaction() as session:
        session.execute(sa.text('update leads set next_at = null'))
        session.execute(sa.text("update leads set queue = ''"))
    strays = ask(desk, audit).strays
    assert [(each.lead_id, each.missing) for each in strays] == [(id_, ('owner', 'queue', 'nextDate')) for id_ in (first, second)]
    with desk.db.transaction() as session:
        session.execute(sa.text('update leads set queue = null'))
    act(desk, edit, people.dev, second, LeadEdit(name='Ada Lane'))
    assert lead_row(desk, second)['queue'] == 'Arrivals' and lead_row(desk, second)['next_at'] is not None
    assert [each.lead_id for each in ask(desk, audit).strays] == [first]


def test_whatever_is_done_an_open_lead_has_somebody_and_a_date(desk: Desk, people: People) -> None:
    (lead,) = captured(desk, 1)
    soon = now() + 5 * MINUTE
    deeds: list[Callable[[], Any]] = [
        lambda: act(desk, answered, people.dev, lead, now()),
        lambda: act(desk, assign, people.dev, [lead], people.dev.id),
        lambda: act(desk, edit, people.dev, lead, LeadEdit(status=Status.WAITING)),
        lambda: act(desk, edit, people.dev, lead, LeadEdit(status=Status.OPEN)),
        lambda: act(desk, snooze, people.dev, [lead], soon),
        lambda: act(desk, assign, people.dev, [lead], None),
        lambda: (clock.advance(6 * MINUTE), act(desk, wake_snoozed, people.dev, now())),
        lambda: act(desk, close, people.dev, [lead]),
        lambda: act(desk, reopen, people.dev, [lead]),
        lambda: act(desk, undo, people.dev, act(desk, assign, people.dev, [lead], people.ines.id)),
        lambda: act(desk, undo, people.dev, act(desk, close, people.dev, [lead])),
        lambda: act(desk, note, people.dev, lead, 'a note'),
        lambda: act(desk, close, people.dev, [lead]),
        lambda: desk.capture(command('chatbot', email=table(desk.db, 'leads')[0]['email'], message='I am still looking for a quote today')),
    ]
    sound(desk)
    for deed in deeds:
        deed()
        sound(desk)
    groups_hold(desk)


def test_who_may_say_who_is_there(desk: Desk, people: People, root: Any) -> None:
    assert act(desk, set_present, people.dev, people.dev.id, True) is False
    assert act(desk, set_present, people.dev, people.dev.id, True) is True
    act(desk, set_present, root, people.ines.id, True)
    for deed in (
        lambda: act(desk, set_present, people.dev, people.ines.id, False),
        lambda: act(desk, set_present, people.reader, people.reader.id, True),
        lambda: act(desk, set_capacity, people.dev, people.dev.id, 99),
        lambda: act(desk, set_rule, people.ines, RuleChange(enabled=False)),
        lambda: act(desk, hand_out, people.reader, [], now()),
    ):
        with pytest.raises(Forbidden):
            deed()
    for refusal, deed in (
        (Conflict, lambda: act(desk, set_present, root, people.gone.id, True)),
        (Invalid, lambda: act(desk, set_capacity, root, people.dev.id, -1)),
        (Invalid, lambda: act(desk, set_skills, root, people.dev.id, ['x' * 41])),
        (NotFound, lambda: act(desk, set_places, root, people.dev.id, [people.dev.id])),
        (NotFound, lambda: act(desk, set_skills, root, desk.tenant_id, [])),
        (Invalid, lambda: change(desk, queue=None)),
    ):
        with pytest.raises(refusal):
            deed()
    with desk.db.reading() as session:
        user = session.get(User, people.dev.id)
        assert user and user.present and user.capacity is None and user.skills == []


def test_facts_tell_intake_the_queue(desk: Desk) -> None:
    assert facts_of(desk.db, desk.tenant_id).queue == 'Arrivals'
    change(desk, enabled=False)
    assert facts_of(desk.db, desk.tenant_id).queue is None


def test_whoever_signs_out_of_their_last_session_is_away(desk: Desk, people: People) -> None:
    def there() -> bool:
        return ask(desk, present_people) == {people.dev.id}

    first, second = (act(desk, sign_in, 'dev@example.com', PASSWORD, hours=1)[0] for _ in range(2))
    here(desk, people.dev)
    act(desk, sign_out, first)
    assert there(), 'still signed in elsewhere'
    act(desk, sign_out, second)
    assert not there() and ask(desk, present_people) == set()
    here(desk, people.dev)
    act(desk, sign_out, second)
    assert there(), 'a session that had ended before says nothing'
