"""What happens in the sample week: who writes when, and what the shop does about it. Pure, and the same for the same moment."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.desk import demo_words as words

SEED = 20_260
DAYS = 7
A_DAY = 24  # leads of a day
FRESH = (1.5, 4, 7, 11, 19, 34, 52, 95)  # minutes ago: who waits for a first reply now
_HOURS = (8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18, 19, 20, 21, 22, 7)
_MINUTE, _HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Act:
    """Something the shop does about a lead, so many seconds after it came; `who` counts the people of demo_words.PEOPLE."""

    after: float
    what: str
    who: int = 0
    text: str = ''


@dataclass(frozen=True, slots=True)
class Visitor:
    """One person who writes, and what becomes of it."""

    at: datetime
    place: int
    route: str  # chatbot, contact, property, or how somebody at the desk put it in
    body: dict[str, Any]
    acts: tuple[Act, ...] = ()
    flaw: str = ''  # which of the things that go wrong happens to its messages
    about: dict[str, str] = field(default_factory=dict)


def visitors(now: datetime, days: int = DAYS) -> list[Visitor]:
    """Everybody of these days, in the order they come; `now` is when they end, with its zone: shops open in the morning.

    More days than a week make the same week's crowd come at a slower pace.
    """
    chance = random.Random(SEED)  # noqa: S311 - a story, not a secret
    names = _names(chance)
    times = sorted([*_opening_hours(now, chance, days), *(now - timedelta(minutes=minutes) for minutes in FRESH)])
    return [_visitor(chance, next(names), number, at, now) for number, at in enumerate(times)]


def _opening_hours(now: datetime, chance: random.Random, days: int) -> Iterator[datetime]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(days, -1, -1):
        for hour in chance.sample(_HOURS, min(A_DAY, A_DAY * DAYS // days)):
            at = today - timedelta(days=day) + timedelta(hours=hour, minutes=chance.uniform(0, 60))
            if now - timedelta(days=days) < at < now - timedelta(hours=2):
                yield at


def _names(chance: random.Random) -> Iterator[tuple[str, str]]:
    pairs = [(first, last) for first in words.FIRST for last in words.LAST]
    chance.shuffle(pairs)
    yield from pairs


def _visitor(chance: random.Random, name: tuple[str, str], number: int, at: datetime, now: datetime) -> Visitor:
    age = (now - at).total_seconds()
    flaw = _flaw(number, age)
    place = 0 if flaw.startswith('dead') else chance.choices((0, 1, 2), (5, 3, 2))[0]
    service, price = chance.choice(words.SERVICES)
    year, make, model = chance.choice(words.VEHICLES)
    heat = 'hot' if flaw in ('doubtful', 'retrying') else chance.choices(('hot', 'warm', 'cold'), (3, 5, 3))[0]
    about = {'service': service, 'price': str(price), 'vehicle': f'{year} {make} {model}', 'place': words.PLACES[place], 'first': name[0]}
    route = (
        'property' if place == 2 and chance.random() < 0.5 else chance.choices(('chatbot', 'contact', 'phone', 'walk-in'), (5, 4, 2, 1))[0]
    )
    body = _body(chance, route, heat, name, number, about, (year, make, model))
    acts = tuple(act for act in _acts(chance, heat, age, about) if act.after < age)
    return Visitor(at, place, route, body, acts, flaw, about)


def _body(
    chance: random.Random, route: str, heat: str, name: tuple[str, str], number: int, about: dict[str, str], car: tuple[int, str, str]
) -> dict[str, Any]:
    text = {'hot': words.HOT, 'warm': words.WARM, 'cold': words.COLD}[heat]
    plain = name[0].lower().translate(str.maketrans('íö', 'io'))
    body: dict[str, Any] = {
        'name': ' '.join(name),
        'email': f'{plain}.{name[1].lower()}@example.com',
        'message': chance.choice(text).format(**about),
    }
    if heat == 'hot' or chance.random() < 0.4:
        area = ('312', '708', '847', '630')[number // 100 % 4]
        body['phone'] = f'+1 {area} 555 01{number % 100:02}'
    if route in ('phone', 'walk-in'):
        return body | {'way': route, 'service': about['service']}
    body['metadata'] = dict(chance.choice(words.CAMPAIGNS))
    if route == 'property':
        home = chance.choice(words.HOMES)
        where = f'https://homes.example.com/{home[0].lower()}'
        return body | {'propertyId': home[0], 'propertyTitle': home[1], 'propertyUrl': where, 'message': chance.choice(words.HOME)}
    if route == 'chatbot':
        body |= {'service': about['service'], 'vehicle': {'year': str(car[0]), 'make': car[1], 'model': car[2]}}
        if heat == 'hot':
            body |= {'intent': 'book', 'timeframe': 'this week', 'budget': f'${int(about["price"]) + 100}'}
    else:
        body['subject'] = about['service']
    return body


def _acts(chance: random.Random, heat: str, age: float, about: dict[str, str]) -> Iterator[Act]:
    """The usual course: somebody takes it, answers, notes something, and one day it is won or lost. Some wait, a few wait too long."""
    who = chance.choices((0, 1, 2, 3), (1, 2, 5, 4))[0]
    window = {'hot': 15 * _MINUTE, 'warm': _HOUR, 'cold': 24 * _HOUR}[heat]
    if age < 2 * _HOUR or (age < 30 * _HOUR and chance.random() < 0.12):
        if chance.random() < 0.3:
            yield Act(chance.uniform(20, 60), 'assign', who)
        return
    taken = chance.uniform(30, 0.2 * window)
    answered = taken + (chance.uniform(0.05, 0.7) if chance.random() < 0.86 else chance.uniform(1.1, 2.5)) * window
    yield Act(taken, 'assign', who)
    text = chance.choice(words.REPLIES).format(agent=words.PEOPLE[who][0], **about)
    yield Act(answered, chance.choices(('reply', 'called'), (3, 1))[0], who, text)
    if chance.random() < 0.25:
        yield Act(answered + 60, 'note', who, chance.choice(words.NOTES))
    if chance.random() < 0.12:
        yield Act(answered + 90, 'tag', who, chance.choice(words.TAGS))
    if chance.random() < 0.14:
        yield Act(answered + chance.uniform(1, 6) * _HOUR, 'again', who, chance.choice(words.MORE))
    end = chance.random()
    later = answered + chance.uniform(3, 40) * _HOUR
    if end < 0.08:
        yield Act(age - chance.uniform(1, 5) * _HOUR, 'snooze', who)
    elif end < 0.36:
        yield Act(later, 'won', who)
    elif end < 0.62:
        yield Act(later, 'lost', who, chance.choice(words.LOST))
    elif end < 0.8:
        yield Act(later, 'stage', who, chance.choice(('qualified', 'booked')))


def _flaw(number: int, age: float) -> str:
    """What goes wrong with the messages about this lead, by how long ago it came."""
    hours = age / _HOUR
    if hours > 144:
        return 'skipped'
    if 96 < hours < 120 and number % 7 == 0:
        return 'dead, sent again'
    if 72 < hours < 96 and number % 9 == 0:
        return 'dead, resolved'
    if 1.6 < hours < 30 and number % 11 == 0:
        return 'dead'
    if 2 < hours < 14 and number % 5 == 0:
        return 'retrying'
    return 'doubtful' if 2 < hours < 40 and number % 8 == 0 else ''
