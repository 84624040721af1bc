"""The alarm ladder: a hot lead whose alert no channel has taken goes to the next one, and at last to every open desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.alerts.actions import raise_alert
from domain.alerts.models import LadderStep, Severity, Step
from domain.alerts.queries import first_reply_awaited, taken, unheard
from domain.base.db import ring
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.leads.actions import touch
from domain.leads.models import Group, Lead, Quality
from domain.outbox.actions import REPLAY_LIFE, hand_over
from domain.outbox.gates import switched_off
from domain.outbox.models import Delivery, Destination, LeadEvent
from domain.outbox.rules import earliest_id
from domain.timeline.actions import write
from domain.timeline.models import EntryType

AFTER = {Step.NEXT_CHANNEL: timedelta(minutes=2), Step.UNHEARD: timedelta(minutes=5)}
LOOK_BACK = timedelta(hours=1)  # how old a lead may be whose steps passed while nobody watched
OVERLAP = timedelta(seconds=2)  # ids are times of the process that took the lead in, whose clock may differ a little
MOST = 50  # of one transaction
UNHEARD = 'unheard'  # the key of the alert


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead that has reached a step of the ladder."""

    tenant_id: UUID
    lead_id: UUID
    step: Step


def waiting(session: Session, since: datetime | None, moment: datetime) -> list[Waiting]:
    """The leads of all tenants that came to a step of the ladder since the last look (None: there was none), the next channel first.

    Ids of leads begin with their time, so each look reads only those that came so many minutes ago.
    """
    found: list[Waiting] = []
    for step, after in AFTER.items():
        begin = moment - after - LOOK_BACK if since is None else since - after - OVERLAP
        query = (
            _untaken(step)
            .where(col(Lead.id) >= earliest_id(begin), col(Lead.id) < earliest_id(moment - after + OVERLAP))
            .where(col(Lead.created_at) <= moment - after, col(Lead.created_at) >= begin - OVERLAP)
        )
        found += [Waiting(tenant_id, lead_id, step) for tenant_id, lead_id in session.execute(query)]
    return found


def climb(session: Session, actor: Actor, lead_ids: Iterable[UUID], step: Step, moment: datetime) -> int:
    """Do what this step asks for these leads, once; gives back for how many. What another worker holds or has done is left to it."""
    query = _untaken(step).where(col(Lead.tenant_id) == actor.tenant_id, col(Lead.id).in_(list(lead_ids)))
    ours = session.execute(query.with_for_update(of=Lead, skip_locked=True)).all()
    if not ours:
        return 0
    ids = [lead_id for _, lead_id in ours]
    rows = session.exec(select(Lead, LeadEvent).join(LeadEvent, _created()).where(col(Lead.id).in_(ids)).order_by(col(Lead.id)))
    channels = step is Step.UNHEARD and _channels(session, actor)
    done = 0
    for lead, event in rows.all():
        if session.exec(select(LadderStep.id).where(LadderStep.lead_id == lead.id, LadderStep.step == step)).first():
            continue  # it was done between our look and our lock
        done += 1
        if step is Step.NEXT_CHANNEL:
            _to_next(session, actor, lead, event, moment)
        else:
            session.add(LadderStep(tenant_id=actor.tenant_id, lead_id=lead.id, event_id=event.id, step=step, at=moment))
            title = (
                'No channel has taken the alert for 5 min' if channels else 'No channel is connected that could have told anybody for 5 min'
            )
            write(session, actor, lead.id, EntryType.NOTIFICATION_FAILED, title, description=_SAID)
            touch(session, actor, lead.id)
    if done and step is Step.UNHEARD:
        names = ', '.join(lead.name or 'A lead' for lead in unheard(session, actor.scope)[:3])
        why = 'No channel has taken' if channels else 'No channel is connected that could carry'
        mend = '' if channels else ' Connect one in Settings, under Destinations.'
        detail = f'{why} the alert of {names}. Every open desk says so until somebody answers.{mend}'
        raise_alert(session, actor, UNHEARD, 'Nobody was told of a hot lead', detail, severity=Severity.CRITICAL)
    return done


