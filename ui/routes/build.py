"""Puts the routes together: what `leadkeeper api` serves and the web process builds on."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Protocol

from fastapi import APIRouter, FastAPI

from ui.design import STATIC_URL, static_app
from ui.doors import Doors
from ui.limits import Limits
from ui.routes import (
    access,
    assignment,
    calendars,
    deliveries,
    desk,
    destinations,
    follow_ups,
    intake,
    leads,
    lineage,
    locations,
    operations,
    problems,
    quarantine,
    reports,
    sequences,
    sla,
    templates,
)
from ui.routes.middleware import Doorkeeper

SWITCH_INTERVAL = (
    0.0005  # seconds: the thread that keeps leads waits this long for its turn, where Python's own 5 ms cost a fifth of the pace
)


class Company(Protocol):
    """What starts and stops with the application: the embedded worker."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Finish what is in flight."""


def build(doors: Doors, *pages: APIRouter, company: Company | None = None, rare_only: bool = False) -> FastAPI:
    """The application with all public routes; `pages` are plain ones that belong beside them.

    `company` starts and stops with it; `rare_only`: it need not hear of each lead that others take in.
    """

    @asynccontextmanager
    async def lifespan(fast: FastAPI) -> AsyncIterator[None]:
        tune_process()
        await doors.keeper.open()
        doors.bell.listen(doors.settings.url, rare_only=rare_only)
        if company:
            company.start()
        try:
            yield
        finally:
            fast.state.stopping = True
            if company:
                await asyncio.to_thread(company.stop)
            await doors.keeper.close()
            doors.bell.close()
            doors.db.close()

    fast = FastAPI(
        title='Leadkeeper',
        version=version('leadkeeper'),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    redis = doors.settings.redis_url
    fast.state.doors = doors
    fast.state.limits = Limits(redis.get_secret_value() if redis else None)
    fast.state.counters = operations.Counters(doors)
    desk_api = (leads.router, desk.router, quarantine.router, access.router, assignment.router, sla.router, locations.router)
    sending = (deliveries.router, destinations.router, follow_ups.router, sequences.router, templates.router, calendars.router)
    for router in (operations.router, *desk_api, *sending, reports.router, lineage.router, *pages):
        fast.include_router(router)
    fast.mount(STATIC_URL, static_app())
    intake.register(fast)
    problems.register(fast)
    fast.add_middleware(Doorkeeper, settings=doors.settings, lanes=intake.lanes())
    return fast


def tune_process() -> None:
    """Have the collector leave alone what is loaded once and for all and look less often, and threads take turns sooner."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(SWITCH_INTERVAL)
