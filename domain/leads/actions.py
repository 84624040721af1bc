"""Deeds on leads."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.access.rules import Permission, may
from domain.base.clock import now
from domain.base.db import ring
from domain.base.scope import Actor
from domain.leads.models import Lead


def touch(session: Session, actor: Actor, lead_id: UUID) -> None:
    """Something the list shows of this lead has changed: open pages read it again."""
    session.execute(sa.update(Lead).where(col(Lead.tenant_id) == actor.tenant_id, col(Lead.id) == lead_id).values(changed_at=now()))
    ring(session, 'lead', actor.tenant_id, lead_id)


def mark_read(session: Session, actor: Actor, lead_id: UUID) -> None:
    """Note that somebody who works with leads has opened this one; whoever may only look leaves it unread."""
    if not may(actor, Permission.LEADS_WRITE):
        return
    changed = session.execute(
        sa.update(Lead)
        .where(col(Lead.tenant_id) == actor.tenant_id, col(Lead.id) == lead_id, col(Lead.unread))
        .values(unread=False, changed_at=now())
    )
    if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result always has it
        ring(session, 'lead', actor.tenant_id, lead_id)