_SAID = 'Every open desk shows it now, with a sound.'


def _channels(session: Session, actor: Actor) -> bool:
    """Whether the tenant has any channel for alerts, however it does now. Without one the open desks are all there is, and they sound."""
    rows = session.exec(select(Destination).where(Destination.tenant_id == actor.tenant_id, col(Destination.enabled)))
    return any(row.events or row.ladder is not None for row in rows)


def _created() -> sa.ColumnElement[bool]:
    """The event that told of the lead first; its number is in an index."""
    return sa.and_(col(LeadEvent.lead_id) == col(Lead.id), col(LeadEvent.lead_seq) == 1)


def _untaken(step: Step) -> Any:
    """The query for hot leads that wait for a reply, whose alert no channel has taken, and that were not at this step yet."""
    been = sa.exists().where(col(LadderStep.lead_id) == col(Lead.id), col(LadderStep.step) == step).correlate_except(LadderStep)
    return (
        sa.select(col(Lead.tenant_id), col(Lead.id))
        .join(LeadEvent, _created())
        .where(
            col(Lead.quality) == Quality.HOT,
            col(Lead.inbox_group) == Group.NEEDS_REPLY,
            first_reply_awaited(),
            col(LeadEvent.event_type) == EventType.LEAD_CREATED,
            ~been,
            ~taken(LeadEvent.id),
        )
    )


def _to_next(session: Session, actor: Actor, lead: Lead, event: LeadEvent, moment: datetime) -> None:
    """Hand the same event to the next channel of the tenant that has not got it yet; where there is none, the open desks come next."""
    place = _next_channel(session, actor, lead, event)
    step = LadderStep(tenant_id=actor.tenant_id, lead_id=lead.id, event_id=event.id, step=Step.NEXT_CHANNEL, at=moment)
    step.destination_id = place.id if place else None
    session.add(step)
    if place is None:
        return
    delivery = hand_over(event, place, lead.quality, moment + REPLAY_LIFE)
    delivery.created_at = delivery.next_at = moment
    event.fanout += 1  # the loss check counts the rows of an event
    session.add_all((delivery, event))
    title = f'No channel took the alert within 2 min: it goes to {place.name} too'
    facts = {'deliveryId': str(delivery.id), 'destination': place.name, 'ladder': True}
    write(session, actor, lead.id, EntryType.NOTIFICATION_FAILED, title, facts=facts)
    touch(session, actor, lead.id)
    ring(session, 'outbox', actor.tenant_id, place.id)


def next_of(places: Iterable[Destination], location_id: UUID) -> Destination | None:
    """Which of these channels is told next of a lead of this location: one that works; of those, by their place in the ladder.

    Those without any subscription only if they have a place there: they may be connected for carrying letters alone.
    """
    rows = (
        row
        for row in places
        if row.enabled
        and row.paused_at is None
        and (row.events or row.ladder is not None)
        and (not row.location_ids or location_id.hex in row.location_ids)
    )
    return min(rows, key=lambda row: (row.breaker_opened > 0, *rank(row)), default=None)


def rank(place: Destination) -> tuple[bool, int, datetime, UUID]:
    """The order of the ladder: those with a place by its number, then the others, the oldest first."""
    return place.ladder is None, place.ladder or 0, place.created_at, place.id


def _next_channel(session: Session, actor: Actor, lead: Lead, event: LeadEvent) -> Destination | None:
    """The next channel that has no delivery of the event, and whose kind is not switched off."""
    told = set(session.exec(select(Delivery.destination_id).where(Delivery.tenant_id == actor.tenant_id, Delivery.event_id == event.id)))
    query = select(Destination).where(Destination.tenant_id == actor.tenant_id, col(Destination.enabled))
    rows = [row for row in session.exec(query) if row.id not in told]
    return next_of((row for row in rows if not switched_off(session, row)), lead.location_id)
