"""The loss check from the command line."""

import json
from typing import Annotated

import typer

from domain.base.scope import Scope
from domain.desk import ledger
from domain.tenancy.queries import tenants
from ui.commands.launch import AsJson, Launch, refusals, settings_or_exit
from ui.commands.moments import moment_of


def register(cli: typer.Typer, launch: Launch) -> None:
    """Add `ledger`."""
    books = typer.Typer(help='The loss check.')
    cli.add_typer(books, name='ledger')

    @books.callback()
    def loss_check() -> None:
        """Receipts against leads, events against deliveries."""

    @books.command()
    def verify(
        since: Annotated[str | None, typer.Option(help='How far back, such as 30d or 12h; default: all.')] = None, as_json: AsJson = False
    ) -> None:
        """Exit 1 and a list when anything is missing."""
        start = moment_of(since) if since else None
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
