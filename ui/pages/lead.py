"""The page of one lead, beside the list it was picked from."""

from uuid import UUID

from nicegui import ui as ng

from domain.base.db import Session
from domain.base.scope import Scope
from domain.desk.messages import LeadPage
from domain.desk.queries import lead_page
from domain.outbox.actions import replay
from ui.ask import Visit, do
from ui.components.lead_view import LeadView
from ui.frame import frame
from ui.pages.inbox import Desk, FirstPage, first_page
from ui.presenters import lead as shown


def read(session: Session, scope: Scope, lead_id: UUID) -> tuple[LeadPage, FirstPage] | None:
    """The lead and the list beside it; None when there is no such lead in scope."""
    lead = lead_page(session, scope, lead_id)
    return (lead, first_page(session, scope)) if lead else None


def build(visit: Visit, lead: LeadPage, first: FirstPage) -> Desk:
    """The page at `/leads/{id}`."""

    async def retry(delivery_id: str) -> None:
        if not await do(replay, UUID(delivery_id)):
            view.settled(delivery_id)

    # The number, not the name: what a visitor typed has no business in titles and browser histories.
    with frame(visit, f'Lead {lead.row.reference}'), ng.element('div').classes('lk-cols').props('data-show=lead'):
        desk = Desk(first, visit.actor.id, current=lead.row.id)
        view = desk.view = LeadView(shown.view(lead), on_retry=retry)
    return desk
