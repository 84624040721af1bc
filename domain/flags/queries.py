"""Is it switched on?"""

from sqlmodel import Session, select

from domain.base.scope import Scope
from domain.flags.models import FeatureFlag, Flag


def flag(session: Session, scope: Scope, name: Flag) -> bool:
    """The one way to read a flag; a flag without a row is off."""
    return bool(session.exec(select(FeatureFlag.enabled).where(FeatureFlag.tenant_id == scope.tenant_id, FeatureFlag.name == name)).first())
