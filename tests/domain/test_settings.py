"""What the process is told at start: wrong values are named before any port is open, secrets stay secret."""

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import app
from domain.base.secrets import SecretBox, WrongKey, digest, open_box, token
from domain.base.settings import BadSettings, Settings, load
from tests.domain.conftest import Desk
from tests.domain.rows import destination
from tests.processes import run
from tests.servers import free_port

WRONG: list[tuple[str, Any, str]] = [
    ('PORT', '0', 'PORT'),
    ('PORT', 'http', 'PORT'),
    ('DATABASE_URL', 'mysql://x/y', 'postgresql://'),
    ('PUBLIC_URL', 'desk.example', 'https://'),
    ('FRONTEND_URL', 'ftp://x', 'https://'),
    ('LOG_LEVEL', 'loud', 'debug'),
    ('LOG_FORMAT', 'xml', 'json'),
    ('ADMIN_API_KEY', 'hunter2secret', '16 characters'),
    ('TRUSTED_PROXIES', 'everybody', 'TRUSTED_PROXIES'),
    ('OUTBOUND_ALLOW', '10.0.0.0/99', 'OUTBOUND_ALLOW'),
    ('RATE_LIMIT_INTAKE', 'a lot', 'count per time'),
    ('QUEUE_BACKEND', 'redis', 'REDIS_URL'),
    ('WORKER_THREADS', '0', 'WORKER_THREADS'),
    ('LEASE_SECONDS', '-1', 'LEASE_SECONDS'),
    ('DB_TIMEOUT_SECONDS', '0', 'DB_TIMEOUT_SECONDS'),
]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)  # no .env of the checkout
    return monkeypatch


@pytest.mark.parametrize(('name', 'value', 'said'), WRONG)
def test_a_wrong_value_is_named_with_what_is_expected(environment: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    environment.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        load()
    assert name in caught.value.detail and said in caught.value.detail
    if name == 'ADMIN_API_KEY':
        assert value not in caught.value.detail


def test_all_wrong_values_are_named_at_once(environment: pytest.MonkeyPatch) -> None:
    for name, value, _ in WRONG:
        if name != 'QUEUE_BACKEND':
            environment.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        load()
    assert all(name in caught.value.detail for name, _, _ in WRONG if name != 'QUEUE_BACKEND')


def test_defaults_and_derived_values(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)
    assert settings.url == f'sqlite:///{tmp_path}/leadkeeper.sqlite3' and settings.embedded and settings.loopback_only
    environment.setenv('DATABASE_URL', 'postgres://u:p@h/n')
    environment.setenv('TRUSTED_PROXIES', '10.0.0.0/8, 192.0.2.1')
    environment.setenv('REDIS_URL', 'redis://x')
    settings = load()
    assert settings.url == 'postgresql://u:p@h/n' and settings.queue == 'redis'
    assert settings.trusted_proxies == ('10.0.0.0/8', '192.0.2.1') and not settings.loopback_only


def test_secrets_do_not_show_in_the_settings(environment: pytest.MonkeyPatch) -> None:
    environment.setenv('ADMIN_API_KEY', 'canary-canary-canary')
    environment.setenv('SLACK_WEBHOOK_URL', 'https://hooks.slack.com/services/canary')
    assert 'canary' not in repr(load()) + str(load().model_dump())


def test_a_wrong_setting_ends_the_command_before_any_port(tmp_path: Path) -> None:
    ended = run('serve', '--no-open', '--port', str(free_port()), data_dir=tmp_path, env={'RATE_LIMIT_INTAKE': 'a lot'}, seconds=20)
    assert ended.returncode == 2 and 'RATE_LIMIT_INTAKE' in ended.stderr + ended.stdout
    assert 'Traceback' not in ended.stderr and not list(tmp_path.glob('*.sqlite3'))


def test_the_key_file_is_for_its_owner_only_and_one_of_many_wins(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / 'new', secret_key=None)
    boxes: list[SecretBox] = []
    start = threading.Barrier(8)

    def make() -> None:
        start.wait()
        boxes.append(open_box(settings))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    path = tmp_path / 'new' / 'secret.key'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(path.read_text().strip()) >= 32 and os.listdir(path.parent) == ['secret.key']
    assert len({box.sign('x') for box in boxes}) == 1 and len(boxes) == 8


def test_a_box_opens_only_its_own() -> None:
    one, two = SecretBox('a' * 32), SecretBox('b' * 32)
    sealed = one.seal('canary é')
    assert 'canary' not in sealed and one.open(sealed) == 'canary é' and sealed != one.seal('canary é')
    for broken in (sealed[:-4] + 'AAAA', 'x', ''):
        with pytest.raises(WrongKey):
            one.open(broken)
    with pytest.raises(WrongKey, match='former key'):
        two.open(sealed)
    assert one.signed('x', one.sign('x')) and not one.signed('x', two.sign('x')) and not one.signed('x', 'é')
    assert len(token()) >= 43 and len(digest('x')) == 64
    with pytest.raises(WrongKey, match='SECRET_KEY'):
        SecretBox('short')


def test_a_wrong_secret_key_is_refused_at_start_and_nothing_is_changed(desk: Desk, tmp_path: Path) -> None:
    destination(desk.db, desk.tenant_id, 'sealed')
    url = desk.db.url.render_as_string(hide_password=False)
    good = Settings(database_url=url, data_dir=tmp_path, secret_key=SecretStr('a key for tests, long enough to be one'))
    wrong = Settings(database_url=url, data_dir=tmp_path, secret_key=SecretStr('another key, and this one is wrong here'))
    with pytest.raises(WrongKey, match='nothing was changed'):
        app.open_house(wrong)
    app.open_house(good).db.close()
