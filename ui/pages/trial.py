"""Trying a destination out: a test goes the ordinary way, and somebody waits for its end."""

import asyncio
from uuid import UUID

from domain.base.doorbell import Ring
from domain.outbox.destinations import order_test
from domain.outbox.models import State
from domain.outbox.queries import delivery
from ui.ask import Visit, ask, done
from ui.presenters import settings as shown

LOOK_AGAIN = 1.0  # seconds between looks where no ring is heard


async def try_out(visit: Visit, destination_id: UUID, label: str) -> dict[str, str] | None:
    """Send a test through the ordinary path and wait for its end; what to show, or None when the page has said why not."""
    loop = asyncio.get_running_loop()
    rung = asyncio.Event()

    def hear(_ring: Ring) -> None:
        loop.call_soon_threadsafe(rung.set)

    deafen = visit.doors.bell.hear(hear)
    try:
        test_id = await done(order_test, destination_id)
        if test_id is None:
            return None
        end = loop.time() + visit.doors.settings.delivery_timeout_seconds
        while True:
            rung.clear()
            row = await ask(delivery, test_id)
            if row is None:
                return None
            waiting = row.state in (State.PENDING, State.LEASED) and (row.state == State.LEASED or row.last_class is None)
            if not waiting or loop.time() >= end:
                return shown.outcome(label, row.state, row.last_class, row.last_error)
            await _rung_or(rung, min(LOOK_AGAIN, end - loop.time()))
    finally:
        deafen()


async def _rung_or(rung: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(rung.wait(), max(seconds, 0))
    except TimeoutError:
        pass  # it is looked again anyway
