"""How a lead is reached and recognised: its e-mail address and phone number, changed by hand."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.errors import Conflict, FieldError, Invalid
from domain.base.ids import short
from domain.base.scope import Actor
from domain.leads.changing import Held
from domain.leads.messages import LeadEdit
from domain.leads.models import IdentityKind, LeadIdentity
from domain.leads.queries import by_identity
from domain.leads.queries import lead as find_lead
from domain.leads.rules import normal_email, normal_phone
from domain.tenancy.queries import tenant

_NORMAL = {IdentityKind.EMAIL: lambda text, _region: normal_email(text), IdentityKind.PHONE: normal_phone}


def change_reach(session: Session, actor: Actor, held: Held, edit: LeadEdit) -> None:
    """Change e-mail and phone, as shown and as recognised; raises Invalid naming the field, or Conflict naming the lead it belongs to."""
    wanted = {IdentityKind.EMAIL: edit.email, IdentityKind.PHONE: edit.phone}
    changed = {kind: text for kind, text in wanted.items() if text is not None and text != getattr(held.lead, kind)}
    if not changed:
        return
    before = _own(session, held)
    region = tenant(session, actor.tenant_id).phone_region
    after = set(before)
    for kind, text in changed.items():
        old = _normal(kind, getattr(held.lead, kind), region)
        try:
            new = _NORMAL[kind](text, region) if text else ''
        except ValueError as trouble:
            raise Invalid(f'The lead was not changed: {trouble}.', errors=[FieldError(kind, str(trouble))]) from None
        held.set(kind.value, text)
        if new == old:
            continue
        after.discard(f'{kind}:{old}')
        if new:
            after.add(f'{kind}:{new}')
    if not held.lead.email and not held.lead.phone:
        raise Invalid('Leave at least one of e-mail and phone, so that somebody can answer.', errors=[FieldError('email', 'is needed')])
    if before != after:
        exchange(session, actor, held, before, after)


def _normal(kind: IdentityKind, text: str, region: str) -> str:
    """As recognised; '' for what never was."""
    try:
        return _NORMAL[kind](text, region) if text else ''
    except ValueError:
        return ''


def _own(session: Session, held: Held) -> set[str]:
    rows = session.exec(select(LeadIdentity).where(LeadIdentity.tenant_id == held.lead.tenant_id, LeadIdentity.lead_id == held.lead.id))
    return {f'{row.kind}:{row.value}' for row in rows}


def exchange(session: Session, actor: Actor, held: Held, old: set[str], new: set[str]) -> None:
    """Recognise the lead by what is new instead of what is no longer; raises Conflict when that is somebody else's."""
    taken: list[str] = []
    for kind, _, value in (text.partition(':') for text in sorted(new - old)):
        owner = by_identity(session, actor.scope, kind, value)
        if owner is None:
            session.add(LeadIdentity(tenant_id=actor.tenant_id, kind=IdentityKind(kind), value=value, lead_id=held.lead.id))
        elif owner != held.lead.id:
            raise Conflict(_belongs(session, actor, kind, owner), errors=[FieldError(kind, 'belongs to another lead')])
        else:
            taken.append(f'{kind}:{value}')  # a merged lead's, which is part of this one
    for kind, _, value in (text.partition(':') for text in sorted(old - new)):
        session.execute(
            sa.delete(LeadIdentity).where(
                col(LeadIdentity.tenant_id) == actor.tenant_id,
                col(LeadIdentity.kind) == kind,
                col(LeadIdentity.value) == value,
                col(LeadIdentity.lead_id) == held.lead.id,
            )
        )
    session.flush()
    held.before.setdefault('identities', tuple(sorted(old)))
    held.after['identities'] = tuple(sorted(new - set(taken)))


def _belongs(session: Session, actor: Actor, kind: str, owner: UUID) -> str:
    what = 'e-mail address' if kind == IdentityKind.EMAIL else 'phone number'
    other = find_lead(session, actor.scope, owner)
    if other is None:
        return f'This {what} belongs to a lead of another location.'
    return f'This {what} belongs to {other.name or "another lead"} (L-{short(owner)}). Merge the two, or enter another one.'
