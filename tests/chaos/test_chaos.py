"""A small chaos run on each engine, and the same run with a row taken away: then the judge must object."""

import pytest

from tests.chaos.chaos import Plan, perform

pytestmark = pytest.mark.long


@pytest.mark.parametrize('db', ['sqlite', 'postgres'])
def test_nothing_is_lost_while_the_program_is_killed_under_load(db: str) -> None:
    result = perform(Plan(db=db, leads=400, kills=8))
    assert result['problems'] == [], result
    assert result['kills'] == 8
    assert result['stored'] == result['acknowledged'] == 400


@pytest.mark.parametrize(
    ('db', 'plant', 'says'), [('sqlite', 'lost-row', 'acknowledged but not stored'), ('postgres', 'lost-row', 'acknowledged')]
)
def test_the_judge_objects_to_a_planted_loss(db: str, plant: str, says: str) -> None:
    result = perform(Plan(db=db, leads=20, kills=1, plant=plant))
    assert any(says in problem for problem in result['problems']), result
    assert result['stored'] == result['acknowledged'] - 1
