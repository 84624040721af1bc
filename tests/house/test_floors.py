"""The import contracts hold, and each of them is able to fail."""

import ast
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house import plants
from tests.house.tree import FLOORS, ROOT, files, parse, sources, text

CONTRACTS = tomllib.loads((ROOT / 'pyproject.toml').read_text())['tool']['importlinter']['contracts']


@pytest.fixture(scope='module')
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str, list[str]]]:
    copy = tmp_path_factory.mktemp('tree')
    for path in sources():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, copy / path)
    shutil.copyfile(ROOT / 'pyproject.toml', copy / 'pyproject.toml')
    run = subprocess.run([sys.executable, plants.__file__], cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_the_tree_keeps_every_contract(planted: list[tuple[str, str, str, list[str]]]) -> None:
    assert planted[0][3] == [], 'run .venv/bin/lint-imports to see the import that breaks it'


def test_each_planted_import_breaks_its_contract_and_no_other(planted: list[tuple[str, str, str, list[str]]]) -> None:
    already = planted[0][3]
    wrong = [
        (module, line, broke)
        for contract, module, line, broke in planted[1:]
        if {*broke, *already} != {contract, *already} or contract not in broke
    ]
    assert wrong == []


def test_no_contract_is_without_a_plant() -> None:
    assert {contract['id'] for contract in CONTRACTS} == set(plants.PLANTS)


def test_lint_imports_names_a_planted_import(tmp_path: Path) -> None:
    for path in sources():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    shutil.copyfile(ROOT / 'pyproject.toml', tmp_path / 'pyproject.toml')
    (tmp_path / 'domain/base/planted.py').write_text('import httpx\n')
    command = [str(Path(sys.executable).with_name('lint-imports')), '--no-cache', '--contract', 'domain-outside']
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert 'domain.base.planted -> httpx' in run.stdout


def test_every_folder_of_a_floor_is_a_package_that_is_installed() -> None:
    listed = set(tomllib.loads((ROOT / 'pyproject.toml').read_text())['tool']['setuptools']['packages'])
    here = {'.'.join(path.parent.parts) for path in sources(*FLOORS)}
    assert here == listed, 'the packages of pyproject.toml are listed by hand: tests never, a new room always'
    assert not [name for name in here if name.startswith('tests')]


def test_the_package_of_integrations_and_of_ui_are_empty() -> None:
    # `import integrations.webhooks` runs the package above it: whatever stood there would be imported by the pure readers too.
    for package in ('ui', 'ui/routes', 'ui/commands', 'integrations', 'integrations/webhooks'):
        path = next(path for path in files() if path.as_posix() == f'{package}/__init__.py')
        assert [node for node in parse(path).body if not _is_docstring(node)] == [], text(path)


def _is_docstring(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
