"""The inbox: the list of leads, kept up to date, and beside it the lead that is open."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nicegui import background_tasks
from nicegui import ui as ng

from domain.access.queries import users
from domain.access.rules import Permission
from domain.base.db import Session
from domain.base.scope import Scope
from domain.desk.inbox import Cursor, Filter, cursor, inbox, inbox_rows, open_count
from domain.desk.messages import InboxRow, LeadPage
from domain.desk.open_lead import LeadData
from domain.leads import actions as leads
from domain.leads.editing import undo as undo_deed
from domain.leads.messages import Undo
from domain.search.queries import search_rows
from ui.ask import Visit, ask, do, done, unattended
from ui.components.lead_list import LeadList
from ui.components.lead_pane import LeadPane
from ui.pages import lead as one
from ui.pages.place import Asked
from ui.presenters import inbox as shown
from ui.telling import PAGE
from ui.watching import Watcher

TITLE = 'Inbox'
NEEDS = Permission.LEADS_READ

FOUND = 200  # rows of a search


@dataclass(frozen=True)
class FirstPage:
    """The rows an inbox opens with; `people` are those a lead can be given to."""

    rows: list[InboxRow]
    open_count: int
    people: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Data:
    """What the place shows: the list, and the open lead if there is one."""

    path: str
    first: FirstPage | None  # None: the list that stands stays
    lead: LeadData | None
    query: str = ''

    @property
    def title(self) -> str:
        # The number, not the name: what a visitor typed has no business in titles and browser histories.
        return f'Lead {self.lead.page.row.reference}' if self.lead else TITLE


def read(session: Session, scope: Scope, asked: Asked) -> Data | None:
    """The list, and the lead of the address; None when there is no such lead in scope."""
    wanted = asked.params.get('lead_id')
    lead = None
    if wanted is not None:
        try:
            lead = one.read(session, scope, UUID(wanted))
        except ValueError:
            lead = None
        if lead is None:
            return None
    path = f'/leads/{lead.page.row.id}' if lead else asked.path
    query = asked.query.get('q', '').strip()
    return Data(path, None if asked.staying else first_page(session, scope, query), lead, query)


def first_page(session: Session, scope: Scope, query: str = '', only: Filter | None = None) -> FirstPage:
    """The first rows, or what a search finds, and the number of open leads."""
    people = [(str(user.id), user.name) for user in users(session, scope) if user.disabled_at is None]
    if query:
        found = search_rows(session, scope, query, FOUND)
        rows = {row.id: row for row in inbox_rows(session, scope, found)}
        return FirstPage([rows[each] for each in found if each in rows], open_count(session, scope), people)
    return FirstPage(inbox(session, scope, limit=PAGE, only=only), open_count(session, scope), people)


def more_rows(session: Session, scope: Scope, after: Cursor | None, only: Filter) -> list[InboxRow]:
    """The page after that row."""
    return inbox(session, scope, limit=PAGE, after=after, only=only)


class Desk:
    """The list of one page, and the open lead if there is one: what the hub talks to."""

    def __init__(self, visit: Visit, data: Data) -> None:
        assert data.first is not None
        self._visit = visit
        self._last: Cursor | None = None
        self._only = Filter()
        self._query = data.query
        self._columns = ng.element('div').classes('lk-cols')
        with self._columns:
            self.list = self._list(data.first)
            self._pane = LeadPane()
            self._lead = one.OpenLead(visit, on_leave=self._back)
        self._watcher = Watcher(ng.context.client, self, visit.actor.scope)
        visit.hub.open(self._watcher, visit.before)
        self._open(data.lead)

    def go(self, asked: Asked, data: Data) -> None:
        """Show what this address asks for; the list that stands stays, unless another search is asked for."""
        if data.query != self._query and data.first is not None:
            self._query = data.query
            self.resync(data.first.rows, data.first.open_count, query=data.query)
        self._open(data.lead)

    def leave(self) -> None:
        """The person goes elsewhere."""
        self._visit.hub.close(self._watcher)
        self._absent()

    def patch(self, rows: Sequence[InboxRow], gone: Sequence[UUID], open_count: int) -> None:
        """Draw what changed; what a search found stays what it found."""
        known = not self._query
        self.list.patch([shown.row(row) for row in rows], gone, open_count, known)

    def resync(self, rows: Sequence[InboxRow], open_count: int, *, query: str = '') -> None:
        """Start over: too much changed to tell one by one."""
        if self._query and not query:
            return
        if self._only != Filter() and not query:
            _ = background_tasks.create(self._narrowed(), name='narrowed list')
            return
        self._count(rows)
        self.list.resync([shown.row(row) for row in rows], open_count, self._full(rows), query)

    def show(self, page: LeadPage) -> None:
        """The open lead has changed: read what stands around it too, and draw it anew."""
        if page.row.id == self._lead.lead_id:
            _ = background_tasks.create(self._again(page.row.id), name='open lead')

    async def _again(self, lead_id: UUID) -> None:
        unattended.set(True)
        with self._columns:
            data = await ask(one.read, lead_id)
            if data is not None and self._lead.lead_id == lead_id:
                self._lead.show(data)

    def _open(self, data: LeadData | None) -> None:
        self._absent()
        self._columns.props['data-show'] = 'lead' if data else 'list'
        self._pane.set_visibility(data is None)
        self.list.choose(data.page.row.id if data else None)
        if data is None:
            self._lead.clear()
            return
        row = data.page.row
        self._watcher.lead_id = row.id
        self._lead.show(data)
        self._visit.presence.join(row.id, self, self._visit.actor, self._lead.viewers)
        if row.unread:
            _ = background_tasks.create(self._seen(row.id), name='lead seen')

    async def _seen(self, lead_id: UUID) -> None:
        with self._columns:
            await do(leads.mark_read, lead_id)

    def _absent(self) -> None:
        if self._watcher.lead_id:
            self._visit.presence.leave(self._watcher.lead_id, self)
        self._watcher.lead_id = None

    def _back(self) -> None:
        ng.navigate.to('/')

    def _list(self, first: FirstPage) -> LeadList:
        self._count(first.rows)
        me = self._visit.actor.id
        rows = [shown.row(row) for row in first.rows]
        return LeadList(
            rows,
            me=me,
            people=first.people,
            open_count=first.open_count,
            more=self._full(first.rows),
            query=self._query,
            on_more=self._more,
            on_narrow=self._narrow,
            on_act=self._act,
        )

    async def _narrow(self, only: Filter) -> None:
        """Another filter: the list is read anew, also what is not in the browser yet."""
        self._only = only
        await self._narrowed()

    async def _narrowed(self) -> None:
        with self._columns:
            first = await ask(first_page, '', self._only)
        if first is not None and not self._query:
            self._count(first.rows)
            self.list.resync([shown.row(row) for row in first.rows], first.open_count, self._full(first.rows), '')

    async def _more(self) -> None:
        if self._query:
            return
        only = self._only
        rows = await ask(more_rows, self._last, only)
        if rows is None or only is not self._only:
            return  # another filter was chosen meanwhile: these are rows of the former list
        self._count(rows)
        self.list.append([shown.row(row) for row in rows], self._full(rows))

    async def _act(self, name: str, ids: list[UUID], value: str) -> None:
        """What the list's bar and keys order for one or many leads."""
        undo = await self._ordered(name, ids, value)
        if undo is not None:
            self._visit.notices.offer(undo.what, self._undo(undo))

    async def _ordered(self, name: str, ids: list[UUID], value: str) -> Undo | None:
        match name:
            case 'assign':
                return await done(leads.assign, ids, UUID(value) if value else None)
            case 'snooze':
                return await done(leads.snooze, ids, datetime.fromisoformat(value))
            case 'close':
                return await done(leads.close, ids)
            case 'reopen':
                return await done(leads.reopen, ids)
            case 'unread':
                return await done(leads.mark_unread, ids)
        return None

    def _undo(self, undo: Undo) -> Callable[[], Awaitable[None]]:
        async def take_back() -> None:
            if await do(undo_deed, undo):
                self._visit.notices.say('Undone')

        return take_back

    def _count(self, rows: Sequence[InboxRow]) -> None:
        self._last = cursor(rows[-1]) if rows else self._last

    @staticmethod
    def _full(rows: Sequence[InboxRow]) -> bool:
        return len(rows) >= PAGE


def build(visit: Visit, data: Data) -> Desk:
    """The place at `/` and `/leads/{id}`."""
    return Desk(visit, data)
