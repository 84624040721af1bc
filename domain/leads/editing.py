"""Changing one lead's fields by hand; and taking a deed back."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.events import EventType
from domain.base.scope import Actor, system
from domain.leads.alarms import overdue
from domain.leads.changing import Held, News, hold, plain, quietly, tell, tell_all
from domain.leads.clocking import follow, recount, restate
from domain.leads.closing import check_lost, close_one, open_one
from domain.leads.messages import LeadEdit, Undo
from domain.leads.models import Quality, Stage, Status
from domain.leads.reach import change_reach, exchange
from domain.tenancy.queries import calendar, locations
from domain.timeline.models import EntryType, TimelineEntry

_SAID = {'email': 'e-mail', 'location_id': 'location', 'facts': 'vehicle', 'lost_reason': 'reason'}


def edit(session: Session, actor: Actor, lead_id: UUID, edit: LeadEdit) -> Undo:
    """Change what the edit names. Raises NotFound, Invalid naming the field, or Conflict naming the lead an address belongs to.

    A new address is what the lead is recognised by from now on, instead of the old one. A quality set by hand says by whom,
    and the deadline is counted anew from arrival: hotter and already past is due now, colder leaves a breach that happened.
    """
    require(actor, Permission.LEADS_WRITE)
    (held,) = hold(session, actor, [lead_id])
    if edit.quality is not None:
        _tell_overdue(session, actor, held)
    _status(held, edit)
    _stage(held, edit)
    if edit.quality is not None:
        _quality(actor, held, edit.quality, edit.quality_reason or '')
    elif edit.quality_reason:
        raise Invalid('A reason belongs to a quality.', errors=[FieldError('qualityReason', 'belongs to quality')])
    _place(session, actor, held, edit.location_id)
    if edit.name is not None:
        held.set('name', edit.name)
    change_reach(session, actor, held, edit)
    if edit.tags is not None:
        held.set('tags', edit.tags)
    if edit.vehicle is not None:
        vehicle = edit.vehicle.model_dump(exclude_defaults=True)
        others = {name: value for name, value in held.lead.facts.items() if name != 'vehicle'}
        held.set('facts', others | ({'vehicle': vehicle} if vehicle else {}))
    if not held.after:
        return Undo('Nothing to change')
    entries = _entries(held, actor)
    turned = held.after.keys() & {'status', 'stage'}
    tell(session, actor, held, EventType.LEAD_STATUS_CHANGED if turned else EventType.LEAD_UPDATED, *entries)
    return Undo(entries[0][1], (held.change(),))


def undo(session: Session, actor: Actor, undo: Undo) -> None:
    """Take a deed back, with entries of its own on the timelines. Raises Conflict, and undoes nothing, where a lead no longer shows
    what the deed left, naming who changed it.
    """
    require(actor, Permission.LEADS_WRITE)
    if not undo.changes:
        return
    held = {each.lead.id: each for each in hold(session, actor, [change.lead_id for change in undo.changes])}
    for change in undo.changes:
        each = held[change.lead_id]
        if any(each.value(name) != value for name, value in change.after.items() if name not in ('identities', 'next_at')):
            raise Conflict(f'{_last_hand(session, actor, change.lead_id)} changed this since; nothing was undone.')
    news = []
    for change in undo.changes:
        each = held[change.lead_id]
        for name, value in change.before.items():
            if name != 'identities':
                each.set(name, value)
        if 'location_id' in change.before:
            each.place = next((place for place in locations(session, actor.scope) if place.id == each.lead.location_id), each.place)
        if 'identities' in change.after:
            exchange(session, actor, each, set(change.after['identities']), set(change.before['identities']))
        if set(change.after) == {'unread'}:
            quietly(session, actor, each)
            continue
        event_type, entry_type = _kind(change.after)
        news.append(News(each, event_type, ((entry_type, f'Undone: {undo.what[:1].lower()}{undo.what[1:]}', ''),)))
    tell_all(session, actor, news)


def _kind(changed: Iterable[str]) -> tuple[EventType, EntryType]:
    names = set(changed)
    if 'owner_id' in names:
        return EventType.LEAD_ASSIGNED, EntryType.ASSIGNED
    if names & {'status', 'stage'}:
        return EventType.LEAD_STATUS_CHANGED, EntryType.STATUS_CHANGED
    return EventType.LEAD_UPDATED, EntryType.QUALITY_SCORED if 'quality' in names else EntryType.STATUS_CHANGED


def _last_hand(session: Session, actor: Actor, lead_id: UUID) -> str:
    """Who wrote the lead's latest timeline entry."""
    latest = session.exec(
        select(TimelineEntry)
        .where(TimelineEntry.tenant_id == actor.tenant_id, TimelineEntry.lead_id == lead_id)
        .order_by(col(TimelineEntry.id).desc())
        .limit(1)
    ).first()
    if latest is None or not latest.actor_name:
        return 'Somebody'
    return 'You' if latest.actor_id == actor.id else latest.actor_name


