"""Questions of assignment: the rule, who could take a lead, which leads wait for somebody, and which could be forgotten."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import User
from domain.access.rules import ROLES, Permission
from domain.alerts.queries import open_alerts
from domain.assignment.messages import Audit, Candidate, Decision, Outlook, Rule, Stray, Wish, Worker
from domain.assignment.models import AssignmentSettings
from domain.assignment.rules import decide, overlook, plan
from domain.base.errors import NotFound
from domain.base.scope import Scope
from domain.leads.models import Group, Lead, Status
from domain.leads.placing import queue_of
from domain.leads.queries import lead as find_lead
from domain.sla.models import ClockKind, SlaClock
from domain.sla.queries import running
from domain.tenancy.queries import locations

ALERT = 'assignment'
PAGE = 100  # waiting leads looked at in one go
_ANSWERING = [role for role, granted in ROLES.items() if Permission.LEADS_WRITE in granted]
_ASKING = ('service', 'subject', 'propertyTitle', 'intent')  # facts of a lead that say what it is about
Row = tuple[Lead, Wish]


def rule(session: Session, scope: Scope) -> Rule:
    """How this tenant gives out its leads."""
    row = session.get(AssignmentSettings, scope.tenant_id)
    return Rule(row.enabled, row.queue, row.take_back_seconds, row.default_capacity) if row else Rule()


def new_lead_queue(session: Session, scope: Scope) -> str | None:
    """Where a new lead waits for an owner; None: the rule is off."""
    name, enabled = queue_of(session, scope)
    return name if enabled else None


def tenants_in_use(session: Session) -> list[UUID]:
    """The tenants in which somebody has said who takes new leads: before that all of them wait in the queue."""
    return list(session.exec(select(User.tenant_id).where(col(User.present_at).is_not(None)).distinct()))


def candidates(session: Session, scope: Scope, held_to: Rule, *, lock: bool = False) -> list[Candidate]:
    """Everybody whose account is open and may answer leads; `lock`: nobody else gives out leads of this tenant meanwhile."""
    query = select(User).where(User.tenant_id == scope.tenant_id, col(User.disabled_at).is_(None), col(User.role).in_(_ANSWERING))
    query = query.order_by(col(User.id))
    if lock:
        # A lead that is given to somebody holds a key of their row meanwhile; this lock lets it pass.
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    people = session.exec(query).all()
    loads = _loads(session, scope)
    return [
        Candidate(
            id=user.id,
            name=user.name,
            present=user.present,
            load=loads.get(user.id, 0),
            capacity=held_to.default_capacity if user.capacity is None else user.capacity,
            skills=tuple(user.skills),
            location_ids=frozenset(UUID(each) for each in user.location_ids),
            turn=user.last_assigned_at,
        )
        for user in people
    ]


def workers(session: Session, scope: Scope) -> list[Worker]:
    """Everybody who may be given leads, by name, as the settings show them."""
    query = select(User).where(User.tenant_id == scope.tenant_id, col(User.disabled_at).is_(None), col(User.role).in_(_ANSWERING))
    loads = _loads(session, scope)
    found = [
        Worker(
            user.id,
            user.name,
            user.role,
            user.present,
            user.present_at,
            loads.get(user.id, 0),
            user.capacity,
            tuple(user.skills),
            tuple(UUID(each) for each in user.location_ids),
        )
        for user in session.exec(query)
    ]
    return sorted(found, key=lambda each: (each.name.casefold(), str(each.id)))


def _loads(session: Session, scope: Scope) -> dict[UUID, int]:
    """How many leads of each person wait for their reply."""
    query = select(Lead.owner_id, sa.func.count()).where(*_waiting_for_reply(scope), col(Lead.owner_id).is_not(None))
    return {owner: count for owner, count in session.exec(query.group_by(col(Lead.owner_id))) if owner}


def _waiting_for_reply(scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Lead.tenant_id) == scope.tenant_id, col(Lead.inbox_group) == Group.NEEDS_REPLY


def waiting(session: Session, scope: Scope, place_names: dict[UUID, str]) -> Iterator[list[Row]]:
    """The leads that wait for a reply and have no owner, oldest first, page by page."""
    after: tuple[datetime, UUID] | None = None
    while True:
        query = select(Lead).where(*_waiting_for_reply(scope), col(Lead.owner_id).is_(None))
        if after:
            query = query.where(sa.tuple_(col(Lead.created_at), col(Lead.id)) > after)
        page = list(session.exec(query.order_by(col(Lead.created_at), col(Lead.id)).limit(PAGE)))
        if page:
            yield [(lead, wish_of(lead, place_names)) for lead in page]
            after = page[-1].created_at, page[-1].id
        if len(page) < PAGE:
            return


def oldest_waiting(session: Session, scope: Scope, *, limit: int) -> list[Lead]:
    """The first of them, in the caller's locations."""
    query = select(Lead).where(*_waiting_for_reply(scope), col(Lead.owner_id).is_(None))
    if scope.location_ids is not None:
        query = query.where(col(Lead.location_id).in_(scope.location_ids))
    return list(session.exec(query.order_by(col(Lead.created_at), col(Lead.id)).limit(limit)))


