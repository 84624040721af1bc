"""Reads of intake: the snapshot behind a credential, receipts and the quarantine."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from domain.access.models import WidgetKey
from domain.access.queries import api_key, widget_key
from domain.assignment.queries import new_lead_queue
from domain.base.clock import now
from domain.base.scope import Scope
from domain.inbound.models import Outcome, Submission
from domain.intake.facts import Credential, Facts, FormFacts, Place, Subscriber
from domain.intake.models import Form
from domain.leads.models import Lead
from domain.outbox.models import Destination
from domain.sla.queries import terms
from domain.tenancy.models import Location
from domain.tenancy.queries import calendar, default_location, first_tenant, tenant, tenants


def facts_for(
    session: Session, key: str | None, kind: str, *, sign: Callable[[str], str], expire: timedelta, embedded: bool
) -> Facts | None:
    """The snapshot for an API key, a widget key or, on an embedded desk with one tenant, for no key at all; None when that is nobody."""
    place_id: UUID | None = None
    if kind == 'api' and key:
        row = api_key(session, key, now())
        if row is None:
            return None
        credential = Credential(f'api:{row.id.hex}', 'api', row.id, row.name, frozenset(row.scopes), (), row.rate_limit, row.expires_at)
        tenant_id, place_id = row.tenant_id, row.location_id
    elif kind == 'widget' and key:
        widget = widget_key(session, key)
        if widget is None:
            return None
        credential = Credential(
            f'widget:{widget.id.hex}',
            'widget',
            widget.id,
            widget.name,
            frozenset({'intake', 'chat'}),
            tuple(widget.origins),
            widget.rate_limit,
        )
        tenant_id, place_id = widget.tenant_id, widget.location_id
    else:
        only = first_tenant(session)
        if kind != 'none' or not embedded or only is None or len(tenants(session)) != 1:
            return None
        credential, tenant_id = Credential('none', 'none'), only.id
    return snapshot(session, Scope(tenant_id), credential, sign=sign, expire=expire, place_id=place_id)


def snapshot(
    session: Session, scope: Scope, credential: Credential, *, sign: Callable[[str], str], expire: timedelta, place_id: UUID | None = None
) -> Facts:
    """Everything capture needs to know of this tenant, for this credential."""
    owner = tenant(session, scope.tenant_id)
    place = session.get(Location, place_id) if place_id else default_location(session, scope)
    assert place is not None  # a foreign key holds it
    rows = session.exec(select(Destination).where(Destination.tenant_id == scope.tenant_id, col(Destination.enabled)))
    forms = session.exec(select(Form).where(Form.tenant_id == scope.tenant_id))
    return Facts(
        tenant_id=owner.id,
        tenant_slug=owner.slug,
        tenant_name=owner.name,
        region=owner.phone_region,
        credential=credential,
        place=Place(place.id, place.name, place.time_zone),
        terms=terms(session, scope),
        calendar=calendar(session, scope, place.id),
        subscribers=tuple(
            Subscriber(row.id, row.name, frozenset(row.events), row.least_quality, frozenset(row.location_ids)) for row in rows
        ),
        forms={form.slug: FormFacts(form.slug, form.fields, form.thanks_url) for form in forms},
        sign=sign,
        expire=expire,
        queue=new_lead_queue(session, scope),
        bound=place_id is not None,
    )


def submission(session: Session, scope: Scope, submission_id: UUID) -> Submission | None:
    """One receipt, word for word. Who works for some locations only sees those whose lead belongs to one of them."""
    query = select(Submission).where(Submission.tenant_id == scope.tenant_id, Submission.id == submission_id)
    if scope.location_ids is not None:
        query = query.join(Lead, col(Lead.id) == col(Submission.lead_id)).where(col(Lead.location_id).in_(scope.location_ids))
    return session.exec(query).first()


def receipt(session: Session, submission_id: UUID) -> Submission | None:
    """A receipt of whatever tenant, for the holder of its signed id: the signature is the right to ask."""
    return session.get(Submission, submission_id)


def quarantined(session: Session, scope: Scope, *, limit: int, before: UUID | None = None) -> list[Submission]:
    """What could not be understood, newest first; it has no location yet, so nothing for who works for some locations only."""
    if scope.location_ids is not None:
        return []
    query = select(Submission).where(Submission.tenant_id == scope.tenant_id, Submission.outcome == Outcome.QUARANTINED)
    if before:
        query = query.where(col(Submission.id) < before)
    return list(session.exec(query.order_by(col(Submission.id).desc()).limit(limit)))


def waiting(session: Session, scope: Scope) -> int:
    """How many submissions wait in the quarantine: from an index that holds only those."""
    if scope.location_ids is not None:
        return 0
    query = select(func.count()).select_from(Submission)
    return session.exec(query.where(Submission.tenant_id == scope.tenant_id, Submission.outcome == Outcome.QUARANTINED)).one()


def widget_origins(session: Session) -> set[str]:
    """All origins that some live widget key of the installation names."""
    return {origin for origins in session.exec(select(WidgetKey.origins).where(col(WidgetKey.revoked_at).is_(None))) for origin in origins}