def _status(held: Held, edit: LeadEdit) -> None:
    if edit.status is None or edit.status is held.lead.status:
        return
    match edit.status:
        case Status.CLOSED:
            close_one(held, now())
        case Status.SNOOZED:
            raise Invalid('To snooze a lead, say until when.', errors=[FieldError('snoozedUntil', 'is needed for the status snoozed')])
        case _:
            open_one(held, now())
            held.set('status', edit.status)
            follow(held, now())


def _stage(held: Held, edit: LeadEdit) -> None:
    if edit.stage is None and edit.lost_reason is None:
        return
    stage = edit.stage or held.lead.stage
    reason = held.lead.lost_reason if edit.lost_reason is None and stage is Stage.LOST else edit.lost_reason or ''
    check_lost(stage, reason)
    held.set('stage', stage)
    held.set('lost_reason', reason)


def _quality(actor: Actor, held: Held, quality: Quality, reason: str) -> None:
    other = quality is not held.lead.quality
    if not other and not reason:
        return
    held.set('quality', quality)
    held.set('quality_reason', f'Set by {actor.name}' + (f': {reason}' if reason else '.'))
    if other:
        restate(held, now())


def _tell_overdue(session: Session, actor: Actor, held: Held) -> None:
    """Deadlines that passed a moment ago are told before they may move: a breach that happened stays. No part of the edit."""
    tell_all(session, system(actor.tenant_id), overdue(held, now()))
    held.before.clear()
    held.after.clear()


def _place(session: Session, actor: Actor, held: Held, location_id: UUID | None) -> None:
    if location_id is None:
        return
    allowed = actor.scope.location_ids
    found = [place for place in locations(session, actor.scope) if place.id == location_id]
    if not found or (allowed is not None and location_id not in allowed):
        raise NotFound('There is no such location.')
    held.set('location_id', location_id)
    held.place, held.calendar = found[0], calendar(session, actor.scope, location_id)
    recount(held, now())


def _entries(held: Held, actor: Actor) -> Sequence[tuple[EntryType, str, str]]:
    """One line for status and stage, one for the quality, one for the rest."""
    after, lines = held.after, []
    turned = [f'{name.capitalize()} {held.before[name]} → {after[name]}' for name in ('status', 'stage') if name in after]
    if turned:
        lines.append((EntryType.STATUS_CHANGED, ', '.join(turned), held.lead.lost_reason if 'lost_reason' in after else ''))
    if after.keys() & {'quality', 'quality_reason'}:
        lines.append((EntryType.QUALITY_SCORED, f'Quality set to {held.lead.quality}', held.lead.quality_reason))
    silent = {'status', 'stage', 'quality', 'quality_reason', 'snoozed_until', 'next_at', 'identities'}
    rest = [name for name in after if name not in silent and '.' not in name and not (turned and name == 'lost_reason')]
    if rest:
        said = '\n'.join(f'{_SAID.get(name, name)}: {_words(held, name)}' for name in rest)
        title = f'Changed {", ".join(_SAID.get(name, name) for name in rest)}'
        lines.append((EntryType.STATUS_CHANGED, title, said))
    return lines


def _words(held: Held, name: str) -> str:
    old, new = (_shown(held, name, values[name]) for values in (held.before, held.after))
    return f'{old or "none"} → {new or "none"}'


def _shown(held: Held, name: str, value: Any) -> str:
    if name == 'facts':
        vehicle = value.get('vehicle', '')
        return ' '.join(str(part) for part in vehicle.values()) if isinstance(vehicle, dict) else str(vehicle)
    if name == 'location_id':
        return held.place.name if value == held.place.id else 'another one'
    return ', '.join(value) if isinstance(value, list) else str(plain(value) or '')
