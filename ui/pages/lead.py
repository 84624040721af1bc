"""The open lead: what is read for it, and the element that shows it beside the list it was picked from."""

from collections.abc import Callable, Sequence
from uuid import UUID

from domain.access.rules import Permission, may
from domain.base.db import Session
from domain.base.scope import Scope
from domain.desk.open_lead import LeadData, open_lead
from ui.ask import Visit
from ui.components.lead_view import LeadView
from ui.pages.lead_deeds import LeadDeeds
from ui.presenters import lead as shown

CONNECT = '/settings/destinations'  # where a channel for replies is connected


def read(session: Session, scope: Scope, lead_id: UUID) -> LeadData | None:
    """Everything the open lead shows, one reading; None when there is no such lead in scope."""
    return open_lead(session, scope, lead_id)


class OpenLead:
    """One lead at a time in one element: another one, or the same one changed, is shown in place."""

    def __init__(self, visit: Visit, *, on_leave: Callable[[], None]) -> None:
        """Makes the element in the current slot, empty; `on_leave` is called when the person wants back to the list."""
        self._actor = visit.actor
        self.lead_id: UUID | None = None
        self.view = LeadView(
            me=visit.actor.id,
            may_write=may(visit.actor, Permission.LEADS_WRITE),
            may_replay=may(visit.actor, Permission.DELIVERIES_REPLAY),
            on_order=LeadDeeds(visit).carry_out,
            on_leave=on_leave,
        )

    def show(self, data: LeadData) -> None:
        """Another lead, or the same one changed: then tab, scroll position and what is being typed stay."""
        self.lead_id = data.page.row.id
        settings = CONNECT if may(self._actor, Permission.DESTINATIONS_EDIT) else ''
        self.view.show(shown.view(data, self._actor.name, settings))

    def clear(self) -> None:
        """No lead is open."""
        self.lead_id = None
        self.view.close()

    def viewers(self, names: Sequence[str]) -> None:
        """These people look at the same lead."""
        self.view.viewers([shown.face(name) for name in names])
