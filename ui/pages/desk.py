"""The desk: one root page for all places. Who asks is looked up first, and nothing opens without."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from fastapi import Request
from nicegui import Client
from nicegui import app as ng_app
from nicegui import ui as ng
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from domain.access.rules import session_token
from domain.base.db import Session
from domain.base.errors import NotSignedIn, Refusal
from domain.base.scope import Scope
from domain.desk.demo_stage import has_samples
from domain.tenancy.queries import tenant
from ui.alarms import Alarms
from ui.ask import Visit, enter, sign_in_path
from ui.boards import Boards
from ui.components.banner import AlarmBanner
from ui.counts import Counts
from ui.doors import Doors
from ui.frame import frame
from ui.live import Hub
from ui.online import Online
from ui.pages.new_lead import choices, mount_new_lead
from ui.pages.online import turns_online
from ui.pages.palette import palette
from ui.pages.panel import Panel, find, look
from ui.pages.places import PLACES, entries
from ui.pages.plain import render_problem_page
from ui.pages.samples import say_samples
from ui.presence import Presence
from ui.sessions import Sessions
from ui.stirs import Stirs
from ui.sweep import Sweep

log = structlog.get_logger(__name__)

NO_PAGE = 'There is no page at this address.'
BROKEN = 'This page could not be made, and the reason was written to the log. What is stored is safe.'


@dataclass(frozen=True)
class Around:
    """What stands around the place."""

    company: str
    locations: list[dict[str, str]]
    samples: bool


def read_around(session: Session, scope: Scope) -> Around:
    """One reading for all of it."""
    return Around(tenant(session, scope.tenant_id).name, choices(session, scope), has_samples(session, scope))


class Shell:
    """What all open pages of this process share."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.hub = Hub(doors.db, doors.bell)
        self.stirs = Stirs(doors.bell)
        self.counts = Counts(doors.db, self.stirs)
        self.alarms = Alarms(doors.db, self.stirs)
        self.online = Online(doors.db, self.stirs)
        self.boards = Boards(doors.db, doors.bell)
        self.presence = Presence()
        self.sweep = Sweep()
        self.sessions = Sessions(doors.db, doors.bell, idle=timedelta(minutes=doors.settings.session_idle_minutes), on_end=self._forget)
        for each in (self.hub, self.stirs, self.boards, self.sessions):
            ng_app.on_startup(each.start)
            ng_app.on_shutdown(each.stop)

    async def open(self, request: Request) -> Response | None:
        """The page for this address, the sign-in, or the reason why not: NiceGUI's own error page would show the exception's text."""
        path = request.url.path + (f'?{request.url.query}' if request.url.query else '')
        visit = Visit(self.doors, self.hub, self.presence, session_token(request.cookies), path)
        visit.boards = self.boards
        try:
            return await self._build(request, visit)
        except NotSignedIn:
            return RedirectResponse(sign_in_path(request.url.path), status_code=303)
        except Refusal as trouble:
            return _page(request, trouble.status, trouble.title, trouble.detail)
        except Exception:
            log.exception('page_failed', path=request.url.path)
            return _page(request, 500, 'This page could not be made', BROKEN)

    async def _build(self, request: Request, visit: Visit) -> Response | None:
        found = find(visit.path)
        assert found is not None  # NiceGUI's routes are made of the same places
        place, asked = found
        data = await look(visit, place, asked)
        if (better := getattr(data, 'path', asked.path)) != asked.path:
            return RedirectResponse(better)  # a visitor's receipt stands for the lead
        around = await visit.read(read_around)
        enter(visit)
        client = ng.context.client
        client.status_code = 404 if data is None else 200  # the panel says so inside the shell
        with frame(visit, entries(visit.actor), company=around.company, title=place.module.TITLE, path=asked.path) as bar:
            if around.samples:
                say_samples(visit)
            self.alarms.join(client, visit.actor, AlarmBanner(visit.notices))
            turns_online(visit, bar)
            panel = Panel(visit, bar, self.stirs, (place, asked, data))
            client.on_delete(lambda: self._gone(panel))  # before anything else may fail
            dialog = mount_new_lead(visit, around.locations)
            palette(visit, entries(visit.actor), has=['new'] if dialog else [])
        self.sessions.watch(client, visit)
        self.counts.join(client, visit.actor.scope, bar.count)
        self.online.join(client, visit.actor, bar.online)
        client.on_disconnect(lambda: self._dropped(client))
        client.on_connect(lambda: self._back(client))
        return None

    def _back(self, client: Client) -> None:
        self.hub.back(client)
        self.stirs.back(client)
        self.boards.back(client)

    def _dropped(self, client: Client) -> None:
        self.hub.dropped(client)
        self.boards.dropped(client)

    def _forget(self, client: Client) -> None:
        self.hub.forget(client)
        self.boards.forget(client)

    def _gone(self, panel: Panel) -> None:
        panel.left()
        self._forget(panel.client)
        self.sweep.page_gone()


def register(doors: Doors) -> Shell:
    """Put the root page on NiceGUI's application, under every address of its places."""
    shell = Shell(doors)
    ng_app.exception_handler(404)(_missing)

    async def root(request: Request) -> Response | None:
        return await shell.open(request)

    for place in PLACES:
        for path in place.paths:
            ng.page(path, language='en-US')(root)
    return shell


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
