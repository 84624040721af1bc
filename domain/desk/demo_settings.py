"""The sample shop's settings: made with its week, taken away with it. On a desk that others use, nothing of theirs changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.abilities import set_capacity, set_places, set_skills
from domain.access.models import User
from domain.access.preferences import set_preference
from domain.access.presence import set_present
from domain.access.quiet import QUIET
from domain.assignment.actions import set_rule
from domain.assignment.messages import Rule, RuleChange
from domain.assignment.models import AssignmentSettings
from domain.assignment.queries import rule
from domain.base.clock import now
from domain.base.db import ring
from domain.base.scope import Actor
from domain.desk import demo_plans as plans
from domain.desk.demo_stage import MARK, SLUG, Stage, sample_people
from domain.desk.hours import change_location, openings
from domain.follow_ups.messages import SequenceOrder, Step, TemplateOrder
from domain.follow_ups.models import SequenceRun, StepChannel, Template
from domain.follow_ups.sequences import create_sequence, create_template, sequences, templates
from domain.tenancy.holidays import Day
from domain.tenancy.hours import clock_time, week_of
from domain.tenancy.messages import HolidayOrder, LocationChange
from domain.tenancy.models import Location
from domain.tenancy.queries import default_location

_RULE = Rule(default_capacity=plans.CAPACITY)


def arrange(session: Session, stage: Stage) -> tuple[UUID, ...]:
    """Give the sample places hours, the people what they know, the desk its sequences; gives back the ids of these, switched off yet.

    On a desk with people of its own neither the rule of assignment nor presence is touched: real leads go to real people.
    """
    places = [session.get_one(Location, facts.place.id) for facts in stage.facts]
    _open(session, stage, places)
    if stage.fresh:
        set_rule(session, stage.actor, RuleChange(default_capacity=plans.CAPACITY))
        _staff(session, stage, places)
    for who, (begins, ends) in plans.QUIET.items():
        set_preference(session, stage.people[who], QUIET, {'from': begins, 'to': ends, 'zone': places[0].time_zone})
    words = _templates(session, stage)
    made = tuple(_sequence(session, stage, line, places, words) for line in plans.SEQUENCES)
    owner = session.get_one(User, stage.people[0].id)
    mark = {'fresh': stage.fresh, 'sequences': [each.hex for each in made], 'templates': [each.hex for each in words.values()]}
    owner.preferences = {**owner.preferences, MARK: mark}
    session.add(owner)
    session.flush()
    return made


def _open(session: Session, stage: Stage, places: Sequence[Location]) -> None:
    """Hours and holidays of the places that are the sample's own, and have none."""
    known = {each.id: each for each in openings(session, stage.actor.scope)}
    for number, place in enumerate(places):
        if known[place.id].week is None and (stage.fresh or place.slug.startswith(SLUG)):
            change_location(session, stage.actor, place.id, LocationChange(hours=plans.HOURS[number], holidays=_holidays()))


def _holidays() -> list[HolidayOrder]:
    found = []
    for name, month, day, closes in plans.HOLIDAYS:
        values = {'date': f'{now().year}-{month:02}-{day:02}', 'name': name, 'yearly': True, 'uid': f'{SLUG}{month:02}{day:02}'}
        found.append(HolidayOrder.model_validate(values | ({'from': closes} if closes else {})))
    return found


def _staff(session: Session, stage: Stage, places: Sequence[Location]) -> None:
    for person, (present, capacity, skills, where) in zip(stage.people, plans.WORKERS, strict=True):
        assert person.id is not None  # people have one
        set_capacity(session, stage.actor, person.id, capacity)
        set_skills(session, stage.actor, person.id, skills)
        set_places(session, stage.actor, person.id, [places[each].id for each in where])
        set_present(session, stage.actor, person.id, present)


def _templates(session: Session, stage: Stage) -> dict[str, UUID]:
    """By their names in the plans; a name that is taken is told apart."""
    taken = {row.name for row in templates(session, stage.actor.scope)}
    found = {}
    for name, subject, body in plans.TEMPLATES:
        order = TemplateOrder(name=_free(name, taken), subject=subject, body=body)
        found[name] = create_template(session, stage.actor, order).id
    return found


