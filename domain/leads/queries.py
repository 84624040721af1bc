"""Questions about leads."""

from uuid import UUID

from sqlmodel import Session, col, select

from domain.base.scope import Scope
from domain.inbound.models import Submission
from domain.leads.models import Lead, LeadIdentity


def lead(session: Session, scope: Scope, lead_id: UUID) -> Lead | None:
    """The lead with this id, or the one a receipt with this id belongs to; None when it is not in the caller's scope."""
    found = session.exec(select(Lead).where(Lead.tenant_id == scope.tenant_id, Lead.id == lead_id)).first()
    if found is None:
        found = session.exec(
            select(Lead)
            .join(Submission, col(Submission.lead_id) == col(Lead.id))
            .where(Lead.tenant_id == scope.tenant_id, Submission.id == lead_id)
        ).first()
    if found and scope.location_ids is not None and found.location_id not in scope.location_ids:
        return None
    return found


def leads(
    session: Session,
    scope: Scope,
    *,
    limit: int,
    before: UUID | None = None,
    status: str | None = None,
    quality: str | None = None,
    text: str | None = None,
) -> list[Lead]:
    """The newest leads first, optionally narrowed; `before` is the last id of the former page."""
    query = select(Lead).where(Lead.tenant_id == scope.tenant_id).order_by(col(Lead.id).desc()).limit(limit)
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    if before:
        query = query.where(col(Lead.id) < before)
    if status:
        query = query.where(Lead.status == status)
    if quality:
        query = query.where(Lead.quality == quality)
    if text:
        like = '%' + text.replace('\\', '\\\\').replace('%', '\\%').replace('_', '\\_') + '%'
        query = query.where(
            col(Lead.name).ilike(like, escape='\\') | col(Lead.email).ilike(like, escape='\\') | col(Lead.phone).ilike(like, escape='\\')
        )
    return list(session.exec(query))


def by_identity(session: Session, scope: Scope, kind: str, value: str) -> UUID | None:
    """The lead that this address or number belongs to."""
    return session.exec(
        select(LeadIdentity.lead_id).where(
            LeadIdentity.tenant_id == scope.tenant_id, LeadIdentity.kind == kind, LeadIdentity.value == value
        )
    ).first()
