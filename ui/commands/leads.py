"""Leads from the command line: is there one that could be forgotten?"""

import json

import typer

from domain.assignment.queries import audit
from domain.base.ids import short
from domain.base.scope import Scope
from domain.tenancy.queries import tenants
from ui.commands.launch import AsJson, Launch, refusals, settings_or_exit

SHOWN = 20  # lines; --json names all
_WORDS = {'owner': 'no owner', 'queue': 'no queue', 'nextDate': 'no next date'}


def register(cli: typer.Typer, launch: Launch) -> None:
    """Add `leads`."""
    leads = typer.Typer(help='Leads.', no_args_is_help=True)
    cli.add_typer(leads, name='leads')

    @leads.callback()
    def care() -> None:
        """Whether every open lead has somebody and a date."""

    @leads.command('audit')
    def audit_(as_json: AsJson = False) -> None:
        """Exit 1 when an open lead has neither owner nor queue, or no next date."""
        settings = settings_or_exit()
        with refusals():
            doors = launch.open_house(settings)
            with doors.db.reading() as session:
                found = [audit(session, Scope(tenant.id)) for tenant in tenants(session)]
        total, strays = sum(each.open for each in found), [stray for each in found for stray in each.strays]
        if as_json:
            named = [{'id': str(each.lead_id), 'missing': list(each.missing)} for each in strays]
            typer.echo(json.dumps({'good': not strays, 'open': total, 'leads': named}))
        else:
            for each in strays[:SHOWN]:
                typer.echo(f'L-{short(each.lead_id)}  {each.lead_id}  {", ".join(_WORDS[name] for name in each.missing)}')
            if len(strays) > SHOWN:
                typer.echo(f'… and {len(strays) - SHOWN} more; --json names all.')
            good = 'Each has an owner or a queue, and a next date.'
            typer.echo(f'{total} open leads. {good if not strays else f"{len(strays)} could be forgotten."}')
        raise typer.Exit(1 if strays else 0)
