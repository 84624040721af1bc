"""Questions about what was said."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.scope import Scope
from domain.conversations.messages import Said
from domain.conversations.models import Author, Conversation, Message
from domain.leads.queries import family
from domain.leads.queries import lead as find_lead
from domain.outbox.models import Delivery, LeadEvent, State

# Of several hand-overs of one message, the one that needs somebody most.
_WORST = (State.DEAD, State.HELD, State.PENDING, State.LEASED, State.SENT, State.SKIPPED, State.SUPERSEDED, State.CANCELLED)


def messages(session: Session, scope: Scope, lead_id: UUID, *, limit: int = 100, before: UUID | None = None) -> list[Said]:
    """The latest messages with this lead, and with those that are part of it, oldest first; `before` is the first id shown so far.

    None in scope: an empty list.
    """
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        return []
    query = (
        select(Message, LeadEvent)
        .join(Conversation, col(Conversation.id) == col(Message.conversation_id))
        .join(LeadEvent, col(LeadEvent.id) == col(Message.event_id), isouter=True)
        .where(Message.tenant_id == scope.tenant_id, col(Conversation.lead_id).in_(family(session, scope, lead.id)))
        .order_by(col(Message.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(col(Message.id) < before)
    rows = list(reversed(session.exec(query).all()))
    sent = _hand_overs(session, scope, [row.event_id for row, _ in rows if row.event_id])
    return [_said(row, event, lead.name, sent) for row, event in rows]


def _said(row: Message, event: LeadEvent | None, customer: str, sent: dict[UUID, tuple[State, str]]) -> Said:
    state, detail = sent.get(row.event_id, (None, '')) if row.event_id else (None, '')
    who = customer if row.author is Author.CUSTOMER else str((event.payload if event else {}).get('by', ''))
    return Said(
        id=row.id,
        author=row.author,
        who=who,
        text=row.content,
        at=row.created_at,
        channel=row.channel,
        state=state or '',
        detail='' if state == State.SENT else detail,
    )


def _hand_overs(session: Session, scope: Scope, event_ids: list[UUID]) -> dict[UUID, tuple[State, str]]:
    if not event_ids:
        return {}
    query = sa.select(col(Delivery.event_id), col(Delivery.state), col(Delivery.last_error)).where(
        col(Delivery.tenant_id) == scope.tenant_id, col(Delivery.event_id).in_(event_ids)
    )
    worst: dict[UUID, tuple[State, str]] = {}
    for event_id, state, error in session.execute(query):
        held = worst.get(event_id)
        if held is None or _WORST.index(state) < _WORST.index(held[0]):
            worst[event_id] = (state, error or '')
    return worst
