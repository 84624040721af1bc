"""Sending deliveries again from the command line."""

import json
from typing import Annotated
from uuid import UUID

import typer

from domain.base.scope import Scope, system
from domain.desk.decisions import SANDBOX, to_sandbox
from domain.outbox.messages import ReplayOrder
from domain.outbox.queries import matching
from domain.outbox.replays import replay_all
from domain.tenancy.queries import tenants
from ui.commands.launch import AsJson, Launch, refusals, settings_or_exit
from ui.commands.moments import moment_of


def register(cli: typer.Typer, launch: Launch) -> None:
    """Add `replay`."""

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
        order = ReplayOrder(event, delivery, lead, moment_of(since) if since else None, destination, dead)
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
