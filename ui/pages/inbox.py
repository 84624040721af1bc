"""The inbox: the list of leads, kept up to date, and what the open lead needs of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nicegui import ui as ng

from domain.base.db import Session
from domain.base.scope import Scope
from domain.desk.messages import InboxRow, LeadPage
from domain.desk.queries import inbox, open_count
from ui.ask import Visit, ask
from ui.components.lead_list import LeadList
from ui.components.lead_pane import LeadPane
from ui.components.lead_view import LeadView
from ui.frame import frame
from ui.live import PAGE
from ui.presenters import inbox as shown
from ui.presenters import lead as shown_lead


@dataclass(frozen=True)
class FirstPage:
    """The rows an inbox opens with."""

    rows: list[InboxRow]
    open_count: int


def first_page(session: Session, scope: Scope) -> FirstPage:
    """The first rows and the number of open leads."""
    return FirstPage(inbox(session, scope, limit=PAGE), open_count(session, scope))


def more_rows(session: Session, scope: Scope, loaded: int, last: tuple[datetime, UUID] | None) -> list[InboxRow]:
    """The rows after the `loaded` first ones; `last` names the last of those that need no first reply, if there was one."""
    if last is not None:
        return inbox(session, scope, limit=PAGE, before=last)
    return inbox(session, scope, limit=loaded + PAGE)[loaded:]


class Desk:
    """The list of one page, and the open lead if there is one: what the hub talks to."""

    def __init__(self, first: FirstPage, me: UUID | None, current: UUID | None = None) -> None:
        self.view: LeadView | None = None
        self._loaded = 0
        self._last: tuple[datetime, UUID] | None = None
        self._count(first.rows)
        rows = [shown.row(row) for row in first.rows]
        self.list = LeadList(rows, me=me, open_count=first.open_count, more=self._full(first.rows), on_more=self._more, current=current)

    def patch(self, rows: Sequence[InboxRow], gone: Sequence[UUID], open_count: int) -> None:
        """Draw what changed."""
        self.list.patch([shown.row(row) for row in rows], gone, open_count)

    def resync(self, rows: Sequence[InboxRow], open_count: int) -> None:
        """Start over: too much changed to tell one by one."""
        self._loaded, self._last = 0, None
        self._count(rows)
        self.list.resync([shown.row(row) for row in rows], open_count, self._full(rows))

    def show(self, page: LeadPage) -> None:
        """Draw the open lead anew."""
        if self.view:
            self.view.show(shown_lead.view(page))

    async def _more(self) -> None:
        rows = await ask(more_rows, self._loaded, self._last)
        if rows is None:
            return
        self._count(rows)
        self.list.append([shown.row(row) for row in rows], self._full(rows))

    def _count(self, rows: Sequence[InboxRow]) -> None:
        self._loaded += len(rows)
        self._last = next(((row.changed_at, row.id) for row in reversed(rows) if row.group != 'needs_reply'), self._last)

    @staticmethod
    def _full(rows: Sequence[InboxRow]) -> bool:
        return len(rows) >= PAGE


def build(visit: Visit, first: FirstPage) -> Desk:
    """The page at `/`."""
    with frame(visit, 'Inbox'), ng.element('div').classes('lk-cols').props('data-show=list'):
        desk = Desk(first, visit.actor.id)
        LeadPane()
    return desk
