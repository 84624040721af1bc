"""Applications for the route tests: one per test, or one per module where the cases cannot disturb each other."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.domain.rows import copy_of
from tests.routes.house import House


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """`open_house(database_url, **settings)`: an application of the test's own."""
    opened: list[House] = []

    def start(database_url: str, **settings: Any) -> House:
        opened.append(House(database_url, tmp_path / f'data-{len(opened)}', **settings))
        return opened[-1]

    yield start
    for house in opened:
        house.close()


@pytest.fixture
def house(
    open_house: Callable[..., House], engine_kind: str, reused: Callable[[], str], migrated: Callable[[str], str], tmp_path: Path
) -> House:
    """A fresh application, on either engine."""
    return open_house(reused() if engine_kind == 'postgres' else copy_of(migrated('sqlite'), tmp_path / 'house.sqlite3'))


@pytest.fixture
def small_house(open_house: Callable[..., House], tmp_path: Path, migrated: Callable[[str], str]) -> House:
    """A fresh application on SQLite, where the engine does not matter."""
    return open_house(copy_of(migrated('sqlite'), tmp_path / 'small.sqlite3'))


@pytest.fixture(scope='module', params=['sqlite', 'postgres'])
def shared_house(
    request: pytest.FixtureRequest, migrated: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One application for all tests of a module, on either engine: each case brings its own people."""
    folder = tmp_path_factory.mktemp('house')
    if request.param == 'postgres':
        url = request.getfixturevalue('postgres').create(template=migrated('postgres'))
    else:
        url = copy_of(migrated('sqlite'), folder / 'leadkeeper.sqlite3')
    house = House(url, folder)
    yield house
    house.close()
