"""The words for what happened, and the plain value a channel gets to tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """Every event the desk records; the names are promises (webhooks, filters, automation)."""

    LEAD_CREATED = 'lead.created'
    LEAD_UPDATED = 'lead.updated'
    LEAD_RESUBMITTED = 'lead.resubmitted'
    LEAD_ASSIGNED = 'lead.assigned'
    LEAD_STATUS_CHANGED = 'lead.status_changed'
    LEAD_MERGED = 'lead.merged'
    MESSAGE_RECEIVED = 'message.received'
    MESSAGE_SENT = 'message.sent'
    NOTIFICATION_SENT = 'notification.sent'
    NOTIFICATION_FAILED = 'notification.failed'
    SLA_WARNING = 'sla.warning'
    SLA_BREACHED = 'sla.breached'
    FOLLOW_UP_DUE = 'follow_up.due'
    FOLLOW_UP_COMPLETED = 'follow_up.completed'
    APPOINTMENT_BOOKED = 'appointment.booked'
    APPOINTMENT_CANCELLED = 'appointment.cancelled'
    CRM_SYNCED = 'crm.synced'
    CRM_CONFLICT = 'crm.conflict'
    AI_REPLIED = 'ai.replied'
    HANDOFF_CHANGED = 'handoff.changed'
    ALERT_OPENED = 'alert.opened'
    ALERT_CLOSED = 'alert.closed'


# What a new destination hears about unless it says otherwise.
DEFAULT_SUBSCRIPTION = (
    EventType.LEAD_CREATED,
    EventType.LEAD_RESUBMITTED,
    EventType.SLA_WARNING,
    EventType.SLA_BREACHED,
    EventType.ALERT_OPENED,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person of the desk answers a customer: the channel that carries it writes to `to` and tells its own readers nothing.

    `sender` is the person's name; `thread` are the keys of the earlier letters of this conversation, oldest first. `automatic`: no person
    wrote it, and mail programs that answer by themselves are asked not to.
    """

    to: str
    sender: str
    subject: str
    text: str
    thread: tuple[str, ...] = ()
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to tell one destination; each channel formats it, none needs to know what a lead row is.

    `key` is constant over retries and replays: the provider's own deduplication is built on it.
    `data` is the machine-readable body of an outgoing webhook (`{leadId, eventId, …}`), all values JSON.
    Text fields hold what people typed, with control characters removed and nothing escaped: escaping is each channel's duty.
    """

    key: str
    event_type: str
    occurred_at: datetime
    title: str
    name: str = ''
    email: str = ''
    phone: str = ''
    message: str = ''
    wants: str = ''
    quality: str = ''
    quality_reason: str = ''
    due_at: datetime | None = None
    location: str = ''
    time_zone: str = 'UTC'
    source: str = ''
    link: str = ''
    reference: str = ''
    possible_duplicate: bool = False
    test: bool = False
    reply: Reply | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
