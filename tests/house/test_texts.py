"""What may not stand in any file: raw HTML sinks, addresses of this or that machine, words that are not ours."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import dotted, files, parse, sources, text

LAW = Path('tests/house/test_texts.py')
HTML_ADDERS = {'add_head_html', 'add_body_html'}
# Split, so that this file does not hold what it looks for.
REGISTRIES = re.compile('|'.join(('pypi' + r'\.org', 'python' + r'hosted', 'npm' + r'js\.(org|com)', 'piw' + 'heels')), re.IGNORECASE)
MACHINE = re.compile(r'(?<![\w.*}~<-])/(?:wo' + 'rk|ro' + 'ot|fa' + 'rm|tm' + r'p)(?:/|(?=[\s\'"`)]|$))')


def lines(pattern: re.Pattern[str], *suffixes: str, top: str = '') -> Iterator[str]:
    for path in files():
        if path == LAW or (suffixes and path.suffix not in suffixes) or not path.as_posix().startswith(top):
            continue
        try:
            content = text(path)
        except UnicodeDecodeError:
            continue  # a font or a picture
        yield from (f'{path}:{number} {line.strip()[:100]}' for number, line in enumerate(content.splitlines(), 1) if pattern.search(line))


def test_no_file_names_a_package_registry() -> None:
    assert list(lines(REGISTRIES)) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert list(lines(MACHINE)) == []


def test_the_law_of_folders_sees_a_planted_path_and_leaves_routes_alone() -> None:
    assert MACHINE.search('open("/tm' + 'p/x")')
    assert MACHINE.search('cd /wo' + 'rk')
    assert not MACHINE.search('POST /api/workers/discord')
    assert not MACHINE.search('GET /workers')


def test_texts_stay_calm() -> None:
    emoji = re.compile('[\U0001f300-\U0001faff\U0001f1e6-\U0001f1ff\u2600-\u27bf]|\\bOops\\b|\\bUh-oh\\b', re.IGNORECASE)
    allowed = {'✓', '✗'}
    found = [line for line in lines(emoji, '.py', '.js', '.html', '.css', '.md', '.toml') if not allowed & set(emoji.findall(line))]
    assert [line for line in found if not line.startswith('tests/')] == []


def test_nothing_in_ui_writes_raw_html() -> None:
    sinks = re.compile(
        r'sanitize\s*=\s*False|html\s*=\s*True|v-html|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\|\s*safe\b|Markup\(|autoescape\s*=\s*False'
    )
    assert list(lines(sinks, '.py', '.js', '.html', top='ui/')) == []


def test_only_the_frame_adds_to_the_head_and_only_constants() -> None:
    found = []
    for path in sources('ui'):
        for node in ast.walk(parse(path)):
            if not isinstance(node, ast.Call):
                continue
            name = dotted(node.func).rpartition('.')[2]
            if name in HTML_ADDERS and (path.as_posix() != 'ui/frame.py' or not isinstance(node.args[0], ast.Constant | ast.Name)):
                found.append(f'{path}:{node.lineno} {name}')
            if name == 'run_javascript' and not (node.args and isinstance(node.args[0], ast.Constant | ast.Name)):
                found.append(f'{path}:{node.lineno} {name} with a text put together at run time')
    assert found == []


def test_every_template_escapes() -> None:
    found = [
        f'{path}:{node.lineno}'
        for path in sources('ui')
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and dotted(node.func).rpartition('.')[2] == 'Environment'
        and not any(k.arg == 'autoescape' and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords)
    ]
    assert found == []
