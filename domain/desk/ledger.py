"""The loss check: every receipt is accounted for, and every event has its rows. Whole, or in slices of ids."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.scope import Scope
from domain.inbound.models import Outcome, Submission
from domain.leads.models import Lead
from domain.outbox.models import Delivery, LeadEvent

_WITH_LEAD = (Outcome.CREATED, Outcome.RESUBMITTED)

Limits = list[sa.ColumnElement[bool]]


@dataclass(slots=True)
class Ledger:
    """What the check counted and what it missed; `lost` is empty on a good day."""

    receipts: dict[str, int] = field(default_factory=dict)
    events: int = 0
    deliveries: int = 0
    lost: list[dict[str, str]] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.lost


def verify(session: Session, scope: Scope, since: datetime | None) -> Ledger:
    """Compare receipts with leads and events, and events with deliveries, of the tenant, from `since` on (None: always)."""
    ledger = Ledger()
    for part in PARTS:
        limits = [part.table.tenant_id == scope.tenant_id]
        if since is not None:
            limits.append(getattr(part.table, part.time) >= since)
        part.check(session, scope, limits, ledger)
    return ledger


@dataclass(frozen=True, slots=True)
class Part:
    """One third of the check: a table, the column of its time, what it is called, and the comparison of its rows within limits."""

    name: str
    table: Any
    time: str
    check: Callable[[Session, Scope, Limits, Ledger], None]

    def count(self, session: Session, scope: Scope) -> int:
        """How many rows there are to look at."""
        query = sa.select(sa.func.count()).select_from(self.table).where(self.table.tenant_id == scope.tenant_id)
        return int(session.execute(query).scalar_one())

    def slice(self, session: Session, scope: Scope, after: UUID | None, size: int, ledger: Ledger) -> UUID | None:
        """Check the next `size` rows after this id; gives back the last id looked at, None when that was the end."""
        limits: Limits = [self.table.tenant_id == scope.tenant_id]
        if after is not None:
            limits.append(self.table.id > after)
        last: UUID | None = session.execute(
            sa.select(self.table.id).where(*limits).order_by(self.table.id).offset(size - 1).limit(1)
        ).scalar_one_or_none()
        if last is not None:
            limits.append(self.table.id <= last)
        self.check(session, scope, limits, ledger)
        return last


def _receipts(session: Session, _scope: Scope, limits: Limits, ledger: Ledger) -> None:
    """A receipt that says created or resubmitted needs its lead and its event; a twin needs its lead."""
    counted = sa.select(col(Submission.outcome), sa.func.count()).where(*limits).group_by(col(Submission.outcome))
    for outcome, count in session.execute(counted):
        ledger.receipts[str(outcome)] = ledger.receipts.get(str(outcome), 0) + count
    query = (
        sa.select(col(Submission.id), col(Submission.outcome), col(Submission.lead_id), col(Lead.id), col(LeadEvent.id))
        .join(Lead, col(Lead.id) == Submission.lead_id, isouter=True)
        .join(LeadEvent, col(LeadEvent.id) == Submission.event_id, isouter=True)
        .where(*limits)
        .where(
            sa.or_(
                sa.and_(col(Submission.outcome).in_((*_WITH_LEAD, Outcome.TWIN)), col(Lead.id).is_(None)),
                sa.and_(col(Submission.outcome).in_(_WITH_LEAD), col(LeadEvent.id).is_(None)),
            )
        )
        .order_by(col(Submission.id))
    )
    for receipt, outcome, lead_id, found, _event in session.execute(query):
        missing = 'event' if found else 'lead'
        ledger.lost.append(_loss(f'receipt is {outcome} but its {missing} is missing', receipt=receipt, lead=lead_id))


def _events(session: Session, scope: Scope, limits: Limits, ledger: Ledger) -> None:
    """An event knows how many destinations were subscribed when it was written."""
    chosen = sa.select(col(LeadEvent.id)).where(*limits)
    rows = (
        sa.select(col(Delivery.event_id).label('event_id'), sa.func.count().label('rows'))
        .where(col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.generation) == 1, col(Delivery.event_id).in_(chosen))
        .group_by(col(Delivery.event_id))
        .subquery()
    )
    found = sa.func.coalesce(rows.c.rows, 0)
    base = sa.select(col(LeadEvent.id), col(LeadEvent.lead_id), col(LeadEvent.fanout), found)
    base = base.join(rows, rows.c.event_id == LeadEvent.id, isouter=True).where(*limits)
    for event, lead_id, fanout, count in session.execute(base.where(found != col(LeadEvent.fanout)).order_by(col(LeadEvent.id))):
        ledger.lost.append(_loss(f'event has {count} deliveries, {fanout} destinations were subscribed', event=event, lead=lead_id))
    totals = base.with_only_columns(sa.func.count(), sa.func.coalesce(sa.func.sum(found), 0))
    events, deliveries = (int(value) for value in session.execute(totals).one())
    ledger.events, ledger.deliveries = ledger.events + events, ledger.deliveries + deliveries


def _leads(session: Session, _scope: Scope, limits: Limits, ledger: Ledger) -> None:
    """A lead came from somewhere: one without any receipt is a row somebody wrote by hand, or a lost receipt."""
    has_receipt = sa.exists().where(col(Submission.lead_id) == Lead.id, col(Submission.tenant_id) == Lead.tenant_id)
    for (lead_id,) in session.execute(sa.select(col(Lead.id)).where(*limits).where(~has_receipt)):
        ledger.lost.append(_loss('lead has no receipt', lead=lead_id))


PARTS = (
    Part('receipts', Submission, 'received_at', _receipts),
    Part('events and their deliveries', LeadEvent, 'created_at', _events),
    Part('leads', Lead, 'created_at', _leads),
)


def _loss(what: str, *, receipt: UUID | None = None, event: UUID | None = None, lead: UUID | None = None) -> dict[str, str]:
    named = {'receiptId': receipt, 'eventId': event, 'leadId': lead}
    return {'what': what, **{name: str(value) for name, value in named.items() if value is not None}}
