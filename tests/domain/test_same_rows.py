"""The fast path and the ordinary path write the same rows: a law of the intake, proved by random submissions."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.base import clock
from domain.base.db import Database
from domain.base.errors import Invalid
from domain.base.keep import Keeper, Met
from domain.intake.actions import take
from domain.intake.messages import Submission
from domain.intake.record import record
from tests.domain.conftest import Desk
from tests.domain.rows import command, destination, everything, facts_of, prepared

words = st.text(st.characters(codec='utf-8'), max_size=40) | st.sampled_from(
    ['How much is a quote today?', 'no hurry, just looking', 'x' * 300, '😀' * 300, 'a\x00b\r\nc', '<!channel>', "'; drop table leads;--"]
)
emails = st.builds(
    '{}@{}'.format,
    st.sampled_from(['ada', 'Bo.Ek', 'c+tag']),
    st.sampled_from(['example.com', 'EXAMPLE.org', 'bücher.example']),
)
phones = st.sampled_from(['', '+1 415 555 26{:02d}', '(415) 555-26{:02d}', '030 12345{:02d}']).flatmap(
    lambda shape: st.integers(0, 99).map(lambda n: shape.format(n))
)
common = {
    'name': words,
    'email': emails,
    'phone': phones,
    'message': words | st.just('y' * 10_000),
    'metadata': st.fixed_dictionaries({}, optional={'utmSource': words, 'device': words}),
}
bodies = st.one_of(
    st.tuples(st.just('contact'), st.fixed_dictionaries(common, optional={'subject': words})),
    st.tuples(
        st.just('chatbot'),
        st.fixed_dictionaries(
            common,
            optional={
                'transcript': st.lists(
                    words | st.fixed_dictionaries({'role': st.sampled_from(['user', 'bot']), 'content': words}), max_size=4
                ),
                'vehicle': words | st.fixed_dictionaries({'year': st.integers(1950, 2030), 'make': words}),
                **dict.fromkeys(('intent', 'budget', 'timeframe', 'service'), words),
            },
        ),
    ),
    st.tuples(st.just('property'), st.fixed_dictionaries(common, optional={'propertyId': words, 'propertyTitle': words})),
)


def as_command(route: str, body: dict[str, Any], key: str | None) -> Submission | None:
    try:
        return command(route, key=key, grade=True, raw=json.dumps(body).encode(), **body)
    except (ValidationError, Invalid):
        return None


def fast(desk: Desk, commands: list[Submission]) -> list[Any]:
    """Through the keeper, as strangers; None: the index knew somebody."""

    async def one(keeper: Keeper, cmd: Submission) -> Any:
        try:
            values = record(cmd, desk.facts, clock.now())
            await keeper.keep(values)
        except Met:
            return None
        return values['answer']

    async def work() -> list[Any]:
        keeper = desk.keeper()
        await keeper.open()
        try:
            return [await one(keeper, cmd) for cmd in commands]
        finally:
            await keeper.close()

    return asyncio.run(work())


def slow(desk: Desk, cmd: Submission) -> str:
    with desk.db.transaction() as session:
        return take(session, desk.facts.actor(), cmd, desk.facts).text


@pytest.fixture
def twins(engine_kind: str, migrated: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Two equal desks: with two destinations, one of which hears only of hot leads."""
    from tests.domain.rows import copy_of

    desks = []
    for number in range(2):
        if engine_kind == 'postgres':
            url = request.getfixturevalue('postgres').create(template=migrated('postgres'))
        else:
            url = copy_of(migrated('sqlite'), tmp_path / f'{number}.sqlite3')
        db = Database(url)
        tenant_id = prepared(db)
        destination(db, tenant_id, 'all')
        destination(db, tenant_id, 'hot only', leastQuality='hot')
        desks.append(Desk(db, tenant_id, facts_of(db, tenant_id)))
    yield desks
    for desk in desks:
        desk.db.close()


def strangers(count: int) -> list[Submission]:
    """So many random submissions of people who have nothing in common; prints the seed of a failure as hypothesis does."""
    found: list[Submission] = []
    seen: set[str] = set()

    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(bodies, st.booleans())
    def collect(drawn: tuple[str, dict[str, Any]], keyed: bool) -> None:
        number = len(seen)
        route, body = drawn
        body = body | {'email': f'{number}.{body["email"]}'}
        cmd = as_command(route, body, f'key-{number}' if keyed else None) or as_command(route, body | {'phone': '', 'name': 'x'}, None)
        if cmd is not None and cmd.phone in seen:
            cmd = as_command(route, body | {'phone': ''}, None)
        if cmd is not None:
            seen.update((cmd.email, cmd.phone))
            seen.discard('')
            found.append(cmd)

    collect()
    return found


def test_both_paths_write_the_same_rows(twins: list[Desk]) -> None:
    one, two = twins
    commands = strangers(250)
    assert len(commands) > 200
    answers = fast(one, commands)
    assert None not in answers
    for cmd, answer in zip(commands, answers, strict=True):
        assert shape(slow(two, cmd)) == shape(answer)
    left, right = everything(one.db), everything(two.db)
    assert set(left) == set(right)
    for name, rows in left.items():
        assert rows == right[name], f'the rows of {name} differ'
    assert len(left['leads']) == len(commands) and len(left['deliveries']) > len(commands)


def shape(answer: str) -> Any:
    body = json.loads(answer)
    return list(body), body['quality'], body['duplicate']
