"""The pages of the desk and where they are: who asks is looked up first, and no page opens without."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import structlog
from fastapi import Request
from nicegui import app as ng_app
from nicegui import ui as ng
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from domain.access.rules import SESSION_COOKIE
from domain.base.errors import NotSignedIn, Refusal
from domain.leads.actions import mark_read
from ui.ask import Visit, enter, sign_in_path
from ui.doors import Doors
from ui.live import Hub, Watcher
from ui.pages import inbox, lead
from ui.pages.plain import render_problem_page

log = structlog.get_logger(__name__)

NO_LEAD = 'There is no lead with this number here, or it belongs to a location you do not work for.'
NO_PAGE = 'There is no page at this address.'
BROKEN = 'This page could not be made, and the reason was written to the log. What is stored is safe.'

Builder = Callable[[Visit], Awaitable[Response | None]]


def register(doors: Doors) -> Hub:
    """Put the pages on NiceGUI's application, and have its start and stop begin and end the live updates."""
    hub = Hub(doors.db, doors.bell)
    ng_app.on_startup(hub.start)
    ng_app.on_shutdown(hub.stop)
    ng_app.exception_handler(404)(_missing)
    idle = timedelta(minutes=doors.settings.session_idle_minutes)

    async def opened(request: Request, build: Builder) -> Response | None:
        token = request.cookies.get(SESSION_COOKIE, '')
        return await _guarded(request, Visit(doors.db, token, idle, request.url.path), build)

    @ng.page('/', language='en-US')
    async def inbox_page(request: Request) -> Response | None:
        async def build(visit: Visit) -> None:
            before = hub.serial()
            first = await visit.read(inbox.first_page)
            enter(visit)
            hub.open(Watcher(ng.context.client, visit, inbox.build(visit, first), visit.actor.scope), before)

        return await opened(request, build)

    @ng.page('/leads/{lead_id}', language='en-US')
    async def lead_page(request: Request, lead_id: str) -> Response | None:
        async def build(visit: Visit) -> Response | None:
            before = hub.serial()
            wanted = _uuid(lead_id)
            found = await visit.read(lead.read, wanted or UUID(int=0))
            if found is None:
                return _page(request, 404, 'No such lead', NO_LEAD)
            page, first = found
            if page.row.id != wanted:
                return RedirectResponse(f'/leads/{page.row.id}')  # a visitor's receipt stands for the lead
            if page.row.unread:
                await visit.act(mark_read, page.row.id)
            enter(visit)
            hub.open(Watcher(ng.context.client, visit, lead.build(visit, page, first), visit.actor.scope, page.row.id), before)
            return None

        return await opened(request, build)

    return hub


async def _guarded(request: Request, visit: Visit, build: Builder) -> Response | None:
    """The page, or the sign-in, or the reason why not: NiceGUI's own error page would show the exception's text."""
    try:
        return await build(visit)
    except NotSignedIn:
        return RedirectResponse(sign_in_path(request.url.path), status_code=303)
    except Refusal as trouble:
        return _page(request, trouble.status, trouble.title, trouble.detail)
    except Exception:
        log.exception('page_failed', path=request.url.path)
        return _page(request, 500, 'This page could not be made', BROKEN)


async def _missing(request: Request, _: Exception) -> Response:
    if 'text/html' in request.headers.get('accept', ''):
        return _page(request, 404, 'No such page', NO_PAGE)
    problem = {
        'type': 'about:blank',
        'title': 'Not found',
        'status': 404,
        'detail': 'There is nothing at this address.',
        'requestId': _request_id(request),
    }
    return JSONResponse(problem, 404, media_type='application/problem+json')


def _page(request: Request, status: int, title: str, detail: str) -> Response:
    return HTMLResponse(render_problem_page(status, title, detail, _request_id(request)), status, headers={'Cache-Control': 'no-store'})


def _request_id(request: Request) -> str:
    return str(request.scope.get('request_id', ''))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
