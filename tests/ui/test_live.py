"""The hub behind open pages: one reading for all of them, each page only its rows, nothing twice, nothing for those who may not."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.access.models import User, UserSession
from domain.base.clock import now
from domain.base.db import Database
from domain.base.doorbell import ANYTHING, Ring
from domain.base.ids import uuid7
from domain.base.scope import Role, Scope
from domain.leads.models import Lead, Quality
from domain.sla.models import SlaClock
from domain.tenancy.models import Location, Tenant
from ui.live import Hub
from ui.sessions import Sessions
from ui.watching import Watcher


class Page:
    """A page without a browser: client, visit and board in one, that remembers what it was told."""

    def __init__(self, scope, session_id=None, lead_id=None):
        self.scope, self.session_id, self.lead_id = scope, session_id or uuid7(), lead_id
        self.id = str(uuid7())
        self.has_socket_connection = True
        self.names, self.gone, self.whole, self.shown, self.left = [], [], [], [], 0
        self.news = asyncio.Event()
        self.watcher = Watcher(self, self, scope, lead_id)

    def on_delete(self, handler):
        self.delete = handler

    def patch(self, rows, gone, open_count):
        self.names += [row.name for row in rows]
        self.gone += gone
        self.news.set()

    def resync(self, rows, open_count):
        self.whole.append(len(rows))
        self.news.set()

    def show(self, page):
        self.shown.append(page.row.name)
        self.news.set()

    def leave(self, client):
        self.left += 1
        self.news.set()

    async def told(self):
        await asyncio.wait_for(self.news.wait(), 2)
        self.news.clear()


class House:
    """Two tenants, the first with two locations, and a way to add leads."""

    def __init__(self, db: Database):
        self.db = db
        self.one, self.two = (Tenant(slug=slug, name=slug) for slug in ('one', 'two'))
        self.here, self.there = (Location(tenant_id=self.one.id, slug=slug, name=slug) for slug in ('here', 'there'))
        self.far = Location(tenant_id=self.two.id, slug='far', name='far')
        with db.transaction() as session:
            session.add_all((self.one, self.two))
            session.flush()
            session.add_all((self.here, self.there, self.far))

    def lead(self, name, place=None) -> UUID:
        place = place or self.here
        lead = Lead(tenant_id=place.tenant_id, location_id=place.id, name=name, quality=Quality.HOT)
        with self.db.transaction() as session:
            session.add(lead)
            session.flush()
            session.add(SlaClock(tenant_id=place.tenant_id, lead_id=lead.id, due_at=now(), window_seconds=900))
        return lead.id

    def session(self) -> UUID:
        user = User(tenant_id=self.one.id, email=f'{uuid7()}@example.com', name='Dev', password_hash='x', role=Role.AGENT)
        row = UserSession(tenant_id=self.one.id, user_id=user.id, token_hash=str(uuid7()), expires_at=now() + timedelta(hours=1))
        with self.db.transaction() as session:
            session.add(user)
            session.flush()
            session.add(row)
        return row.id


@pytest.fixture
def house(db):
    return House(db)


@asynccontextmanager
async def hub_of(house, *pages):
    """A running hub with these pages open, and the watch over their sessions."""
    hub = Hub(house.db, house.db.bell)
    sessions = Sessions(house.db, house.db.bell, idle=timedelta(minutes=30), on_end=hub.forget)
    hub.start()
    sessions.start()
    for page in pages:
        hub.open(page.watcher, hub.serial())
        sessions.watch(page, page)
    try:
        yield hub
    finally:
        await sessions.stop()
        await hub.stop()


@pytest.fixture
def everybody(house):
    """The session that pages of a test share, alive."""
    return house.session()


async def test_a_ring_brings_the_row_to_every_page_of_its_tenant_and_to_no_other(house, everybody):
    mine, other = Page(Scope(house.one.id), everybody), Page(Scope(house.two.id), everybody)
    async with hub_of(house, mine, other):
        lead = house.lead('Ann')
        house.db.bell.ring(Ring('lead', house.one.id, (lead,)))
        await mine.told()

    assert mine.names == ['Ann'] and other.names == other.gone == []


async def test_fifty_pages_cost_as_many_queries_as_one(house, everybody):
    statements = []
    sa.event.listen(house.db.engine, 'before_cursor_execute', lambda *a: statements.append(a[2]))

    async def cost(count, name):
        pages = [Page(Scope(house.one.id), everybody) for _ in range(count)]
        async with hub_of(house, *pages):
            lead = house.lead(name)
            statements.clear()
            house.db.bell.ring(Ring('lead', house.one.id, (lead,)))
            await asyncio.gather(*(page.told() for page in pages))
            return len([text for text in statements if 'FROM leads' in text or 'FROM deliveries' in text])

    assert await cost(50, 'Ann') == await cost(1, 'Ben')


async def test_a_page_limited_to_a_location_sees_only_that(house, everybody):
    all_, here = Page(Scope(house.one.id), everybody), Page(Scope(house.one.id, frozenset({house.here.id})), everybody)
    async with hub_of(house, all_, here):
        ids = (house.lead('Ann', house.here), house.lead('Ben', house.there))
        house.db.bell.ring(Ring('lead', house.one.id, ids))
        await asyncio.gather(all_.told(), here.told())

    assert sorted(all_.names) == ['Ann', 'Ben'] and here.names == ['Ann']


async def test_a_ring_that_says_nothing_brings_what_changed_once(house, everybody):
    page = Page(Scope(house.one.id), everybody)
    async with hub_of(house, page):
        house.lead('Ann')
        house.db.bell.ring(Ring(ANYTHING))
        await page.told()
        house.db.bell.ring(Ring(ANYTHING))
        house.lead('Ben')
        house.db.bell.ring(Ring(ANYTHING))
        await page.told()

    assert page.names == ['Ann', 'Ben']


async def test_an_open_lead_is_shown_anew_and_only_that(house, everybody):
    ann, ben = house.lead('Ann'), house.lead('Ben')
    page = Page(Scope(house.one.id), everybody, lead_id=ann)
    async with hub_of(house, page):
        house.db.bell.ring(Ring('lead', house.one.id, (ben,)))
        await page.told()
        assert page.shown == []
        house.db.bell.ring(Ring('lead', house.one.id, (ann,)))
        await page.told()
        while not page.shown:
            await page.told()

    assert page.shown == ['Ann']


async def test_a_lead_that_is_gone_leaves_the_list(house, everybody):
    page, gone = Page(Scope(house.one.id), everybody), uuid7()
    async with hub_of(house, page):
        house.db.bell.ring(Ring('lead', house.one.id, (gone,)))
        await page.told()

    assert page.gone == [gone]


async def test_a_page_whose_socket_was_away_catches_up(house, everybody):
    page = Page(Scope(house.one.id), everybody)
    async with hub_of(house, page) as hub:
        page.has_socket_connection = False
        hub.dropped(page)
        house.lead('Ann')  # nobody rings: the ring may be lost too
        page.has_socket_connection = True
        hub.back(page)
        await page.told()

    assert page.names == ['Ann']


async def test_what_changed_while_the_page_was_made_is_not_missed(house, everybody):
    page, witness = Page(Scope(house.one.id), everybody), Page(Scope(house.one.id), everybody)
    async with hub_of(house, witness) as hub:
        before = hub.serial()
        lead = house.lead('Ann')
        house.db.bell.ring(Ring('lead', house.one.id, (lead,)))
        await witness.told()  # the hub has told everybody who was there
        hub.open(page.watcher, before)
        await page.told()

    assert page.names == ['Ann']


async def test_a_flood_is_sent_as_a_first_page_instead_of_row_by_row(house, everybody):
    page = Page(Scope(house.one.id), everybody)
    async with hub_of(house, page):
        ids = tuple(house.lead(f'Lead {n}') for n in range(205))
        house.db.bell.ring(Ring('lead', house.one.id, ids))
        await page.told()

    assert page.whole == [200] and page.names == []


async def test_an_ended_session_closes_its_pages_at_once_and_they_hear_no_more(house, everybody):
    ended = house.session()
    out, stays = Page(Scope(house.one.id), ended), Page(Scope(house.one.id), everybody)
    async with hub_of(house, out, stays):
        with house.db.transaction() as session:
            session.execute(sa.update(UserSession).where(UserSession.id == ended).values(ended_at=now()))
        house.db.bell.ring(Ring('session', house.one.id, (ended,)))
        await out.told()
        house.db.bell.ring(Ring('lead', house.one.id, (house.lead('Ann'),)))
        await stays.told()

    assert (out.left, out.names, stays.left, stays.names) == (1, [], 0, ['Ann'])


async def test_a_session_that_ended_without_a_ring_is_found_within_five_seconds(house):
    ended = house.session()
    out = Page(Scope(house.one.id), ended)
    async with hub_of(house, out):
        with house.db.transaction() as session:
            session.execute(sa.update(UserSession).where(UserSession.id == ended).values(ended_at=now()))
        await asyncio.wait_for(out.news.wait(), 5)

    assert out.left == 1


async def test_a_session_that_nobody_uses_is_found_too(house):
    idle = house.session()
    out = Page(Scope(house.one.id), idle)
    async with hub_of(house, out):
        with house.db.transaction() as session:
            session.execute(sa.update(UserSession).where(UserSession.id == idle).values(seen_at=now() - timedelta(minutes=31)))
        await asyncio.wait_for(out.news.wait(), 5)

    assert out.left == 1


async def test_a_closed_page_is_forgotten(house, everybody):
    page, stays = Page(Scope(house.one.id), everybody), Page(Scope(house.one.id), everybody)
    async with hub_of(house, page, stays) as hub:
        hub.forget(page)
        house.db.bell.ring(Ring('lead', house.one.id, (house.lead('Ann'),)))
        await stays.told()

    assert page.names == []


async def test_a_page_that_closes_while_others_are_told_takes_no_news_from_them(house, everybody):
    scopes = Scope(house.one.id), Scope(house.two.id), Scope(house.one.id, frozenset({house.here.id}))
    first, closing, last = (Page(scope, everybody) for scope in scopes)
    async with hub_of(house, first, closing, last) as hub:
        first.patch = lambda *_: hub.forget(closing)  # its browser goes at this very moment
        house.lead('Ann')
        house.db.bell.ring(Ring(ANYTHING))
        await last.told()

    assert last.names == ['Ann'] and closing.names == []
