"""A page that is left open reads again by itself, and that keeps nobody signed in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlmodel import select

from domain.access.models import UserSession
from domain.access.rules import SEEN_GRAIN
from domain.access.signing import begin_session
from domain.base import clock
from domain.base.doorbell import Ring
from domain.base.errors import NotSignedIn
from domain.base.scope import Role, system
from domain.tenancy.models import Tenant
from tests.people import account
from ui.ask import Visit
from ui.live import Hub
from ui.presence import Presence
from ui.stirs import Stirs

IDLE = 30  # minutes


@pytest.fixture
def visit(db) -> Visit:
    """An open page of somebody who has just signed in."""
    tenant = Tenant(slug='one', name='One')
    with db.transaction() as session:
        session.add(tenant)
        session.flush()
        user = account(session, system(tenant.id), 'dev@example.com', 'Dev', 'a small grey lighthouse', Role.AGENT)
        token, _ = begin_session(session, user.id, None, hours=12)
    doors = SimpleNamespace(db=db, settings=SimpleNamespace(session_idle_minutes=IDLE))
    return Visit(doors, Hub(db, db.bell), Presence(), token, '/')


@asynccontextmanager
async def waiting(visit: Visit) -> AsyncIterator['asyncio.Queue[object]']:
    """A place of this page that reads again after rings; what came of each reading."""
    came: asyncio.Queue[object] = asyncio.Queue()

    async def refresh() -> None:
        try:
            came.put_nowait(await visit.read(lambda session, scope: 'read'))
        except NotSignedIn as trouble:
            came.put_nowait(trouble)

    stirs = Stirs(visit.doors.db.bell)
    stirs.start()
    stirs.add(None, visit.actor.tenant_id, ['lead'], refresh)
    try:
        yield came
    finally:
        await stirs.stop()


def last_used(visit: Visit):
    with visit.doors.db.reading() as session:
        return session.exec(select(UserSession)).one().seen_at


async def ring(visit: Visit, came: 'asyncio.Queue[object]') -> object:
    visit.doors.db.bell.ring(Ring('lead', visit.actor.tenant_id, ()))
    return await asyncio.wait_for(came.get(), 5)


async def test_reading_again_by_itself_does_not_renew_the_session_and_looking_does(visit):
    await visit.read(lambda session, scope: None)
    signed_in = last_used(visit)
    clock.advance(SEEN_GRAIN * 5)

    async with waiting(visit) as came:
        assert await ring(visit, came) == 'read'
        assert last_used(visit) == signed_in
        await visit.read(lambda session, scope: None)

    assert last_used(visit) >= signed_in + SEEN_GRAIN * 5


async def test_a_desk_that_rings_all_day_ends_the_session_of_who_went_home(visit):
    await visit.read(lambda session, scope: None)

    async with waiting(visit) as came:
        for _ in range(2):
            clock.advance(timedelta(minutes=IDLE * 0.4))
            assert await ring(visit, came) == 'read'
        clock.advance(timedelta(minutes=IDLE * 0.4))

        assert isinstance(await ring(visit, came), NotSignedIn)
