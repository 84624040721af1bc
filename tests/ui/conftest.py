"""A browser for tests of the pages, and a desk with its owner signed in."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.processes import Houses, Running, request
from tests.receiver import Receiver

# Nothing is drawn on a screen here, and two cores are shared with the desk itself.
FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-extensions', '--disable-background-networking']
PASSWORD = 'a small grey lighthouse'


@pytest.fixture(scope='module')  # its event loop must be gone before the next module's async tests
def chromium() -> Iterator[Any]:
    """The machine's Chromium through Playwright."""
    path = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    if path is None:
        pytest.skip('NO CHROMIUM: the pages are not tested in a browser; install chromium to run this test')
    sync_api = pytest.importorskip('playwright.sync_api', reason='NO PLAYWRIGHT: the pages are not tested in a browser')
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Desk:
    """A running desk and the pages opened on it; at the end nothing may have gone wrong in the browser or left this machine."""

    server: Running
    chromium: Any
    contexts: list[Any] = field(default_factory=list)
    cookies: list[Any] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    def visitor(self, **options: Any) -> Any:
        """A page in a browser context of its own."""
        context = self.chromium.new_context(**({'viewport': {'width': 1440, 'height': 900}} | options))
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15000)
        page.on('console', lambda m: self.complaints.append(m.text) if m.type == 'error' else None)
        page.on('pageerror', lambda e: self.complaints.append(str(e)))
        page.on('request', lambda r: None if r.url.startswith((self.server.url, 'data:', 'blob:')) else self.abroad.append(r.url))
        return page

    def first_run(self, **options: Any) -> Any:
        """Make the owner and come to the empty inbox."""
        page = self.visitor(**options)
        page.goto(self.server.url)
        for label, text in (('Your name', 'Ines Navarro'), ('E-mail', 'ines@example.com'), ('Password', PASSWORD)):
            page.get_by_label(label).fill(text)
        page.get_by_label('Company').fill('Brightwater Tint')
        page.get_by_label('First location').fill('Riverside')
        page.get_by_role('button', name='Create account').click()
        page.wait_for_url('**/welcome')
        page.goto(self.server.url)
        page.get_by_role('heading', name='No leads yet').wait_for()
        self.cookies = page.context.cookies()
        return page

    def come_in(self, **options: Any) -> Any:
        """The owner's inbox; the session is the one of the first run."""
        page = self.visitor(**options)
        page.context.add_cookies(self.cookies)
        page.goto(self.server.url)
        page.locator('.lk-list').wait_for()
        return page

    def sign_in(self, email: str = 'ines@example.com', password: str = PASSWORD) -> Any:
        """An inbox with a session of its own."""
        page = self.visitor()
        page.goto(f'{self.server.url}/login')
        page.get_by_label('E-mail').fill(email)
        page.get_by_label('Password').fill(password)
        page.get_by_role('button', name='Sign in').click()
        page.locator('.lk-list').wait_for()
        return page

    def lead(self, name: str, *, key: str | None = None, **body: Any) -> dict[str, Any]:
        """Post a lead; the answer."""
        email = re.sub(r'\W+', '.', name.lower()).strip('.') + '@example.com'
        answer = request('POST', f'{self.server.url}/api/submit-contact', {'name': name, 'email': email} | body, key=key)
        assert answer.status == 201, answer.body
        return dict(answer.json)

    def look_over(self) -> None:
        """Close the pages; nothing may have gone wrong in them, and nothing may have been asked of another machine."""
        for context in self.contexts:
            context.close()
        complaints, abroad = self.complaints[:], self.abroad[:]
        for each in (self.contexts, self.complaints, self.abroad):
            each.clear()
        assert (complaints, abroad) == ([], [])


@pytest.fixture
def open_desk(chromium: Any, app_process: Callable[..., Running]) -> Iterator[Callable[..., Desk]]:
    """`open_desk(env={…})`: a desk of the test's own, for those that break it or want it empty."""
    desks: list[Desk] = []

    def start(**options: Any) -> Desk:
        desks.append(Desk(app_process('serve', **options), chromium))
        return desks[-1]

    yield start
    for each in desks:
        each.look_over()


@pytest.fixture(scope='module')
def outside() -> Iterator[Receiver]:
    """What the shared desk tells about leads."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope='module')
def shared(chromium: Any, outside: Receiver) -> Iterator[Desk]:
    """One desk for all tests that only add to it."""
    houses = Houses()
    try:
        desk = Desk(houses.start('serve', env={'SLACK_WEBHOOK_URL': outside.slack_url, 'SLACK_RATE': '100'}).ready(), chromium)
        desk.first_run()
        desk.look_over()
        yield desk
    finally:
        houses.close()


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    """The shared desk, looked over after each test."""
    yield shared
    shared.look_over()
