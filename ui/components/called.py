"""How an element's event becomes a call."""

from collections.abc import Awaitable, Callable

from nicegui.events import GenericEventArguments


def called(act: Callable[..., Awaitable[None]]) -> Callable[[GenericEventArguments], Awaitable[None]]:
    """A handler that awaits `act` with what the browser emitted."""

    async def handle(event: GenericEventArguments) -> None:
        arguments = event.args if isinstance(event.args, list) else [event.args]
        await act(*[each for each in arguments if each is not None])

    return handle
