"""How the sample shop works: its hours, who takes what, the sequences it sends, and what its people have promised to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

# By place, as scripts send hours: the big shop, the small one with its lunch break, the estate agent.
HOURS: tuple[dict[str, list[list[str]]], ...] = (
    {
        **{day: [['08:00', '18:00']] for day in ('mon', 'tue', 'wed', 'thu', 'fri')},
        'sat': [['09:00', '14:00']],
        'sun': [['11:00', '16:00']],
    },
    {**{day: [['08:30', '12:30'], ['13:30', '17:30']] for day in ('mon', 'tue', 'wed', 'thu', 'fri')}, 'sat': [['09:00', '13:00']]},
    {**{day: [['09:00', '18:00']] for day in ('mon', 'tue', 'wed', 'fri')}, 'thu': [['09:00', '20:00']], 'sat': [['10:00', '15:00']]},
)
# Name, month, day, from when it is closed ('': all day).
HOLIDAYS = (('Christmas Day', 12, 25, ''), ("New Year's Eve", 12, 31, '13:00'))

# Who of demo_words.PEOPLE: here now, how many waiting leads at once, what they know, at which places (none: all).
WORKERS: tuple[tuple[bool, int | None, tuple[str, ...], tuple[int, ...]], ...] = (
    (True, 6, (), ()),
    (False, 8, ('fleet', 'paint protection'), ()),
    (True, 14, ('ceramic', 'paint protection'), ()),
    (True, 10, ('home windows', 'fleet'), (1, 2)),
)
CAPACITY = 12
QUIET: Mapping[int, tuple[str, str]] = {0: ('21:00', '07:00'), 2: ('20:00', '08:00')}

_SIGNED = '{% if owner %}{{ owner }}{% else %}Your team{% endif %}\n{{ company }}, {{ location.name }}'
# Name, subject (of a task: its title) and words.
TEMPLATES = (
    (
        'Welcome',
        'We have your message',
        'Hello {{ lead.first_name }},\n\nthank you for your message{% if service %} ({{ service }}){% endif %}. One of us answers you'
        ' personally, usually within the hour.{% if chat_link %} In a hurry? {{ chat_link }}{% endif %}\n\n' + _SIGNED,
    ),
    (
        'Welcome, while we are closed',
        'We have your message',
        'Hello {{ lead.first_name }},\n\nthank you for writing to us. {{ location.name }} is closed right now; you hear from us first thing'
        ' when we open.\n\n' + _SIGNED,
    ),
    (
        'Still interested?',
        'Shall we keep a bay for you?',
        'Hello {{ lead.first_name }},\n\nour bays for this week are filling up. Reply with a day that suits you and we keep one for'
        ' you.\n\n' + _SIGNED,
    ),
    ('Task: last call', 'Last call', 'No answer to two e-mails. Try once more by phone, then close it.'),
    (
        'Eastgate: we call you',
        'Your request',
        'Hello {{ lead.first_name }},\n\nthank you for your interest. We call you to find a time that suits you.\n\n' + _SIGNED,
    ),
    ('Task: first call', 'Call to fix a time', 'Offer Saturday morning first; bring the film samples along.'),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sequence: for which qualities (none: all) at which places, since how many days ago, and its steps.

    A step: after how many hours, by which channel, the template, the one for when it is closed, and whether it waits until it is open.
    """

    name: str
    qualities: tuple[str, ...]
    places: tuple[int, ...]
    days: int
    steps: tuple[tuple[float, str, str, str, bool], ...]


SEQUENCES = (
    Line(
        'Hot lead, first three days',
        ('hot',),
        (0, 1),
        2,
        (
            (0, 'email', 'Welcome', 'Welcome, while we are closed', False),
            (24, 'email', 'Still interested?', '', True),
            (72, 'task', 'Task: last call', '', True),
        ),
    ),
    Line(
        'Eastgate, first call', (), (2,), 3, ((0, 'email', 'Eastgate: we call you', '', False), (3, 'task', 'Task: first call', '', True))
    ),
)
SAID = ('Reached on the first try', 'Spoke on the phone, wants to think about it', 'Left a message, then got a call back')


