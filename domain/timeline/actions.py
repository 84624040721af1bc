"""Writing the timeline."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from domain.base.scope import Actor
from domain.timeline.models import EntryType, TimelineEntry


def write(
    session: Session,
    actor: Actor,
    lead_id: UUID,
    event_type: EntryType,
    title: str,
    *,
    description: str = '',
    conversation_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> TimelineEntry:
    """Add one entry to the lead's timeline, in the caller's transaction."""
    entry = TimelineEntry(
        tenant_id=actor.tenant_id,
        lead_id=lead_id,
        conversation_id=conversation_id,
        event_type=event_type,
        title=title[:300],
        description=description,
        actor_type=actor.type,
        actor_id=actor.id,
        actor_name='' if actor.id is None else actor.name,
        facts=facts or {},
    )
    session.add(entry)
    return entry
