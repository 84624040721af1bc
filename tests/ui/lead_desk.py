"""A desk with several people and a mail account, and how tests open a lead on it and press its keys."""

from collections.abc import Iterator
from typing import Any

from domain.base.db import Database
from domain.base.scope import Role, system
from domain.tenancy.queries import first_tenant
from tests.people import account
from tests.processes import ADMIN_KEY, Houses
from tests.receiver import Receiver
from tests.ui.conftest import PASSWORD, Desk

PEOPLE = (
    ('dev@example.com', 'Dev Kapoor', Role.AGENT),
    ('rosa@example.com', 'Rosa Sanz', Role.MANAGER),
    ('olga@example.com', 'Olga', Role.READ_ONLY),
)
# Nothing answers on this port: a letter is taken by the desk and waits.
MAIL = {'EMAIL_HOST': '127.0.0.1', 'EMAIL_PORT': '9', 'EMAIL_FROM': 'desk@example.com'}


_SESSIONS: dict[str, dict[str, Any]] = {}  # by desk and person


def crowded(chromium: Any, **env: str) -> Iterator[Desk]:
    """One desk for the tests of a module: Ines owns it, Dev and Rosa work on it, Olga may only look."""
    houses = Houses()
    with Receiver() as outside:
        try:
            told = {'SLACK_WEBHOOK_URL': outside.slack_url, 'SLACK_RATE': '100', **env}
            desk = Desk(houses.start('serve', env=told).ready(), chromium)
            desk.first_run()
            _invite(desk)
            desk.look_over()
            desk.outside = outside
            yield desk
        finally:
            houses.close()


def _invite(desk: Desk) -> None:
    database = Database(f'sqlite:///{desk.server.data_dir / "leadkeeper.sqlite3"}')
    with database.transaction() as session:
        tenant = first_tenant(session)
        assert tenant is not None
        for email, name, role in PEOPLE:
            account(session, system(tenant.id), email, name, PASSWORD, role)
    database.close()


def fresh(desk: Desk, name: str, **body: Any) -> str:
    """The id of a new lead."""
    return str(desk.lead(name, key=ADMIN_KEY, **{'message': 'Please call', 'phone': ''} | body)['leadId'])


def opened(desk: Desk, lead_id: str, who: str = '', **options: Any) -> Any:
    """A page with this lead open, for the owner or for somebody by their address; nobody signs in twice."""
    page = desk.visitor(**options)
    cookies = _SESSIONS.setdefault(desk.server.url, {'': desk.cookies})
    if who not in cookies:
        cookies[who] = desk.sign_in(who, PASSWORD).context.cookies()
    page.context.add_cookies(cookies[who])
    page.goto(f'{desk.server.url}/leads/{lead_id}')
    page.locator(f'.lk-view[data-lead="{lead_id}"] .lk-entry').first.wait_for()
    page.wait_for_function('window.socket && window.socket.connected')
    return page


def press(page: Any, name: str) -> None:
    """What the key of this name does."""
    page.evaluate('name => window.lk.keys.fire(name)', name)


def field(page: Any, name: str) -> Any:
    """One line of the details."""
    return page.locator(f'.lk-details [data-field="{name}"]')


def says(page: Any, name: str, text: str) -> None:
    """Wait until this line of the details says so."""
    field(page, name).filter(has_text=text).wait_for()


def toast(page: Any, text: str) -> Any:
    """The toast that says this."""
    found = page.locator('.lk-toast', has_text=text)
    found.wait_for()
    return found


def undo(page: Any, text: str) -> None:
    """Press Undo beside this sentence."""
    toast(page, text).get_by_role('button', name='Undo').click()
    toast(page, 'Undone')
