"""The first steps after the owner's account: a place, somewhere to hear about leads, the form on the site, and a test lead."""

import asyncio
import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from domain.access.keys import create_widget_key
from domain.access.queries import users
from domain.access.rules import Permission, require
from domain.base import clock
from domain.base.db import Session
from domain.base.errors import FieldError, Invalid, Refusal
from domain.base.ids import uuid7
from domain.base.scope import Scope
from domain.desk.actions import change_destination
from domain.desk.destinations import DestinationRow, destination_rows
from domain.desk.queries import delivery_rows, timeline
from domain.desk.setup import REGIONS, Setup, name_first_place, setup_of
from domain.intake import rules
from domain.intake.actions import capture
from domain.intake.facts import Credential, Facts
from domain.intake.messages import Arrival, ContactMessage
from domain.intake.queries import snapshot
from domain.outbox.messages import DestinationChange
from ui.ask import Visit, ask, do
from ui.components.first_run import FirstRun
from ui.pages.connect import Form, Saved, heeded, kinds, save
from ui.pages.place import Asked
from ui.pages.plain import time_zones
from ui.pages.trial import try_out
from ui.presenters import setup as shown

TITLE = 'Set up this desk'
NEEDS = Permission.SETTINGS_EDIT

JSON_TYPE = 'application/json'


class Data(NamedTuple):
    """What the steps open with; `step` is the one the address asks for."""

    setup: Setup
    rows: list[DestinationRow]
    step: str = ''


def read(session: Session, scope: Scope, asked: Asked) -> Data:
    """How far the desk is, from its rows."""
    return Data(setup_of(session, scope), destination_rows(session, scope), asked.query.get('step', ''))


def build(visit: Visit, data: Data) -> None:
    """The page at `/welcome`, and with `?step=form` or `?step=test` the step that the empty inbox leads to."""
    steps = _Steps(visit)
    doors = visit.doors
    steps.view = FirstRun(
        {
            **shown.progress(data.setup, data.rows),
            'start': shown.first_step(data.setup, data.rows, data.step),
            'database': 'SQLite, stored beside the desk' if doors.db.is_sqlite else 'PostgreSQL',
            'account': shown.account(visit.actor),
            'zones': list(time_zones()),
            'regions': list(REGIONS),
            'kinds': kinds(doors),
            'site': doors.settings.frontend_url or '',
            'base': doors.settings.public_url or '',
        },
        on={'place': steps.place, 'hear': steps.hear, 'test': steps.test, 'form': steps.form, 'lead': steps.lead},
    )
    visit.stirred(('lead', 'outbox', 'facts'), steps.refresh)


