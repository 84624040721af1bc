"""Questions about leads."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.errors import Conflict
from domain.base.scope import Scope
from domain.inbound.models import Submission
from domain.leads.models import Group, Lead, LeadIdentity, LeadMerge
from domain.sla.models import REPLIES, ClockKind, SlaClock
from domain.sla.queries import running

_REFERENCE = re.compile(r'(?:L-)?([0-9a-f]{8})', re.IGNORECASE)


def lead(session: Session, scope: Scope, lead_id: UUID) -> Lead | None:
    """The lead with this id, or the one a receipt with this id belongs to; None when it is not in the caller's scope.

    Whoever asks for a merged lead is given the one it is part of now.
    """
    found = session.exec(select(Lead).where(Lead.tenant_id == scope.tenant_id, Lead.id == lead_id)).first()
    if found is None:
        found = session.exec(
            select(Lead)
            .join(Submission, col(Submission.lead_id) == col(Lead.id))
            .where(Lead.tenant_id == scope.tenant_id, Submission.id == lead_id)
        ).first()
    while found and found.merged_into:
        found = session.exec(select(Lead).where(Lead.tenant_id == scope.tenant_id, Lead.id == found.merged_into)).first()
    if found and scope.location_ids is not None and found.location_id not in scope.location_ids:
        return None
    return found


def family(session: Session, scope: Scope, lead_id: UUID) -> list[UUID]:
    """This lead and all that are part of it: what they said and what was told of them is read together."""
    return [lead_id, *parts(session, scope, [lead_id])]


def parts(session: Session, scope: Scope, lead_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The leads that are part of these now, each with the one of these that it is part of."""
    found: dict[UUID, UUID] = {}
    asked = {lead_id: lead_id for lead_id in lead_ids}
    while asked:
        query = select(LeadMerge.merged_id, LeadMerge.kept_id).where(
            LeadMerge.tenant_id == scope.tenant_id, col(LeadMerge.kept_id).in_(list(asked)), col(LeadMerge.undone_at).is_(None)
        )
        asked = {merged: asked[kept] for merged, kept in session.exec(query) if merged not in found}
        found |= asked
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
    owner_id: UUID | None = None,
    tag: str | None = None,
) -> list[Lead]:
    """The newest leads first, optionally narrowed; `before` is the last id of the former page. Merged leads are not among them."""
    query = select(Lead).where(Lead.tenant_id == scope.tenant_id, Lead.inbox_group != Group.MERGED)
    query = query.order_by(col(Lead.id).desc()).limit(limit)
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    if before:
        query = query.where(col(Lead.id) < before)
    if status:
        query = query.where(Lead.status == status)
    if quality:
        query = query.where(Lead.quality == quality)
    if owner_id:
        query = query.where(Lead.owner_id == owner_id)
    if tag:
        query = query.where(tagged(tag))
    if text:
        like = f'%{_literally(text)}%'
        query = query.where(
            col(Lead.name).ilike(like, escape='\\') | col(Lead.email).ilike(like, escape='\\') | col(Lead.phone).ilike(like, escape='\\')
        )
    return list(session.exec(query))


def tagged(tag: str) -> sa.ColumnElement[bool]:
    """The leads that carry this tag, capitals or not.

    The list is looked at as text, which both engines can: SQLite holds letters beyond ASCII escaped, PostgreSQL as they are.
    """
    listed = sa.cast(col(Lead.tags), sa.Text)
    spelled = {json.dumps(tag), json.dumps(tag, ensure_ascii=False)}
    patterns = [f'{start}{_literally(text)}%' for text in sorted(spelled) for start in ('[', '%, ')]
    return sa.or_(*(listed.ilike(pattern, escape='\\') for pattern in patterns))


def snooze_is_over(scope: Scope, moment: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """The snoozed leads whose time has come: few are snoozed, and the index on the group finds them."""
    return col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group) == Group.SNOOZED, col(Lead.snoozed_until) <= moment


def anybody_wakes(session: Session, scope: Scope, moment: datetime) -> bool:
    """Whether there is such a lead."""
    return session.exec(select(Lead.id).where(*snooze_is_over(scope, moment)).limit(1)).first() is not None


def shown_clock() -> sa.ColumnElement[bool]:
    """Joins each lead of a query with the clock that is shown of it: of the reply that is awaited now, else of the first one."""
    awaits = col(Lead.inbox_group) == Group.NEEDS_REPLY
    awaited = sa.and_(awaits, col(SlaClock.kind).in_(REPLIES), running())
    first = sa.and_(sa.not_(awaits), col(SlaClock.kind) == ClockKind.FIRST_REPLY)
    return sa.and_(col(SlaClock.lead_id) == col(Lead.id), sa.or_(awaited, first))


def by_identity(session: Session, scope: Scope, kind: str, value: str) -> UUID | None:
    """The lead that this address or number belongs to; of a merged lead, the one it is part of."""
    found = session.execute(
        sa.select(col(LeadIdentity.lead_id), col(Lead.merged_into))
        .join(Lead, col(Lead.id) == col(LeadIdentity.lead_id))
        .where(col(LeadIdentity.tenant_id) == scope.tenant_id, col(LeadIdentity.kind) == kind, col(LeadIdentity.value) == value)
    ).first()
    if found is None:
        return None
    lead_id, into = found
    while into:
        lead_id = into
        into = session.execute(
            sa.select(col(Lead.merged_into)).where(col(Lead.tenant_id) == scope.tenant_id, col(Lead.id) == into)
        ).scalar()
    return UUID(str(lead_id))


def _literally(text: str) -> str:
    return text.replace('\\', '\\\\').replace('%', '\\%').replace('_', '\\_')


def called(session: Session, scope: Scope, text: str) -> Lead | None:
    """The lead that somebody names: by its id or a receipt's, or by the reference that people read to each other (`L-0A1B2C3D`).

    Raises Conflict where several end in these eight digits.
    """
    with suppress(ValueError):
        return lead(session, scope, UUID(text))
    if not (named := _REFERENCE.fullmatch(text.strip())):
        return None
    query = select(Lead.id).where(Lead.tenant_id == scope.tenant_id, sa.cast(col(Lead.id), sa.String).ilike(f'%{named[1]}'))
    found = session.exec(query.limit(2)).all()
    if len(found) > 1:
        raise Conflict(f'More than one lead is called {text.strip()}; use the whole id.')
    return lead(session, scope, found[0]) if found else None
