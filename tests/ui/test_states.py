"""Loading, error and offline as states of a place, on a desk whose database is held up or gone."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.processes import Houses
from tests.servers import Postgres
from tests.ui.axe_scenes import grave
from tests.ui.conftest import Desk

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(chromium: Any, own_postgres: Postgres) -> Iterator[tuple[Desk, Postgres, str]]:
    """A desk on a PostgreSQL of its own, with the owner's inbox."""
    houses = Houses()
    url = own_postgres.create()
    try:
        desk = Desk(houses.start('serve', env={'DATABASE_URL': url, 'DB_TIMEOUT_SECONDS': '2'}).ready(), chromium)
        desk.first_run()
        desk.look_over()
        yield desk, own_postgres, url.replace('postgresql+psycopg://', 'postgresql://')
    finally:
        houses.close()


def test_a_place_that_takes_long_shows_its_bones_and_then_itself(stage):
    desk, _, url = stage
    page = desk.come_in()
    with psycopg.connect(url) as held:
        held.execute('lock table deliveries in access exclusive mode')
        page.evaluate("window.lk.go('/deliveries')")
        page.locator('.lk-place .lk-bones').wait_for()
        assert grave(page) == []

    page.get_by_role('heading', name='Deliveries', level=1).wait_for()
    assert page.locator('.lk-place > .lk-bones').count() == 0
    desk.look_over()


def test_a_place_that_cannot_be_read_says_why_and_comes_back_by_one_press(stage):
    desk, postgres, _ = stage
    page = desk.come_in()

    postgres.stop()
    page.evaluate("window.lk.go('/deliveries')")
    page.get_by_role('heading', name='Could not load deliveries').wait_for(timeout=15000)
    page.get_by_text('Details').click()
    assert grave(page) == []
    assert 'Unavailable' in page.locator('details .lk-mono').inner_text()
    postgres.start()
    page.get_by_role('button', name='Try again').click()

    page.get_by_role('heading', name='Deliveries', level=1).wait_for(timeout=15000)
    assert 'psycopg' not in page.content() and 'Traceback' not in page.content()
    desk.look_over()
