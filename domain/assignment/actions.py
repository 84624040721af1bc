"""Giving leads out and taking them back, by the rule; and changing the rule."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import User
from domain.access.rules import Permission, require
from domain.alerts.actions import close_alert, raise_alert
from domain.assignment.messages import Candidate, Move, Rule, RuleChange, Wish
from domain.assignment.models import AssignmentSettings
from domain.assignment.queries import ALERT, candidates, is_said, orphans, place_names, rule, wish_of
from domain.assignment.rules import decide, duration, plan
from domain.audit.actions import note
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import FieldError, Invalid
from domain.base.events import EventType
from domain.base.scope import Actor
from domain.leads.changing import Held, News, hold, tell_all
from domain.leads.models import Group, Lead, Status
from domain.leads.placing import passed_over
from domain.timeline.models import EntryType

AT_ONCE = 25  # leads in one transaction: on SQLite others wait for it


def set_rule(session: Session, actor: Actor, change: RuleChange) -> Rule:
    """Change what is named of the rule; gives back what it was. What already waits in the queue goes with it when it is renamed,
    and when the rule is switched on every open lead that nobody has waits there. Raises Forbidden, Invalid.
    """
    require(actor, Permission.SETTINGS_EDIT)
    before = rule(session, actor.scope)
    given = change.model_dump(exclude_unset=True)
    for name in ('enabled', 'queue'):
        if name in given and given[name] is None:
            raise Invalid(f'{name} cannot be empty.', errors=[FieldError(name, 'cannot be empty')])
    after = Rule(**(asdict(before) | given))
    if after == before:
        return before
    row = session.get(AssignmentSettings, actor.tenant_id, with_for_update=True) or AssignmentSettings(tenant_id=actor.tenant_id)
    for name, value in asdict(after).items():
        setattr(row, name, value)
    session.add(row)
    if after.enabled and (after.queue != before.queue or not before.enabled):
        _queue_up(session, actor, before.queue, after.queue)
    note(session, actor, 'assignment.set', ', '.join(sorted(given)), **given)
    ring(session, 'facts', actor.tenant_id)  # intake writes the queue's name into each new lead
    ring(session, 'assignment', actor.tenant_id)
    return before


def _queue_up(session: Session, actor: Actor, old: str, new: str) -> None:
    """What nobody has and lies in no queue, or in the one of the old name, waits in this one."""
    session.execute(
        sa.update(Lead)
        .where(
            col(Lead.tenant_id) == actor.tenant_id,
            col(Lead.owner_id).is_(None),
            col(Lead.queue).is_(None) | (col(Lead.queue) == old),
            col(Lead.status) != Status.CLOSED,
            col(Lead.inbox_group) != Group.MERGED,
        )
        .values(queue=new, changed_at=now())
        .execution_options(synchronize_session=False)
    )
    ring(session, 'lead', actor.tenant_id)


def hand_out(session: Session, actor: Actor, lead_ids: Sequence[UUID], moment: datetime) -> int:
    """Decide these leads, all together and alone for this tenant: those that wait get somebody, those kept in silence go on, or back
    into the queue. What changed since they were looked at is left alone. Gives back how many it did something with.
    """
    require(actor, Permission.LEADS_WRITE)
    held_to = rule(session, actor.scope)
    if not held_to.enabled or not lead_ids:
        return 0
    people = candidates(session, actor.scope, held_to, lock=True)
    found = [each for each in hold(session, actor, lead_ids) if each.lead.inbox_group is Group.NEEDS_REPLY]
    found.sort(key=lambda each: (each.lead.created_at, each.lead.id))
    names = place_names(session, actor.scope)
    late = [each for each in found if each.lead.owner_id and _is_late(each, held_to, moment)]
    people = _freed(people, late)
    # Taken back ones come first: these customers have waited for somebody all the while.
    queue = [*late, *(each for each in found if each.lead.owner_id is None)]
    moves = {move.lead_id: move for move in plan([(each.lead.id, _wish(each, names)) for each in queue], people, moment)}
    news = []
    for each in queue:
        move = moves.get(each.lead.id)
        if move or each.lead.owner_id:
            why = move.why if move else decide(_wish(each, names), people).why
            news.append(_given(session, actor, each, move, held_to, why))
    _turns(session, list(moves.values()), moment)
    tell_all(session, actor, news)
    return len(news)


def _wish(each: Held, names: dict[UUID, str]) -> Wish:
    """The lead as the rule sees it, as if whoever has it had had it already."""
    wish = wish_of(each.lead, names)
    if each.lead.owner_id is None:
        return wish
    return Wish(wish.location_id, wish.location, wish.tags, wish.words, wish.passed_over | {each.lead.owner_id})


def _is_late(each: Held, held_to: Rule, moment: datetime) -> bool:
    if held_to.take_back_seconds is None or each.lead.assigned_at is None or not each.awaits_first_reply:
        return False
    return each.lead.assigned_at <= moment - timedelta(seconds=held_to.take_back_seconds)


def _freed(people: Sequence[Candidate], late: Sequence[Held]) -> list[Candidate]:
    """Without the load of what is taken from them."""
    fewer = {each.id: sum(held.lead.owner_id == each.id for held in late) for each in people}
    return [
        Candidate(each.id, each.name, each.present, each.load - fewer[each.id], each.capacity, each.skills, each.location_ids, each.turn)
        for each in people
    ]


def _given(session: Session, actor: Actor, each: Held, move: Move | None, held_to: Rule, why: str) -> News:
    before, each.lead.passed_over = each.lead.owner_id, passed_over(each.lead)
    each.set('owner_id', move.taker.id if move else None)
    if before is None:
        assert move is not None  # what nobody has and nobody gets is no news
        return News(each, EventType.LEAD_ASSIGNED, ((EntryType.ASSIGNED, f'Assigned to {move.taker.name}', why),))
    name = session.exec(select(User.name).where(User.tenant_id == actor.tenant_id, User.id == before)).one()
    silence = f'{name} gave no first reply within {duration(held_to.take_back_seconds or 0)}.'
    title = f'Passed from {name} to {move.taker.name}' if move else f'Taken back from {name}, into the queue {held_to.queue}'
    return News(each, EventType.LEAD_ASSIGNED, ((EntryType.ASSIGNED, title, f'{silence} {why}'),))


def _turns(session: Session, moves: Sequence[Move], moment: datetime) -> None:
    """Whoever was given the last one is last in the row now."""
    for place, move in enumerate(moves):
        turn = moment + timedelta(microseconds=place)
        session.execute(
            sa.update(User).where(col(User.id) == move.taker.id).values(last_assigned_at=turn).execution_options(synchronize_session=False)
        )


def free_orphans(session: Session, actor: Actor) -> int:
    """The open leads of people whose accounts were switched off wait in the queue; gives back how many, at most 25 at once."""
    require(actor, Permission.LEADS_WRITE)
    found = orphans(session, actor.scope, limit=AT_ONCE)
    if not found:
        return 0
    news = []
    for each in hold(session, actor, found):
        owner = session.exec(select(User).where(User.tenant_id == actor.tenant_id, User.id == each.lead.owner_id)).first()
        if owner is not None and owner.disabled_at is not None and each.lead.status is not Status.CLOSED:
            each.lead.passed_over = passed_over(each.lead)
            each.set('owner_id', None)
            title = f'Taken back from {owner.name}'
            news.append(News(each, EventType.LEAD_ASSIGNED, ((EntryType.ASSIGNED, title, 'This account was switched off.'),)))
    tell_all(session, actor, news)
    return len(news)


def say_in_vain(session: Session, actor: Actor, why: str) -> None:
    """Leads wait that nobody can take: one alert, however long it lasts. `why` '': that is over."""
    require(actor, Permission.LEADS_WRITE)
    if not why:
        close_alert(session, actor, ALERT)
    elif not is_said(session, actor.scope):
        queue = rule(session, actor.scope).queue
        detail = f'{why} New leads wait in the queue {queue}, and go out by themselves when somebody can take them.'
        raise_alert(session, actor, ALERT, 'Nobody can take new leads', detail)
