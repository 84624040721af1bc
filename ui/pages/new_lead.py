"""The new-lead dialog of the desk: who may capture leads gets one, mounted once for all places."""

from functools import partial
from typing import Any

from domain.access.rules import Permission, may
from domain.base.db import Session
from domain.base.scope import Scope
from domain.intake.desk import duplicates, new_lead, submit
from domain.tenancy.queries import locations
from ui.ask import Visit, ask
from ui.components.new_lead import NewLead
from ui.pages.mending import Answer, mendable
from ui.presenters import lead_origin as shown

_FIELDS = ('name', 'email', 'phone')


def choices(session: Session, scope: Scope) -> list[dict[str, str]]:
    """The places a new lead can belong to, the default one first."""
    rows = locations(session, scope)
    return [{'id': str(row.id), 'name': row.name} for row in rows if scope.location_ids is None or row.id in scope.location_ids]


def mount_new_lead(visit: Visit, places: list[dict[str, str]]) -> NewLead | None:
    """Make the dialog in the current slot; nothing for those who may not capture leads. `places` as `choices` gives them."""
    if not may(visit.actor, Permission.LEADS_CAPTURE):
        return None

    async def look(fields: dict[str, Any]) -> object:
        rows = await ask(duplicates, **{name: str(fields.get(name, ''))[:320] for name in _FIELDS})
        return [shown.lookalike(row) for row in rows or ()]

    return NewLead(places=places, on_look=look, on_save=partial(_save, visit))


async def _save(visit: Visit, fields: dict[str, Any]) -> Answer:
    return await mendable(_keep(visit, fields))


async def _keep(visit: Visit, fields: dict[str, Any]) -> Answer:
    doors = visit.doors
    captured = await visit.act(submit, new_lead(fields), sign=doors.box.sign, expire=doors.facts.expire)
    return {'ok': True, 'id': str(captured.lead_id)}
