"""Who gets a lead, and the sentence that says why: a table of named cases, and turns over many leads."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assignment.messages import Candidate, Wish
from domain.assignment.rules import asked, decide, duration, overlook, plan

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MILL, RIVER = UUID(int=101), UUID(int=102)


def who(name: str, **more) -> Candidate:
    return Candidate(UUID(int=sum(name.encode())), name, **more)


def ago(minutes: int) -> datetime:
    return NOON - timedelta(minutes=minutes)


WISH = Wish(RIVER, 'Riverside')
TINT = Wish(RIVER, 'Riverside', words='Ceramic tint, Model Y')
GERMAN = Wish(RIVER, 'Riverside', tags=('German', 'vip'))
DEV, INES = who('Dev'), who('Ines')

CASES = {
    'the only one': (
        WISH,
        [DEV],
        'Dev',
        'Dev works for all locations, is online with 0 waiting leads, and is the only one who can take it.',
    ),
    'nobody at all': (WISH, [], None, 'Nobody can take it: there is no one with the right to answer leads.'),
    'both are new: by name': (WISH, [INES, DEV], 'Dev', 'waited longest for a lead'),
    'who waited longest': (WISH, [who('Dev', turn=ago(1)), who('Ines', turn=ago(9))], 'Ines', 'waited longest for a lead'),
    'who never had one comes first': (WISH, [who('Dev', turn=ago(600)), INES], 'Ines', 'waited longest for a lead'),
    'the fewer leads do not count, the turn does': (
        WISH,
        [who('Dev', load=1, turn=ago(1)), who('Ines', load=7, turn=ago(9))],
        'Ines',
        '7 waiting',
    ),
    'away': (WISH, [who('Dev', present=False), INES], 'Ines', 'is the only one'),
    'all away': (WISH, [who('Dev', present=False), who('Ines', present=False)], None, 'Nobody can take it: Dev is away; Ines is away.'),
    'full': (WISH, [who('Dev', load=3, capacity=3), INES], 'Ines', 'is the only one'),
    'over full': (WISH, [who('Dev', load=9, capacity=3)], None, 'Dev has 9 of at most 3 waiting leads'),
    'a capacity of none': (WISH, [who('Dev', capacity=0)], None, 'Dev has 0 of at most 0 waiting leads'),
    'room for one': (WISH, [who('Dev', load=2, capacity=3)], 'Dev', 'is online with 2 of 3 waiting leads'),
    'elsewhere': (WISH, [who('Dev', location_ids=frozenset({MILL}))], None, 'Dev does not work for Riverside'),
    'here': (WISH, [who('Dev', location_ids=frozenset({MILL, RIVER}))], 'Dev', 'Dev works for Riverside, is online'),
    'here before elsewhere, whosever turn': (
        WISH,
        [who('Dev', location_ids=frozenset({MILL})), who('Ines', location_ids=frozenset({RIVER}), turn=ago(1))],
        'Ines',
        'is the only one',
    ),
    'a skill in the words of the service': (TINT, [DEV, who('Ines', skills=('tint',), turn=ago(1))], 'Ines', 'knows tint'),
    'a skill among the tags, capitals or not': (GERMAN, [DEV, who('Ines', skills=('german',))], 'Ines', 'knows german'),
    'a part of a word is no skill': (Wish(RIVER, words='attinting'), [DEV, who('Ines', skills=('tint',))], 'Dev', 'waited longest'),
    'two words are one skill': (TINT, [DEV, who('Ines', skills=('ceramic tint',))], 'Ines', 'knows ceramic tint'),
    'a skill that nobody has is not asked for': (GERMAN, [DEV, INES], 'Dev', 'waited longest'),
    'who knows it is away: the lead waits': (
        TINT,
        [DEV, who('Ines', skills=('tint',), present=False)],
        None,
        'Dev does not know tint; Ines is away',
    ),
    'who knows it works elsewhere: nobody here does': (
        TINT,
        [DEV, who('Ines', skills=('tint',), location_ids=frozenset({MILL}))],
        'Dev',
        'only',
    ),
    'both skills before one': (
        Wish(RIVER, tags=('tint', 'german')),
        [who('Dev', skills=('tint',)), who('Ines', skills=('tint', 'german'), turn=ago(1))],
        'Ines',
        'knows german and tint',
    ),
    'nobody has both: one is enough': (
        Wish(RIVER, tags=('tint', 'german')),
        [who('Dev', skills=('tint',)), who('Ines', skills=('german',)), who('Gus')],
        'Dev',
        'knows tint',
    ),
    'it was taken from them': (Wish(RIVER, passed_over=frozenset({DEV.id})), [DEV, INES], 'Ines', 'is the only one'),
    'it was taken from all': (Wish(RIVER, passed_over=frozenset({DEV.id, INES.id})), [DEV, INES], None, 'Dev had it already; Ines had it'),
    'many cannot: five are named': (
        WISH,
        [who(f'P{number}', present=False) for number in range(8)],
        None,
        'P4 is away; and 3 more cannot.',
    ),
    'brackets in a skill are letters': (
        Wish(RIVER, words='c++ (fast)'),
        [who('Dev'), who('Ines', skills=('c++ (fast)',))],
        'Ines',
        'knows c++',
    ),
}


@pytest.mark.parametrize('name', CASES)
def test_the_table(name: str) -> None:
    wish, people, taker, said = CASES[name]
    found = decide(wish, people)
    assert (found.taker.name if found.taker else None) == taker, found.why
    assert said in found.why
    assert {verdict.candidate.name for verdict in found.verdicts} == {each.name for each in people}
    assert found.why.endswith('.') and all(not verdict.why.endswith('.') for verdict in found.verdicts)


def test_leads_go_round() -> None:
    moves = plan([(UUID(int=n), WISH) for n in range(30)], [DEV, INES, who('Rosa', capacity=4)], NOON)
    assert Counter(move.taker.name for move in moves) == {'Dev': 13, 'Ines': 13, 'Rosa': 4}
    assert [move.taker.name for move in moves[:6]] == ['Dev', 'Ines', 'Rosa'] * 2
    assert [move.lead_id.int for move in moves] == list(range(30)), 'the oldest first'


def test_a_lead_that_nobody_can_take_does_not_hold_up_the_next() -> None:
    people = [who('Dev'), who('Ines', skills=('tint',), present=False)]
    assert [move.lead_id.int for move in plan([(UUID(int=1), TINT), (UUID(int=2), WISH)], people, NOON)] == [2]
    assert not overlook(people) and overlook([who('Dev', present=False), who('Ines', load=2, capacity=2)])


@given(
    st.lists(
        st.builds(
            Candidate,
            id=st.uuids(),
            name=st.sampled_from(['A', 'B', 'C']),
            present=st.booleans(),
            load=st.integers(0, 4),
            capacity=st.none() | st.integers(0, 5),
            skills=st.lists(st.sampled_from(['tint', 'ppf'])).map(tuple),
            location_ids=st.frozensets(st.sampled_from([MILL, RIVER])),
        ),
        max_size=5,
        unique_by=lambda each: each.id,
    ),
    st.lists(
        st.builds(Wish, location_id=st.sampled_from([MILL, RIVER]), tags=st.lists(st.sampled_from(['tint', 'ppf'])).map(tuple)), max_size=8
    ),
)
def test_nobody_is_given_more_than_they_can_take_or_what_is_not_theirs(people: list[Candidate], wishes: list[Wish]) -> None:
    moves = plan([(UUID(int=n), wish) for n, wish in enumerate(wishes)], people, NOON)
    for each in people:
        given_now = [wishes[move.lead_id.int] for move in moves if move.taker.id == each.id]
        assert not given_now or each.present
        assert each.capacity is None or not given_now or each.load + len(given_now) <= each.capacity
        assert all(not each.location_ids or wish.location_id in each.location_ids for wish in given_now)
    if not overlook(people):
        anybody = [each for each in people if each.present and (each.capacity is None or each.load < each.capacity)]
        if any(not each.location_ids for each in anybody) and not any(each.skills for each in people):
            assert moves or not wishes, 'somebody is there and has room'


def test_the_skills_asked_for() -> None:
    assert asked(Wish(RIVER, tags=('VIP',), words='PPF and Tint'), ['ppf', 'tint', 'vip', 'wrap']) == ('ppf', 'tint', 'vip')


@pytest.mark.parametrize(
    ('seconds', 'said'), [(1, '1 second'), (90, '90 seconds'), (60, '1 minute'), (600, '10 minutes'), (7200, '2 hours'), (86_400, '1 day')]
)
def test_durations(seconds: int, said: str) -> None:
    assert duration(seconds) == said
