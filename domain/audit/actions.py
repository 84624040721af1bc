"""The one way to write the audit log."""

from typing import Any

from sqlmodel import Session

from domain.audit.models import AuditEntry
from domain.base.scope import Actor


def note(session: Session, actor: Actor, action: str, subject: str, **details: Any) -> None:
    """Record that `actor` did `action` to `subject`; `details` are JSON values and never secrets."""
    session.add(
        AuditEntry(
            tenant_id=actor.tenant_id,
            actor_type=actor.type,
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            subject=subject[:200],
            details=details,
        )
    )
