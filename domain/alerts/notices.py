"""Who is told of an alarm in person: the owner of the lead, or the next one while the owner wants quiet."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.models import User
from domain.access.quiet import Ear, hand_round, quiet_until
from domain.access.rules import ROLES, Permission
from domain.alerts.actions import raise_alert
from domain.alerts.models import Notice, Severity
from domain.base.db import ring
from domain.base.scope import Actor, Role, Scope
from domain.leads.alarms import Alarm, Fired
from domain.leads.models import Group, Lead

TOPIC = 'notice'
LATE = 'late'  # the key of the alert about replies that are still missing
MOST = 50  # of one transaction
FRESH = timedelta(hours=12)  # what nobody has seen after this is history: it stands on the timeline
_ANSWERING = [role for role, granted in ROLES.items() if Permission.LEADS_WRITE in granted]
_LEADING = (Role.MANAGER, Role.ADMIN, Role.OWNER)


def notify(session: Session, actor: Actor, fired: Sequence[Fired]) -> None:
    """Write down whom to tell of these alarms, and when; what can be told now is told with this transaction."""
    owned = [each for each in fired if each.owner_id is not None]
    if not owned:
        return
    people = _people(session, actor)
    for each in owned:
        owner = next((user for user in people if user.id == each.owner_id), None)
        if owner is None:
            continue  # the account is switched off: the banner tells everybody
        others = [_ear(user, each.at) for user in _next(people, each.location_id)]
        name = _name(session, actor, each.lead_id)
        for tell in hand_round(_ear(owner, each.at), others, each.at, each.due_at):
            text = f'{name}: {each.title}' if tell.id == owner.id else f'{name}: {each.title} ({owner.name} has quiet hours)'
            _write(session, actor, each, tell.id, text, tell.at)


def escalate(session: Session, actor: Actor, fired: Sequence[Fired]) -> None:
    """Raise the alert about replies that are still missing some time after their deadline; it is over when none of them is."""
    late = [each for each in fired if each.alarm is Alarm.ESCALATION]
    if late:
        names = ', '.join(_name(session, actor, each.lead_id) for each in late[:3])
        more = f' and {len(late) - 3} more' if len(late) > 3 else ''
        detail = f'Still nobody has answered {names}{more}. The SLA board shows who waits longest.'
        raise_alert(session, actor, LATE, 'Replies are late and nobody has taken them on', detail, severity=Severity.CRITICAL)


def next_notice(session: Session) -> datetime | None:
    """When the next notice that was put off may be told, of all tenants."""
    return session.exec(select(sa.func.min(Notice.show_at)).where(col(Notice.told_at).is_(None))).one()


def tell_due(session: Session, moment: datetime) -> int:
    """Tell what was put off until now, all of a person together; what is settled meanwhile is told nobody. Gives back how many were due."""
    query = select(Notice).where(col(Notice.told_at).is_(None), col(Notice.show_at) <= moment).order_by(col(Notice.show_at))
    due = list(session.exec(query.limit(MOST).with_for_update(skip_locked=True).execution_options(populate_existing=True)))
    leads = [row.lead_id for row in due]
    waiting = set(session.exec(select(Lead.id).where(col(Lead.id).in_(leads), Lead.inbox_group == Group.NEEDS_REPLY)))
    told: dict[UUID, list[UUID]] = {}
    for row in due:
        row.told_at = moment
        if row.lead_id in waiting:
            told.setdefault(row.tenant_id, []).append(row.id)
        else:
            row.seen_at = moment
        session.add(row)
    for tenant_id, ids in told.items():
        ring(session, TOPIC, tenant_id, *ids)
    return len(due)


def unseen_notices(session: Session, scope: Scope, user_ids: Iterable[UUID], moment: datetime) -> list[Notice]:
    """What these people were told lately and have not seen on any page, the oldest first."""
    query = select(Notice).where(
        Notice.tenant_id == scope.tenant_id,
        col(Notice.user_id).in_(list(user_ids)),
        col(Notice.told_at) > moment - FRESH,
        col(Notice.seen_at).is_(None),
    )
    return list(session.exec(query.order_by(col(Notice.told_at), col(Notice.id))))


def mark_seen(session: Session, actor: Actor, notice_ids: Iterable[UUID], moment: datetime) -> None:
    """These were shown to whom they are for."""
    mine = (col(Notice.tenant_id) == actor.tenant_id, col(Notice.user_id) == actor.id, col(Notice.id).in_(list(notice_ids)))
    session.execute(sa.update(Notice).where(*mine).values(seen_at=moment).execution_options(synchronize_session=False))


def _people(session: Session, actor: Actor) -> list[User]:
    query = select(User).where(User.tenant_id == actor.tenant_id, col(User.disabled_at).is_(None), col(User.role).in_(_ANSWERING))
    return list(session.exec(query.order_by(User.name, col(User.id))))


def _next(people: Sequence[User], location_id: UUID) -> list[User]:
    """Who comes next: those present for the place, who waited longest for a lead first, then those who lead."""
    here = [user for user in people if user.present and (not user.location_ids or location_id.hex in user.location_ids)]
    here.sort(key=lambda user: user.last_assigned_at or user.created_at)
    return here + [user for user in people if user.role in _LEADING and user not in here]


def _ear(user: User, moment: datetime) -> Ear:
    return Ear(user.id, quiet_until(user.preferences, moment))


def _name(session: Session, actor: Actor, lead_id: UUID) -> str:
    return session.exec(select(Lead.name).where(Lead.tenant_id == actor.tenant_id, Lead.id == lead_id)).one() or 'A lead'


def _write(session: Session, actor: Actor, fired: Fired, user_id: UUID, text: str, at: datetime) -> None:
    now = at <= fired.at
    row = Notice(
        tenant_id=actor.tenant_id,
        user_id=user_id,
        lead_id=fired.lead_id,
        kind=fired.alarm.value,
        text=text[:300],
        made_at=fired.at,
        show_at=at,
        told_at=fired.at if now else None,
    )
    session.add(row)
    if now:
        ring(session, TOPIC, actor.tenant_id, row.id)
