"""Switching."""

from collections.abc import Mapping

from sqlmodel import Session, select

from domain.access.rules import Permission, require
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.scope import Actor
from domain.flags.models import FeatureFlag, Flag


def set_flag(session: Session, actor: Actor, name: Flag, enabled: bool) -> None:
    """Switch a flag; it applies everywhere within five seconds."""
    require(actor, Permission.SETTINGS_EDIT)
    row = session.exec(select(FeatureFlag).where(FeatureFlag.tenant_id == actor.tenant_id, FeatureFlag.name == name)).first()
    if row is not None and row.enabled == enabled:
        return  # two people pressed at once: the second changed nothing
    row = row or FeatureFlag(tenant_id=actor.tenant_id, name=name, enabled=enabled)
    row.enabled, row.changed_at = enabled, now()
    session.add(row)
    note(session, actor, 'flag.set', name.value, enabled=enabled)
    ring(session, 'facts', actor.tenant_id)


def plant_flags(session: Session, actor: Actor, first: Mapping[Flag, bool]) -> None:
    """Give each flag its first value, where it has no row yet."""
    require(actor, Permission.SETTINGS_EDIT)
    known = set(session.exec(select(FeatureFlag.name).where(FeatureFlag.tenant_id == actor.tenant_id)))
    for name, enabled in first.items():
        if name not in known:
            session.add(FeatureFlag(tenant_id=actor.tenant_id, name=name, enabled=enabled))
