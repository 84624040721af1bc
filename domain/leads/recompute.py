"""When a location's hours, holidays or time zone change, the clocks that count by them are counted anew."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.leads.changing import MOST, News, hold, tell_all
from domain.leads.clocking import recount
from domain.leads.models import Lead
from domain.sla.models import CountedTime, SlaClock
from domain.timeline.models import EntryType


def recompute_clocks(session: Session, actor: Actor, location_id: UUID) -> int:
    """Count the running business clocks of a location by its hours as they are now, from arrival on; gives back how many leads changed.

    Called in the transaction that changed the hours. A deadline that would have been past is now, never before: nobody is late for what
    was not late yet. One that was missed stays missed.
    """
    require(actor, Permission.LEADS_WRITE)
    query = (
        sa.select(col(Lead.id))
        .join(SlaClock, col(SlaClock.lead_id) == col(Lead.id))
        .where(
            col(Lead.tenant_id) == actor.tenant_id,
            col(Lead.location_id) == location_id,
            col(Lead.merged_into).is_(None),
            col(SlaClock.clock) == CountedTime.BUSINESS,
            col(SlaClock.answered_at).is_(None),
            col(SlaClock.stopped_at).is_(None),
        )
        .distinct()
        .order_by(col(Lead.id))
    )
    session.flush()
    lead_ids: list[UUID] = list(session.execute(query).scalars())
    changed = 0
    for first in range(0, len(lead_ids), MOST):
        changed += _recounted(session, actor, lead_ids[first : first + MOST])
    return changed


def _recounted(session: Session, actor: Actor, lead_ids: list[UUID]) -> int:
    held, moment = hold(session, actor, lead_ids), now()
    for each in held:
        recount(each, moment)
    said = (EntryType.STATUS_CHANGED, 'Deadline counted anew: the opening hours changed', '')
    news = [News(each, EventType.LEAD_UPDATED, (said,)) for each in held if each.after]
    tell_all(session, actor, news)
    return len(news)
