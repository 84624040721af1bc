"""The law that an open lead has an owner or waits in a queue, and has a next date; kept wherever a deed changes leads."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Session

from domain.base.scope import Scope
from domain.leads.models import Lead, Status

if TYPE_CHECKING:
    from domain.leads.changing import Held

FIRST_QUEUE = 'Arrivals'  # what the queue is called until a tenant calls it something else

# Assignment lies above this room, so only the columns that this law needs are known here.
_SETTINGS = sa.table(
    'assignment_settings', sa.column('tenant_id', sa.Uuid), sa.column('enabled', sa.Boolean), sa.column('queue', sa.String)
)


def queue_of(session: Session, scope: Scope) -> tuple[str, bool]:
    """What the tenant's queue is called, and whether its rule is on: only then new leads wait there."""
    with session.no_autoflush:  # half a change need not be written for it
        row = session.execute(sa.select(_SETTINGS.c.queue, _SETTINGS.c.enabled).where(_SETTINGS.c.tenant_id == scope.tenant_id)).first()
    return (str(row[0]), bool(row[1])) if row else (FIRST_QUEUE, True)


def place(session: Session, scope: Scope, all_held: Sequence['Held'], moment: datetime) -> None:
    """Write what follows from who has these leads now: queue, and since when; and a date where there is none.

    Not noted as changes: taking a deed back follows the same law, and ends where it began.
    """
    queue: tuple[str, bool] | None = None
    for held in all_held:
        lead, handed = held.lead, 'owner_id' in held.after
        if handed:
            lead.assigned_at = moment if lead.owner_id else None
        if lead.owner_id is not None:
            lead.queue = None
        if lead.status is Status.CLOSED or lead.merged_into is not None:
            continue
        if lead.next_at is None:
            lead.next_at = held.awaited.due_at if held.awaited else moment
        if lead.owner_id is None and lead.queue is None:
            name, enabled = queue = queue or queue_of(session, scope)
            lead.queue = name if enabled or handed else None


def passed_over(lead: Lead) -> list[str]:
    """Whom the rule does not give this lead to once it is taken from its owner: whoever had it."""
    had = [*lead.passed_over, *([lead.owner_id.hex] if lead.owner_id else [])]
    return list(dict.fromkeys(had))
