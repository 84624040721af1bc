"""What the commands are given by app.py, and how the server processes are run."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any, Protocol

import typer
import uvicorn
from fastapi import FastAPI

from domain.access.queries import anybody
from domain.base import log
from domain.base.errors import Refusal
from domain.base.scope import Scope
from domain.base.settings import Settings, load
from domain.outbox.queries import destinations
from domain.tenancy.queries import tenants
from ui.doors import Doors

AsJson = Annotated[bool, typer.Option('--json', help='Print one JSON object.')]


class Worker(Protocol):
    """A worker as the commands see it."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Finish what is in flight."""

    def drain(self) -> int:
        """Do what is due now, here; gives back the number of calls."""


@dataclass(frozen=True, slots=True)
class Launch:
    """The ways from the command line into the house."""

    open_house: Callable[..., Doors]  # the servers say `serves=True`: only they follow the environment
    desk: Callable[..., FastAPI]
    worker: Callable[..., Worker]
    upgrade: Callable[[str], tuple[str | None, str]]
    current: Callable[[str], tuple[str | None, str]]
    worker_names: tuple[str, ...]
    load_samples: Callable[[Doors], int]  # how many people wrote; 0 when they are there already


def settings_or_exit(**overrides: Any) -> Settings:
    """The settings, with logging set up by them; a wrong one ends the command with its name and what is expected."""
    try:
        settings = load(**overrides)
    except Refusal as trouble:
        typer.echo(trouble.detail, err=True)
        raise typer.Exit(2) from None
    log.configure(settings)
    return settings


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal ends the command with its sentence and exit code 1."""
    try:
        yield
    except Refusal as trouble:
        typer.echo(trouble.detail, err=True)
        raise typer.Exit(1) from None


def announce(doors: Doors, what: str, *, url: str = '') -> None:
    """Say what this process is: version, database, queue, destinations that are on, address; what is missing as warnings."""
    settings = doors.settings
    with doors.db.reading() as session:
        on = [row.name for tenant in tenants(session) for row in destinations(session, Scope(tenant.id)) if row.enabled]
        fresh = not anybody(session)
    lines = [
        f'Leadkeeper {version("leadkeeper")} {what}',
        f'  database      {doors.db.url.render_as_string(hide_password=True)}',
        f'  queue         {settings.queue}',
        f'  workers       {settings.worker_threads} threads, lease {settings.lease_seconds} s,'
        f' deadline {settings.delivery_timeout_seconds:g} s',
        f'  destinations  {", ".join(on) or "none yet: leads are kept and shown, nobody else is told"}',
    ]
    if url:
        lines.append(f'  open          {url}')
    if fresh:
        lines.append(f"  first run     {url or 'open the desk'} asks for the owner's account")
        lines.append(f'  one-time code {doors.first_run_code} (asked for where the desk can be reached from other machines)')
    if settings.lease_seconds < settings.delivery_timeout_seconds:
        lines.append('  warning       LEASE_SECONDS is below DELIVERY_TIMEOUT_SECONDS: a slow call is taken over and made twice')
    if not settings.loopback_only and not settings.public_url:
        lines.append('  warning       PUBLIC_URL is not set: links in messages point to this host and port')
    typer.echo('\n'.join(lines), err=True)


def run_server(app: FastAPI | str, settings: Settings, *, workers: int = 1) -> None:
    """Serve until a signal comes; a second one ends at once."""
    logging.getLogger('uvicorn').propagate = True
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        workers=workers,
        factory=isinstance(app, str),
        loop='uvloop' if sys.platform != 'win32' else 'asyncio',
        http='httptools',
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        timeout_keep_alive=settings.keep_alive_seconds,
    )
