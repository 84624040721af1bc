"""What the destinations page and the first steps share: saving a destination from a form."""

import base64
import json
import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import structlog
from nicegui import ui as ng

from domain.base.errors import FieldError, Invalid, NotFound, NotSignedIn, Refusal
from domain.base.events import DEFAULT_SUBSCRIPTION, EventType
from domain.desk.actions import change_destination
from domain.desk.decisions import SANDBOX
from domain.desk.destinations import DestinationRow, destination_rows
from domain.outbox.destinations import add_destination
from domain.outbox.messages import DestinationChange, DestinationOrder
from ui.ask import FAILED, Visit
from ui.doors import Doors
from ui.presenters import settings as shown

log = structlog.get_logger(__name__)

T = TypeVar('T')
Form = Mapping[str, Any]  # as the browser sent it: nothing in it is trusted

LONGEST_NAME = 120
_SENT = ('api_key', 'auth_token', 'token')  # secrets that go to the provider as they are


@dataclass(frozen=True)
class Saved:
    """A destination that was just saved; `secret` is the signing secret that was made for it, to be shown once."""

    id: UUID
    secret: str = ''


async def heeded(visit: Visit, deed: Awaitable[T]) -> T | Refusal | None:
    """The deed's result, or the refusal for the form to show; None when the page has said already what went wrong."""
    client = ng.context.client
    try:
        return await deed
    except NotSignedIn:
        visit.leave(client)
    except Refusal as trouble:
        return trouble
    except Exception:
        log.exception('settings_not_saved')
        visit.notices.say(FAILED, 'red')
    return None


def kinds(doors: Doors) -> list[dict[str, Any]]:
    """The kinds of destination that can be added, with their forms; the desk makes the sandbox itself."""
    return [shown.form(kind_shown(doors, name)) for name in doors.channels if name != SANDBOX]


def kind_shown(doors: Doors, name: str) -> shown.Kind:
    """A kind of destination as the pages show it; of one that is gone there is only its name."""
    line = doors.channels.get(name)
    if line is None:
        return shown.Kind(name, name)
    return shown.Kind(name, line.label, line.icon, line.fields, line.optional, line.words, line.settings)


async def save(visit: Visit, form: Form) -> Saved:
    """Add the destination the form describes, or change the one it names; raises refusals whose errors name fields of the form."""
    box = visit.doors.box
    if not form.get('id'):
        kind = str(form.get('kind', ''))
        config, made = _config(visit.doors, kind, form, {})
        order = DestinationOrder(kind=kind, name=_name(form), config=config, **_subscription(form))
        row = await visit.act(add_destination, order, box)
        return Saved(row.id, made)
    known = await _known(visit, str(form['id']))
    if known.from_environment:
        await visit.act(change_destination, known.id, DestinationChange(name=_name(form), **_subscription(form)), box)
        return Saved(known.id)
    former: dict[str, str] = json.loads(box.open(known.config_sealed))
    config, made = _config(visit.doors, known.kind, form, former)
    change: dict[str, Any] = {'name': _name(form), **_subscription(form)}
    if config != former or _typed(form, known.kind, visit.doors):
        change |= {'config': config}
        if not former:
            change |= {'enabled': True}
        if known.paused and not (known.paused_reason or '').startswith('Paused by '):
            change |= {'paused': False}  # what it was paused for has been put right
    await visit.act(change_destination, known.id, DestinationChange(**change), box)
    return Saved(known.id, made)


def _typed(form: Form, kind: str, doors: Doors) -> bool:
    """Whether somebody entered an address or a secret: also the former one anew, which is how one says that it is right."""
    fields = doors.channels[kind].fields
    return any(value for name, value in dict(form.get('fields', {})).items() if fields.get(name) or name == 'url')


async def _known(visit: Visit, text: str) -> DestinationRow:
    for row in await visit.read(destination_rows):
        if str(row.id) == text:
            return row
    raise NotFound('This destination is gone; somebody else may have changed it.')


def _name(form: Form) -> str:
    name = ' '.join(str(form.get('name', '')).split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid('A destination needs a name.', errors=[FieldError('name', f'Give it a name of at most {LONGEST_NAME} characters.')])
    return name


def _subscription(form: Form) -> dict[str, Any]:
    """What it hears about; a form that does not ask leaves that as it is, or to the defaults."""
    if 'events' not in form:
        return {}
    quality = str(form.get('quality') or '')
    return {
        'events': [EventType(str(each)) for each in form['events']],
        'leastQuality': quality or None,
        'locationIds': [UUID(str(each)) for each in form.get('locations', ())],
    }


def _config(doors: Doors, kind: str, form: Form, former: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The checked configuration, and the signing secret that was made for it if one was; raises Invalid that names the field."""
    line = doors.channels.get(kind)
    if line is None:
        raise Invalid('Choose what kind of destination it is.', errors=[FieldError('kind', 'Choose one.')])
    given = {name: str(form.get('fields', {}).get(name, '')).strip() for name in line.fields}
    config = {name: value for name, value in given.items() if value}
    for name, secret in line.fields.items():
        if name in former and name not in config and (secret or name == 'url'):
            config[name] = former[name]
    if 'password' in former and given.get('host', '') != former.get('host', '') and not given.get('password'):
        again = 'Enter it again: it is not sent to another server than the one it was entered for.'
        raise Invalid(again, errors=[FieldError('password', again)])
    if given.get('url') and former and former.get('url', '') != given['url']:
        for name in _SENT:
            if name in former and not given.get(name):
                again = 'Enter it again: it is not sent to another address than the one it was entered for.'
                raise Invalid(again, errors=[FieldError(name, again)])
    made = ''
    if kind == 'webhook' and (not config.get('secret') or form.get('newSecret')) and not given.get('secret'):
        made = config['secret'] = 'whsec_' + base64.b64encode(secrets.token_bytes(32)).decode()
    try:
        doors.check_destination(kind, config)
    except ValueError as trouble:
        raise Invalid(str(trouble), errors=[FieldError(_at_fault(trouble, config, line.fields), str(trouble))]) from None
    return config, made


def _at_fault(trouble: ValueError, config: Mapping[str, str], fields: Mapping[str, bool]) -> str:
    """The field a refusal speaks of: the one it names, else the secret or the address."""
    if named := getattr(trouble, 'field', ''):
        return str(named)
    sentence = str(trouble)
    for name in fields:
        if f'"{name}"' in sentence or (name not in ('url', 'to', 'from') and f' {name} ' in sentence and name in config):
            return name
    return 'url' if 'url' in fields else next(iter(fields))


def default_events() -> list[str]:
    """What a new destination hears about unless the form says otherwise."""
    return [str(each) for each in DEFAULT_SUBSCRIPTION]
