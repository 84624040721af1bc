"""Leads whose messages wait for a destination: what they look like changes when it is paused, resumed or renamed."""

from sqlmodel import Session, col, select

from domain.base.db import ring
from domain.outbox.models import Delivery, Destination
from domain.outbox.queries import OPEN_ROW

MOST = 300  # leads: pages that are told of more than they hold read their first rows anew anyway
PER_RING = 100  # a ring that names more of them would not fit into one notice of PostgreSQL


def tell_waiting(session: Session, destination: Destination) -> None:
    """Ring for the leads that wait for this destination, the newest ones if there are very many."""
    waiting = session.exec(
        select(Delivery.lead_id)
        .where(OPEN_ROW, Delivery.destination_id == destination.id, col(Delivery.lead_id).is_not(None))
        .order_by(col(Delivery.id).desc())
        .limit(MOST)
    )
    ids = list({lead_id for lead_id in waiting if lead_id})
    for start in range(0, len(ids), PER_RING):
        ring(session, 'lead', destination.tenant_id, *ids[start : start + PER_RING])
