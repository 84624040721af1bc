"""The command line: start the processes, ask how they are, check for losses, send again."""

import json
import os
import signal
import threading
import webbrowser
from importlib.metadata import version
from typing import Annotated, Any

import typer

from ui.commands import leads, ledger, people, replay, samples, sla
from ui.commands.launch import AsJson, Launch, announce, refusals, run_server, settings_or_exit

Host = Annotated[str | None, typer.Option(help='Address to listen on (HOST).')]
Port = Annotated[int | None, typer.Option(help='Port to listen on (PORT).')]


def build(launch: Launch) -> typer.Typer:
    """The command `leadkeeper` with all its sub-commands."""
    cli = typer.Typer(
        no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False, help='The lead desk that never loses a lead.'
    )
    _processes(cli, launch)
    _worker(cli, launch)
    _care(cli, launch)
    replay.register(cli, launch)
    ledger.register(cli, launch)
    sla.register(cli, launch)
    leads.register(cli, launch)
    people.register(cli, launch)
    samples.register(cli, launch)
    return cli


def _processes(cli: typer.Typer, launch: Launch) -> None:
    @cli.callback(invoke_without_command=True)
    def default(context: typer.Context, show_version: Annotated[bool, typer.Option('--version')] = False) -> None:
        if show_version:
            typer.echo(version('leadkeeper'))
        elif context.invoked_subcommand is None:
            serve()

    @cli.command()
    def serve(
        host: Host = None,
        port: Port = None,
        worker: Annotated[bool, typer.Option('--worker/--no-worker', help='Run the embedded worker (memory queue only).')] = True,
        demo: Annotated[bool, typer.Option('--demo', help='Fill the desk with a sample week.')] = False,
        open: Annotated[bool, typer.Option('--open/--no-open', help='Open the browser.')] = False,  # noqa: A002 - the option's name
    ) -> None:
        """Pages, public API and, when the queue is in memory, the worker."""
        settings = settings_or_exit(host=host, port=port)
        with refusals():
            doors = launch.open_house(settings, serves=True)
            if demo:
                samples.fill(launch, doors)
            embedded = worker and settings.enable_notification_worker and settings.queue == 'memory'
            url = settings.public_url or f'http://{settings.host}:{settings.port}'
            fast = launch.desk(doors, worker=embedded)
            announce(doors, 'web, with worker' if embedded else 'web, without worker', url=url)
        if open:
            threading.Timer(1.0, webbrowser.open, [url]).start()
        run_server(fast, settings)

    @cli.command()
    def api(host: Host = None, port: Port = None, workers: Annotated[int, typer.Option(min=1, help='Processes.')] = 1) -> None:
        """Public routes only, without pages: as many processes as needed."""
        settings = settings_or_exit(host=host, port=port)
        with refusals():
            announce(
                launch.open_house(settings, serves=True),
                f'api, {workers} {"process" if workers == 1 else "processes"}',
                url=f'http://{settings.host}:{settings.port}',
            )
        os.environ.update(HOST=settings.host, PORT=str(settings.port))  # the processes read their settings themselves
        run_server('app:api', settings, workers=workers)


def _worker(cli: typer.Typer, launch: Launch) -> None:
    @cli.command()
    def worker(
        threads: Annotated[int | None, typer.Option(min=1, help='Calls in flight (WORKER_THREADS).')] = None,
        once: Annotated[bool, typer.Option('--once', help='Do what is due, then exit.')] = False,
        only: Annotated[list[str] | None, typer.Option(help='Only these kinds; may be given several times.')] = None,
    ) -> None:
        """Carry deliveries out."""
        if unknown := [name for name in only or [] if name not in launch.worker_names]:
            typer.echo(f'Unknown: {", ".join(unknown)}. Known are: {" ".join(launch.worker_names)}', err=True)
            raise typer.Exit(2)
        settings = settings_or_exit(worker_threads=threads)
        with refusals():
            doors = launch.open_house(settings, serves=True)
            hand = launch.worker(doors, only=tuple(only or ()))
            announce(doors, 'worker')
            if once:
                typer.echo(f'{hand.drain()} calls made')
                return
        _until_signal(hand.start, hand.stop, doors.bell.listen, settings.url)


def _until_signal(start: Any, stop: Any, listen: Any, url: str) -> None:
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(130) if told.is_set() else told.set())
    listen(url)
    start()
    told.wait()
    stop()


def _care(cli: typer.Typer, launch: Launch) -> None:
    @cli.command()
    def migrate(
        check: Annotated[bool, typer.Option('--check', help='Change nothing; exit 1 when something is to be done.')] = False,
    ) -> None:
        """Bring the database to this version; several processes may do so at once."""
        settings = settings_or_exit()
        with refusals():
            before, after = (launch.current if check else launch.upgrade)(settings.url)
        typer.echo(f'{before or "empty"} → {after}' if before != after else f'at {after}, nothing to do')
        raise typer.Exit(1 if check and before != after else 0)

    @cli.command()
    def health(as_json: AsJson = False) -> None:
        """Every service and what its state means for leads."""
        settings = settings_or_exit()
        with refusals():
            state = launch.open_house(settings).probe()
        if as_json:
            typer.echo(json.dumps(state))
        else:
            for name, service in state['services'].items():
                typer.echo(f'{name:<14}{service["state"]:<10}{service["detail"]}')
        raise typer.Exit(0 if state['status'] == 'ok' else 1)
