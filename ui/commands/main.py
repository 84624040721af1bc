"""The command line: start the processes, ask how they are, check for losses, send again."""

import json
import os
import re
import signal
import threading
import webbrowser
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Annotated, Any
from uuid import UUID

import typer

from domain.base import clock
from domain.base.scope import Scope, system
from domain.desk import ledger
from domain.desk.decisions import SANDBOX, to_sandbox
from domain.outbox.actions import replay_all
from domain.outbox.messages import ReplayOrder
from domain.outbox.queries import matching
from domain.tenancy.queries import tenants
from ui.commands import people, samples
from ui.commands.launch import Launch, announce, refusals, run_server, settings_or_exit

_SPAN = re.compile(r'(\d+)([smhdw])')
_UNITS = {'s': 'seconds', 'm': 'minutes', 'h': 'hours', 'd': 'days', 'w': 'weeks'}

Host = Annotated[str | None, typer.Option(help='Address to listen on (HOST).')]
Port = Annotated[int | None, typer.Option(help='Port to listen on (PORT).')]
AsJson = Annotated[bool, typer.Option('--json', help='Print one JSON object.')]


def build(launch: Launch) -> typer.Typer:
    """The command `leadkeeper` with all its sub-commands."""
    cli = typer.Typer(
        no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False, help='The lead desk that never loses a lead.'
    )
    _processes(cli, launch)
    _worker(cli, launch)
    _care(cli, launch)
    _replay(cli, launch)
    books = typer.Typer(help='The loss check.')
    _ledger(books, launch)
    cli.add_typer(books, name='ledger')
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
            doors = launch.open_house(settings)
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
                launch.open_house(settings),
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
            doors = launch.open_house(settings)
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


def _ledger(books: typer.Typer, launch: Launch) -> None:
    @books.callback()
    def loss_check() -> None:
        """Receipts against leads, events against deliveries."""

    @books.command()
    def verify(
        since: Annotated[str | None, typer.Option(help='How far back, such as 30d or 12h; default: all.')] = None, as_json: AsJson = False
    ) -> None:
        """Exit 1 and a list when anything is missing."""
        start = _moment(since) if since else None
        settings = settings_or_exit()
        with refusals():
            doors = launch.open_house(settings)
            with doors.db.reading() as session:
                found = [ledger.verify(session, Scope(tenant.id), start) for tenant in tenants(session)]
        lost = [line for one in found for line in one.lost]
        receipts: dict[str, int] = {}
        for one in found:
            for outcome, count in one.receipts.items():
                receipts[outcome] = receipts.get(outcome, 0) + count
        summary = {
            'good': not lost,
            'receipts': receipts,
            'events': sum(one.events for one in found),
            'deliveries': sum(one.deliveries for one in found),
            'lost': lost,
        }
        if as_json:
            typer.echo(json.dumps(summary))
        else:
            counted = ', '.join(f'{count} {outcome}' for outcome, count in sorted(receipts.items())) or 'none'
            typer.echo(f'Receipts: {counted}. Events: {summary["events"]}. Deliveries: {summary["deliveries"]}.')
            for line in lost:
                typer.echo('LOST: ' + line['what'] + ' ' + ' '.join(f'{name}={value}' for name, value in line.items() if name != 'what'))
            typer.echo('Nothing is missing.' if not lost else f'{len(lost)} rows are missing.')
        raise typer.Exit(1 if lost else 0)


def _replay(cli: typer.Typer, launch: Launch) -> None:
    @cli.command()
    def replay(
        event: UUID | None = None,
        delivery: UUID | None = None,
        lead: UUID | None = None,
        since: Annotated[str | None, typer.Option(help='A time span such as 2h, or an ISO time with zone.')] = None,
        destination: str | None = None,
        dead: Annotated[bool, typer.Option('--dead', help='Only dead letters.')] = False,
        to: Annotated[str | None, typer.Option(help='"sandbox": send copies to an imitated receiver; the rows stay as they are.')] = None,
        dry_run: Annotated[bool, typer.Option('--dry-run', help='Only show what would be sent.')] = False,
        as_json: AsJson = False,
    ) -> None:
        """Send deliveries again, with the same provider keys."""
        if to not in (None, SANDBOX):
            typer.echo(f'"{to}" is not a place to send to: --to knows only {SANDBOX}.', err=True)
            raise typer.Exit(2)
        order = ReplayOrder(event, delivery, lead, _moment(since) if since else None, destination, dead)
        settings = settings_or_exit()
        ids: list[str] = []
        with refusals():
            doors = launch.open_house(settings)
            with doors.db.reading() as session:
                owners = [tenant.id for tenant in tenants(session)]
                found = {owner: [row for row in matching(session, Scope(owner), order) if row.event_id or not to] for owner in owners}
            ids = [str(row.id) for rows in found.values() for row in rows]
            for owner in (owner for owner, rows in found.items() if rows and not dry_run):
                with doors.db.transaction() as session:
                    if to:
                        to_sandbox(session, system(owner), order, doors.box)
                    else:
                        replay_all(session, system(owner), order)
        if as_json:
            typer.echo(json.dumps({'dryRun': dry_run, 'deliveryIds': ids}))
        else:
            typer.echo(
                '\n'.join([*ids, f'{len(ids)} {"would be" if dry_run else "are"} {"copied to the sandbox" if to else "sent again"}.'])
            )
        raise typer.Exit(0 if ids else 1)


def _moment(text: str) -> datetime:
    """A time span back from now, or an ISO time with a zone; ends the command with exit 2 otherwise."""
    if match := _SPAN.fullmatch(text):
        return clock.now() - timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        typer.echo(
            f'"{text}" is not a time: write a span such as 30d or 12h, or an ISO time with zone such as 2026-03-01T09:00:00Z.', err=True
        )
        raise typer.Exit(2)
    return moment
