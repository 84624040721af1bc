"""Quiet hours: when this person does not want to be told of alarms, in their own time zone."""

from typing import Any

from domain.access.preferences import preferences, set_preference
from domain.access.quiet import QUIET
from domain.base.db import Session
from domain.base.scope import Scope
from ui.ask import Visit, ask, do
from ui.components.quiet_hours import QuietHours
from ui.pages.place import Asked
from ui.pages.plain import time_zones

TITLE = 'Quiet hours'
NEEDS = None


def read(_session: Session, _scope: Scope, _asked: Asked) -> list[str]:
    """The zones one may be in; what the person has set is asked for when the page stands."""
    return list(time_zones())


def build(visit: Visit, data: list[str]) -> None:
    """The page at `/quiet-hours`."""

    async def show() -> dict[str, Any] | None:
        found = await ask(preferences, visit.actor.id)
        hours: dict[str, Any] | None = (found or {}).get(QUIET)
        page.show(hours)
        return hours

    async def save(hours: dict[str, Any] | None) -> None:
        found = await ask(preferences, visit.actor.id)
        before = (found or {}).get(QUIET)
        if not await do(set_preference, QUIET, hours):
            return

        async def undo() -> None:
            if await do(set_preference, QUIET, before):
                await show()

        await show()
        visit.notices.offer('Quiet hours are set' if hours else 'No quiet hours any more', undo)

    page = QuietHours(data, on_ready=show, on_save=save)
