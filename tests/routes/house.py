"""The application in this process: its own event loop in a thread, its requests without sockets, its database for the test to look into."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import sqlalchemy as sa
from fastapi import FastAPI

import app
from domain.access.keys import create_key, create_widget_key
from domain.base.scope import Role, system
from domain.base.settings import load
from domain.outbox.destinations import add_destination
from domain.outbox.messages import DestinationOrder
from domain.tenancy.models import Location, Tenant
from domain.tenancy.queries import first_tenant
from tests.people import account
from ui.doors import Doors
from ui.pages import entrance

ADMIN_KEY = 'lk_test_0123456789abcdefghijklmnopqrstuvwxyz'
PASSWORD = 'correct horse battery'
WIDE = {f'rate_limit_{name}': '1000000/minute' for name in ('intake', 'widget', 'desk', 'login', 'login_account')}
INTAKE = ('/api/submit-contact', '/api/chatbot/leads', '/api/property-inquiry', '/api/intake/contact')
LEAKS = (
    'Traceback',
    'sqlalchemy',
    'psycopg',
    'sqlite3',
    'INSERT INTO',
    'insert into',
    'SELECT ',
    'site-packages',
    '.py"',
    '/home/',
    '/usr/',
)

T = TypeVar('T')


class House:
    """One application on one database. `ask` is a request, `together` are several at the same moment."""

    def __init__(self, database_url: str, data_dir: Path, *, desk: bool = False, **settings: Any) -> None:
        overrides = WIDE | {'database_url': database_url, 'data_dir': data_dir, 'admin_api_key': ADMIN_KEY} | settings
        self.doors: Doors = app.open_house(load(**overrides), serves=True)
        self.fast: FastAPI = app.api(self.doors)
        if desk:
            self.fast.include_router(entrance.router)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name='house', daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.run(self._stack.enter_async_context(self.fast.router.lifespan_context(self.fast)))
        with self.doors.db.reading() as session:
            tenant = first_tenant(session)
            assert tenant
            self.tenant_id = tenant.id

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        """Run on the application's loop and wait."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(timeout=60)

    def close(self) -> None:
        self.run(self._stack.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def send(
        self, method: str, path: str, *, peer: str = '127.0.0.1', base: str = 'http://127.0.0.1:8080', **more: Any
    ) -> httpx.Response:
        """One request; an error of the application is an answer, as it is to the world."""
        transport = httpx.ASGITransport(self.fast, raise_app_exceptions=False, client=(peer, 4321))
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **more)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, waited for."""
        return self.run(self.send(method, path, **more))

    def together(self, *requests: Mapping[str, Any]) -> list[httpx.Response]:
        """These requests at the same moment."""

        async def all_of() -> list[httpx.Response]:
            return await asyncio.gather(*(self.send(**request) for request in requests))

        return self.run(all_of())

    def post(
        self, body: Any, *, path: str = INTAKE[0], key: str | None = ADMIN_KEY, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A lead handed in as JSON with an API key; `key` None: as a stranger."""
        return self.ask('POST', path, **lead(body, key=key, headers=headers), **more)

    def get(self, path: str, **more: Any) -> Any:
        """The desk API's answer; it is 200."""
        answer = self.ask('GET', path, headers={'Authorization': f'Bearer {ADMIN_KEY}'}, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def count(self, table: str, where: str = 'true') -> int:
        """Rows of a table."""
        with self.doors.db.reading() as session:
            return int(session.execute(sa.text(f'select count(*) from {table} where {where}')).scalar_one())

    def rows(self, text: str) -> Sequence[Any]:
        """The rows of a query in plain SQL."""
        with self.doors.db.reading() as session:
            return session.execute(sa.text(text)).all()

    def api_key(self, *scopes: str, tenant_id: UUID | None = None) -> str:
        """A new API key."""
        with self.doors.db.transaction() as session:
            return create_key(session, system(tenant_id or self.tenant_id), f'key {",".join(scopes)}', list(scopes))[1]

    def widget_key(self, *origins: str, tenant_id: UUID | None = None) -> str:
        """A new widget key for pages of these origins."""
        with self.doors.db.transaction() as session:
            return create_widget_key(session, system(tenant_id or self.tenant_id), 'widget', list(origins))[1]

    def person(self, email: str = 'owner@example.com', role: Role = Role.OWNER, *, tenant_id: UUID | None = None) -> None:
        """A new account with PASSWORD."""
        with self.doors.db.transaction() as session:
            account(session, system(tenant_id or self.tenant_id), email, email.partition('@')[0], PASSWORD, role)

    def destination(self, name: str = 'Hook', *, tenant_id: UUID | None = None) -> UUID:
        """A new destination that hears of leads."""
        order = DestinationOrder(kind='webhook', name=name, config={'url': 'https://example.com/hook', 'secret': 'whsec_' + 'c2VjcmV0' * 4})
        with self.doors.db.transaction() as session:
            return add_destination(session, system(tenant_id or self.tenant_id), order, self.doors.box).id

    def second_tenant(self) -> UUID:
        """Another organisation in the same installation."""
        with self.doors.db.transaction() as session:
            tenant = Tenant(slug='other', name='Other')
            session.add(tenant)
            session.flush()
            session.add(Location(tenant_id=tenant.id, slug='main', name='Main', is_default=True))
            return tenant.id

    def sign_in(self, email: str = 'owner@example.com', password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Post the sign-in form."""
        return self.ask('POST', '/login', data={'email': email, 'password': password}, **more)


def lead(body: Any, *, key: str | None = ADMIN_KEY, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The parts of an intake request."""
    sent = {'Content-Type': 'application/json'} | ({'Authorization': f'Bearer {key}'} if key else {}) | dict(headers or {})
    return {'content': body if isinstance(body, bytes) else json.dumps(body).encode(), 'headers': sent}


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The answer as a problem document of this status; fails when it tells more than it should."""
    assert answer.status_code == status, f'{answer.status_code} {answer.text[:600]}'
    assert answer.headers['content-type'] == 'application/problem+json'
    found: dict[str, Any] = answer.json()
    assert set(found) - {'errors'} == {'type', 'title', 'status', 'detail', 'code', 'requestId'}
    assert found['status'] == status and found['detail'] and found['title']
    assert found['requestId'] == answer.headers['x-request-id'] != ''
    assert found['type'] == f'urn:leadkeeper:problem:{found["code"]}'
    assert code is None or found['code'] == code
    assert status not in (429, 503) or int(answer.headers['retry-after']) > 0
    assert all(set(error) == {'field', 'message'} for error in found.get('errors', ()))
    silent(answer)
    return found


def silent(answer: httpx.Response) -> None:
    """No stack, no SQL, no path in the answer."""
    leaked = [leak for leak in LEAKS if leak in answer.text]
    assert not leaked, f'{leaked} in {answer.text[:600]}'


async def chunks(size: int, piece: int = 8192) -> AsyncIterator[bytes]:
    """A body of so many bytes whose length nobody announces."""
    for start in range(0, size, piece):
        yield b'x' * min(piece, size - start)
