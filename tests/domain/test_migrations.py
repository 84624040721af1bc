"""Migrations: from nothing, twice, at once, without drift, and with the words of the code in the checks of the database."""

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.base.errors import Refusal, Unavailable
from migrations.models import metadata
from migrations.run import FULL_TEXT, NewerDatabase, current, drift, upgrade

UPGRADE = 'import sys; from migrations.run import upgrade; print(*upgrade(sys.argv[1]))'


@pytest.fixture
def empty(engine_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database with nothing in it."""
    if engine_kind == 'postgres':
        return str(request.getfixturevalue('postgres').create())
    return f'sqlite:///{tmp_path / "new" / "empty.sqlite3"}'


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(sa.make_url(url.replace('postgresql://', 'postgresql+psycopg://')), poolclass=sa.NullPool)


def tables_of(inspector: sa.Inspector) -> list[str]:
    return [table for table in inspector.get_table_names() if not table.startswith(FULL_TEXT)]


def test_from_nothing_and_again(empty: str) -> None:
    assert current(empty)[0] is None
    before, head = upgrade(empty)
    assert before is None and head and upgrade(empty) == (head, head) == current(empty)
    assert drift(empty) == []


@pytest.mark.slow
def test_several_processes_at_once(empty: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, '-c', UPGRADE, empty], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2]
        )
        for _ in range(4)
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in processes]
    assert [code for _, code in ended] == [0] * 4, ended
    assert sum(out.split()[0] == b'None' for (out, _), _ in ended) == 1
    assert drift(empty) == []


def test_several_threads_at_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(upgrade, [empty] * 4))
    assert sum(before is None for before, _ in found) == 1 and len({head for _, head in found}) == 1


def test_a_newer_database_is_left_alone(empty: str) -> None:
    upgrade(empty)
    engine = engine_of(empty)
    with engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = 'from_the_future'"))
    with pytest.raises(NewerDatabase, match='from_the_future'):
        upgrade(empty)


def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        upgrade(f'postgresql://nobody@/nothing?host={tmp_path}')
    blocked = tmp_path / 'file'
    blocked.write_text('x')
    with pytest.raises((Refusal, OSError)):
        upgrade(f'sqlite:///{blocked}/db.sqlite3')


def test_checks_list_exactly_the_words_of_the_code(database_url: str) -> None:
    inspector = sa.inspect(engine_of(database_url))
    compared = 0
    for table in metadata.sorted_tables:
        checks = {check['name']: check['sqltext'] for check in inspector.get_check_constraints(table.name)}
        for column in table.columns:
            if isinstance(column.type, sa.Enum):
                text = next(text for name, text in checks.items() if name and name.endswith(f'_{column.name}'))
                assert set(re.findall(r"'([^']*)'", text)) == set(column.type.enums), f'{table.name}.{column.name}'
                compared += 1
    assert compared >= 12


def test_every_table_knows_its_tenant(database_url: str) -> None:
    inspector = sa.inspect(engine_of(database_url))
    without = {table for table in tables_of(inspector) if 'tenant_id' not in {c['name'] for c in inspector.get_columns(table)}}
    assert without - {'alembic_version', 'heartbeats', 'leases', 'tenants', 'notification_logs'} == set()


def test_ids_and_instants_are_the_same_on_both_engines(migrated: Callable[[str], str]) -> None:
    shapes = []
    for kind in ('sqlite', 'postgres'):
        inspector = sa.inspect(engine_of(migrated(kind)))
        shapes.append(
            {(table, column['name']): column['nullable'] for table in tables_of(inspector) for column in inspector.get_columns(table)}
        )
    assert shapes[0] == shapes[1]
