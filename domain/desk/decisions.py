"""What people decide about deliveries: resolved, arrived after all, tried in the sandbox, tried now; each written down with a name."""

import base64
import json
import os
from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.db import now, ring
from domain.base.errors import Conflict, NotFound
from domain.base.ids import uuid7
from domain.base.scope import Actor
from domain.base.secrets import SecretBox
from domain.leads.actions import touch
from domain.outbox.actions import REPLAY_LIFE
from domain.outbox.messages import Decided, ReplayOrder
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.queries import OPEN_ROW, matching
from domain.outbox.rules import provider_key
from domain.timeline.actions import write
from domain.timeline.models import EntryType

SANDBOX = 'sandbox'  # a kind of destination, imitated in the worker: nothing leaves the machine
SANDBOX_NAME = 'Sandbox'
_AUDITED_IDS = 200
_MAY_RESOLVE = (State.DEAD, State.HELD, State.PENDING)


def resolve(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[Decided]:
    """End these deliveries without sending them (again), in the actor's name; those under way or over are left alone.

    Gives back what was ended, for `take_back`; raises Conflict when there is none among them.
    """
    require(actor, Permission.DELIVERIES_REPLAY)
    rows = _rows(session, actor, ids, _MAY_RESOLVE)
    moment = now(session)
    decided = []
    for row, destination in rows:
        decided.append(_decided(row, destination))
        row.state, row.settled_at, row.last_class = State.CANCELLED, moment, 'resolved'
        row.last_error = f'Resolved by {actor.name}: {row.last_error}' if row.last_error else f'Resolved by {actor.name}.'
        session.add(row)
    _tell(session, actor, 'deliveries.resolved', decided, 'Delivery to {} resolved: it is not sent again')
    return decided


def mark_sent(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[Decided]:
    """Note that these held deliveries did arrive; the others are left alone. As `resolve`."""
    require(actor, Permission.DELIVERIES_REPLAY)
    rows = _rows(session, actor, ids, (State.HELD,))
    moment = now(session)
    decided = []
    for row, destination in rows:
        decided.append(_decided(row, destination))
        row.state, row.settled_at, row.last_class, row.last_error = State.SENT, moment, 'arrived', f'{actor.name} says that it arrived.'
        session.add(row)
    _tell(session, actor, 'deliveries.marked_sent', decided, '{} did arrive')
    return decided


def take_back(session: Session, actor: Actor, decided: Sequence[Decided]) -> None:
    """Undo `resolve` or `mark_sent`: each row becomes what it was, unless somebody has gone on with it since."""
    require(actor, Permission.DELIVERIES_REPLAY)
    was = {each.id: each for each in decided}
    rows = matching(session, actor.scope, ReplayOrder(ids=tuple(was)), lock=True)
    back = [row for row in rows if (row.state, row.last_class) in ((State.CANCELLED, 'resolved'), (State.SENT, 'arrived'))]
    for row in back:
        before = was[row.id]
        row.state, row.last_class, row.last_error = State(before.state), before.last_class, before.last_error
        row.settled_at = None if row.state == State.PENDING else row.settled_at
        session.add(row)
    _tell(session, actor, 'deliveries.decision_taken_back', [was[row.id] for row in back], 'Decision on {} taken back')


def to_sandbox(session: Session, actor: Actor, order: ReplayOrder, box: SecretBox) -> list[UUID]:
    """Send copies of these deliveries to the sandbox, which is made at first use; the rows themselves stay as they are.

    A copy has a key of its own, and a generation above 1, so that the loss check does not take it for a subscription. Tests have
    nothing to copy. Gives back the ids of the copies; raises Conflict when there is nothing to copy.
    """
    require(actor, Permission.DELIVERIES_REPLAY)
    sandbox = _sandbox(session, actor, box)
    found = matching(session, actor.scope, order)
    events = {row.event_id: row for row in found if row.event_id is not None}
    if not events:
        raise Conflict('There is nothing among these that can go to the sandbox.')
    taken = _generations(session, sandbox, events)
    moment = now(session)
    copies = []
    for event_id, row in events.items():
        id_ = uuid7()
        copies.append(
            Delivery(
                id=id_,
                tenant_id=actor.tenant_id,
                event_id=event_id,
                lead_id=row.lead_id,
                destination_id=sandbox.id,
                generation=max(1, taken.get(event_id, 0)) + 1,
                provider_key=provider_key(id_),
                priority=row.priority,
                next_at=moment,
                created_at=moment,
                expires_at=moment + REPLAY_LIFE,
            )
        )
    session.add_all(copies)
    ids = [copy.id for copy in copies]
    note(session, actor, 'deliveries.to_sandbox', f'{len(ids)} deliveries', ids=[str(id_) for id_ in list(events)[:_AUDITED_IDS]])
    ring(session, 'outbox', actor.tenant_id, sandbox.id)
    for lead_id in {copy.lead_id for copy in copies if copy.lead_id}:
        touch(session, actor, lead_id)
    return ids


def try_now(session: Session, actor: Actor, destination_id: UUID) -> None:
    """End the rest a failing destination is given: one delivery goes out now and shows whether it works again; raises NotFound."""
    require(actor, Permission.DELIVERIES_REPLAY)
    destination = session.exec(
        select(Destination)
        .where(Destination.tenant_id == actor.tenant_id, Destination.id == destination_id)
        .with_for_update(key_share=True)
    ).first()
    if destination is None:
        raise NotFound('There is no such destination.')
    destination.breaker_until = None
    session.add(destination)
    # What waits may be due much later only because of the failures: the first one goes now.
    first = (
        sa.select(col(Delivery.id))
        .where(OPEN_ROW, col(Delivery.destination_id) == destination.id, col(Delivery.state) == State.PENDING)
        .order_by(col(Delivery.priority), col(Delivery.next_at))
        .limit(1)
    )
    if (id_ := session.execute(first).scalar()) is not None:
        session.execute(
            sa.update(Delivery).where(col(Delivery.id) == id_, col(Delivery.state) == State.PENDING).values(next_at=now(session))
        )
    note(session, actor, 'destination.tried', destination.name)
    ring(session, 'outbox', actor.tenant_id, destination.id)


def _rows(session: Session, actor: Actor, ids: Sequence[UUID], states: Iterable[State]) -> list[tuple[Delivery, Destination]]:
    """The rows of these in one of the states, ours until the transaction ends, with their destinations; raises Conflict for none."""
    found = matching(session, actor.scope, ReplayOrder(ids=tuple(ids)), lock=True)
    wanted = [row for row in found if row.state in states]
    if not wanted:
        raise Conflict('Nothing among these waits for such a decision any more; look again.')
    places = {
        place.id: place
        for place in session.exec(select(Destination).where(col(Destination.id).in_({row.destination_id for row in wanted})))
    }
    return [(row, places[row.destination_id]) for row in wanted]


def _decided(row: Delivery, destination: Destination) -> Decided:
    return Decided(row.id, row.lead_id, destination.name, row.state.value, row.last_class, row.last_error)


def _tell(session: Session, actor: Actor, act: str, decided: Sequence[Decided], said: str) -> None:
    """The audit log, the timelines and the open pages learn of it."""
    if not decided:
        return
    note(session, actor, act, f'{len(decided)} deliveries', ids=[str(each.id) for each in decided[:_AUDITED_IDS]])
    for each in decided:
        if each.lead_id:
            write(session, actor, each.lead_id, EntryType.STATUS_CHANGED, said.format(each.destination), facts={'deliveryId': str(each.id)})
    for lead_id in {each.lead_id for each in decided if each.lead_id}:
        touch(session, actor, lead_id)
    ring(session, 'outbox', actor.tenant_id)


def _sandbox(session: Session, actor: Actor, box: SecretBox) -> Destination:
    """The tenant's sandbox. It subscribes to nothing: only copies go there."""
    mine = select(Destination).where(Destination.tenant_id == actor.tenant_id)
    if found := session.exec(mine.where(Destination.kind == SANDBOX, col(Destination.enabled))).first():
        return found
    names = {place.name for place in session.exec(mine)}
    name = next(
        name for number in range(1, len(names) + 2) if (name := f'{SANDBOX_NAME} {number}' if number > 1 else SANDBOX_NAME) not in names
    )
    config = {'url': 'simulated:sandbox', 'secret': 'whsec_' + base64.b64encode(os.urandom(32)).decode()}
    sandbox = Destination(tenant_id=actor.tenant_id, kind=SANDBOX, name=name, config_sealed=box.seal(json.dumps(config)))
    session.add(sandbox)
    session.flush()
    note(session, actor, 'destination.added', name, kind=SANDBOX)
    ring(session, 'facts', actor.tenant_id)
    return sandbox


def _generations(session: Session, sandbox: Destination, event_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The highest generation of each event's copies so far."""
    query = (
        sa.select(col(Delivery.event_id), sa.func.max(col(Delivery.generation)))
        .where(col(Delivery.destination_id) == sandbox.id, col(Delivery.event_id).in_(list(event_ids)))
        .group_by(col(Delivery.event_id))
    )
    return {event_id: int(highest) for event_id, highest in session.execute(query)}
