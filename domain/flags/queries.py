"""Is it switched on?"""

from sqlmodel import Session, col, select

from domain.audit.models import AuditEntry
from domain.base.scope import Scope
from domain.flags.messages import FlagState
from domain.flags.models import FeatureFlag, Flag


def flag(session: Session, scope: Scope, name: Flag) -> bool:
    """The one way to read a flag; a flag without a row is off."""
    return bool(session.exec(select(FeatureFlag.enabled).where(FeatureFlag.tenant_id == scope.tenant_id, FeatureFlag.name == name)).first())


def flags(session: Session, scope: Scope) -> list[FlagState]:
    """All flags in the order of their names, each with the person who switched it last."""
    rows = {row.name: row for row in session.exec(select(FeatureFlag).where(FeatureFlag.tenant_id == scope.tenant_id))}
    return [_state(session, scope, name, rows.get(name)) for name in sorted(Flag)]


def _state(session: Session, scope: Scope, name: Flag, row: FeatureFlag | None) -> FlagState:
    if row is None:
        return FlagState(name, enabled=False)
    last = session.exec(
        select(AuditEntry)
        .where(AuditEntry.tenant_id == scope.tenant_id, AuditEntry.action == 'flag.set', AuditEntry.subject == name.value)
        .order_by(col(AuditEntry.at).desc())
        .limit(1)
    ).first()
    return FlagState(name, row.enabled, last.at, last.actor_name) if last else FlagState(name, row.enabled)
