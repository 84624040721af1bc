"""Habits of the code that a reader may rely on without looking."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import dotted, files, parse, sources, text

EVASIVE_NAMES = {'utils', 'util', 'helpers', 'helper', 'common', 'core', 'manager', 'managers', 'service', 'services', 'misc', 'base_page'}
SECONDS = 2


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Call):
            yield node


def test_nobody_writes_import_ui_dot_something() -> None:
    # It would rebind the name `ui`, which NiceGUI's users expect to be NiceGUI's.
    found = [
        f'{path}:{node.lineno}'
        for path in sources()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Import) and any(alias.name.split('.')[0] == 'ui' for alias in node.names)
    ]
    assert found == []


def test_only_the_session_the_keeper_and_the_migrator_commit() -> None:
    allowed = {
        'domain/base/db.py',
        'domain/base/keep.py',
        'domain/base/keep_sqlite.py',
        'migrations/run.py',
    }  # the last holds the lock under which tables change
    found = {
        f'{path}:{call.lineno}'
        for path in sources()
        if path.as_posix() not in allowed
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr == 'commit'
    }
    said = {
        path.as_posix()
        for path in sources()
        if path.as_posix() not in allowed and re.search(r"""['"]\s*commit\b\s*;?\s*['"]""", text(path), re.IGNORECASE)
    }
    assert found | said == set()


def long_waits(path: Path) -> Iterator[int]:
    """The lines on which something waits, or is told to wait, for a literal number of seconds above the limit."""
    for call in calls(path):
        name = dotted(call.func)
        told = [keyword.value for keyword in call.keywords if keyword.arg and re.search(r'timeout|deadline|delay|retry_after', keyword.arg)]
        waits = name.rpartition('.')[2] in (
            'sleep',
            'wait',
            'wait_for',
            'timeout',
            'timeout_at',
            'join',
            'Timeout',
            'call_later',
            'settimeout',
        )
        outside = name.split('.')[0] in ('httpx', 'httpx2')
        literals = [*told, *(call.args if waits else ()), *((k.value for k in call.keywords) if outside else ())]
        if any(isinstance(value, ast.Constant) and type(value.value) in (int, float) and value.value > SECONDS for value in literals):
            yield call.lineno


def test_no_wait_of_more_than_two_seconds_stands_in_code() -> None:
    found = [f'{path}:{line}' for path in sources() if path.as_posix() != 'domain/base/settings.py' for line in long_waits(path)]
    assert found == [], 'take the value from Settings, or as an argument'


def test_the_law_of_waits_sees_a_planted_wait(tmp_path: Path) -> None:
    planted = tmp_path / 'planted.py'
    planted.write_text(
        'import time, httpx\ntime.sleep(3)\nhttpx.Client(timeout=30)\nevent.wait(timeout=2.5)\nevent.wait(1)\nwait(seconds)\n'
    )
    assert list(long_waits(planted)) == [2, 3, 4]


def test_every_module_and_every_public_name_says_what_it_is() -> None:
    silent = []
    for path in sources() + sources('tests'):
        module = parse(path)
        if module.body and not ast.get_docstring(module):
            silent.append(f'{path}: module')
        if path.parts[0] in ('tests', 'migrations') and path.parts[:2] != ('migrations', 'run.py'):
            continue
        named = (node for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
        silent += [f'{path}:{node.lineno} {node.name}' for node in named if not node.name.startswith('_') and not ast.get_docstring(node)]
    assert silent == []


def test_every_function_says_what_it_takes_and_gives() -> None:
    assert [
        f'{path}:{node.lineno} {node.name}'
        for path in sources()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is None
    ] == []


def test_no_file_has_a_name_that_invites_everything() -> None:
    assert [path.as_posix() for path in files() if path.stem in EVASIVE_NAMES or path.parent.name in EVASIVE_NAMES] == []


def test_nothing_is_mocked_and_nobody_sleeps() -> None:
    found = []
    for path in sources() + sources('tests'):
        for node in ast.walk(parse(path)):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported += [f'{node.module}.{alias.name}' for alias in node.names] if isinstance(node, ast.ImportFrom) else []
            if any(re.match(r'(unittest\.mock|mock|pytest_mock|unittest\.mock\..*)$', name) for name in imported):
                found.append(f'{path}:{node.lineno} mock')
            if (isinstance(node, ast.Call) and dotted(node.func) == 'time.sleep') or 'time.sleep' in imported:
                found.append(f'{path}:{node.lineno} time.sleep: wait for the event, with a limit')
    assert found == []


def test_every_exception_from_a_checker_has_its_code_and_its_reason() -> None:
    bare = re.compile(r'#\s*type:\s*ignore(?!\[[\w, -]+\]\s*[#(:-]\s*\w)|#\s*noqa(?!:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s*[#(:-]\s*\w)')
    law = 'tests/house/test_code.py'
    found = [
        f'{path}:{number} {line.strip()}'
        for path in sources() + sources('tests')
        if path.as_posix() != law
        for number, line in enumerate(text(path).splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []
