"""The judge of the chaos run notices each kind of loss; shown on tables made by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from tests.chaos import judge
from tests.chaos.judge import Tables, Verdict


def hexed(number: int) -> str:
    return UUID(int=number).hex


SLACK, HOOK = hexed(900), hexed(901)


@dataclass
class Run:
    """A run in which everything went well, to be spoiled."""

    tables: Tables = field(default_factory=Tables)
    acknowledged: list[str] = field(default_factory=list)
    slack: list[str] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    kills: int = 2

    def verdict(self) -> Verdict:
        return judge.judge(self.tables, self.acknowledged, self.slack, self.hooks, kills=self.kills)


@pytest.fixture
def good() -> Run:
    run = Run()
    run.tables.destinations = {SLACK: 'slack', HOOK: 'webhook'}
    for number in range(1, 4):
        lead, event = hexed(number), hexed(100 + number)
        run.tables.leads.add(lead)
        run.tables.receipts[hexed(200 + number)] = lead
        run.tables.events[event] = lead
        run.tables.deliveries += [(event, SLACK, 'sent', ''), (event, HOOK, 'sent', '')]
        run.acknowledged.append(str(UUID(lead)))
        run.slack.append(f'Lead{number:06d}')
        run.hooks.append(f'msg_{number}')
    return run


def test_a_good_run_has_no_problems(good: Run) -> None:
    verdict = good.verdict()
    assert verdict.problems == []
    assert verdict.facts['stored'] == verdict.facts['acknowledged'] == 3
    assert verdict.facts['deliveries'] == {'sent': 6}


def lose_the_lead(run: Run) -> None:
    run.tables.leads.discard(hexed(1))


def lose_the_receipt(run: Run) -> None:
    run.tables.receipts.popitem()


def lose_the_event(run: Run) -> None:
    run.tables.events.pop(hexed(101))


def write_the_event_twice(run: Run) -> None:
    run.tables.events[hexed(150)] = hexed(1)


def lose_a_delivery(run: Run) -> None:
    run.tables.deliveries.pop()


def end_a_delivery_unsent(run: Run) -> None:
    run.tables.deliveries[-1] = (*run.tables.deliveries[-1][:2], 'dead', 'poison')


def leave_a_delivery_open(run: Run) -> None:
    run.tables.deliveries[-1] = (*run.tables.deliveries[-1][:2], 'leased', '')


def deliver_twice_in_the_table(run: Run) -> None:
    run.tables.deliveries.append(run.tables.deliveries[0])


def store_a_lead_nobody_was_told_of(run: Run) -> None:
    run.acknowledged.pop()


def say_sent_without_sending(run: Run) -> None:
    run.slack.pop()


def say_sent_without_calling_the_hook(run: Run) -> None:
    run.hooks.pop()


def send_too_often(run: Run) -> None:
    run.slack += ['Lead000001'] * 17


@pytest.mark.parametrize(
    ('spoil', 'says'),
    [
        (lose_the_lead, 'acknowledged but not stored'),
        (lose_the_receipt, 'no receipt'),
        (lose_the_event, '0 lead.created events'),
        (write_the_event_twice, '2 lead.created events'),
        (lose_a_delivery, 'no delivery'),
        (end_a_delivery_unsent, 'dead (poison), not sent'),
        (leave_a_delivery_open, 'leased'),
        (deliver_twice_in_the_table, 'there twice'),
        (store_a_lead_nobody_was_told_of, 'never acknowledged'),
        (say_sent_without_sending, 'Slack heard of 2'),
        (say_sent_without_calling_the_hook, 'the signed webhook knows 2'),
        (send_too_often, '17 twins'),
    ],
)
def test_the_judge_notices(good: Run, spoil: Callable[[Run], None], says: str) -> None:
    spoil(good)
    problems = good.verdict().problems
    assert any(says in problem for problem in problems), problems


def test_twins_within_the_bound_are_counted_and_no_problem(good: Run) -> None:
    good.slack += ['Lead000001', 'Lead000002']
    good.hooks += ['msg_1']
    verdict = good.verdict()
    assert verdict.problems == []
    assert (verdict.facts['slack_twins'], verdict.facts['hook_repeats']) == (2, 1)


def test_a_message_without_a_mark_is_not_taken_for_a_twin() -> None:
    assert judge.marks(['Lead000001 wants', 'hello', 'hello']) == ['Lead000001', 'unmarked 1', 'unmarked 2']
