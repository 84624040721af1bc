"""What people decide about deliveries: replayed, resolved, arrived after all, copied to the sandbox, tried now; and taken back."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from domain.audit.models import AuditEntry
from domain.base import clock
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope
from domain.desk.decisions import mark_sent, resolve, take_back, to_sandbox, try_now
from domain.desk.ledger import verify
from domain.outbox.leases import Settled
from domain.outbox.messages import ReplayOrder
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.queries import MOST_IDS, matching
from domain.outbox.replays import replay_all
from domain.timeline.models import TimelineEntry
from integrations.registry import check
from tests.domain.outbox_rows import PERMANENT, SENT, TEMPORARY, UNKNOWN, Rows
from tests.domain.rows import BOX, other_tenant


@pytest.fixture
def rows(desk: Any) -> Rows:
    return Rows.make(desk.db)


def person(rows: Rows, role: Role = Role.AGENT, scope: Scope | None = None) -> Actor:
    return Actor(scope or rows.actor.scope, ActorType.AGENT, None, 'Ines Navarro', role)


def act(rows: Rows, deed: Any, *arguments: Any, actor: Actor | None = None) -> Any:
    with rows.db.transaction() as session:
        return deed(session, actor or person(rows), *arguments)


def dead(rows: Rows, place: UUID, *, lead: bool = True) -> UUID:
    rows.event(lead_id=rows.lead() if lead else None)
    rows.try_once(place, PERMANENT)
    return max(row.id for row in rows.all())


def held(rows: Rows, place: UUID) -> UUID:
    rows.traits = replace(rows.traits, costly=True)
    rows.event(lead_id=rows.lead())
    rows.try_once(place, UNKNOWN)
    return max(row.id for row in rows.all())


def titles(rows: Rows) -> list[str]:
    with rows.db.reading() as session:
        return list(session.exec(select(TimelineEntry.title).order_by(col(TimelineEntry.id))))


def audited(rows: Rows) -> list[str]:
    with rows.db.reading() as session:
        return list(session.exec(select(AuditEntry.action).where(AuditEntry.actor_name == 'Ines Navarro').order_by(col(AuditEntry.id))))


def everything(row: Delivery) -> dict[str, Any]:
    return row.model_dump()


def test_chosen_rows_are_sent_again_with_their_own_keys_and_those_under_way_are_left(rows: Rows) -> None:
    place = rows.destination()
    first, second = dead(rows, place), dead(rows, place)
    keys = {row.id: row.provider_key for row in rows.all()}
    rows.event()
    taken = rows.take(place)

    sent = act(rows, replay_all, ReplayOrder(ids=(first, second, taken.delivery_id)))

    assert sorted(sent) == [first, second]
    again = {row.id: row for row in rows.all()}
    assert all(again[id_].state == State.PENDING and again[id_].attempts == 0 and again[id_].settled_at is None for id_ in sent)
    assert {id_: row.provider_key for id_, row in again.items() if id_ in keys} == keys
    assert again[taken.delivery_id].state == State.LEASED
    assert audited(rows) == ['deliveries.replayed']


def test_many_are_rearmed_in_one_go(rows: Rows) -> None:
    place = rows.destination(events=[])
    event = rows.event()
    with rows.db.transaction() as session:
        for number in range(1200):
            at = clock.now()
            session.add(
                Delivery(
                    tenant_id=rows.actor.tenant_id,
                    event_id=event,
                    destination_id=place,
                    generation=number + 1,
                    provider_key=str(number),
                    state=State.DEAD,
                    attempts=11,
                    created_at=at,
                    expires_at=at,
                )
            )
    assert len(act(rows, replay_all, ReplayOrder(since=clock.now() - timedelta(hours=1), dead=True))) == 1200
    assert {(row.state, row.attempts) for row in rows.all()} == {(State.PENDING, 0)}
    assert all(row.expires_at > clock.now() for row in rows.all())


def test_an_order_names_one_thing_and_not_too_many(rows: Rows) -> None:
    id_ = dead(rows, rows.destination())
    with rows.db.reading() as session:
        for order in (ReplayOrder(), ReplayOrder(ids=(id_,), delivery_id=id_), ReplayOrder(ids=(id_,) * (MOST_IDS + 1))):
            with pytest.raises(Invalid):
                matching(session, rows.actor.scope, order)


def test_resolved_by_a_named_person_and_taken_back(rows: Rows) -> None:
    place = rows.destination(name='Team')
    id_ = dead(rows, place)
    before = everything(rows.delivery(id_))

    decided = act(rows, resolve, (id_,))

    row = rows.delivery(id_)
    assert (row.state, row.last_error) == (State.CANCELLED, 'Resolved by Ines Navarro: It answered 400.')
    assert titles(rows)[-1] == 'Delivery to Team resolved: it is not sent again'
    act(rows, take_back, decided)
    assert everything(rows.delivery(id_)) == {**before, 'settled_at': row.settled_at}
    assert audited(rows) == ['deliveries.resolved', 'deliveries.decision_taken_back']


def test_a_waiting_row_that_was_resolved_and_taken_back_still_goes_out(rows: Rows) -> None:
    place = rows.destination()
    rows.event(lead_id=rows.lead())
    row = rows.only()

    decided = act(rows, resolve, (row.id,))
    assert rows.claim(place) is None
    act(rows, take_back, decided)

    assert rows.try_once(place, SENT).state == State.SENT


def test_taking_back_leaves_alone_what_somebody_went_on_with(rows: Rows) -> None:
    id_ = dead(rows, rows.destination())
    decided = act(rows, resolve, (id_,))
    act(rows, replay_all, ReplayOrder(ids=(id_,)))

    act(rows, take_back, decided)

    assert rows.delivery(id_).state == State.PENDING


def test_the_three_decisions_on_a_held_row(rows: Rows) -> None:
    place = rows.destination(name='Texts')
    again, arrived, over = held(rows, place), held(rows, place), held(rows, place)
    assert {row.state for row in rows.all()} == {State.HELD}

    act(rows, replay_all, ReplayOrder(ids=(again,)))
    marked = act(rows, mark_sent, (arrived,))
    act(rows, resolve, (over,))

    assert [rows.delivery(id_).state for id_ in (again, arrived, over)] == [State.PENDING, State.SENT, State.CANCELLED]
    assert rows.delivery(again).uncertain
    assert rows.delivery(arrived).last_error == 'Ines Navarro says that it arrived.'
    assert 'Texts did arrive' in titles(rows)
    act(rows, take_back, marked)
    assert rows.delivery(arrived).state == State.HELD


def test_only_a_held_row_is_marked_as_sent_and_a_row_under_way_is_not_resolved(rows: Rows) -> None:
    place = rows.destination()
    id_ = dead(rows, place)
    with pytest.raises(Conflict):
        act(rows, mark_sent, (id_,))
    act(rows, replay_all, ReplayOrder(ids=(id_,)))
    rows.take(place)
    with pytest.raises(Conflict):
        act(rows, resolve, (id_,))
    assert rows.delivery(id_).state == State.LEASED


def test_the_sandbox_gets_copies_and_the_originals_stay(rows: Rows) -> None:
    place = rows.destination(name='Team')
    id_ = dead(rows, place)
    before = everything(rows.delivery(id_))

    (copy,) = act(rows, to_sandbox, ReplayOrder(ids=(id_,)), BOX)
    (second,) = act(rows, to_sandbox, ReplayOrder(ids=(id_,)), BOX)

    assert everything(rows.delivery(id_)) == before
    first, again = rows.delivery(copy), rows.delivery(second)
    sandbox = rows.place(first.destination_id)
    assert (sandbox.kind, sandbox.name, sandbox.events) == ('sandbox', 'Sandbox', [])
    assert again.destination_id == sandbox.id and (first.generation, again.generation) == (2, 3)
    assert first.event_id == before['event_id'] and len({before['provider_key'], first.provider_key, again.provider_key}) == 3
    assert check('sandbox', json.loads(BOX.open(sandbox.config_sealed)), trusted=False) == {'url': False, 'secret': True}
    assert rows.try_once(sandbox.id, SENT).state == State.SENT
    rows.event()
    assert len([row for row in rows.all() if row.destination_id == sandbox.id]) == 2


def test_the_loss_check_is_not_disturbed_by_copies(rows: Rows) -> None:
    id_ = dead(rows, rows.destination(), lead=False)
    act(rows, to_sandbox, ReplayOrder(ids=(id_,)), BOX)
    with rows.db.reading() as session:
        assert verify(session, rows.actor.scope, None).lost == []


def test_a_test_has_nothing_to_copy_and_no_sandbox_is_left_behind(rows: Rows) -> None:
    test = rows.test(rows.destination())
    with pytest.raises(Conflict):
        act(rows, to_sandbox, ReplayOrder(ids=(test,)), BOX)
    with rows.db.reading() as session:
        assert session.exec(select(Destination).where(Destination.kind == 'sandbox')).all() == []


def test_a_resting_destination_is_tried_now(rows: Rows) -> None:
    place = rows.destination()
    for _ in range(6):
        rows.event()
    for _ in range(5):
        assert isinstance(rows.try_once(place, TEMPORARY), Settled)
    assert rows.place(place).breaker_until is not None and rows.claim(place) is None

    act(rows, try_now, place)

    assert rows.try_once(place, SENT).state == State.SENT
    assert (rows.place(place).breaker_opened, rows.place(place).breaker_until) == (0, None)


def test_trying_now_brings_forward_what_waits_for_its_next_try(rows: Rows) -> None:
    place = rows.destination()
    rows.event()
    for _ in range(5):
        act(rows, try_now, place)
        rows.try_once(place, TEMPORARY)
    assert rows.only().attempts == 5 and rows.claim(place) is None

    act(rows, try_now, place)

    assert rows.take(place).attempts == 6


def test_nobody_decides_without_the_right_or_for_others(rows: Rows) -> None:
    id_ = dead(rows, rows.destination())
    stranger = person(rows, Role.OWNER, Scope(other_tenant(rows.db)))
    elsewhere = person(rows, Role.AGENT, Scope(rows.actor.tenant_id, frozenset({UUID(int=1)})))
    deeds: list[tuple[Any, Any, type[Exception]]] = [
        (resolve, ((id_,),), Conflict),
        (mark_sent, ((id_,),), Conflict),
        (to_sandbox, (ReplayOrder(ids=(id_,)), BOX), Conflict),
        (try_now, (rows.delivery(id_).destination_id,), NotFound),
    ]
    for deed, arguments, refusal in deeds:
        with pytest.raises(Forbidden):
            act(rows, deed, *arguments, actor=person(rows, Role.READ_ONLY))
        with pytest.raises(refusal):
            act(rows, deed, *arguments, actor=stranger)
        if deed is not try_now:
            with pytest.raises(refusal):
                act(rows, deed, *arguments, actor=elsewhere)
    with pytest.raises(NotFound):
        act(rows, replay_all, ReplayOrder(delivery_id=id_), actor=elsewhere)
    assert rows.delivery(id_).state == State.DEAD
