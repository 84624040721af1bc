"""Deliveries: what was handed on, what waits, what failed, and everything a person can do about it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nicegui import ui as ng

from domain.access.rules import Permission, may
from domain.base.db import Session
from domain.base.scope import Scope
from domain.desk.actions import change_destination
from domain.desk.decisions import mark_sent, resolve, take_back, to_sandbox, try_now
from domain.desk.deliveries import dead_count, detail, more_lines, overview
from domain.desk.delivery_values import Overview
from domain.outbox.messages import Decided, DestinationChange, ReplayOrder
from domain.outbox.replays import replay_all
from ui.ask import Visit, ask, do, done
from ui.components.deliveries import Deliveries, DeliveryPane, ReplayDialog
from ui.pages.place import Asked
from ui.presenters import deliveries as shown
from ui.presenters import delivery as one

TITLE = 'Deliveries'
NEEDS = Permission.DELIVERIES_READ

LOOKED_AT_AGAIN = 400  # loaded rows below the first page that may still change
MOST_CHOSEN = 1000


def read(session: Session, scope: Scope, asked: Asked) -> Overview:
    """Counters and the first page for the filters of the address."""
    return overview(session, scope, shown.wanted(asked.query))


def build(visit: Visit, data: Overview) -> 'Screen':
    """The place at `/deliveries`."""
    return Screen(visit, data)


class Screen:
    """One open deliveries page: which rows the browser has, and the orders that come from it."""

    def __init__(self, visit: Visit, data: Overview) -> None:
        self._visit = visit
        self._icons = {kind: line.icon for kind, line in visit.doors.channels.items()}
        self._wanted = data.wanted
        self._rows: dict[str, dict[str, Any]] = {}
        self._picked: str | None = None
        acts = may(visit.actor, Permission.DELIVERIES_REPLAY)
        on = {'pick': self._pick, 'more': self._more, 'act': self._act, 'place': self._place}
        resumes = may(visit.actor, Permission.DESTINATIONS_EDIT)
        with ng.element('div').classes('lk-deliv-place'):
            self._list = Deliveries(self._first(data), replay=acts, resume=resumes, on=on)
            with self._list:
                self._pane = DeliveryPane(replay=acts, on={'act': self._act})
            self._dialog = ReplayDialog(on={'count': self._count, 'dead': self._dead, 'act': self._act})
        visit.stirred(('outbox', 'lead'), self._refresh)

    def go(self, asked: Asked, data: Overview) -> None:
        """Other filters: the same page with other rows."""
        self._wanted = data.wanted
        self._list.start(self._first(data))

    def leave(self) -> None:
        """Nothing of it outlives the page."""

    def _first(self, data: Overview) -> dict[str, Any]:
        rows = [shown.line(each, self._icons) for each in data.lines]
        self._rows = {row['id']: row for row in rows}
        return {'rows': rows, 'more': data.more, 'asked': shown.asked(data.wanted), **self._rest(data)}

    @staticmethod
    def _rest(data: Overview) -> dict[str, Any]:
        return {'counters': shown.counters(data.counters), 'troubles': shown.troubles(data.places), 'places': shown.places(data.places)}

    async def _refresh(self) -> None:
        wanted = self._wanted
        again = [key for key, row in sorted(self._rows.items(), reverse=True) if row['open']][:LOOKED_AT_AGAIN]
        data = await ask(overview, wanted, [UUID(key) for key in again])
        if data is None or wanted != self._wanted:
            return
        rows = {str(each.id): shown.line(each, self._icons) for each in data.lines}
        # Below the first page only the rows that may still change were read again.
        floor = str(data.lines[data.page - 1].id) if data.more else ''
        gone = [key for key in self._rows if key not in rows and (key in again or key > floor)]
        fresh = [row for key, row in rows.items() if self._rows.get(key) != row]
        for key in gone:
            del self._rows[key]
        self._rows.update(rows)
        self._list.patch(fresh, gone, self._rest(data))
        if self._picked and (self._picked in gone or any(row['id'] == self._picked for row in fresh)):
            await self._pick(self._picked)

    async def _pick(self, delivery: object) -> None:
        (id_,) = _ids([delivery]) or (None,)
        if id_ is None:
            return
        self._picked = str(id_)
        found = await ask(detail, id_)
        if found and self._picked == str(id_):
            self._pane.show(one.detail(found, self._icons))

    async def _more(self, last: object) -> None:
        before = _ids([last])
        found = await ask(more_lines, self._wanted, before[0]) if before else None
        if found is None:
            return
        rows = [shown.line(each, self._icons) for each in found[0]]
        self._rows.update((row['id'], row) for row in rows)
        self._list.append(rows, found[1])

    async def _act(self, order: Any) -> None:
        """One of the four things that can be done to chosen rows."""
        ids = _ids(order.get('ids', ())) if isinstance(order, dict) else ()
        did = False
        if ids:
            match order.get('what'):
                case 'replay':
                    did = await self._replay(ReplayOrder(ids=ids))
                case 'sandbox':
                    did = await self._sandbox(ids)
                case 'resolve':
                    did = self._undoable(await done(resolve, ids), 'resolved')
                case 'sent':
                    did = self._undoable(await done(mark_sent, ids), 'marked as sent')
        self._list.acted(did)

    async def _replay(self, order: ReplayOrder) -> bool:
        ids = await done(replay_all, order)
        if ids is None:
            return False
        left = ' The rest is being sent right now.' if len(ids) < len(order.ids) else ''
        self._visit.notices.say(f'{_many(len(ids))} on the way again, with the same key.{left}')
        return True

    async def _sandbox(self, ids: tuple[UUID, ...]) -> bool:
        copies = await done(to_sandbox, ReplayOrder(ids=ids), self._visit.doors.box)
        if copies is None:
            return False
        self._visit.notices.say(f'{_many(len(copies))} copied to the sandbox. The originals stay as they are.')
        return True

    def _undoable(self, decided: list[Decided] | None, what: str) -> bool:
        if decided is None:
            return False

        async def undo() -> None:
            await do(take_back, decided)

        self._visit.notices.offer(f'{_many(len(decided))} {what}.', undo)
        return True

    async def _count(self, order: Any) -> None:
        since, name = _since(order)
        self._dialog.counted(None if since is None else await ask(dead_count, since, name), order)

    async def _dead(self, order: Any) -> None:
        since, name = _since(order)
        if since is not None and await self._replay(ReplayOrder(since=since, destination=name, dead=True)):
            self._dialog.close()
        self._list.acted(False)

    async def _place(self, order: Any) -> None:
        """Resume a paused destination, or end the rest of a failing one."""
        ids = _ids([order.get('id')]) if isinstance(order, dict) else ()
        if not ids:
            return
        if order.get('what') == 'resume':
            if await do(change_destination, ids[0], DestinationChange(paused=False), self._visit.doors.box):
                self._visit.notices.say('Resumed. What waited goes out now.')
        elif await do(try_now, ids[0]):
            self._visit.notices.say('Trying now. If it works, the others follow.')


def _many(count: int) -> str:
    return f'{count:,} {"delivery" if count == 1 else "deliveries"}'


def _ids(texts: Iterable[Any]) -> tuple[UUID, ...]:
    """The ids among what the browser sent."""
    found = []
    for text in list(texts)[:MOST_CHOSEN]:
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return tuple(found)


def _since(order: Any) -> tuple[datetime | None, str | None]:
    try:
        return datetime.fromtimestamp(float(order['since']) / 1000, UTC), str(order.get('destination') or '') or None
    except (TypeError, KeyError, ValueError, OverflowError, OSError, AttributeError):
        return None, None
