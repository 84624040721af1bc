"""What stands behind a lead: the receipts that prove it was kept, word for word, and the merges that made it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.errors import NotFound
from domain.base.ids import short
from domain.base.scope import Scope
from domain.inbound.models import Submission
from domain.leads.models import Lead, LeadMerge
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead

RECEIPTS = 50
RAW = 64_000  # bytes of one raw submission; intake takes no more


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a submission was stored: when, what became of it, and who sent it by which way."""

    id: UUID
    kept_at: datetime
    outcome: str
    route: str
    credential: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Merged:
    """A lead that is in this one now."""

    id: UUID  # of the merge
    name: str
    reference: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a lead: its receipts, newest first, and the leads merged into it."""

    receipts: tuple[Receipt, ...]
    merged: tuple[Merged, ...]


def behind(session: Session, scope: Scope, lead_id: UUID) -> Behind:
    """The receipts of a lead and the merges that made it; raises NotFound."""
    lead = _lead(session, scope, lead_id)
    members = family(session, scope, lead.id)
    query = select(Submission).where(Submission.tenant_id == scope.tenant_id, col(Submission.lead_id).in_(members))
    rows = session.exec(query.order_by(col(Submission.id).desc()).limit(RECEIPTS)).all()
    merges = session.exec(
        select(LeadMerge, Lead)
        .join(Lead, col(Lead.id) == col(LeadMerge.merged_id))
        .where(LeadMerge.tenant_id == scope.tenant_id, col(LeadMerge.kept_id).in_(members), col(LeadMerge.undone_at).is_(None))
        .order_by(col(LeadMerge.id).desc())
    ).all()
    return Behind(
        receipts=tuple(Receipt(r.id, r.received_at, r.outcome, r.route, r.credential, len(r.raw)) for r in rows),
        merged=tuple(
            Merged(merge.id, other.name or other.email or other.phone, f'L-{short(other.id)}', merge.by_name, merge.at)
            for merge, other in merges
        ),
    )


def raw(session: Session, scope: Scope, lead_id: UUID, receipt_id: UUID) -> str:
    """One submission as it came, undecodable bytes as U+FFFD; raises NotFound when it is not one of this lead's."""
    lead = _lead(session, scope, lead_id)
    row = session.exec(
        select(Submission)
        .where(Submission.tenant_id == scope.tenant_id, Submission.id == receipt_id)
        .where(col(Submission.lead_id).in_(family(session, scope, lead.id)))
    ).first()
    if row is None:
        raise NotFound('There is no such receipt on this lead.')
    return row.raw[:RAW].decode('utf-8', 'replace')


def _lead(session: Session, scope: Scope, lead_id: UUID) -> Lead:
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        raise NotFound('There is no such lead, or it belongs to a location you do not work for.')
    return lead
