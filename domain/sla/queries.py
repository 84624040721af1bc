"""Questions about windows and clocks."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.scope import Scope
from domain.sla.models import ClockKind, SlaClock, SlaPolicy
from domain.sla.rules import DEFAULT_WINDOWS


def windows(session: Session, scope: Scope) -> dict[str, int]:
    """Seconds of the first-reply window for each quality."""
    rows = session.exec(select(SlaPolicy).where(SlaPolicy.tenant_id == scope.tenant_id))
    return {**DEFAULT_WINDOWS, **{row.quality: row.first_reply_seconds for row in rows}}


def first_reply_clock(session: Session, scope: Scope, lead_id: UUID) -> SlaClock | None:
    """The lead's first-reply clock."""
    return session.exec(
        select(SlaClock).where(SlaClock.tenant_id == scope.tenant_id, SlaClock.lead_id == lead_id, SlaClock.kind == ClockKind.FIRST_REPLY)
    ).first()


def first_reply_clocks(session: Session, scope: Scope, lead_ids: Iterable[UUID]) -> dict[UUID, SlaClock]:
    """The first-reply clocks of these leads."""
    rows = session.exec(
        select(SlaClock).where(
            SlaClock.tenant_id == scope.tenant_id, col(SlaClock.lead_id).in_(list(lead_ids)), SlaClock.kind == ClockKind.FIRST_REPLY
        )
    )
    return {row.lead_id: row for row in rows}
