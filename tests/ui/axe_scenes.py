"""What axe-core looks at: every place of the desk, and the states, menus and dialogs that are not there from the start."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

from ui.pages.places import PLACES

RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
GRAVE = ('serious', 'critical')
RUN = """async (runOnly) => (await axe.run(document, { runOnly })).violations
    .flatMap((each) => each.nodes.map((node) => [each.impact, each.id, node.html.slice(0, 160), node.failureSummary || '']))"""
WIDTHS = {'phone': (390, 844), 'tablet': (1024, 768), 'desk': (1440, 900)}


def violations(page: Any) -> list[list[str]]:
    """What axe says of the page as it is now: impact, rule, element and reason."""
    page.wait_for_load_state()
    if not page.evaluate('!!window.axe'):
        page.evaluate(AXE_SCRIPT + '\n;0')
    return list(page.evaluate(RUN, RULES))


def grave(page: Any) -> list[list[str]]:
    """Those that keep somebody out."""
    return [each for each in violations(page) if each[0] in GRAVE]


@dataclass
class Looked:
    """What was found in a walk over many scenes."""

    checks: int = 0
    impacts: Counter[str] = field(default_factory=Counter)
    minor: dict[str, str] = field(default_factory=dict)  # rule -> the first scene it was met in
    grave: dict[str, list[list[str]]] = field(default_factory=dict)
    wide: list[str] = field(default_factory=list)  # scenes that scroll sideways

    def at(self, page: Any, scene: str) -> None:
        """Look at the page as it stands, in both themes."""
        for theme in ('light', 'dark'):
            page.emulate_media(color_scheme=theme, reduced_motion='reduce')
            self.checks += 1
            for found in violations(page):
                self.impacts[found[0]] += 1
                if found[0] in GRAVE:
                    self.grave.setdefault(f'{scene}, {theme}', []).append(found[1:])
                else:
                    self.minor.setdefault(found[1], scene)
        if page.evaluate('document.documentElement.scrollWidth > innerWidth'):
            self.wide.append(scene)

    def __str__(self) -> str:
        counts = ', '.join(f'{self.impacts[each]} {each}' for each in ('critical', 'serious', 'moderate', 'minor'))
        return f'axe: {self.checks} checks; {counts}' + ''.join(f'\n  {rule} at {scene}' for rule, scene in sorted(self.minor.items()))


def addresses() -> list[str]:
    """Every place that needs nothing named in its address: a new one is among them by itself."""
    return [path for place in PLACES for path in place.paths if '{' not in path]


def joined(page: Any) -> None:
    """Wait until the page hears the server."""
    page.wait_for_function('window.socket && window.socket.connected')


def walk_lead(page: Any) -> Iterator[str]:
    """The open lead: its tabs, menus and questions."""
    page.locator('.lk-view .lk-entry').first.wait_for()
    joined(page)
    for name in page.locator('.lk-tablist [role=tab]').evaluate_all('each => each.map((tab) => tab.id)'):
        page.locator(f'#{name}').click()
        yield f'tab {name.removeprefix("lk-tab-")}'
    page.locator('#lk-tab-timeline').click()
    for key in ('snooze', 'assign'):
        _fire(page, key)
        page.locator('.lk-choose').wait_for()
        yield key
        page.keyboard.press('Escape')
    for entry in ('Close as lost', 'Merge with'):
        page.locator('.lk-view').get_by_role('button', name='More').click()
        yield 'more'
        page.get_by_role('menuitem', name=entry).click()
        if entry == 'Merge with':
            page.get_by_role('combobox', name='Merge with').fill('a')
            page.get_by_role('option').first.click()
            page.get_by_role('dialog', name='Compare two leads').wait_for()
        else:
            page.get_by_role('dialog', name='Why was it lost?').wait_for()
        yield entry
        page.keyboard.press('Escape')
        page.locator('dialog[open]').wait_for(state='detached')
    _fire(page, 'note')
    yield 'note'


def walk_shell(page: Any) -> Iterator[str]:
    """What can be opened from everywhere, and the list's own menus."""
    page.locator('.lk-lead').first.wait_for()
    joined(page)
    for key, role in (('new', 'New lead'), ('palette', 'Search or jump to'), ('sheet', 'Keyboard shortcuts')):
        _fire(page, key)
        page.get_by_role('dialog', name=role).wait_for()
        if key == 'palette':
            page.get_by_role('combobox').fill('a')
            page.get_by_role('option').first.wait_for()
        yield role
        page.keyboard.press('Escape')
        page.get_by_role('dialog', name=role).wait_for(state='hidden')
    page.get_by_role('button', name='Filter').click()
    page.locator('.lk-pop').wait_for()
    yield 'filter'
    page.keyboard.press('Escape')
    page.locator('.lk-lead').first.focus()
    page.keyboard.press('x')
    page.locator('.lk-marked').wait_for()
    yield 'several marked'
    page.keyboard.press('Escape')


def walk_offline(page: Any) -> Iterator[str]:
    """The connection is gone, and nobody answers."""
    page.locator('.lk-lead').first.wait_for()
    joined(page)
    page.wait_for_function('window.socket.connected')
    page.context.route(re.compile('socket.io'), lambda route: route.abort())
    page.evaluate('window.socket.io.engine.close()')
    page.locator('.lk-offline').wait_for()
    yield 'offline'
    page.context.unroute_all()


def walk_openers(page: Any) -> Iterator[str]:
    """The first form and the first dialog of whatever place this is; nothing where there is none."""
    joined(page)
    for what, opener in (('form', '.lk-set-open'), ('dialog', '.lk-place [aria-haspopup="dialog"]')):
        found = page.locator(opener).filter(visible=True)
        if not found.count():
            continue
        found.first.click()
        page.locator('.lk-place form, dialog[open], .lk-place [role="dialog"]').filter(visible=True).first.wait_for()
        yield what
        page.keyboard.press('Escape')


def walk_rows(row: str, pane: str) -> Callable[[Any], Iterator[str]]:
    """A list with something beside it: the first row opened."""

    def walk(page: Any) -> Iterator[str]:
        joined(page)
        page.locator(row).first.click()
        page.locator(pane).first.wait_for()
        yield 'opened'

    return walk


def walk_button(name: str, there: str) -> Callable[[Any], Iterator[str]]:
    """Something that a button of the place opens."""

    def walk(page: Any) -> Iterator[str]:
        joined(page)
        page.get_by_role('button', name=name, exact=True).first.click()
        page.locator(there).first.wait_for()
        yield name

    return walk


WALKS: tuple[tuple[str, Callable[[Any], Iterator[str]]], ...] = (
    ('/', walk_shell),
    ('/deliveries', walk_rows('button.lk-dcells', '.lk-dpane header')),
    ('/follow-ups', walk_button('Follow-up', 'dialog[open]')),
    ('/settings/sequences', walk_button('New template', 'dialog[open]')),
    ('/quarantine', walk_rows('.lk-q-row', '.lk-q-raw')),
    ('/settings/people', walk_button('Invite', 'dialog[open]')),
    ('/settings/keys', walk_button('Make an API key', 'dialog[open]')),
    ('/settings/destinations', walk_button('Add', '.lk-place form')),
    ('/', walk_offline),
)


def _fire(page: Any, key: str) -> None:
    page.evaluate('name => window.lk.keys.fire(name)', key)