@dataclass(frozen=True, slots=True)
class Promise:
    """A follow-up of the week: whose, what, when it is due and, where it is done, what comes next. `home`: about a property."""

    who: int
    kind: str
    title: str
    due: str
    note: str = ''
    said: str = ''  # what came of it; done then
    then: tuple[str, str, str] = ('', '', '')  # kind, title, due
    home: bool = False


PROMISES = (
    Promise(0, 'call', 'Call back about the price', 'late 0', 'Asked for a discount; up to 5 % is fine.'),
    Promise(2, 'email', 'Send photos of the carbon sample', 'late 1'),
    Promise(1, 'call', 'Agree the fleet rate', 'late 2', 'Three vans now, four more in spring.'),
    Promise(0, 'call', 'Call: does Thursday at 10:00 suit?', 'today 0'),
    Promise(0, 'document', 'Send the written quote: {service}', 'today 1', 'From ${price}; add the removal of the old film.'),
    Promise(2, 'message', 'Ask for a photo of the {vehicle}', 'today 2'),
    Promise(3, 'call', 'Call after work', 'today 3', 'Prefers to be called after 17:00.'),
    Promise(
        0,
        'call',
        'Ask how the film looks',
        'done 0',
        '',
        'Happy, will bring a second car',
        ('email', 'Quote for the second car', 'later 1'),
    ),
    Promise(
        2,
        'email',
        'Answer on the warranty',
        'done 1',
        '',
        'Sent the warranty sheet',
        ('call', 'Call for a date', 'tomorrow 1'),
    ),
    Promise(
        3,
        'call',
        'Fix the viewing',
        'done 2',
        '',
        'Saturday at 10:30',
        ('appointment', 'Viewing', 'later 3'),
        home=True,
    ),
    Promise(0, 'appointment', '{vehicle}: drop-off for {service}', 'tomorrow 0', 'Bay 2, three hours. Keys at the front desk.'),
    Promise(3, 'document', 'Bring the film samples', 'tomorrow 2', home=True),
    Promise(0, 'call', 'Second call', 'past 0', '', 'Wants to compare first', ('call', 'Ask what they decided', 'later 0')),
    Promise(2, 'message', 'Send the shade card', 'past 1', '', 'Chose 20 %', ('appointment', '{vehicle}: {service}', 'later 2')),
    Promise(1, 'document', 'Send the fleet offer', 'past 2', '', 'Offer is out', ('call', 'Call about the fleet offer', 'later 4')),
    Promise(
        3,
        'call',
        'Call about the bay windows',
        'past 1',
        '',
        'Measures on Friday',
        ('task', 'Order the film', 'later 5'),
        home=True,
    ),
)


def moments(now: datetime) -> dict[str, datetime]:
    """The times that promises name, seen from `now`, which has the zone of the place."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    evening = midnight + timedelta(hours=18 if now.hour < 17 else 24, seconds=-60)
    gone, left = now - midnight, evening - now
    found = {f'today {n}': _round(now + left * share, left) for n, share in enumerate((0.12, 0.3, 0.55, 0.85))}
    found |= {f'done {n}': _round(now - min(gone * share, timedelta(hours=n + 1)), gone) for n, share in enumerate((0.2, 0.4, 0.6))}
    found |= {'late 0': now - timedelta(minutes=50), 'late 1': _open_day(midnight, -1, 16, 30), 'late 2': _open_day(midnight, -2, 11, 0)}
    found |= {f'tomorrow {n}': midnight + timedelta(days=1, hours=11, minutes=minute) for n, minute in enumerate((30, 75, 150))}
    found |= {f'later {n}': _open_day(midnight, 2 + n // 2, 10 + 3 * (n % 2), 30 * (n % 2)) for n in range(6)}
    return found | {f'past {n}': _open_day(midnight, -1 - n, 10 + n, 0) for n in range(4)}


def _round(at: datetime, room: timedelta) -> datetime:
    """To five minutes, where there is room for that."""
    if room < timedelta(hours=1):
        return at
    return at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)


def _open_day(midnight: datetime, days: int, hour: int, minute: int) -> datetime:
    """That many days away, and one more where that is a Sunday: only the big shop is open then."""
    day = midnight + timedelta(days=days)
    if day.weekday() == 6:
        day += timedelta(days=1 if days > 0 else -1)
    return datetime.combine(day.date(), time(hour, minute), midnight.tzinfo)
