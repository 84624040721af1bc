"""When to try again, when to stop, what a broken destination costs, and what a letter says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.base.ids import uuid7
from domain.outbox.models import State
from domain.outbox.rules import LADDER, Outcome, breaker, breaker_wait, delay, judge, letter, provider_key, test_letter, wants

test_letter.__test__ = False  # type: ignore[attr-defined]  # it is a law, not a test

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@given(st.integers(1, len(LADDER)), st.floats(0, 1))
def test_the_ladder_spreads_each_step_by_a_fifth_both_ways(attempts: int, chance: float) -> None:
    wait = delay(attempts, chance)
    assert wait is not None
    assert LADDER[attempts - 1] * 0.8 - 1e-6 <= wait <= LADDER[attempts - 1] * 1.2 + 1e-6


def test_the_ladder_takes_about_two_days_and_then_ends() -> None:
    assert sum(LADDER) == pytest.approx(47 * 3600, rel=0.05)
    assert delay(len(LADDER) + 1, 0.5) is None


PENDING, SENT, DEAD, HELD = State.PENDING, State.SENT, State.DEAD, State.HELD


@pytest.mark.parametrize(
    ('kind', 'costly', 'keyed', 'attempts', 'state', 'burnt', 'uncertain', 'pause', 'failure'),
    [
        ('sent', False, False, 1, SENT, True, False, False, False),
        ('temporary', False, False, 1, PENDING, True, False, False, True),
        ('temporary', True, False, 1, PENDING, True, False, False, True),
        ('temporary', False, False, 11, DEAD, True, False, False, True),
        ('throttled', False, False, 1, PENDING, False, False, False, False),
        ('throttled', False, False, 99, PENDING, False, False, False, False),
        ('misconfigured', False, False, 1, PENDING, False, False, True, False),
        ('misconfigured', False, False, 99, PENDING, False, False, True, False),
        ('permanent', False, False, 1, DEAD, True, False, False, False),
        ('unknown', False, False, 1, PENDING, True, True, False, True),
        ('unknown', False, True, 1, PENDING, True, False, False, True),
        ('unknown', True, False, 1, HELD, True, True, False, True),
        ('unknown', True, True, 1, HELD, True, True, False, True),
        ('unknown', False, False, 11, DEAD, True, True, False, True),
    ],
)
def test_what_an_answer_means_for_its_row(
    kind: str, costly: bool, keyed: bool, attempts: int, state: State, burnt: bool, uncertain: bool, pause: bool, failure: bool
) -> None:
    verdict = judge(Outcome(kind, retry_after=7), attempts=attempts, costly=costly, keyed=keyed, chance=0.5)
    assert (verdict.state, verdict.burnt, verdict.uncertain, verdict.pause, verdict.failure) == (state, burnt, uncertain, pause, failure)
    assert (verdict.wait > 0) == (state is PENDING and kind != 'misconfigured')


@pytest.mark.parametrize(('asked', 'waited'), [(0, 0), (-5, 0), (30, 30), (3600, 3600), (86_400, 3600)])
def test_a_throttle_is_honoured_up_to_an_hour(asked: float, waited: float) -> None:
    assert judge(Outcome('throttled', retry_after=asked), attempts=1, costly=False, keyed=False, chance=0.5).wait == waited


@pytest.mark.parametrize('kind', ['temporary', 'throttled', 'misconfigured', 'permanent', 'unknown'])
def test_a_test_ends_with_its_first_try_whatever_came_of_it(kind: str) -> None:
    verdict = judge(Outcome(kind, retry_after=7), attempts=1, costly=False, keyed=False, chance=0.5, test=True)
    assert (verdict.state, verdict.failure, verdict.pause) == (DEAD, False, kind == 'misconfigured')


def outcomes(text: str) -> tuple[str, bool]:
    recent, opens = '', False
    for sign in text:
        recent, opens = breaker(recent, failed=sign == 'x')
    return recent, opens


@pytest.mark.parametrize(
    ('answers', 'opens'),
    [
        ('xxxx', False),
        ('xxxxx', True),
        ('xxxx.x', False),
        ('....................xxxxx', True),
        ('x.' * 10, False),
        ('x.' * 9 + 'xx', True),
        ('x.' * 9 + 'xx.', False),
        ('xx.' * 6 + 'x', False),
        ('xx.' * 6 + 'xx', True),
    ],
)
def test_the_breaker_opens_after_five_straight_failures_or_more_than_half_of_twenty(answers: str, opens: bool) -> None:
    recent, opened = outcomes(answers)
    assert opened is opens
    assert recent == answers[-20:]


def test_the_breaker_waits_ten_seconds_doubling_to_a_quarter_of_an_hour() -> None:
    waits = [breaker_wait(opened).total_seconds() for opened in range(1, 10)]
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert breaker_wait(10_000) == timedelta(minutes=15)


@pytest.mark.parametrize(
    ('details', 'line'),
    [
        ({}, ''),
        ({'service': 'Brakes', 'vehicle': {'year': 2019, 'make': 'VW', 'model': 'Golf'}}, 'Brakes, 2019 VW Golf'),
        ({'vehicle': 'a red van'}, 'a red van'),
        ({'propertyTitle': 'Flat 3', 'propertyId': '77', 'budget': 900, 'timeframe': 'May'}, 'Flat 3, budget 900, May'),
        ({'propertyId': '77', 'subject': 'Visit'}, '77, Visit'),
    ],
)
def test_what_is_asked_for_fits_in_a_line(details: dict[str, object], line: str) -> None:
    assert wants(details) == line


def test_a_letter_says_who_what_how_hot_and_when() -> None:
    person = {'leadId': '0193-abcdef12', 'name': 'Ann', 'email': 'ann@example.com', 'message': 'Hi'}
    heat = {'quality': 'hot', 'qualityReason': 'Has a budget', 'slaDeadline': '2026-11-21T12:15:00+00:00'}
    payload = person | heat | {'location': {'name': 'Main', 'timeZone': 'Europe/Berlin'}, 'details': {'service': 'Brakes'}}
    told = letter(key='k', event_id='e', event_type='lead.created', occurred_at=NOON, payload=payload, link='http://x/leads/1')
    assert (told.title, told.name, told.wants, told.quality, told.quality_reason) == ('New lead', 'Ann', 'Brakes', 'hot', 'Has a budget')
    assert (told.due_at, told.location, told.time_zone) == (NOON + timedelta(minutes=15), 'Main', 'Europe/Berlin')
    assert (told.reference, told.possible_duplicate) == ('L-ABCDEF12', False)
    assert told.data == {**payload, 'eventId': 'e'}


def test_a_letter_without_a_lead_takes_title_and_words_from_the_event() -> None:
    told = letter(
        key='k', event_id='abc', event_type='alert.opened', occurred_at=NOON, payload={'title': 'Paused', 'message': 'x'}, link=''
    )
    assert (told.title, told.message, told.reference, told.due_at) == ('Paused', 'x', 'ABC', None)


def test_a_test_letter_says_that_it_is_one() -> None:
    told = test_letter('k', NOON, 'http://x')
    assert (told.test, told.event_type, told.key) == (True, 'test', 'k')


def test_provider_keys_are_short_and_differ() -> None:
    keys = {provider_key(uuid7()) for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == 22 and key.isascii() for key in keys)
