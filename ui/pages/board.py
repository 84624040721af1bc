"""The SLA board: who waits, how long, and everything that answers them from there."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from nicegui import ui as ng

from domain.access.queries import users
from domain.access.rules import Permission, may
from domain.base.db import Session
from domain.base.scope import Role, Scope
from domain.conversations.actions import called
from domain.desk.board import board, more_cards
from domain.desk.board_values import Board, Card, Column, Mark, Tally
from domain.leads import actions as leads
from domain.leads.editing import undo
from domain.leads.messages import Undo
from domain.tenancy.queries import locations
from ui.ask import Visit, ask, do, done
from ui.boards import FIRST
from ui.components.board import BoardView
from ui.pages.place import Asked
from ui.presenters import board as shown
from ui.presenters import words
from ui.presenters.lead import face

TITLE = 'SLA board'
NEEDS = Permission.LEADS_READ

FURTHER = 200  # cards of a column that are sent when its end comes near
COLUMNS = {'late': (Column.BREACHED,), 'soon': (Column.DUE,), 'track': (Column.TRACK, Column.PAUSED), 'done': (Column.RESPONDED,)}


@dataclass(frozen=True)
class Data:
    """The first cards, and what can be chosen: people who can be given leads, and locations."""

    board: Board
    people: list[tuple[str, str]]
    places: list[tuple[str, str]]


def read(session: Session, scope: Scope, asked: Asked) -> Data:
    """The board for the filters of the address."""
    people = [(str(u.id), u.name) for u in users(session, scope) if u.disabled_at is None and u.role != Role.READ_ONLY]
    places = [(str(place.id), place.name) for place in locations(session, scope)]
    return Data(board(session, scope, shown.wanted(asked.query), limit=FIRST), people, places)


def build(visit: Visit, data: Data) -> 'Screen':
    """The place at `/sla`."""
    return Screen(visit, data)


class Screen:
    """One open board: what the hub of boards talks to, and the orders that come from it."""

    def __init__(self, visit: Visit, data: Data) -> None:
        self._visit = visit
        self.client, self.scope, self.only = ng.context.client, visit.actor.scope, data.board.only
        self.missed_since: datetime | None = None
        self._ends: dict[Column, Mark] = {}
        self._counts: dict[str, int] = {}
        acts = may(visit.actor, Permission.LEADS_WRITE)
        self._view = BoardView(
            self._first(data.board),
            me=str(visit.actor.id or '') if acts else '',
            settings='/settings/sla' if may(visit.actor, Permission.SETTINGS_EDIT) else '',
            people=[{'id': id_, **face(name)} for id_, name in data.people],
            places=[{'id': id_, 'name': name} for id_, name in data.places],
            on={'more': self._more, 'act': self._act, 'again': self._again},
        )
        visit.boards.open(self, visit.before[1])

    def go(self, asked: Asked, data: Data) -> None:
        """Other filters: the same page with other cards."""
        self.start(data.board)

    def leave(self) -> None:
        """The person goes to another place."""
        self._visit.boards.close(self)

    def start(self, data: Board) -> None:
        """Begin anew with these cards."""
        self.only = data.only
        self._view.start(self._first(data))

    def patch(self, cards: Sequence[Card], gone: Collection[UUID], tally: Tally) -> None:
        """Send what concerns this board; nothing where nothing does."""
        mine = [card for card in cards if self.only.takes(card.quality, card.location_id)]
        away = [str(id_) for id_ in gone] + [str(card.lead_id) for card in cards if card not in mine]
        counts = shown.counts(tally, self.only)
        if mine or away or _timeless(counts) != _timeless(self._counts):
            self._counts = counts
            self._view.patch([shown.card(card) for card in mine], away, counts)

    def _first(self, data: Board) -> dict[str, Any]:
        self._ends = dict(data.ends)
        self._counts = shown.counts(data.tally, data.only)
        return {
            'rows': [shown.card(card) for card in data.cards],
            'counts': self._counts,
            'more': [name for name, columns in COLUMNS.items() if any(column in self._ends for column in columns)],
            'asked': shown.asked(data.only),
            'tomorrow': words.ms(data.today + timedelta(days=1)),
        }

    async def _more(self, name: Any) -> None:
        """The next cards of a column; of the third one the paused cards come last."""
        columns = [column for column in COLUMNS.get(str(name), ()) if column in self._ends]
        if not columns:
            return
        only, column = self.only, columns[0]
        found = await ask(more_cards, only, self._ends[column], limit=FURTHER)
        if found is None or only != self.only:
            return  # other filters were chosen meanwhile: these are cards of the former board
        cards, end = found
        if end:
            self._ends[column] = end
        else:
            del self._ends[column]
        self._view.append(str(name), [shown.card(card) for card in cards], end is not None or len(columns) > 1)

    async def _again(self, _: Any) -> None:
        """Another day has begun: what was answered yesterday is not what was answered today."""
        data = await ask(board, self.only, limit=FIRST)
        if data is not None:
            self.start(data)

    async def _act(self, order: Any) -> None:
        """What the buttons and keys of a card order."""
        try:
            name, lead_id, value = str(order['name']), UUID(str(order['id'])), order.get('value')
            made = await self._ordered(name, lead_id, value)
        except (TypeError, KeyError, ValueError, AttributeError):
            return  # not from our page
        if made is not None and made.changes:
            self._visit.notices.offer(made.what, self._undo(made))

    async def _ordered(self, name: str, lead_id: UUID, value: Any) -> Undo | None:
        match name:
            case 'assign':
                return await done(leads.assign, [lead_id], UUID(str(value)) if value else None)
            case 'snooze':
                until = datetime.fromisoformat(str(value))
                return await done(leads.snooze, [lead_id], until) if until.tzinfo else None
            case 'called' if await do(called, lead_id, reached=value is True):
                self._visit.notices.say(
                    'The call was noted as the first reply' if value is True else 'The call was noted; the clock runs on'
                )
        return None

    def _undo(self, made: Undo) -> Callable[[], Awaitable[None]]:
        async def take_back() -> None:
            if await do(undo, made):
                self._visit.notices.say('Undone')

        return take_back


def _timeless(counts: dict[str, int]) -> tuple[int, int, int]:
    """Without the step from the third column to the second, which browsers make by themselves."""
    return counts['late'], counts['soon'] + counts['track'], counts['done']
