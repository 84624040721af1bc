"""Sending deliveries again, with the provider keys they had."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.db import now, ring
from domain.base.errors import Conflict, NotFound
from domain.base.scope import Actor
from domain.outbox.actions import REPLAY_LIFE
from domain.outbox.messages import ReplayOrder
from domain.outbox.models import Delivery, State
from domain.outbox.queries import matching

REPLAY_AT_ONCE = 500  # rows of one statement


def replay(session: Session, actor: Actor, delivery_id: UUID) -> None:
    """Send one delivery again, now, with the same provider key; raises NotFound, or Conflict while it is under way."""
    require(actor, Permission.DELIVERIES_REPLAY)
    if not replay_all(session, actor, ReplayOrder(delivery_id=delivery_id)):
        raise Conflict('This delivery is being sent right now; look again in a moment.')


def replay_all(session: Session, actor: Actor, order: ReplayOrder) -> list[UUID]:
    """Send all matching deliveries again with their own provider keys; gives back their ids. Rows under way are left alone."""
    require(actor, Permission.DELIVERIES_REPLAY)
    rows = matching(session, actor.scope, order, lock=True)
    if not rows and order.delivery_id is not None:
        raise NotFound('There is no such delivery.')
    ready = [(row.id, row.destination_id, row.lead_id) for row in rows if row.state != State.LEASED]
    ids = [id_ for id_, _, _ in ready]
    if ready:
        _rearm(session, ids)
        note(session, actor, 'deliveries.replayed', f'{len(ids)} deliveries', ids=[str(id_) for id_ in ids[:200]])
        ring(session, 'outbox', actor.tenant_id, *{destination_id for _, destination_id, _ in ready})
        ring(session, 'lead', actor.tenant_id, *{lead_id for _, _, lead_id in ready if lead_id})
    return ids


def _rearm(session: Session, ids: list[UUID]) -> None:
    """Let these rows start over. In bulk: row by row, thousands of them would keep the only writer of SQLite for seconds."""
    moment = now(session)
    anew = sa.update(Delivery).values(
        state=State.PENDING,
        attempts=0,
        claims=0,
        next_at=moment,
        expires_at=moment + REPLAY_LIFE,
        settled_at=None,
        lease_until=None,
    )
    for start in range(0, len(ids), REPLAY_AT_ONCE):
        some = anew.where(col(Delivery.id).in_(ids[start : start + REPLAY_AT_ONCE]))
        session.execute(some, execution_options={'synchronize_session': False})
    session.expire_all()
