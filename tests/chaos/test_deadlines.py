"""A small round of deadlines with three workers, one of them killed."""

import pytest

from tests.chaos.deadlines import Plan, one_run

pytestmark = pytest.mark.long


@pytest.mark.parametrize('db', ['sqlite', 'postgres'])
def test_each_deadline_is_told_once_and_in_time_while_a_worker_dies(db: str) -> None:
    result = one_run(Plan(db, deadlines=150, seconds=9), lambda _: None)
    assert result['problems'] == [], result
    assert result['fired'] == 150
