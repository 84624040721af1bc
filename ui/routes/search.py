"""Searching leads over HTTP: the same index as the palette, brought up to date before it is asked."""

import structlog

from domain.base.errors import Refusal
from domain.base.scope import Actor
from domain.leads.models import Lead
from domain.search.indexing import catch_up
from domain.search.queries import found_leads
from ui.doors import Doors

log = structlog.get_logger(__name__)


def find_leads(doors: Doors, actor: Actor, text: str, limit: int) -> list[Lead]:
    """The leads in the caller's scope that fit the text, best first, at most `limit`."""
    try:
        catch_up(doors.db, actor.tenant_id)
    except Refusal as trouble:
        log.warning('index_behind', reason=trouble.code)  # what is in it can be found all the same
    with doors.db.reading() as session:
        return found_leads(session, actor.scope, text, limit)