def silent(session: Session, scope: Scope, held_to: Rule, moment: datetime, *, limit: int) -> list[Lead]:
    """The leads whose owner has given no first reply for too long since they were given to them, the longest first."""
    if held_to.take_back_seconds is None:
        return []
    since = moment - timedelta(seconds=held_to.take_back_seconds)
    query = select(Lead).where(*_waiting_for_reply(scope), col(Lead.owner_id).is_not(None), col(Lead.assigned_at) <= since)
    # Whoever answered once keeps the lead: a customer who wrote again waits for the one they know.
    first = sa.and_(col(SlaClock.lead_id) == col(Lead.id), col(SlaClock.kind) == ClockKind.FIRST_REPLY, running())
    query = query.where(sa.exists().where(first).correlate(Lead))
    return list(session.exec(query.order_by(col(Lead.assigned_at), col(Lead.id)).limit(limit)))


def orphans(session: Session, scope: Scope, *, limit: int) -> list[UUID]:
    """The open leads whose owner's account was switched off."""
    query = select(Lead.id).join(User, col(User.id) == col(Lead.owner_id)).where(col(User.disabled_at).is_not(None), *_open(scope))
    return list(session.exec(query.order_by(col(Lead.id)).limit(limit)))


def wish_of(lead: Lead, place_names: dict[UUID, str]) -> Wish:
    """What the laws of this room need to know of a lead."""
    words = ' '.join(str(lead.facts.get(name) or '') for name in _ASKING)
    over = frozenset(UUID(each) for each in lead.passed_over)
    return Wish(lead.location_id, place_names.get(lead.location_id, ''), tuple(lead.tags), words, over)


def place_names(session: Session, scope: Scope) -> dict[UUID, str]:
    """The locations' names by their ids."""
    return {place.id: place.name for place in locations(session, scope)}


def outlook(session: Session, scope: Scope, moment: datetime, *, limit: int) -> Outlook:
    """What is to be done now: which leads can be given to somebody or have to be taken back, and whether others wait in vain."""
    held_to = rule(session, scope)
    if not held_to.enabled:
        return Outlook((), '')
    late = tuple(lead.id for lead in silent(session, scope, held_to, moment, limit=limit))
    people, names = candidates(session, scope, held_to), place_names(session, scope)
    if overlook(people):  # nobody is there or has room: which lead it is makes no difference
        first = oldest_waiting(session, scope, limit=1)
        return Outlook(late, decide(wish_of(first[0], names), people).why if first else '', in_vain=bool(first))
    why = ''
    for page in waiting(session, scope, names):
        moves = plan([(lead.id, wish) for lead, wish in page], people, moment)
        if moves:
            return Outlook((*late, *(move.lead_id for move in moves))[:limit], '')
        why = why or decide(page[0][1], people).why
    return Outlook(late, why, in_vain=why != '')


def is_said(session: Session, scope: Scope) -> bool:
    """Whether the alert about leads that nobody can take is open."""
    return any(alert.key == ALERT for alert in open_alerts(session, scope))


def dry_run(session: Session, scope: Scope, lead_id: UUID) -> Decision:
    """Who would get this lead if nobody had it, and why; writes nothing. Raises NotFound."""
    lead = find_lead(session, scope, lead_id)
    if lead is None:
        raise NotFound('There is no such lead.')
    return decide(wish_of(lead, place_names(session, scope)), candidates(session, scope, rule(session, scope)))


def dry_run_of(session: Session, scope: Scope, location_id: UUID | None, tags: tuple[str, ...] = (), service: str = '') -> Decision:
    """Who would get a new lead like this, and why; None: of the default location. Raises NotFound."""
    places = locations(session, scope)
    wanted = next((place for place in places if location_id in (None, place.id)), None)
    if wanted is None:
        raise NotFound('There is no such location.')
    return decide(Wish(wanted.id, wanted.name, tags, service), candidates(session, scope, rule(session, scope)))


def _open(scope: Scope) -> list[Any]:
    """Neither closed nor part of another one, in the caller's locations."""
    mine = [col(Lead.tenant_id) == scope.tenant_id, col(Lead.status) != Status.CLOSED, col(Lead.inbox_group) != Group.MERGED]
    return mine if scope.location_ids is None else [*mine, col(Lead.location_id).in_(scope.location_ids)]


def audit(session: Session, scope: Scope) -> Audit:
    """The open leads that could be forgotten, oldest first: without owner and queue, or without a next date."""
    total = int(session.execute(sa.select(sa.func.count()).select_from(Lead).where(*_open(scope))).scalar_one())
    nobodys = col(Lead.owner_id).is_(None) & (col(Lead.queue).is_(None) | (col(Lead.queue) == ''))
    query = select(Lead.id, Lead.owner_id, Lead.queue, Lead.next_at).where(*_open(scope), nobodys | col(Lead.next_at).is_(None))
    strays = []
    for lead_id, owner_id, queue, next_at in session.exec(query.order_by(col(Lead.id))):
        missing = (() if owner_id or queue else ('owner', 'queue')) + (() if next_at else ('nextDate',))
        strays.append(Stray(lead_id, missing))
    return Audit(total, strays)
