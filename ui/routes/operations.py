"""For those who watch the desk: is it alive, can it take leads, how is it."""

import asyncio
import html
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from domain.alerts.actions import acknowledge
from ui.doors import Doors
from ui.guard import doors_of
from ui.routes.desk import AlertOut
from ui.routes.intake_openapi import describe
from ui.routes.security import Caller, open_or_allowed

router = APIRouter(tags=['operations'])


class Counters:
    """The numbers of this process."""

    def __init__(self, doors: Doors) -> None:
        self.registry = CollectorRegistry()
        self._kept = Counter('leadkeeper_submissions_kept', 'Submissions stored, by route', ['route'], registry=self.registry)
        self._refused = Counter('leadkeeper_submissions_refused', 'Submissions refused, by reason', ['code'], registry=self.registry)
        self._up = Gauge('leadkeeper_service_up', '1 when the service works', ['service'], registry=self.registry)
        self._rows = Gauge('leadkeeper_deliveries', 'Deliveries of the installation, by state', ['state'], registry=self.registry)
        self._oldest = Gauge('leadkeeper_oldest_due_seconds', 'Age of the oldest delivery that should be out', registry=self.registry)
        self._doors = doors
        self._by_route: dict[str, Counter] = {}

    def kept(self, route: str) -> None:
        """One more stored."""
        if (counter := self._by_route.get(route)) is None:
            counter = self._by_route[route] = self._kept.labels('form' if route.startswith('form:') else route)
        counter.inc()

    def refused(self, code: str) -> None:
        """One more refused."""
        self._refused.labels(code).inc()

    def text(self) -> bytes:
        """All numbers in Prometheus' text format."""
        state = self._doors.probe()
        for name, service in state['services'].items():
            self._up.labels(name).set(1 if service['state'] == 'ok' else 0)
        for name, count in state.get('deliveries', {}).items():
            self._rows.labels(name).set(count)
        self._oldest.set(state.get('oldestDueSeconds', 0))
        return generate_latest(self.registry)


@router.get('/health')
async def health() -> dict[str, str]:
    """This process answers; nothing else is asked."""
    return {'status': 'ok'}


@router.get('/ready')
async def ready(request: Request) -> Response:
    """200 when leads can be stored now, else 503."""
    state = await asyncio.to_thread(doors_of(request).probe)
    good = state['services']['database']['state'] == 'ok' and not getattr(request.app.state, 'stopping', False)
    return JSONResponse({'ready': good}, 200 if good else 503, {} if good else {'Retry-After': '5'})


@router.get('/api/health')
async def states(request: Request) -> dict[str, Any]:
    """The services by name and state, nothing more."""
    state = await asyncio.to_thread(doors_of(request).probe)
    return {'status': state['status'], 'services': {name: service['state'] for name, service in state['services'].items()}}


@router.get('/metrics', dependencies=[Depends(open_or_allowed)])
async def metrics(request: Request) -> Response:
    """Prometheus."""
    return Response(await asyncio.to_thread(request.app.state.counters.text), media_type=CONTENT_TYPE_LATEST)


@router.get('/api/openapi.json', dependencies=[Depends(open_or_allowed)], include_in_schema=False)
async def openapi(request: Request) -> JSONResponse:
    """The description of this API, OpenAPI 3.1."""
    fast: FastAPI = request.app
    return JSONResponse(await asyncio.to_thread(describe, fast))


@router.get('/api/docs', dependencies=[Depends(open_or_allowed)], include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The same for reading; no script, nothing from elsewhere."""
    fast: FastAPI = request.app
    return HTMLResponse(_readable(await asyncio.to_thread(describe, fast)))


@router.post('/api/v1/alerts/{alert_id}/acknowledge')
def post_acknowledge(request: Request, actor: Caller, alert_id: UUID) -> AlertOut:
    """Note that somebody has seen it: it no longer counts as open; the first name stays."""
    with doors_of(request).db.transaction() as session:
        return AlertOut.model_validate(acknowledge(session, actor, alert_id))


def _readable(schema: dict[str, Any]) -> str:
    rows = [
        ''.join(f'<td>{html.escape(text)}</td>' for text in (method.upper(), path, str(what.get('description', ''))))
        for path, methods in schema['paths'].items()
        for method, what in methods.items()
    ]
    title = html.escape(f'{schema["info"]["title"]} {schema["info"]["version"]}')
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>'
        '<p>The full description is at <a href="/api/openapi.json">/api/openapi.json</a>.</p>'
        f'<table><tr>{"</tr><tr>".join(rows)}</tr></table></html>'
    )
