"""The one task in the queue: look at this destination."""

from uuid import UUID

from domain.base.failpoints import point
from tasks.carry import Carrier
from tasks.queue import huey
from tasks.relay import Relay

_here: list[tuple[Carrier, Relay]] = []  # the worker of this process, once it has started


def serve(carrier: Carrier, relay: Relay) -> None:
    """From now on this process carries what it is woken for."""
    _here[:] = [(carrier, relay)]


def enqueue(destination_id: UUID) -> None:
    """Put a wake into the queue; raises whatever the queue's driver raises."""
    wake(str(destination_id))


@huey.task(retries=0, name='wake')  # type: ignore[untyped-decorator]  # huey carries no types
def wake(destination_id: str) -> None:
    """Carry this destination. May be lost or doubled without harm."""
    point('C6')
    for carrier, relay in _here:
        relay.started(UUID(destination_id))
        carrier.carry(UUID(destination_id))
