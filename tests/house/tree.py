"""The tree as the laws see it: our files, their syntax trees, and the README's tables."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ('ui', 'domain', 'integrations', 'tasks', 'migrations')


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or would be, part of the repository; relative to its root."""
    listed = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        return tuple(sorted({Path(name) for name in listed.stdout.split('\0') if name and (ROOT / name).is_file()}))
    # An unpacked archive knows no git: what starts with a dot, and what installing and running leave behind, is not ours.
    found = (path.relative_to(ROOT) for path in ROOT.rglob('*') if path.is_file())
    return tuple(sorted(path for path in found if path.parts[0] == '.ci' or not _left_behind(path)))


def _left_behind(path: Path) -> bool:
    hidden = any(part.startswith('.') or part == '__pycache__' or part.endswith('.egg-info') for part in path.parts)
    return hidden or path.parts[0] in ('bench', 'build', 'data', 'dist')


def sources(*tops: str) -> list[Path]:
    """The Python files of these top-level folders; without arguments those of the floors and app.py."""
    tops = tops or (*FLOORS, 'app.py')
    return [path for path in files() if path.suffix == '.py' and path.parts[0] in tops]


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding='utf-8')


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones included."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public_functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions a module offers to others."""
    for node in parse(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith('_'):
            yield node


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; what stands before a call or an index becomes empty."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f'{dotted(node.value)}.{node.attr}'
    return ''


def readme_section(title: str) -> str:
    """The README from the heading that holds this word to the next heading of the same or a higher level."""
    lines = (ROOT / 'README.md').read_text(encoding='utf-8').splitlines()
    for start, line in enumerate(lines):
        heading = re.match(r'(#+) ', line)
        if heading and title.lower() in line.lower():
            level = len(heading[1])
            rest = lines[start + 1 :]
            end = next((i for i, later in enumerate(rest) if re.match(rf'#{{1,{level}}} ', later)), len(rest))
            return '\n'.join(rest[:end])
    return ''
