"""Commands run without the servers' environment: what it gave the desk stays as it is until a server starts."""

from pathlib import Path

from sqlmodel import select

import app
from domain.access.models import ApiKey
from domain.base.settings import Settings
from domain.outbox.models import Destination
from tests.processes import run

KEY = 'lk_test_kept_0123456789abcdefghijklmnop'
SLACK = 'http://127.0.0.1:9/hook'


def opened(data_dir: Path, *, serves: bool, **given: str) -> tuple[list[bool], list[bool]]:
    """Open the house and close it again: which destinations and keys from the environment are live."""
    bare = {'admin_api_key': None, 'slack_webhook_url': None}
    doors = app.open_house(Settings(_env_file=None, data_dir=data_dir, database_url=None, **bare | given), serves=serves)  # type: ignore[arg-type]  # as the environment gives them
    try:
        with doors.db.reading() as session:
            places = [row.enabled for row in session.exec(select(Destination)) if row.from_environment]
            keys = [row.revoked_at is None for row in session.exec(select(ApiKey)) if row.from_environment]
        return places, keys
    finally:
        doors.db.close()


def test_only_a_server_brings_destinations_and_key_in_line_with_the_environment(tmp_path: Path) -> None:
    given = {'admin_api_key': KEY, 'slack_webhook_url': SLACK}
    assert opened(tmp_path, serves=False, **given) == ([], []), 'a command adds nothing either'
    assert opened(tmp_path, serves=True, **given) == ([True], [True])
    assert opened(tmp_path, serves=False) == ([True], [True])
    assert opened(tmp_path, serves=True) == ([False], [False]), 'a server without them takes them away'


def test_adding_a_user_from_a_bare_shell_leaves_the_destinations_on(tmp_path: Path) -> None:
    opened(tmp_path, serves=True, admin_api_key=KEY, slack_webhook_url=SLACK)
    added = run('user', 'add', 'ada@example.com', '--role', 'owner', '--password-stdin', data_dir=tmp_path, said='correct horse battery\n')
    assert added.returncode == 0, added.stderr
    assert opened(tmp_path, serves=False) == ([True], [True])
