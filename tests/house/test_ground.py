"""What stands under the program: targets, pinned versions, the licence, the way it starts."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.tree import ROOT

PROJECT = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']
TARGETS = {'run', 'test', 'install', 'demo', 'check', 'bench', 'chaos', 'package'}


def canonical(name: str) -> str:
    return re.sub(r'[-_.]+', '-', name).lower()


def test_the_makefile_has_the_promised_targets() -> None:
    phony = next(line for line in (ROOT / 'Makefile').read_text().splitlines() if line.startswith('.PHONY:'))
    assert set(phony.split()[1:]) == TARGETS


def test_the_constraints_are_names_and_versions_and_nothing_else() -> None:
    lines = (ROOT / 'constraints.txt').read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r'[A-Za-z0-9._-]+==[A-Za-z0-9.+!-]+', line)] == []
    names = [canonical(line.partition('==')[0]) for line in lines]
    assert len(names) == len(set(names))


def test_every_package_we_ask_for_is_pinned() -> None:
    pinned = {canonical(line.partition('==')[0]) for line in (ROOT / 'constraints.txt').read_text().splitlines()}
    asked = [*PROJECT['dependencies'], *(name for extra in PROJECT['optional-dependencies'].values() for name in extra)]
    names = {canonical(re.match(r'[A-Za-z0-9._-]+', requirement)[0]) for requirement in asked}
    assert names <= pinned


def test_the_licence_is_whole_and_the_project_says_which_it_is() -> None:
    text = (ROOT / 'LICENSE').read_text()
    assert PROJECT['license'] == 'Apache-2.0'
    assert 'Apache License' in text
    assert 'END OF TERMS AND CONDITIONS' in text
    assert 'Copyright 2026 The Leadkeeper authors' in text


def test_the_public_routes_start_without_nicegui_and_the_queue(tmp_path: Path) -> None:
    program = 'import sys, app; app.api(); print([name for name in ("nicegui", "huey", "anthropic", "openai") if name in sys.modules])'
    env = {'PATH': os.environ['PATH'], 'HOME': str(tmp_path), 'DATA_DIR': str(tmp_path), 'PYTHONPATH': str(ROOT)}
    run = subprocess.run([sys.executable, '-c', program], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == '[]'


def test_a_wrong_setting_stops_the_start_with_its_name(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name('leadkeeper')), 'serve', '--no-open']
    env = {'PATH': os.environ['PATH'], 'HOME': str(tmp_path), 'DATA_DIR': str(tmp_path), 'PORT': 'eighty'}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=20)
    assert run.returncode != 0
    assert 'PORT' in run.stdout + run.stderr
    assert 'Traceback' not in run.stdout + run.stderr
