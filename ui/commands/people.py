"""Accounts and keys from the command line; works before the server runs."""

import json
import sys
from typing import Annotated
from uuid import UUID

import typer

from domain.access.actions import add_user, disable_user, reset_password
from domain.access.invitations import invite
from domain.access.keys import create_key, create_widget_key, revoke_key
from domain.access.queries import api_keys, users
from domain.base.scope import Actor, Role, system
from domain.tenancy.queries import first_tenant
from ui.commands.launch import AsJson, Launch, refusals, settings_or_exit
from ui.doors import Doors

FromStdin = Annotated[bool, typer.Option('--password-stdin', help='Read the password from standard input.')]


def register(cli: typer.Typer, launch: Launch) -> None:
    """Add `user` and `key`."""
    user = typer.Typer(help='Accounts.', no_args_is_help=True)
    key = typer.Typer(help='API keys and widget keys.', no_args_is_help=True)
    _users(user, launch)
    _user_invite(user, launch)
    _user_changes(user, launch)
    _keys(key, launch)
    _key_list(key, launch)
    cli.add_typer(user, name='user')
    cli.add_typer(key, name='key')


def _house(launch: Launch) -> tuple[Doors, Actor]:
    doors = launch.open_house(settings_or_exit())
    with doors.db.reading() as session:
        tenant = first_tenant(session)
    assert tenant is not None  # open_house has made it
    return doors, system(tenant.id)


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip('\r\n') if from_stdin else typer.prompt('Password', hide_input=True, confirmation_prompt=True)


def _users(user: typer.Typer, launch: Launch) -> None:
    @user.command()
    def add(email: str, role: Annotated[Role, typer.Option()] = Role.AGENT, name: str = '', password_stdin: FromStdin = False) -> None:
        """Make an account; the first owner ends the first run."""
        password = _password(password_stdin)
        with refusals():
            doors, actor = _house(launch)
            with doors.db.transaction() as session:
                made = add_user(session, actor, email, name, password, role)
        typer.echo(f'{made.email} is {made.role}.')

    @user.command('list')
    def list_(as_json: AsJson = False) -> None:
        """Everybody, by address."""
        with refusals():
            doors, actor = _house(launch)
            with doors.db.reading() as session:
                rows = [
                    {
                        'id': str(row.id),
                        'email': row.email,
                        'name': row.name,
                        'role': row.role.value,
                        'disabled': row.disabled_at is not None,
                    }
                    for row in users(session, actor.scope)
                ]
        if as_json:
            typer.echo(json.dumps(rows))
        else:
            for row in rows:
                typer.echo(f'{row["email"]:<40}{row["role"]:<12}{"disabled" if row["disabled"] else ""}'.rstrip())


def _user_invite(user: typer.Typer, launch: Launch) -> None:
    @user.command('invite')
    def invite_(email: str, role: Annotated[Role, typer.Option()] = Role.AGENT, name: str = '', as_json: AsJson = False) -> None:
        """Print a link, once, by which the person makes their account."""
        with refusals():
            doors, actor = _house(launch)
            with doors.db.transaction() as session:
                row, text = invite(session, actor, email, name, role)
        settings = doors.settings
        link = f'{settings.public_url or f"http://{settings.host}:{settings.port}"}/invitation/{text}'
        until = row.expires_at.isoformat(timespec='minutes')
        typer.echo(json.dumps({'email': row.email, 'link': link, 'until': until}) if as_json else f'{link}\nIt works once, until {until}.')


def _user_changes(user: typer.Typer, launch: Launch) -> None:
    @user.command()
    def disable(email: str) -> None:
        """Close an account and end its sessions."""
        with refusals():
            doors, actor = _house(launch)
            with doors.db.transaction() as session:
                disable_user(session, actor, email)
        typer.echo(f'{email} is disabled.')

    @user.command('reset-password')
    def reset(email: str, password_stdin: FromStdin = False) -> None:
        """Set a new password and end all sessions of the account."""
        password = _password(password_stdin)
        with refusals():
            doors, actor = _house(launch)
            with doors.db.transaction() as session:
                reset_password(session, actor, email, password)
        typer.echo(f'{email} has a new password.')


def _keys(key: typer.Typer, launch: Launch) -> None:
    @key.command()
    def create(
        name: str,
        scope: Annotated[list[str] | None, typer.Option(help='What it may do; several times for several. Default: leads.')] = None,
        widget: Annotated[bool, typer.Option('--widget', help='A publishable key for web pages.')] = False,
        origin: Annotated[list[str] | None, typer.Option(help='With --widget: a web origin such as https://shop.example.')] = None,
        as_json: AsJson = False,
    ) -> None:
        """Print a new key, once."""
        if widget and not origin:
            typer.echo('A widget key needs at least one --origin, such as https://shop.example.', err=True)
            raise typer.Exit(2)
        with refusals():
            doors, actor = _house(launch)
            with doors.db.transaction() as session:
                made, text = (
                    create_widget_key(session, actor, name, origin or [])
                    if widget
                    else create_key(session, actor, name, scope or ['leads'])
                )
        typer.echo(json.dumps({'id': str(made.id), 'key': text}) if as_json else f'{text}\nKeep it now: it cannot be shown again.')


def _key_list(key: typer.Typer, launch: Launch) -> None:
    @key.command('list')
    def list_(as_json: AsJson = False) -> None:
        """All API keys, newest first."""
        with refusals():
            doors, actor = _house(launch)
            with doors.db.reading() as session:
                rows = [
                    {
                        'id': str(row.id),
                        'name': row.name,
                        'hint': '…' + row.hint,
                        'scopes': row.scopes,
                        'origin': 'from environment' if row.from_environment else 'desk',
                        'revoked': row.revoked_at is not None,
                    }
                    for row in api_keys(session, actor.scope)
                ]
        if as_json:
            typer.echo(json.dumps(rows))
        else:
            for row in rows:
                state = 'revoked' if row['revoked'] else row['origin']
                typer.echo(f'{row["id"]}  {row["name"]:<24}{row["hint"]:<8}{state}')

    @key.command()
    def revoke(key_id: UUID) -> None:
        """End a key at once."""
        with refusals():
            doors, actor = _house(launch)
            with doors.db.transaction() as session:
                revoke_key(session, actor, key_id)
        typer.echo(f'{key_id} is revoked.')
