"""Questions about windows and clocks."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.scope import Scope
from domain.sla.models import RUNNING, ClockKind, SlaClock, SlaPolicy
from domain.sla.rules import DEFAULT_TERMS, Terms

_RUNNING = ' AND '.join(f'sla_clocks.{part}' for part in RUNNING.split(' AND '))


def running() -> sa.TextClause:
    """That a clock of the query runs. As text where the partial index is: with a parameter in it SQLite would not use it."""
    return sa.text(_RUNNING)


def terms(session: Session, scope: Scope) -> dict[str, Terms]:
    """What holds for each quality: the tenant's policies, else the defaults."""
    rows = session.exec(select(SlaPolicy).where(SlaPolicy.tenant_id == scope.tenant_id))
    return {**DEFAULT_TERMS, **{row.quality: terms_of(row) for row in rows}}


def terms_of(row: SlaPolicy) -> Terms:
    """The row as the laws of this room take it."""
    return Terms(
        first_reply=row.first_reply_seconds,
        clock=row.clock,
        next_reply=row.next_reply_seconds,
        resolution=row.resolution_seconds,
        pausing=tuple(row.pausing),
        warn=row.warn_seconds,
        warn_share=row.warn_share,
        escalate=row.escalate_seconds,
        assistant_counts=row.assistant_counts,
    )


def first_reply_clock(session: Session, scope: Scope, lead_id: UUID) -> SlaClock | None:
    """The lead's first-reply clock."""
    return session.exec(
        select(SlaClock).where(SlaClock.tenant_id == scope.tenant_id, SlaClock.lead_id == lead_id, SlaClock.kind == ClockKind.FIRST_REPLY)
    ).first()


def clocks(session: Session, scope: Scope, lead_ids: Iterable[UUID]) -> dict[UUID, dict[ClockKind, SlaClock]]:
    """All clocks of these leads, by lead and kind."""
    found: dict[UUID, dict[ClockKind, SlaClock]] = {}
    for row in session.exec(select(SlaClock).where(SlaClock.tenant_id == scope.tenant_id, col(SlaClock.lead_id).in_(list(lead_ids)))):
        found.setdefault(row.lead_id, {})[ClockKind(row.kind)] = row
    return found


def first_reply_clocks(session: Session, scope: Scope, lead_ids: Iterable[UUID]) -> dict[UUID, SlaClock]:
    """The first-reply clocks of these leads."""
    rows = session.exec(
        select(SlaClock).where(
            SlaClock.tenant_id == scope.tenant_id, col(SlaClock.lead_id).in_(list(lead_ids)), SlaClock.kind == ClockKind.FIRST_REPLY
        )
    )
    return {row.lead_id: row for row in rows}
