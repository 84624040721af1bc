"""The loss check: every receipt is accounted for, and every event has its rows."""

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
    counted = (
        sa.select(col(Submission.outcome), sa.func.count())
        .where(*_since(Submission, scope, since, 'received_at'))
        .group_by(col(Submission.outcome))
    )
    ledger.receipts = {str(outcome): count for outcome, count in session.execute(counted)}
    _receipts_without(session, scope, since, ledger)
    _events_without(session, scope, since, ledger)
    _leads_without(session, scope, since, ledger)
    return ledger


def _since(table: Any, scope: Scope, since: datetime | None, column: str) -> list[sa.ColumnElement[bool]]:
    conditions = [table.tenant_id == scope.tenant_id]
    return conditions if since is None else [*conditions, getattr(table, column) >= since]


def _receipts_without(session: Session, scope: Scope, since: datetime | None, ledger: Ledger) -> None:
    """A receipt that says created or resubmitted needs its lead and its event; a twin needs its lead."""
    query = (
        sa.select(col(Submission.id), col(Submission.outcome), col(Submission.lead_id), col(Lead.id), col(LeadEvent.id))
        .join(Lead, col(Lead.id) == Submission.lead_id, isouter=True)
        .join(LeadEvent, col(LeadEvent.id) == Submission.event_id, isouter=True)
        .where(*_since(Submission, scope, since, 'received_at'))
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


def _events_without(session: Session, scope: Scope, since: datetime | None, ledger: Ledger) -> None:
    """An event knows how many destinations were subscribed when it was written."""
    rows = (
        sa.select(col(Delivery.event_id).label('event_id'), sa.func.count().label('rows'))
        .where(col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.generation) == 1)
        .group_by(col(Delivery.event_id))
        .subquery()
    )
    found = sa.func.coalesce(rows.c.rows, 0)
    base = sa.select(col(LeadEvent.id), col(LeadEvent.lead_id), col(LeadEvent.fanout), found).join(
        rows, rows.c.event_id == LeadEvent.id, isouter=True
    )
    base = base.where(*_since(LeadEvent, scope, since, 'created_at'))
    for event, lead_id, fanout, count in session.execute(base.where(found != col(LeadEvent.fanout)).order_by(col(LeadEvent.id))):
        ledger.lost.append(_loss(f'event has {count} deliveries, {fanout} destinations were subscribed', event=event, lead=lead_id))
    totals = base.with_only_columns(sa.func.count(), sa.func.coalesce(sa.func.sum(found), 0))
    ledger.events, ledger.deliveries = (int(value) for value in session.execute(totals).one())


def _leads_without(session: Session, scope: Scope, since: datetime | None, ledger: Ledger) -> None:
    """A lead came from somewhere: one without any receipt is a row somebody wrote by hand, or a lost receipt."""
    has_receipt = sa.exists().where(col(Submission.lead_id) == Lead.id)
    query = sa.select(col(Lead.id)).where(*_since(Lead, scope, since, 'created_at')).where(~has_receipt)
    for (lead_id,) in session.execute(query):
        ledger.lost.append(_loss('lead has no receipt', lead=lead_id))


def _loss(what: str, *, receipt: UUID | None = None, event: UUID | None = None, lead: UUID | None = None) -> dict[str, str]:
    named = {'receiptId': receipt, 'eventId': event, 'leadId': lead}
    return {'what': what, **{name: str(value) for name, value in named.items() if value is not None}}
