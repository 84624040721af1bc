"""What a place of the desk is: something read in one go, and elements made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from domain.access.rules import Permission
from domain.base.db import Session
from domain.base.scope import Scope
from ui.ask import Visit


@dataclass(frozen=True)
class Asked:
    """What the address asks of a place: the named parts of its path, and its query."""

    path: str = '/'
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    me: UUID | None = None  # who asks: a person of the desk
    staying: bool = False  # the place is shown already, with the same query: what stands there need not be read again


class Staying(Protocol):
    """What a place may give back from `build`: it then goes to its other addresses without being built anew."""

    def go(self, asked: Asked, data: Any) -> None:
        """Show what this address asks for; `data` is what `read` gave for it."""

    def leave(self) -> None:
        """The person goes to another place."""


class PlaceModule(Protocol):
    """A module of ui/pages that is a place."""

    TITLE: str
    NEEDS: Permission | None

    def read(self, session: Session, scope: Scope, asked: Asked) -> Any:
        """Everything the first paint needs; None when there is nothing at this address."""

    def build(self, visit: Visit, data: Any) -> Staying | None:
        """Make the elements in the current slot."""


@dataclass(frozen=True)
class Place:
    """Where a place is: `paths` with `{name}` for what varies; the first one is the one navigation leads to."""

    paths: tuple[str, ...]
    module: Any  # a PlaceModule: mypy does not compare modules of different results with one protocol

    def match(self, path: str) -> dict[str, str] | None:
        """The parts of the path by name; None when it is another place's."""
        for pattern in self.paths:
            wanted, given = pattern.strip('/').split('/'), path.strip('/').split('/')
            if len(wanted) != len(given):
                continue
            parts = {}
            for want, part in zip(wanted, given, strict=True):
                if want.startswith('{') and part:
                    parts[want[1:-1]] = part
                elif want != part:
                    break
            else:
                return parts
        return None
