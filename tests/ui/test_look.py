"""The stylesheet keeps its own rules: colours have names, pairs can be read, icons and files exist."""

import re
from pathlib import Path

import pytest

from ui.design import STATIC_DIR
from ui.presenters import lead_timeline, words

CSS = (STATIC_DIR / 'desk.css').read_text()
UI = STATIC_DIR.parent


def tokens(selector: str) -> dict[str, str]:
    block = re.search(rf'^{re.escape(selector)} \{{(.*?)^\}}', CSS, re.MULTILINE | re.DOTALL)
    assert block
    return dict(re.findall(r'--([\w-]+): (#[0-9A-F]{6})', block.group(1)))


LIGHT, DARK = tokens(':root'), tokens(':root.lk-dark')
TEXT = [
    *((text, ground) for text in ('t1', 't2', 't3') for ground in ('panel', 'chrome', 'sunken', 'hover', 'sel')),
    *(('t1', ground) for ground in ('press', 'amber-bg', 'red-bg', 'green-bg')),
    *((tone, ground) for tone in ('red', 'amber', 'green', 'ai') for ground in (f'{tone}-bg', 'panel', 'sel')),
    ('on-ink', 'ink'),
    ('accent', 'panel'),
    *((f'av{n}', f'av{n}-bg') for n in range(6)),
]
GRAPHICS = ['fill-red', 'fill-amber', 'fill-green', 'fill-blue', 'fill-cold', 'ctl', 'accent']


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize('theme', [LIGHT, DARK], ids=['light', 'dark'])
def test_every_text_can_be_read_on_its_ground(theme):
    faint = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in TEXT}

    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize('theme', [LIGHT, DARK], ids=['light', 'dark'])
def test_every_graphic_stands_out_from_the_panel(theme):
    assert {name: contrast(theme[name], theme['panel']) for name in GRAPHICS if contrast(theme[name], theme['panel']) < 3} == {}


def test_both_themes_name_the_same_colours():
    assert LIGHT.keys() == DARK.keys()


def test_raw_colours_stand_only_in_the_two_token_blocks():
    rest = re.sub(r'^:root(\.lk-dark)? \{.*?^\}', '', CSS, flags=re.MULTILINE | re.DOTALL)

    assert re.findall(r'#[0-9a-fA-F]{3,8}\b|\brgba?\(\s*\d', rest) == []


def test_every_token_that_is_used_exists():
    own = {'p', 'k', 'on', 'shade', 'nicegui-default-padding'}

    assert set(re.findall(r'var\(--([\w-]+)', CSS)) - LIGHT.keys() <= own


def test_every_class_of_ours_begins_with_lk():
    theirs = ('nicegui-', 'q-')
    classes = set(re.findall(r'\.([a-z][\w-]*)', re.sub(r'url\([^)]*\)', '', CSS)))

    assert {name for name in classes if not name.startswith(('lk-', *theirs))} == set()


def test_every_font_file_exists_with_its_licence():
    named = set(re.findall(r'url\((fonts/[\w.-]+)\)', CSS))

    assert named == {f'fonts/{path.name}' for path in (STATIC_DIR / 'fonts').glob('*.woff2')}
    assert {path.name for path in (STATIC_DIR / 'fonts').glob('*.txt')} == {'GEIST-LICENSE.txt', 'GEIST-MONO-LICENSE.txt'}


def test_every_icon_a_row_can_have_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC_DIR / 'icons.svg').read_text()))
    rows = {icon for icon, _ in lead_timeline._ENTRIES.values()} | {icon for _, icon in words._SOURCES} | {'globe', 'circle-dot'}
    written = set(re.findall(r"(?:#|icon\(')([a-z][a-z-]*)'", '\n'.join(path.read_text() for path in _scripts())))

    assert rows | written <= sprite


def test_no_component_draws_html_from_a_string():
    sinks = re.compile(r'v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|new Function|\beval\(')

    assert [path.name for path in _scripts() if sinks.search(path.read_text())] == []


def _scripts() -> list[Path]:
    return sorted([*(UI / 'components').glob('*.js'), *STATIC_DIR.glob('*.js'), *(UI / 'templates').glob('*.html')])
