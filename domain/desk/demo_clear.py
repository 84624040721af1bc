"""Takes the sample week away again: what it brought, and nothing that anybody else put in."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import ApiKey, User, UserSession, WidgetKey
from domain.access.rules import Permission, require
from domain.alerts.actions import close_over
from domain.alerts.models import Alert, LadderStep, Notice
from domain.alerts.rules import subject
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.scope import Actor, Role
from domain.base.secrets import SecretBox
from domain.conversations.models import Conversation, Message
from domain.desk.demo_settings import disarrange
from domain.desk.demo_stage import MARK, SLUG, has_samples, is_sample, sample_people
from domain.follow_ups.models import CalendarFeed, FollowUpTask, Sequence, SequenceRun, SequenceStep
from domain.inbound.models import Submission
from domain.intake.models import Form, IdempotencyKey
from domain.leads.models import Lead, LeadIdentity, LeadMerge
from domain.outbox.models import Attempt, Delivery, Destination, LeadEvent
from domain.search.models import SearchText
from domain.sla.models import SlaClock
from domain.tenancy.models import Holiday, Location, LocationHours
from domain.timeline.models import TimelineEntry

_ONCE = 500  # ids named in one statement
_MOMENT = timedelta(seconds=1)  # between a submission and the alert it raised


def clear(session: Session, actor: Actor, box: SecretBox) -> int:
    """Delete all sample data of the tenant; gives back how many leads went. Doing it again changes nothing.

    A lead stays, with all that belongs to it, as soon as anybody but the sample week has sent anything for it, and so does everybody
    and everything it needs. The account that does this stays too, and so does the last owner.
    """
    require(actor, Permission.SETTINGS_EDIT)
    if not has_samples(session, actor.scope):
        return 0
    leads = _leads(session, actor)
    receipts = _receipts(session, actor, leads)
    places = _destinations(session, actor, box)
    _delete_alerts(session, actor, {row.id for row in places})
    _delete_leads(session, leads, receipts)
    _delete_destinations(session, places)
    disarrange(session, actor)
    _delete_people(session, actor)
    _delete_places(session, actor)
    session.expire_all()  # what was deleted by statement must not be taken for being there
    close_over(session, actor)
    note(session, actor, 'samples.removed', f'{len(leads)} leads')
    for topic in ('facts', 'access', 'outbox', 'alert', 'lead'):
        ring(session, topic, actor.tenant_id)
    return len(leads)


def _leads(session: Session, actor: Actor) -> set[UUID]:
    """The leads that only the sample week has written to, without those that are one with a lead that stays."""
    sent = sa.select(col(Submission.lead_id), col(Submission.credential)).where(
        col(Submission.tenant_id) == actor.tenant_id, col(Submission.lead_id).is_not(None)
    )
    sample = sa.select(col(Submission.lead_id)).where(
        col(Submission.tenant_id) == actor.tenant_id, col(Submission.credential) == MARK, col(Submission.lead_id).is_not(None)
    )
    going: set[UUID] = set()
    real: set[UUID] = set()
    for lead_id, credential in session.execute(sent.where(col(Submission.lead_id).in_(sample)).distinct()):
        (going if credential == MARK else real).add(lead_id)
    going -= real
    merges = sa.select(col(LeadMerge.kept_id), col(LeadMerge.merged_id)).where(col(LeadMerge.tenant_id) == actor.tenant_id)
    pairs = session.execute(merges).all()
    staying = True
    while staying:
        tied = {one for pair in pairs for one in pair if one in going and any(other not in going for other in pair)}
        going -= tied
        staying = bool(tied)
    return going


def _receipts(session: Session, actor: Actor, leads: set[UUID]) -> set[UUID]:
    """The receipts of these leads, and those of the sample week that never became a lead's."""
    alone = sa.select(col(Submission.id)).where(
        col(Submission.tenant_id) == actor.tenant_id, col(Submission.lead_id).is_(None), col(Submission.credential) == MARK
    )
    return {*_ids(session, Submission, Submission.lead_id, leads), *session.execute(alone).scalars()}


def _delete_leads(session: Session, leads: set[UUID], receipts: set[UUID]) -> None:
    """The leads and all rows that hang on them, the last grandchild first."""
    events = set(_ids(session, LeadEvent, LeadEvent.lead_id, leads))
    deliveries = {*_ids(session, Delivery, Delivery.lead_id, leads), *_ids(session, Delivery, Delivery.event_id, events)}
    conversations = set(_ids(session, Conversation, Conversation.lead_id, leads))
    runs = set(_ids(session, SequenceRun, SequenceRun.lead_id, leads))
    for table, column, wanted in (
        (SequenceStep, SequenceStep.run_id, runs),
        (FollowUpTask, FollowUpTask.lead_id, leads),
        (SequenceRun, SequenceRun.id, runs),
        (Attempt, Attempt.delivery_id, deliveries),
        (Delivery, Delivery.id, deliveries),
        (LadderStep, LadderStep.lead_id, leads),
        (Notice, Notice.lead_id, leads),
        (LeadEvent, LeadEvent.id, events),
        (TimelineEntry, TimelineEntry.lead_id, leads),
        (Message, Message.conversation_id, conversations),
        (SlaClock, SlaClock.lead_id, leads),
        (Conversation, Conversation.id, conversations),
        (IdempotencyKey, IdempotencyKey.submission_id, receipts),
        (LeadIdentity, LeadIdentity.lead_id, leads),
        (LeadMerge, LeadMerge.kept_id, leads),
        (Submission, Submission.id, receipts),
        (SearchText, SearchText.lead_id, leads),
    ):
        _delete(session, table, column, wanted)
    # One may be part of another: first let go, then away.
    for some in _portions(leads):
        letting_go = sa.update(Lead).where(col(Lead.id).in_(some)).values(merged_into=None)
        session.execute(letting_go.execution_options(synchronize_session=False))
    _delete(session, Lead, Lead.id, leads)