def _sequence(session: Session, stage: Stage, line: plans.Line, places: Sequence[Location], words: Mapping[str, UUID]) -> UUID:
    """For the sample's own places alone: no real customer is ever written to by it."""
    ours = [places[each].id for each in line.places if stage.fresh or places[each].slug.startswith(SLUG)]
    steps = [
        Step(
            after_hours=hours,
            channel=StepChannel(channel),
            template_id=words[name],
            outside_template_id=words.get(outside),
            business_hours=waits,
        )
        for hours, channel, name, outside, waits in line.steps
    ]
    taken = {row.name for row in sequences(session, stage.actor.scope)}
    order = SequenceOrder.model_validate(
        {'name': _free(line.name, taken), 'steps': steps, 'qualities': line.qualities, 'locationIds': ours}
    )
    return create_sequence(session, stage.actor, order).id


def _free(name: str, taken: set[str]) -> str:
    return f'{name} (sample)' if name in taken else name


def disarrange(session: Session, actor: Actor) -> None:
    """Take the sample's settings away, after its leads: what was changed since, or is used by what stays, is left."""
    mark: dict[str, Any] = next(
        (p.preferences[MARK] for p in sample_people(session, actor.scope) if isinstance(p.preferences[MARK], dict)), {}
    )
    _end_sequences(session, actor, [UUID(each) for each in mark.get('sequences', ())], [UUID(each) for each in mark.get('templates', ())])
    if mark.get('fresh'):
        if rule(session, actor.scope) == _RULE:
            session.execute(sa.delete(AssignmentSettings).where(col(AssignmentSettings.tenant_id) == actor.tenant_id))
        _close(session, actor)
    for person in sample_people(session, actor.scope):
        person.present, person.present_at, person.capacity, person.skills, person.location_ids = False, None, None, [], []
        if _is_ours(person.preferences.get(QUIET)):
            person.preferences = {name: value for name, value in person.preferences.items() if name != QUIET}
        session.add(person)
    for topic in ('follow_up', 'assignment'):
        ring(session, topic, actor.tenant_id)


def _is_ours(quiet: Mapping[str, str] | None) -> bool:
    return quiet is not None and (quiet['from'], quiet['to']) in plans.QUIET.values()


def _end_sequences(session: Session, actor: Actor, lines: Iterable[UUID], words: Sequence[UUID]) -> None:
    """One that a lead goes through that stays is only switched off; words stay that a sequence still names."""
    for row in sequences(session, actor.scope):
        if row.id in lines:
            if session.exec(select(SequenceRun.id).where(SequenceRun.sequence_id == row.id).limit(1)).first():
                row.enabled_at = None
                session.add(row)
            else:
                session.delete(row)
    session.flush()
    steps = [step for row in sequences(session, actor.scope) for step in row.steps]
    named = {step[field] for step in steps for field in ('template_id', 'outside_template_id')}
    unused = [each for each in words if str(each) not in named]
    session.execute(sa.delete(Template).where(col(Template.tenant_id) == actor.tenant_id, col(Template.id).in_(unused)))


def _close(session: Session, actor: Actor) -> None:
    """The first location of a desk that began as the sample stays: without the sample's holidays, and its hours if nobody changed them."""
    place = default_location(session, actor.scope)
    opening = next(each for each in openings(session, actor.scope) if each.id == place.id)
    stay = [_order(day) for day in opening.holidays if not day.uid.startswith(SLUG)]
    unchanged = opening.week == week_of(plans.HOURS[0])
    change = LocationChange(hours=None, holidays=stay) if unchanged else LocationChange(holidays=stay)
    change_location(session, actor, place.id, change)


def _order(day: Day) -> HolidayOrder:
    part = {} if day.part is None else {'from': clock_time(day.part[0]), 'to': clock_time(day.part[1])}
    return HolidayOrder.model_validate({'date': day.day.isoformat(), 'name': day.name, 'yearly': day.yearly, 'uid': day.uid, **part})
