"""Who else looks at a lead: kept for the pages of this process, forgotten with them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from domain.base.scope import Actor

Tell = Callable[[Sequence[str]], None]


class Presence:
    """For each lead the pages that show it; a person with two pages is named once, and never to themselves."""

    def __init__(self) -> None:
        self._lookers: dict[UUID, dict[object, tuple[Actor, Tell]]] = {}

    def join(self, lead_id: UUID, page: object, actor: Actor, tell: Tell) -> None:
        """This page shows the lead now; `tell` is given the names of the others, now and whenever they change."""
        self._lookers.setdefault(lead_id, {})[page] = (actor, tell)
        self._tell(lead_id)

    def leave(self, lead_id: UUID, page: object) -> None:
        """This page shows it no longer."""
        pages = self._lookers.get(lead_id, {})
        if pages.pop(page, None) is None:
            return
        if pages:
            self._tell(lead_id)
        else:
            del self._lookers[lead_id]

    def _tell(self, lead_id: UUID) -> None:
        pages = self._lookers[lead_id]
        for actor, tell in list(pages.values()):
            others = {other.id: other.name for other, _ in pages.values() if other.id != actor.id}
            tell(sorted(others.values()))
