"""The sample week from the command line."""

import typer

from domain.access.queries import users
from domain.base.scope import system
from domain.desk.demo_clear import clear
from domain.desk.demo_stage import owner_of, owner_password
from domain.tenancy.queries import first_tenant
from ui.commands.launch import Launch, refusals, settings_or_exit
from ui.doors import Doors


def register(cli: typer.Typer, launch: Launch) -> None:
    """Add `demo`."""
    demo = typer.Typer(help='Sample data: an invented shop and its week.', no_args_is_help=True)

    @demo.command()
    def load() -> None:
        """Fill the desk with a sample week; where it is filled already, nothing changes."""
        with refusals():
            doors = launch.open_house(settings_or_exit())
            fill(launch, doors)

    @demo.command('clear')
    def clear_() -> None:
        """Take the sample data away again, and nothing else."""
        with refusals():
            doors = launch.open_house(settings_or_exit())
            with doors.db.transaction() as session:
                tenant = first_tenant(session)
                assert tenant is not None  # open_house has made it
                gone = clear(session, system(tenant.id), doors.box)
        typer.echo(f'{gone} sample leads are gone.' if gone else 'There is no sample data here.')

    cli.add_typer(demo, name='demo')


def fill(launch: Launch, doors: Doors) -> None:
    """Load the sample week, where it is missing, and say how to sign in to it; raises Conflict for a desk with real destinations."""
    typer.echo('Sample data: a week takes some seconds …', err=True)
    came = launch.load_samples(doors)
    with doors.db.reading() as session:
        tenant = first_tenant(session)
        assert tenant is not None  # open_house has made it
        scope = system(tenant.id).scope
        email = owner_of(session, scope, doors.box)
        people = len(users(session, scope))
    said = [f'{came} people wrote in the sample week.' if came else 'The sample week is there already.']
    if email:
        said += [f'  sign in       {email}', f'  password      {owner_password(doors.box)}']
    else:
        said.append(f'  sign in       with your own account, one of {people} on this desk')
    typer.echo('\n'.join(said), err=True)
