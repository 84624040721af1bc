"""The clock from the command line: how a deadline came about, and what a policy would have made of the last weeks."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter, ValidationError

from domain.base.db import Session
from domain.base.errors import NotFound
from domain.base.ids import short
from domain.base.scope import Scope
from domain.desk.simulation import DAYS_MOST, Count, Line, Simulation, simulate
from domain.intake.rules import field_errors
from domain.leads.models import Lead
from domain.leads.queries import called
from domain.sla.explaining import Explanation, explain_lead
from domain.sla.messages import PolicyOrder
from domain.tenancy.queries import first_tenant, locations, tenants
from ui.commands.launch import AsJson, Launch, refusals, settings_or_exit
from ui.presenters import words

_ONE, _SEVERAL = TypeAdapter(PolicyOrder), TypeAdapter(list[PolicyOrder])


def register(cli: typer.Typer, launch: Launch) -> None:
    """Add `sla`."""
    sla = typer.Typer(help='Deadlines and policies.', no_args_is_help=True)
    _explain(sla, launch)
    _simulate(sla, launch)
    cli.add_typer(sla, name='sla')


def _explain(sla: typer.Typer, launch: Launch) -> None:
    @sla.command()
    def explain(
        lead: Annotated[str, typer.Argument(help="The lead's id, or its reference such as L-0A1B2C3D.")], as_json: AsJson = False
    ) -> None:
        """How the deadline of a lead's first reply came about: what counted, what did not, and why."""
        settings = settings_or_exit()
        with refusals():
            doors = launch.open_house(settings)
            with doors.db.reading() as session:
                scope, found = _called(session, lead)
                explained = explain_lead(session, scope, found.id)
                zone = next(place.time_zone for place in locations(session, scope) if place.id == found.location_id)
        if as_json:
            typer.echo(json.dumps(_explained(found, explained)))
            return
        there = ZoneInfo(zone)
        typer.echo(
            f'L-{short(found.id)}: first reply due {_time(explained.due_at, there)} ({zone}), {explained.window_seconds} s after arrival.'
        )
        for step in explained.steps:
            typer.echo(f'  {_time(step.start, there)}  to  {_time(step.end, there)}  {step.counted_seconds:>8} s  {step.why}')


def _simulate(sla: typer.Typer, launch: Launch) -> None:
    @sla.command('simulate')
    def simulate_(
        policy: Annotated[
            Path, typer.Option(help='A JSON file: one policy, or a list of them, with the field names of POST /api/v1/sla/policies.')
        ],
        days: Annotated[int, typer.Option(min=1, max=DAYS_MOST, help='How far back.')] = 30,
        as_json: AsJson = False,
    ) -> None:
        """First replies met and missed, as they were and as they would have been under a policy; nothing is changed."""
        orders = _orders(policy)
        settings = settings_or_exit()
        with refusals():
            doors = launch.open_house(settings)
            with doors.db.reading() as session:
                tenant = first_tenant(session)
                assert tenant is not None  # open_house has made it
                found = simulate(session, Scope(tenant.id), orders, days)
        if as_json:
            typer.echo(json.dumps(_simulated(found)))
        else:
            _print(found)


def _orders(path: Path) -> list[PolicyOrder]:
    """The policies of a file; a file that has none ends the command with exit 2 and a sentence."""
    try:
        known = json.loads(path.read_text('utf-8'))
        return _SEVERAL.validate_python(known) if isinstance(known, list) else [_ONE.validate_python(known)]
    except OSError as trouble:
        said = f'{path} cannot be read: {trouble.strerror}.'
    except ValidationError as trouble:
        wrong = field_errors([dict(error) for error in trouble.errors()])
        said = f'{path} is not a policy: ' + '; '.join(f'{error.field}: {error.message}' for error in wrong) + '.'
    except ValueError as trouble:
        said = f'{path} is not JSON: {trouble}.'
    typer.echo(said, err=True)
    raise typer.Exit(2)


def _called(session: Session, text: str) -> tuple[Scope, Lead]:
    """The lead of this name, of whatever tenant; raises NotFound."""
    for tenant in tenants(session):
        if found := called(session, Scope(tenant.id), text):
            return Scope(tenant.id), found
    raise NotFound(f'There is no lead {text}.')


def _explained(lead: Lead, found: Explanation) -> dict[str, Any]:
    return {
        'leadId': str(lead.id),
        'startedAt': found.started_at.isoformat(),
        'dueAt': found.due_at.isoformat(),
        'windowSeconds': found.window_seconds,
        'pausedAt': found.paused_at.isoformat() if found.paused_at else None,
        'steps': [
            {'from': step.start.isoformat(), 'to': step.end.isoformat(), 'countedSeconds': step.counted_seconds, 'why': step.why}
            for step in found.steps
        ],
    }


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f'{at.astimezone(zone):%a %Y-%m-%d %H:%M:%S}'


def _simulated(found: Simulation) -> dict[str, Any]:
    return {
        'days': found.days,
        'leads': found.leads,
        'differ': found.differ,
        'before': asdict(found.total.before),
        'after': asdict(found.total.after),
        'agents': [_line(line) for line in found.agents],
        'locations': [_line(line) for line in found.locations],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        'id': str(line.id) if line.id else None,
        'name': line.name,
        'before': asdict(line.before),
        'after': asdict(line.after),
    }


def _print(found: Simulation) -> None:
    came, days = words.count(found.leads, 'lead'), words.count(found.days, 'day')
    typer.echo(f'{came} of the last {days}; {found.differ} would have ended otherwise.')
    typer.echo(f'{"":<28}{"met":>14}{"missed":>14}{"open":>14}{"closed":>14}')
    for title, lines in (('', (found.total,)), ('Agents', found.agents), ('Locations', found.locations)):
        if title and lines:
            typer.echo(title)
        for line in lines:
            typer.echo(f'{line.name[:26]:<28}' + ''.join(f'{_change(line, name):>14}' for name in Count.__dataclass_fields__))


def _change(line: Line, name: str) -> str:
    return f'{getattr(line.before, name)} → {getattr(line.after, name)}'
