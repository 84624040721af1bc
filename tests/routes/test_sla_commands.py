"""`leadkeeper sla explain` and `sla simulate`, as a script would call them."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from domain.base import clock
from domain.base.db import Database
from domain.base.ids import short
from domain.base.scope import system
from domain.sla.messages import PolicyOrder
from domain.sla.policies import set_policy
from tests.domain.conftest import Desk
from tests.domain.rows import command, copy_of, facts_of, prepared, table
from tests.processes import run
from ui.commands import sla


@pytest.fixture
def desk(tmp_path: Path, migrated: Any) -> Any:
    db = Database(copy_of(migrated('sqlite'), tmp_path / 'leadkeeper.sqlite3'))
    tenant_id = prepared(db)
    made = Desk(db, tenant_id, facts_of(db, tenant_id))
    yield made
    db.close()


def wrong(*arguments: str) -> Result:
    """`sla simulate` in this process, for what is refused before any house is opened."""
    cli = typer.Typer()
    nowhere: Any = None
    sla.register(cli, nowhere)
    return CliRunner().invoke(cli, ('sla', 'simulate', *arguments), catch_exceptions=False)


def lead(desk: Desk, **policy: Any) -> UUID:
    if policy:
        with desk.db.transaction() as session:
            set_policy(session, system(desk.tenant_id), PolicyOrder(quality='cold', **policy))
        desk.refresh()
    desk.capture(command(email=f'{uuid4().hex}@example.com'))
    return UUID(str(table(desk.db, 'leads')[-1]['id']))


def policy_file(folder: Path, body: Any) -> str:
    path = folder / 'policy.json'
    path.write_text(body if isinstance(body, str) else json.dumps(body))
    return str(path)


@pytest.mark.slow
def test_a_deadline_is_explained_by_id_and_by_reference_and_its_steps_add_up(desk: Desk, tmp_path: Path) -> None:
    lead_id = lead(desk, first_reply_seconds=5400)
    by_id = run('sla', 'explain', str(lead_id), '--json', data_dir=tmp_path)
    plain = run('sla', 'explain', f'L-{short(lead_id)}', data_dir=tmp_path)

    told = json.loads(by_id.stdout)
    assert (by_id.returncode, plain.returncode) == (0, 0), by_id.stderr
    assert told['leadId'] == str(lead_id)
    (row,) = table(desk.db, 'sla_clocks')
    assert datetime.fromisoformat(told['dueAt']) == row['due_at']
    assert sum(step['countedSeconds'] for step in told['steps']) == told['windowSeconds'] == 5400
    assert {'from', 'to', 'countedSeconds', 'why'} == set(told['steps'][0])
    assert f'L-{short(lead_id)}: first reply due' in plain.stdout and '5400 s' in plain.stdout


@pytest.mark.parametrize('name', ['01a1ff81-9d53-7181-b2dd-3f44e8a2af92', 'L-00000000'])
def test_an_unknown_lead_is_a_sentence_and_exit_1(desk: Desk, tmp_path: Path, name: str) -> None:
    lead(desk)
    refused = run('sla', 'explain', name, '--json', data_dir=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, '') and f'There is no lead {name}' in refused.stderr


@pytest.mark.slow
def test_a_policy_file_is_tried_and_nothing_is_written(desk: Desk, tmp_path: Path) -> None:
    clock.advance(timedelta(days=-2))
    lead(desk)
    clock.reset()
    lead(desk)
    before = {name: table(desk.db, name) for name in ('leads', 'sla_clocks', 'sla_policies', 'audit_log')}
    week = {'quality': 'cold', 'firstReplySeconds': 604800, 'clock': 'always'}
    one = run('sla', 'simulate', '--policy', policy_file(tmp_path, week), '--json', data_dir=tmp_path)
    several = run('sla', 'simulate', '--policy', policy_file(tmp_path, [week]), '--days', '1', data_dir=tmp_path)

    told = json.loads(one.stdout)
    assert (one.returncode, told['days'], told['leads'], told['differ']) == (0, 30, 2, 1), one.stderr
    assert told['before'] == {'met': 0, 'missed': 1, 'open': 1, 'closed': 0} and told['after'] == {
        'met': 0,
        'missed': 0,
        'open': 2,
        'closed': 0,
    }
    assert [line['name'] for line in told['agents']] == ['Nobody'] and [line['after'] for line in told['locations']] == [told['after']]
    assert several.returncode == 0 and '1 lead of the last 1 day; 0 would have ended otherwise.' in several.stdout
    assert {name: table(desk.db, name) for name in before} == before


@pytest.mark.parametrize(
    ('body', 'says'),
    [
        ('{', 'is not JSON'),
        ('', 'is not JSON'),
        ({}, 'quality'),
        ({'quality': 'hot', 'firstReplySeconds': 0}, 'firstReplySeconds'),
        ({'quality': 'hot', 'first_reply': 60}, 'is not a policy'),
        ([{'quality': 'hot'}], 'firstReplySeconds'),
        ('"hot"', 'is not a policy'),
    ],
)
def test_a_bad_file_is_a_sentence_and_exit_2(tmp_path: Path, body: Any, says: str) -> None:
    refused = wrong('--policy', policy_file(tmp_path, body))
    assert refused.exit_code == 2 and says in refused.stderr  # no house is there: the file is read before anything is opened


def test_a_file_that_is_not_there_and_a_time_that_makes_no_sense_exit_2(tmp_path: Path) -> None:
    missing = wrong('--policy', str(tmp_path / 'none.json'))
    assert missing.exit_code == 2 and 'cannot be read' in missing.stderr
    good = policy_file(tmp_path, {'quality': 'hot', 'firstReplySeconds': 60})
    assert wrong('--policy', good, '--days', '0').exit_code == 2