class _Steps:
    """The deeds behind the steps of one open page."""

    view: FirstRun

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._key = ''  # of the form, while this page is open: it is not stored
        self._lead: UUID | None = None

    async def refresh(self) -> None:
        """Tick off what is done, and let the timeline of the test lead grow."""
        data = await ask(read, Asked())
        if data is not None:
            self.view.progress(shown.progress(data.setup, data.rows))
        if self._lead:
            entries, deliveries = await ask(timeline, self._lead), await ask(delivery_rows, self._lead)
            if entries is not None and deliveries is not None:
                self.view.follow(str(self._lead), shown.story(entries, deliveries))

    async def place(self, form: Form) -> None:
        """Name the first location."""
        name, zone, region = (str(form.get(part, '')) for part in ('name', 'zone', 'region'))
        answer = await heeded(self._visit, self._visit.act(name_first_place, name, zone, region))
        self.view.answered('place', _errors(answer))
        await self.refresh()

    async def hear(self, form: Form) -> None:
        """Add or mend a destination, and test it at once."""
        saved = await heeded(self._visit, save(self._visit, form))
        await self.refresh()
        if isinstance(saved, Saved):
            self.view.answered('hear', {}, id=str(saved.id), secret=saved.secret)
            await self.test(str(saved.id))
        else:
            self.view.answered('hear', _errors(saved) if saved else {'form': 'It was not saved.'})

    async def test(self, destination_id: str) -> None:
        """Send a test, and say how it ended."""
        row = next((each for each in await ask(destination_rows) or () if str(each.id) == destination_id), None)
        line = self._visit.doors.channels.get(row.kind) if row else None
        result = await try_out(self._visit, row.id, line.label if line else row.name) if row else None
        if row and row.paused and result and result['tone'] == 'green':
            await do(change_destination, row.id, DestinationChange(paused=False), self._visit.doors.box)  # nothing waits for it yet
        await self.refresh()
        self.view.tested(destination_id, result)

    async def form(self, site: str) -> None:
        """Make the key of the form on this site."""
        made = await heeded(self._visit, self._make_key(site))
        if isinstance(made, str):
            self._key = made
            self.view.answered('form', {}, key=made)
        else:
            self.view.answered('form', _errors(made) if made else {'form': 'No key was made.'})
        await self.refresh()

    async def lead(self) -> None:
        """Hand a test lead in, the way a form would."""
        sent = await heeded(self._visit, self._hand_in())
        if isinstance(sent, UUID):
            self._lead = sent
        self.view.answered('lead', _errors(sent) if not isinstance(sent, UUID) else {})
        await self.refresh()

    async def _make_key(self, site: str) -> str:
        origin = _origin(site)
        _, text = await self._visit.act(create_widget_key, f'Form on {urlsplit(origin).netloc}', [origin])
        return text

    async def _hand_in(self) -> UUID:
        doors = self._visit.doors
        email = await self._visit.read(self._own_address)
        facts = await asyncio.to_thread(doors.facts.load, self._key, 'widget') if self._key else await self._visit.read(self._facts)
        said = f'This is a test, sent from the first steps of the desk at {clock.now():%H:%M:%S} UTC. Nobody is waiting for a reply.'
        body = {'name': 'Test lead', 'email': email, 'subject': 'Test', 'message': said}
        arrival = Arrival(json.dumps(body).encode(), JSON_TYPE, {'user-agent': 'Leadkeeper first steps'}, key=str(uuid7()))
        cmd = rules.submission(ContactMessage.model_validate(body), arrival, 'contact', facts.region)
        captured = await capture(cmd, facts, doors.keeper, doors.db)
        assert captured.lead_id is not None  # a key of its own: it is nobody's twin
        return captured.lead_id

    def _own_address(self, session: Session, scope: Scope) -> str:
        require(self._visit.actor, Permission.SETTINGS_EDIT)
        return next(user.email for user in users(session, scope) if user.id == self._visit.actor.id)

    def _facts(self, session: Session, scope: Scope) -> Facts:
        actor, doors = self._visit.actor, self._visit.doors
        credential = Credential(f'desk:{actor.id.hex}' if actor.id else 'desk', 'desk', actor.id, actor.name)
        return snapshot(session, scope, credential, sign=doors.box.sign, expire=doors.facts.expire)


def _errors(answer: Any) -> dict[str, str]:
    if not isinstance(answer, Refusal):
        return {}
    return {error.field: error.message for error in answer.errors} or {'form': answer.detail}


def _origin(site: str) -> str:
    """`https://host[:port]` of the address somebody typed; raises Invalid."""
    site = site.strip()
    try:
        parts = urlsplit(site if '://' in site else f'https://{site}')
        host, port = parts.hostname or '', parts.port
    except ValueError:
        host, port, parts = '', None, urlsplit('')
    if parts.scheme not in ('http', 'https') or not host or not all(char.isalnum() or char in '.-' for char in host) or parts.username:
        wrong = 'Enter the address of your site, for example https://www.example.com'
        raise Invalid(wrong, errors=[FieldError('site', wrong)])
    standard = {'http': 80, 'https': 443}[parts.scheme]
    return f'{parts.scheme}://{host}{f":{port}" if port and port != standard else ""}'