def _delete_alerts(session: Session, actor: Actor, places: set[UUID]) -> None:
    """Alerts about these destinations, and those about a quarantine that held nothing else, with the events that told of them."""
    alerts = session.exec(select(Alert).where(Alert.tenant_id == actor.tenant_id)).all()
    ours = {
        alert.id
        for alert in alerts
        if subject(alert.key)[1] in places or (alert.key == 'quarantine' and not _others_in_quarantine(session, actor, alert))
    }
    query = select(LeadEvent).where(LeadEvent.tenant_id == actor.tenant_id, col(LeadEvent.lead_id).is_(None))
    named = {str(id_) for id_ in ours}
    events = {event.id for event in session.exec(query) if event.payload.get('alertId') in named}
    deliveries = set(_ids(session, Delivery, Delivery.event_id, events))
    for table, column, wanted in (
        (Attempt, Attempt.delivery_id, deliveries),
        (Delivery, Delivery.id, deliveries),
        (LeadEvent, LeadEvent.id, events),
        (Alert, Alert.id, ours),
    ):
        _delete(session, table, column, wanted)


def _others_in_quarantine(session: Session, actor: Actor, alert: Alert) -> bool:
    """Whether something not of the sample week came into quarantine while this alert was open."""
    query = select(Submission.id).where(
        Submission.tenant_id == actor.tenant_id,
        Submission.credential != MARK,
        Submission.received_at >= alert.opened_at - _MOMENT,
        Submission.received_at <= (alert.closed_at or now()),
        sa.cast(col(Submission.problems), sa.Text) != '[]',
    )
    return session.exec(query.limit(1)).first() is not None


def _destinations(session: Session, actor: Actor, box: SecretBox) -> list[Destination]:
    rows = session.exec(select(Destination).where(Destination.tenant_id == actor.tenant_id))
    return [row for row in rows if is_sample(json.loads(box.open(row.config_sealed)))]


def _delete_destinations(session: Session, places: list[Destination]) -> None:
    """One that was told of a lead that stays is only switched off: the loss check counts its deliveries."""
    ids = {row.id for row in places}
    tests = set(session.exec(select(Delivery.id).where(col(Delivery.destination_id).in_(ids), col(Delivery.event_id).is_(None))))
    _delete(session, Attempt, Attempt.delivery_id, tests)
    _delete(session, Delivery, Delivery.id, tests)
    used = set(session.exec(select(Delivery.destination_id).where(col(Delivery.destination_id).in_(ids)).distinct()))
    for row in places:
        row.enabled = False
        session.add(row)
    session.flush()
    _delete(session, Destination, Destination.id, ids - used)


def _delete_people(session: Session, actor: Actor) -> None:
    """Accounts of the sample people; who owns a lead that stays is only switched off."""
    people = sample_people(session, actor.scope)
    real_owner = select(User.id).where(
        User.tenant_id == actor.tenant_id,
        User.role == Role.OWNER,
        col(User.disabled_at).is_(None),
        col(User.id).not_in([person.id for person in people]),
    )
    an_owner_stays = session.exec(real_owner.limit(1)).first() is not None
    owned = (col(Lead.owner_id), col(FollowUpTask.owner_id))
    busy = {id_ for column in owned for id_ in session.exec(select(column).where(column.in_([person.id for person in people])).distinct())}
    going: set[UUID] = set()
    for person in people:
        person.preferences = {name: value for name, value in person.preferences.items() if name != MARK}
        if person.id != actor.id and (an_owner_stays or person.role is not Role.OWNER):
            person.disabled_at = person.disabled_at or now()
            if person.id not in busy:
                going.add(person.id)
        session.add(person)
    session.flush()
    _delete(session, UserSession, UserSession.user_id, going)
    _delete(session, Notice, Notice.user_id, going)
    _delete(session, CalendarFeed, CalendarFeed.user_id, going)
    _delete(session, User, User.id, going)


def _delete_places(session: Session, actor: Actor) -> None:
    """Locations of ours that nothing refers to any more."""
    ours = select(Location.id).where(
        Location.tenant_id == actor.tenant_id, col(Location.slug).startswith(SLUG), col(Location.is_default).is_(False)
    )
    going = set(session.exec(ours))
    # What is left narrowed to a place that is gone would never hear of anything again.
    for table in (Destination, Sequence, User):
        narrowed = session.exec(select(table.location_ids).where(table.tenant_id == actor.tenant_id))
        going -= {UUID(place) for places in narrowed for place in places}
    for column in (Lead.location_id, ApiKey.location_id, WidgetKey.location_id, Form.location_id):
        going -= set(session.exec(select(column).where(col(column).in_(going)).distinct()))
    _delete(session, LocationHours, LocationHours.location_id, going)
    _delete(session, Holiday, Holiday.location_id, going)
    _delete(session, Location, Location.id, going)


def _ids(session: Session, table: Any, column: Any, wanted: set[UUID]) -> Iterable[UUID]:
    for some in _portions(wanted):
        yield from session.execute(sa.select(table.id).where(column.in_(some))).scalars().all()


def _delete(session: Session, table: Any, column: Any, wanted: set[UUID]) -> None:
    for some in _portions(wanted):
        session.execute(sa.delete(table).where(column.in_(some)).execution_options(synchronize_session=False))


def _portions(ids: set[UUID]) -> Iterable[list[UUID]]:
    ordered = sorted(ids)
    return (ordered[start : start + _ONCE] for start in range(0, len(ordered), _ONCE))
