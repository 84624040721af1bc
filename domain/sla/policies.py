"""The policies of a tenant: one for each quality, whether somebody wrote it down or the default holds."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.db import ring
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.scope import Actor, Scope
from domain.sla.messages import PolicyChange, PolicyOrder
from domain.sla.models import SlaPolicy
from domain.sla.rules import DEFAULT_TERMS, Terms

_KEPT = ('next_reply_seconds', 'resolution_seconds')  # may be null; everywhere else null says "leave it"


def policies(session: Session, scope: Scope) -> list[SlaPolicy]:
    """What holds for hot, warm and cold leads, in this order; where there is no row, the default as an unsaved one (`version` 0)."""
    rows = {row.quality: row for row in session.exec(select(SlaPolicy).where(SlaPolicy.tenant_id == scope.tenant_id))}
    return [rows.get(quality) or _default(scope.tenant_id, quality, terms) for quality, terms in DEFAULT_TERMS.items()]


def set_policy(session: Session, actor: Actor, order: PolicyOrder) -> SlaPolicy:
    """Replace all that holds for a quality. New leads go by it; clocks that run keep the deadline that was promised."""
    require(actor, Permission.SETTINGS_EDIT)
    row = next(row for row in policies(session, actor.scope) if row.quality == order.quality)
    return _write(session, actor, row, order.model_dump(exclude={'quality'}))


def change_policy(session: Session, actor: Actor, policy_id: UUID, change: PolicyChange) -> SlaPolicy:
    """Change what is named, and leave the rest. Raises NotFound, or Invalid when the policy is to move to another quality."""
    require(actor, Permission.SETTINGS_EDIT)
    row = next((row for row in policies(session, actor.scope) if row.id == policy_id), None)
    if row is None:
        raise NotFound('There is no such policy.')
    if change.quality not in (None, row.quality):
        raise Invalid(f'This is the policy for {row.quality} leads.', errors=[FieldError('quality', 'cannot be changed')])
    values = change.model_dump(exclude={'quality'}, exclude_unset=True)
    return _write(session, actor, row, {name: value for name, value in values.items() if value is not None or name in _KEPT})


def order_of(row: SlaPolicy) -> PolicyOrder:
    """The policy as it would be sent in."""
    return PolicyOrder.model_validate({name: getattr(row, name) for name in PolicyOrder.model_fields})


def ordered_terms(order: PolicyOrder) -> Terms:
    """What a policy says that nobody has saved yet."""
    return Terms(
        first_reply=order.first_reply_seconds,
        clock=order.clock,
        next_reply=order.next_reply_seconds,
        resolution=order.resolution_seconds,
        pausing=tuple(order.pausing),
        warn=order.warn_seconds,
        warn_share=order.warn_share,
        escalate=order.escalate_seconds,
        assistant_counts=order.assistant_counts,
    )


def _write(session: Session, actor: Actor, row: SlaPolicy, values: Mapping[str, Any]) -> SlaPolicy:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed and row.version:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    session.add(row)
    session.flush()
    note(session, actor, 'sla_policy.changed', row.quality, **changed)
    ring(session, 'facts', actor.tenant_id)
    return row


def _default(tenant_id: UUID, quality: str, terms: Terms) -> SlaPolicy:
    """The default as a row. Its id is made of tenant and quality, so that who read it can change it by that id."""
    return SlaPolicy(
        id=uuid5(tenant_id, f'sla-policy:{quality}'),
        tenant_id=tenant_id,
        quality=quality,
        first_reply_seconds=terms.first_reply,
        next_reply_seconds=terms.next_reply,
        resolution_seconds=terms.resolution,
        clock=terms.clock,
        pausing=list(terms.pausing),
        warn_seconds=terms.warn,
        warn_share=terms.warn_share,
        escalate_seconds=terms.escalate,
        assistant_counts=terms.assistant_counts,
        version=0,
    )
