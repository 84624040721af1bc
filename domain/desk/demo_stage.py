"""Who and what the sample week is played with: places, people and destinations that exist only on this desk, all of them marked."""

import base64
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from domain.access.actions import add_user
from domain.access.models import User
from domain.access.queries import actor_of, anybody, users
from domain.access.rules import passwords
from domain.base.errors import Conflict
from domain.base.events import DEFAULT_SUBSCRIPTION
from domain.base.scope import Actor, Role, Scope
from domain.base.secrets import SecretBox, token
from domain.desk import demo_words as words
from domain.desk.actions import open_desk
from domain.intake.facts import Credential, Facts
from domain.intake.queries import snapshot
from domain.outbox.destinations import add_destination
from domain.outbox.messages import DestinationOrder
from domain.outbox.queries import destinations
from domain.tenancy.models import Location
from domain.tenancy.queries import default_location, locations

MARK = 'demo'  # the credential of every sample receipt, and a preference of every sample person
SLUG = 'demo-'  # begins the slug of every sample place
SIMULATED = 'simulated:demo-'  # begins the address of every sample destination
SALES, RIVERSIDE, BOOKING, CRM, TEXTS, MAIL = (
    'Sales on Slack',
    'Riverside alerts',
    'Booking system',
    'Eastgate CRM',
    'Text messages',
    'Mail',
)
_OWNER_MAIL = f'ines@{words.MAIL}'


@dataclass(frozen=True, slots=True)
class Stage:
    """What the week is played with: the facts of each place, the people in the order of the script, and destinations by name."""

    actor: Actor
    facts: tuple[Facts, ...]
    people: tuple[Actor, ...]
    destinations: dict[str, UUID]
    fresh: bool  # the desk began as the sample: nobody had an account on it


def has_samples(session: Session, scope: Scope) -> bool:
    """Whether this desk shows sample data."""
    return any(person.preferences.get(MARK) for person in users(session, scope))


def owner_password(box: SecretBox) -> str:
    """The sample owner's password: another one on each installation, the same at each start of it."""
    return 'tint-' + box.sign('sample owner')[:12]


def owner_of(session: Session, scope: Scope, box: SecretBox) -> str | None:
    """The sample owner's address, as long as `owner_password` opens that account."""
    for person in users(session, scope):
        mine = person.email == _OWNER_MAIL and person.disabled_at is None
        if mine and passwords.verify(owner_password(box), person.password_hash):
            return person.email
    return None


def set_stage(session: Session, actor: Actor, box: SecretBox, sign: Callable[[str], str], expire: timedelta) -> Stage:
    """Make what is missing. Raises Conflict where the desk has destinations of its own: they would be told of people who do not exist."""
    if real := [each.name for each in destinations(session, actor.scope) if each.enabled]:
        names = ', '.join(real[:3])
        raise Conflict(f'This desk has destinations ({names}), and sample leads would be sent there. Load them into another desk.')
    fresh = not anybody(session)
    people = _people(session, actor, box, fresh=fresh)
    places = _places(session, actor)
    session.flush()
    made = _destinations(session, actor, box, places)
    session.flush()
    return Stage(actor, _facts(session, actor, [place.id for place in places], sign, expire), people, made, fresh)


def refreshed(session: Session, stage: Stage, sign: Callable[[str], str], expire: timedelta) -> Stage:
    """The stage with what is known of its places now: leads that come count the hours that were given to them meanwhile."""
    return replace(stage, facts=_facts(session, stage.actor, [facts.place.id for facts in stage.facts], sign, expire))


def _facts(session: Session, actor: Actor, places: Iterable[UUID], sign: Callable[[str], str], expire: timedelta) -> tuple[Facts, ...]:
    credential = Credential(MARK, 'api', None, 'Sample data', frozenset({'all'}))
    return tuple(snapshot(session, actor.scope, credential, sign=sign, expire=expire, place_id=place) for place in places)


def _people(session: Session, actor: Actor, box: SecretBox, *, fresh: bool) -> tuple[Actor, ...]:
    """On a new desk the shop's owner opens it; elsewhere nobody knows the passwords of the sample people."""
    for first, last, role in words.PEOPLE:
        email, name = f'{first.lower()}@{words.MAIL}', f'{first} {last}'
        if role == Role.OWNER and fresh:
            password = owner_password(box)
            open_desk(session, name=name, email=email, password=password, company=words.COMPANY, location=words.PLACES[0])
        else:
            add_user(session, actor, email, name, token(), Role.ADMIN if role == Role.OWNER else Role(role))
    session.flush()
    found = {}
    for first, _, _ in words.PEOPLE:
        person = session.exec(select(User).where(User.email == f'{first.lower()}@{words.MAIL}')).one()
        person.preferences = {**person.preferences, MARK: True}
        session.add(person)
        found[first] = actor_of(person)
    return tuple(found[first] for first, _, _ in words.PEOPLE)


def _places(session: Session, actor: Actor) -> list[Location]:
    known = {place.name: place for place in locations(session, actor.scope)}
    zone = default_location(session, actor.scope).time_zone
    places = []
    for name in words.PLACES:
        place = known.get(name) or Location(
            tenant_id=actor.tenant_id, slug=SLUG + name.lower().replace(' ', '-'), name=name, time_zone=zone
        )
        session.add(place)
        places.append(place)
    return places


def _destinations(session: Session, actor: Actor, box: SecretBox, places: list[Location]) -> dict[str, UUID]:
    secret = 'whsec_' + base64.b64encode(os.urandom(24)).decode()
    events: dict[str, Any] = {'events': list(DEFAULT_SUBSCRIPTION)}
    only_leads: dict[str, Any] = {'events': list(DEFAULT_SUBSCRIPTION)[:2]}
    orders: tuple[tuple[str, str, dict[str, str], dict[str, Any]], ...] = (
        (SALES, 'slack', {}, events),
        (RIVERSIDE, 'slack', {}, only_leads | {'locationIds': [places[0].id]}),
        (BOOKING, 'webhook', {'secret': secret}, only_leads | {'leastQuality': 'hot'}),
        (CRM, 'webhook', {'secret': secret}, only_leads | {'locationIds': [places[2].id]}),
        (TEXTS, 'webhook', {'secret': secret}, only_leads | {'leastQuality': 'hot'}),
        (MAIL, 'email', {'host': SIMULATED + 'mail', 'from': f'hello@{words.MAIL}'}, {'events': []}),
    )
    made = {}
    for name, kind, secrets, rest in orders:
        config = secrets if kind == 'email' else {'url': SIMULATED + name.lower().replace(' ', '-'), **secrets}
        made[name] = add_destination(session, actor, DestinationOrder(kind=kind, name=name, config=config, **rest), box).id
    return made


def is_sample(sealed_config: dict[str, str]) -> bool:
    """Whether a destination's configuration is one of ours."""
    return (sealed_config.get('url') or sealed_config.get('host', '')).startswith(SIMULATED)


def sample_people(session: Session, scope: Scope) -> list[User]:
    """The people of the sample week."""
    return [person for person in users(session, scope) if person.preferences.get(MARK)]
