"""System health: the sentence on loss, every service with its checks, and what needs somebody."""

import asyncio
from collections.abc import Awaitable
from threading import Thread
from uuid import UUID

from domain.access.rules import Permission, may
from domain.alerts.actions import acknowledge
from domain.base.db import Session
from domain.base.errors import Refusal
from domain.base.scope import Scope
from domain.desk import loss_check
from domain.desk.health import HealthPage, health_page, may_look
from domain.desk.pulse import take_pulse
from ui.ask import Visit, ask, do, done
from ui.components.system import System
from ui.pages.place import Asked
from ui.presenters import system as shown

TITLE = 'System health'
NEEDS = Permission.HEALTH_READ


def read(session: Session, scope: Scope, _asked: Asked) -> HealthPage:
    """Everything the page shows."""
    return health_page(session, scope)


def build(visit: Visit, data: HealthPage) -> None:
    """The page at `/system`."""

    async def refresh() -> None:
        now = await ask(health_page)
        if now is not None:
            view.show(_view(visit, now))

    async def after(act: Awaitable[None]) -> None:
        await act
        await refresh()
        view.settled()

    view = System(
        _view(visit, data),
        on_check=lambda: after(_check(visit)),
        on_loss_check=lambda: after(_order(visit)),
        on_acknowledge=lambda alert_id: after(_acknowledge(alert_id)),
    )
    visit.stirred(('alert', 'outbox', 'health'), refresh)


async def _check(visit: Visit) -> None:
    """Look at everything now."""
    if await do(may_look):
        try:
            await asyncio.to_thread(take_pulse, visit.doors.db)
        except Refusal as trouble:
            visit.notices.say(trouble.detail, 'red')


async def _order(visit: Visit) -> None:
    """Have a loss check run; it goes on when the page is left, and dies with the process, which the page then says."""
    token = await done(loss_check.begin)
    if token:
        Thread(target=loss_check.run, args=(visit.doors.db, visit.actor.scope, token), name='loss check', daemon=True).start()


async def _acknowledge(alert_id: str) -> None:
    try:
        wanted = UUID(alert_id)
    except ValueError:
        return  # not from our page
    await do(acknowledge, wanted)


def _view(visit: Visit, page: HealthPage) -> dict[str, object]:
    kinds = {kind: (line.label, line.icon) for kind, line in visit.doors.channels.items()}
    return shown.view(page, kinds, may_acknowledge=may(visit.actor, Permission.ALERTS_ACKNOWLEDGE))
