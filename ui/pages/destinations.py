"""Destinations: where leads are announced, how each does, and their settings."""

from typing import Any
from uuid import UUID

from domain.access.rules import Permission, may
from domain.alerts.rungs import Rung, order_ladder, rungs
from domain.base.db import Session
from domain.base.errors import Refusal
from domain.base.scope import Scope
from domain.desk.actions import change_destination
from domain.desk.decisions import SANDBOX
from domain.desk.destinations import DestinationRow, destination_rows, disconnect_destination
from domain.outbox.messages import DestinationChange
from domain.tenancy.queries import locations
from ui.ask import Visit, ask, do
from ui.components.destinations import Destinations
from ui.pages.connect import Form, Saved, default_events, heeded, kind_shown, kinds, save
from ui.pages.place import Asked
from ui.pages.settings import settings_frame
from ui.pages.trial import try_out
from ui.presenters import settings as shown
from ui.presenters.ladder import ladder

TITLE = 'Destinations'
NEEDS = Permission.DESTINATIONS_READ

Now = tuple[list[DestinationRow], list[Rung]]
Data = tuple[Now, dict[UUID, str]]


def read(session: Session, scope: Scope, _asked: Asked) -> Data:
    """What there is now, and the names of the locations destinations may be narrowed to."""
    return look(session, scope), {place.id: place.name for place in locations(session, scope)}


def look(session: Session, scope: Scope) -> Now:
    """All destinations, and their order in the alarm ladder; the sandbox has a place there only if somebody gave it one."""
    return destination_rows(session, scope), [rung for rung in rungs(session, scope) if rung.kind != SANDBOX or rung.place]


def build(visit: Visit, data: Data) -> None:
    """The page at `/settings/destinations`."""
    page = _Page(visit, data)
    with settings_frame(visit, 'destinations'):
        page.view = Destinations(
            rows=page.rows(data[0][0]),
            ladder=page.ladder(data[0][1]),
            kinds=kinds(visit.doors),
            events=shown.events(),
            defaults=default_events(),
            locations=[{'id': str(id_), 'name': name} for id_, name in data[1].items()],
            edit=may(visit.actor, Permission.DESTINATIONS_EDIT),
            on={
                'save': page.save,
                'test': page.test,
                'turn': page.turn,
                'pause': page.pause,
                'disconnect': page.disconnect,
                'ladder': page.order,
            },
        )
    visit.stirred(('outbox', 'lead', 'alert', 'facts'), page.refresh)  # a delivery that ends rings for its lead


class _Page:
    """The deeds behind the list of one open page."""

    view: Destinations

    def __init__(self, visit: Visit, data: Data) -> None:
        self._visit = visit
        self._places = data[1]

    def rows(self, rows: list[DestinationRow]) -> list[dict[str, Any]]:
        """As the list draws them."""
        doors = self._visit.doors
        return [shown.destination(row, doors.box, kind_shown(doors, row.kind), self._places) for row in rows]

    def ladder(self, rungs: list[Rung]) -> dict[str, Any]:
        """The order of the alarm ladder as it is drawn."""
        return ladder(rungs, self._places, {kind: line.icon for kind, line in self._visit.doors.channels.items()})

    async def refresh(self) -> None:
        """Draw what changed."""
        now = await ask(look)
        if now is not None:
            self.view.show(self.rows(now[0]), self.ladder(now[1]))

    async def save(self, form: Form) -> None:
        """Keep what the form says."""
        saved = await heeded(self._visit, save(self._visit, form))
        if isinstance(saved, Saved):
            await self.refresh()
            self.view.saved(saved.id, saved.secret)
            self._visit.notices.say('Saved')
        elif isinstance(saved, Refusal):
            self.view.refused(saved)
        else:
            self.view.refused(None)

    async def test(self, destination_id: str) -> None:
        """Send a test and say how it ended, beside its button."""
        rows = await ask(destination_rows)
        row = next((each for each in rows or () if str(each.id) == destination_id), None)
        line = self._visit.doors.channels.get(row.kind) if row else None
        result = await try_out(self._visit, row.id, line.label if line else row.name) if row else None
        await self.refresh()
        self.view.tested(destination_id, result)

    async def turn(self, destination_id: str, on: bool) -> None:
        """Switch one on or off."""
        if await self._change(destination_id, DestinationChange(enabled=on)):

            async def undo() -> None:
                await self._change(destination_id, DestinationChange(enabled=not on))

            self._visit.notices.offer('Switched on' if on else 'Switched off: it hears nothing until it is on again', undo)

    async def pause(self, destination_id: str, paused: bool) -> None:
        """Pause or resume one."""
        if await self._change(destination_id, DestinationChange(paused=paused)):
            self._visit.notices.say('Paused: what comes in waits for it' if paused else 'Resumed: what waited goes out now')

    async def disconnect(self, destination_id: str) -> None:
        """Forget its address."""
        if (wanted := _uuid(destination_id)) and await do(disconnect_destination, wanted, self._visit.doors.box):
            self._visit.notices.say('Disconnected, its address is forgotten')
        await self.refresh()

    async def order(self, wanted: list[str], known: list[str]) -> None:
        """Give the channels these places in the alarm ladder."""
        after, before = ([id_ for text in ids if (id_ := _uuid(str(text)))] for ids in (wanted, known))
        if await do(order_ladder, after, known=before):

            async def undo() -> None:
                await do(order_ladder, before, known=after)
                await self.refresh()

            self._visit.notices.offer('Alarm ladder changed', undo)
        await self.refresh()

    async def _change(self, destination_id: str, change: DestinationChange) -> bool:
        wanted = _uuid(destination_id)
        changed = wanted is not None and await do(change_destination, wanted, change, self._visit.doors.box)
        await self.refresh()
        return changed


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
