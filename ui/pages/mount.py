"""Puts the pages on the application of the web process."""

from functools import partial

from fastapi import FastAPI
from nicegui import ui as ng

from ui.design import FAVICON
from ui.doors import Doors
from ui.pages import desk, entrance, invitation
from ui.pages.socket_guard import SocketGuard


def mount(fast: FastAPI, doors: Doors) -> None:
    """Sign-in and first run as plain pages, the desk by NiceGUI, and the guard in front of its socket."""
    fast.include_router(entrance.router)
    fast.include_router(invitation.router)
    desk.register(doors)
    ng.run_with(
        fast,
        title='Leadkeeper',
        favicon=FAVICON,
        tailwind=False,
        reconnect_timeout=doors.settings.reconnect_seconds,
        show_welcome_message=False,
    )
    fast.add_middleware(SocketGuard, settings=doors.settings, signed_in=partial(entrance.signed_in, doors))
