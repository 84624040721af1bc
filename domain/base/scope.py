"""Who sees what: a query takes a Scope, an action takes an Actor, which carries one."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The five roles of a person, from all to little."""

    OWNER = 'owner'
    ADMIN = 'admin'
    MANAGER = 'manager'
    AGENT = 'agent'
    READ_ONLY = 'read-only'


class ActorType(StrEnum):
    """Who did it, as the timeline says it."""

    SYSTEM = 'system'
    AGENT = 'agent'
    CUSTOMER = 'customer'
    BOT = 'bot'


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a caller may see: one tenant, and in it all locations or the named ones."""

    tenant_id: UUID
    location_ids: frozenset[UUID] | None = None  # None: all


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts: a person with a role, an API or widget key with scopes, or the system itself."""

    scope: Scope
    type: ActorType
    id: UUID | None = None
    name: str = 'system'
    role: Role | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def tenant_id(self) -> UUID:
        return self.scope.tenant_id


def system(tenant_id: UUID) -> Actor:
    """The desk itself, acting for one tenant: workers and start-up code use it."""
    return Actor(Scope(tenant_id), ActorType.SYSTEM)
