"""Follow-ups: what has been promised to whom, today and in the days to come, and everything a person can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.access.queries import users
from domain.access.rules import Permission, may
from domain.base import clock
from domain.base.db import Session
from domain.base.scope import Role, Scope
from domain.follow_ups.queries import agenda, between
from ui.ask import Visit, ask
from ui.components.follow_ups import FollowUps
from ui.pages.calendar_feed import FeedDeeds
from ui.pages.follow_up_deeds import FollowUpDeeds
from ui.pages.mending import Answer
from ui.pages.place import Asked
from ui.presenters import follow_ups as shown

TITLE = 'Follow-ups'
NEEDS = Permission.LEADS_READ

VIEWS = ('day', 'week')  # besides the agenda
LONGEST = timedelta(days=8)  # that the browser may ask for at once: a week, and an hour more where the clock goes back
TOPICS = ('follow_up', 'lead')

Rows = dict[str, dict[str, Any]]  # by id
Days = tuple[datetime, datetime]  # from the first moment to the first one that is not shown


@dataclass(frozen=True)
class Wanted:
    """Whose follow-ups (`owner` as the address has it: '' one's own, `all`, or a person's id), and how they are shown."""

    me: UUID | None
    owner: str = ''
    view: str = ''

    @property
    def owner_id(self) -> UUID | None:
        """Whose they are; None: everybody's."""
        if self.owner == 'all':
            return None
        return UUID(self.owner) if self.owner else self.me

    def asked(self) -> dict[str, str]:
        """As the browser has it."""
        return {'owner': self.owner, 'view': self.view}


@dataclass(frozen=True)
class Data:
    """The agenda of somebody, and who follow-ups can be given to."""

    wanted: Wanted
    rows: Rows
    people: list[dict[str, Any]]


def read(session: Session, scope: Scope, asked: Asked) -> Data:
    """The agenda the address asks for; the days beside it follow once the browser has said which they are in its zone."""
    owner, view = asked.query.get('owner', ''), asked.query.get('view', '')
    wanted = Wanted(asked.me, owner if owner == 'all' or _is_id(owner) else '', view if view in VIEWS else '')
    people = [
        shown.person(user.id, user.name) for user in users(session, scope) if user.disabled_at is None and user.role != Role.READ_ONLY
    ]
    return Data(wanted, rows(session, scope, wanted, None), people)


def rows(session: Session, scope: Scope, wanted: Wanted, days: Days | None) -> Rows:
    """What the browser shows: the agenda of now, and these days."""
    now = clock.now()
    found = shown.agenda(agenda(session, scope, owner=wanted.owner_id, moment=now))
    if days:
        first, last = _dates(days)
        found |= shown.rows(between(session, scope, wanted.owner_id, first, last, moment=now, zone='UTC'))
    return found


def build(visit: Visit, data: Data) -> 'Screen':
    """The place at `/follow-ups`."""
    return Screen(visit, data)


class Screen:
    """One open page of follow-ups: which rows the browser has, and the orders that come from it."""

    def __init__(self, visit: Visit, data: Data) -> None:
        self._wanted = data.wanted
        self._rows = data.rows
        self._days: Days | None = None
        self._deeds, self._feed = FollowUpDeeds(visit), FeedDeeds(visit)
        self._view = FollowUps(
            list(data.rows.values()),
            asked=data.wanted.asked(),
            me=visit.actor.id,
            people=data.people,
            may=may(visit.actor, Permission.LEADS_WRITE),
            on_order=self._carry_out,
            on_range=self._range,
        )
        visit.stirred(TOPICS, self._refresh)

    def go(self, _asked: Asked, data: Data) -> None:
        """Somebody else's, or another view: the same page with other rows."""
        self._wanted, self._rows = data.wanted, data.rows
        self._view.start(list(data.rows.values()), data.wanted.asked())

    def leave(self) -> None:
        """Nothing of it outlives the page."""

    async def _carry_out(self, name: str, values: dict[str, Any]) -> Answer:
        room, _, deed = name.partition('.')
        return await (self._feed.carry_out(deed, values) if room == 'feed' else self._deeds.carry_out(name, values))

    async def _range(self, values: Any) -> None:
        days = _days(values)
        if days is not None:
            self._days = days
            await self._refresh()

    async def _refresh(self) -> None:
        wanted, days = self._wanted, self._days
        found = await ask(rows, wanted, days)
        if found is None or (wanted, days) != (self._wanted, self._days):
            return
        fresh = [row for key, row in found.items() if self._rows.get(key) != row]
        gone = [key for key in self._rows if key not in found]
        self._rows = found
        if fresh or gone:
            self._view.patch(fresh, gone)


def _days(values: Mapping[str, Any]) -> Days | None:
    """What the browser asked for; None when it is no order of our page."""
    try:
        first, end = (datetime.fromtimestamp(float(values[name]) / 1000, UTC) for name in ('from', 'to'))
    except (TypeError, KeyError, ValueError, OverflowError, OSError):
        return None
    return (first, end) if first < end <= first + LONGEST else None


def _dates(days: Days) -> tuple[date, date]:
    """The days of UTC that hold them: at their ends a few hours more, which the browser leaves out."""
    return days[0].date(), (days[1] - timedelta(microseconds=1)).date()


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
