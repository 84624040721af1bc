"""Deleting sequences and templates: what uses them is named, what is under way stops and says so, and what was sent stays."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.base import clock
from domain.base.clock import now
from domain.base.errors import Conflict, Forbidden, NotFound, Refusal
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.follow_ups import deleting
from domain.follow_ups.deleting import delete_sequence, delete_template, delete_used_sequence
from domain.follow_ups.messages import SequenceEdit, SequenceOrder, Step
from domain.follow_ups.sequences import create_sequence, create_template, edit_sequence, sequences, templates
from domain.follow_ups.stepping import due_runs, take_step, touched
from domain.leads.changing import hold
from tests.domain.conftest import Desk
from tests.domain.follow_up_rows import HOUR, lead_of, look, mail_account, sequence_of, template_of, titles
from tests.domain.lead_rows import act, groups_hold, lead_row
from tests.domain.rows import table


def desk_itself(desk: Desk) -> Actor:
    return system(desk.tenant_id)


def keeper(desk: Desk) -> Actor:
    return Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Ada', Role.ADMIN)


def people_actor(desk: Desk) -> Actor:
    return Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Dev', Role.AGENT)


def names(desk: Desk) -> tuple[list[str], list[str]]:
    """The sequences and templates there are."""
    with desk.db.reading() as session:
        scope = Scope(desk.tenant_id)
        return [row.name for row in sequences(session, scope)], [row.name for row in templates(session, scope)]


def by_mail(words: UUID, *hours: float, **more: Any) -> list[dict[str, Any]]:
    return [{'after_hours': each, 'channel': 'email', 'template_id': words} | more for each in hours]


def test_words_that_nothing_uses_go_and_can_be_made_again(desk: Desk) -> None:
    words = template_of(desk, 'Hello', 'Hello {{ lead.name }}.', 'Subject')

    again = act(desk, delete_template, desk_itself(desk), words)

    assert names(desk) == ([], [])
    act(desk, create_template, desk_itself(desk), again)
    (row,) = table(desk.db, 'templates')
    assert (row['name'], row['subject'], row['body']) == ('Hello', 'Subject', 'Hello {{ lead.name }}.')
    assert [row['action'] for row in table(desk.db, 'audit_log') if row['action'].startswith('template.del')] == ['template.deleted']


def test_words_of_a_step_are_refused_and_the_sequences_are_named(desk: Desk) -> None:
    words, closed = template_of(desk, 'Hello'), template_of(desk, 'Closed')
    sequence_of(desk, *by_mail(words, 1, outside_template_id=closed), name='Welcome')
    sequence_of(desk, *by_mail(words, 2), name='Again')

    with pytest.raises(Conflict, match='"Hello" was not deleted: "Again" and "Welcome" use it'):
        act(desk, delete_template, desk_itself(desk), words)
    with pytest.raises(Conflict, match='"Closed" was not deleted: "Welcome" uses it'):
        act(desk, delete_template, desk_itself(desk), closed)

    assert names(desk)[1] == ['Closed', 'Hello']


def test_words_that_a_run_under_way_still_needs_stay_until_it_is_through(desk: Desk) -> None:
    mail_account(desk)
    words, other = template_of(desk, 'Hello'), template_of(desk, 'Other')
    sequence = sequence_of(desk, *by_mail(words, 1))
    lead_of(desk)
    look(desk)
    act(desk, edit_sequence, desk_itself(desk), sequence, SequenceEdit(steps=[Step(**step) for step in by_mail(other, 1)]))

    with pytest.raises(Conflict, match='1 lead under way will still get its words'):
        act(desk, delete_template, desk_itself(desk), words)
    clock.advance(2 * HOUR)
    look(desk)
    act(desk, delete_template, desk_itself(desk), words)

    assert names(desk)[1] == ['Other']
    assert [row['state'] for row in table(desk.db, 'sequence_steps')] == ['sent']


def test_a_sequence_nobody_was_in_goes_and_can_be_made_again(desk: Desk) -> None:
    words = template_of(desk, 'Hello')
    sequence = sequence_of(desk, *by_mail(words, 1, 30), qualities=['hot'], location_ids=[desk.facts.place.id])
    (before,) = table(desk.db, 'sequences')

    again = act(desk, delete_sequence, desk_itself(desk), sequence)

    assert names(desk) == ([], ['Hello'])
    act(desk, create_sequence, desk_itself(desk), again)
    (row,) = table(desk.db, 'sequences')
    same = ('name', 'steps', 'qualities', 'location_ids')
    assert {name: row[name] for name in same} == {name: before[name] for name in same}
    assert row['enabled_at'] is not None


def test_a_sequence_with_leads_stops_them_and_says_so_and_what_it_did_stays(desk: Desk) -> None:
    mail_account(desk)
    words = template_of(desk, 'Hello')
    task = {'after_hours': 1, 'channel': 'task', 'template_id': words, 'kind': 'appointment'}
    sequence = sequence_of(desk, *by_mail(words, 0), task, *by_mail(words, 90))
    first, second = lead_of(desk), lead_of(desk, email='eve@example.com')
    look(desk)
    clock.advance(2 * HOUR)
    look(desk)
    with pytest.raises(Conflict, match='Leads have been in "Welcome"'):
        act(desk, delete_sequence, desk_itself(desk), sequence)

    assert act(desk, delete_used_sequence, keeper(desk), sequence) is True

    assert names(desk) == ([], ['Hello'])
    for lead_id in (first, second):
        assert titles(desk, lead_id)[-1] == 'Sequence "Welcome" stopped: Ada deleted it'
    assert table(desk.db, 'sequence_runs') == table(desk.db, 'sequence_steps') == []
    assert len([row for row in table(desk.db, 'chat_messages') if row['author'] == 'bot']) == 2
    assert [(row['run_id'], row['kind']) for row in table(desk.db, 'follow_up_tasks')] == [(None, 'task')] * 2
    groups_hold(desk)


def test_the_next_touch_of_a_lead_forgets_the_step_that_never_comes(desk: Desk) -> None:
    words = template_of(desk, 'Call')
    sequence = sequence_of(desk, {'after_hours': 0.01, 'channel': 'task', 'template_id': words}, name='Calls')
    lead_id = lead_of(desk)
    with desk.db.transaction() as session:
        (held,) = hold(session, desk_itself(desk), [lead_id])
        deadline = held.lead.next_at
    look(desk)
    with desk.db.transaction() as session:
        (held,) = hold(session, desk_itself(desk), [lead_id])
        assert touched(session, desk_itself(desk), held) is None and held.lead.next_at < deadline

    act(desk, delete_used_sequence, keeper(desk), sequence)

    assert lead_row(desk, lead_id)['next_at'] == deadline


def test_many_runs_end_a_hundred_at_a_time_and_from_the_first_call_on_nobody_comes_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, 'AT_ONCE', 2)
    words = template_of(desk, 'Hello')
    sequence = sequence_of(desk, *by_mail(words, 50))
    for number in range(5):
        lead_of(desk, email=f'c{number}@example.com')
    look(desk)

    assert act(desk, delete_used_sequence, keeper(desk), sequence) is False
    lead_of(desk, email='late@example.com')
    look(desk)
    assert len(table(desk.db, 'sequence_runs')) == 3
    assert act(desk, delete_used_sequence, keeper(desk), sequence) is False
    assert act(desk, delete_used_sequence, keeper(desk), sequence) is True

    assert names(desk)[0] == [] and table(desk.db, 'sequence_runs') == []


def test_a_step_that_was_about_to_be_taken_finds_nothing(desk: Desk) -> None:
    words = template_of(desk, 'Hello')
    sequence = sequence_of(desk, *by_mail(words, 1))
    lead_of(desk)
    look(desk)
    clock.advance(2 * HOUR)
    with desk.db.reading() as session:
        (run_id,) = due_runs(session, Scope(desk.tenant_id), now())

    act(desk, delete_used_sequence, keeper(desk), sequence)

    assert act(desk, take_step, desk_itself(desk), run_id, now()) is False


def test_only_who_keeps_the_settings_deletes_and_only_what_was_looked_at(desk: Desk) -> None:
    words = template_of(desk, 'Hello')
    sequence = sequence_of(desk, *by_mail(words, 1))
    for deed, id_ in ((delete_template, words), (delete_sequence, sequence), (delete_used_sequence, sequence)):
        with pytest.raises(Forbidden):
            act(desk, deed, people_actor(desk), id_)
        with pytest.raises(Conflict, match='meanwhile'):
            act(desk, deed, keeper(desk), id_, version=7)
        with pytest.raises(NotFound):
            act(desk, deed, keeper(desk), uuid4())
    assert names(desk) == (['Welcome'], ['Hello'])


def test_a_template_goes_while_a_sequence_takes_it_and_one_of_them_gives_way(desk: Desk) -> None:
    """Of both deeds at once either the words are refused to the sequence, or the sequence keeps them."""
    for _ in range(5):
        words = template_of(desk, 'Hello')
        together = threading.Barrier(2)
        troubles: list[str] = []

        def both(deed: Any, *args: Any, together: threading.Barrier = together, troubles: list[str] = troubles) -> None:
            together.wait()
            try:
                act(desk, deed, keeper(desk), *args)
            except Refusal as trouble:
                troubles.append(trouble.detail)

        order = SequenceOrder(name='Welcome', steps=[Step(**step) for step in by_mail(words, 1)])
        threads = [threading.Thread(target=both, args=each) for each in ((delete_template, words), (create_sequence, order))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(troubles) == 1
        assert names(desk) in ((['Welcome'], ['Hello']), ([], []))
        for row in table(desk.db, 'sequences'):
            act(desk, delete_sequence, keeper(desk), row['id'])
        for row in table(desk.db, 'templates'):
            act(desk, delete_template, keeper(desk), row['id'])
