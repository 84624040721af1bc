"""Which leads a person can be given, and how many at once, as an owner or admin says."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from domain.access.models import User
from domain.access.people import managed
from domain.audit.actions import note
from domain.base.db import ring
from domain.base.errors import FieldError, Invalid, NotFound
from domain.base.scope import Actor
from domain.tenancy.queries import locations

CAPACITY_MOST = 10_000
SKILLS_MOST, SKILL_LONGEST = 30, 40


def set_capacity(session: Session, actor: Actor, user_id: UUID, capacity: int | None) -> None:
    """How many leads may wait for this person's reply at once; None: the desk's own number, 0: none. Raises NotFound, Invalid."""
    user = managed(session, actor, user_id)
    if capacity is not None and not 0 <= capacity <= CAPACITY_MOST:
        wrong = f'must be from 0 to {CAPACITY_MOST:,}, or left empty'
        raise Invalid(f'The capacity {wrong}.', errors=[FieldError('capacity', wrong)])
    _keep(session, actor, user, 'capacity', capacity)


def set_skills(session: Session, actor: Actor, user_id: UUID, skills: Sequence[str]) -> None:
    """What this person knows, as tags; of twins in other letters the first stays. Raises NotFound, Invalid."""
    user = managed(session, actor, user_id)
    tags = {tag.casefold(): tag for tag in reversed([' '.join(skill.split()) for skill in skills]) if tag}
    cleaned = list(reversed(tags.values()))
    if len(cleaned) > SKILLS_MOST or any(len(tag) > SKILL_LONGEST or not tag.isprintable() for tag in cleaned):
        wrong = f'must be at most {SKILLS_MOST} words of at most {SKILL_LONGEST} letters'
        raise Invalid(f'The skills {wrong}.', errors=[FieldError('skills', wrong)])
    _keep(session, actor, user, 'skills', cleaned)


def set_places(session: Session, actor: Actor, user_id: UUID, location_ids: Sequence[UUID]) -> None:
    """For which locations this person is given leads; none named: for all. Raises NotFound, also for a location that is not there."""
    user = managed(session, actor, user_id)
    known = {place.id for place in locations(session, actor.scope)}
    if unknown := [each for each in location_ids if each not in known]:
        raise NotFound(f'There is no location {unknown[0]}.')
    _keep(session, actor, user, 'location_ids', [each.hex for each in dict.fromkeys(location_ids)])


def _keep(session: Session, actor: Actor, user: User, name: str, value: object) -> None:
    if getattr(user, name) == value:
        return
    setattr(user, name, value)
    session.add(user)
    note(session, actor, f'user.{name}_set', user.email, **{name: value})
    ring(session, 'access', actor.tenant_id, user.id)
