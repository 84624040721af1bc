"""The calendar feed of whoever looks: whether there is one, a new secret address, none."""

from collections.abc import Awaitable, Callable
from typing import Any

from domain.follow_ups.feeds import create_feed, feed_since, revoke_feed
from ui.ask import Visit
from ui.pages.mending import Answer, mendable
from ui.presenters.words import ms

Values = dict[str, Any]  # from the browser; nothing of it is needed: it is always one's own feed


class FeedDeeds:
    """The orders of one page; the address leaves the desk once, in the answer to the order that made it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known: dict[str, Callable[[], Awaitable[Answer]]] = {'look': self._look, 'make': self._make, 'end': self._end}

    async def carry_out(self, name: str, _: Values) -> Answer:
        """Do what is ordered; `{'ok': True, 'since': …}`, with `address` where one was made, or None when the page has said why not."""
        deed = self._known.get(name)
        return None if deed is None or self._visit.actor.id is None else await mendable(deed())

    async def _look(self) -> Answer:
        person = self._visit.actor.id
        assert person is not None  # looked at before
        return {'ok': True, 'since': ms(await self._visit.read(feed_since, person))}

    async def _make(self) -> Answer:
        person = self._visit.actor.id
        assert person is not None
        secret = await self._visit.act(create_feed, person)
        # Without a public address the browser puts the one it came by before it.
        home = (self._visit.doors.settings.public_url or '').rstrip('/')
        return {'ok': True, 'since': ms(await self._visit.read(feed_since, person)), 'address': f'{home}/calendar/{secret}.ics'}

    async def _end(self) -> Answer:
        person = self._visit.actor.id
        assert person is not None
        await self._visit.act(revoke_feed, person)
        self._visit.notices.say('Calendar feed ended')
        return {'ok': True, 'since': None}
