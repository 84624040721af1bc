"""The follow-ups page for browser tests: how follow-ups are planned by another process, how the page is opened and read."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import domain.conversations.models  # tasks point at conversations
from domain.access.queries import users
from domain.base import clock
from domain.base.db import Database
from domain.base.scope import Actor, ActorType, Role, Scope
from domain.follow_ups.actions import create
from domain.follow_ups.messages import TaskOrder
from domain.follow_ups.models import FollowUpTask
from domain.tenancy.queries import first_tenant
from tests.ui.lead_desk import _SESSIONS

assert domain.conversations.models
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def plan(desk: Any, lead_id: str, title: str, ahead: timedelta, *, owner: str = 'Ines Navarro', kind: str = 'call') -> UUID:
    """A follow-up so long from now, made by another process; one of the past became overdue by itself."""
    database = Database(f'sqlite:///{desk.server.data_dir / "leadkeeper.sqlite3"}')
    with database.transaction() as session:
        tenant = first_tenant(session)
        assert tenant is not None
        people = {user.name: user for user in users(session, Scope(tenant.id))}
        ines = Actor(Scope(tenant.id), ActorType.AGENT, people['Ines Navarro'].id, 'Ines Navarro', Role.OWNER)
        due = clock.now() + (ahead if ahead > timedelta() else HOUR)
        order = TaskOrder(lead_id=UUID(lead_id), title=title, due_at=due, kind=kind, owner_id=people[owner].id)
        task_id = create(session, ines, order).task_id
        if ahead <= timedelta():
            task = session.get(FollowUpTask, task_id)
            assert task is not None
            task.follow_up_date = task.fires_at = clock.now() + ahead
            session.add(task)
    database.close()
    return task_id


def come(desk: Any, query: str = '', who: str = '', **options: Any) -> Any:
    """A page with the follow-ups, for the owner or for somebody by their address."""
    page = desk.visitor(timezone_id='UTC', **options)
    known = _SESSIONS.setdefault(desk.server.url, {'': desk.cookies})
    if who not in known:
        known[who] = desk.sign_in(who).context.cookies()
    page.context.add_cookies(known[who])
    page.goto(f'{desk.server.url}/follow-ups{query}')
    page.locator('.lk-fu').wait_for()
    page.wait_for_function('window.socket && window.socket.connected')
    return page


def row(page: Any, title: str) -> Any:
    """The row of the agenda that says this."""
    return page.locator('.lk-fu-row', has_text=title)


def group(page: Any, title: str) -> str:
    """The name of the group this row stands in."""
    found = page.evaluate(
        """title => {
            let group = '';
            for (const el of document.querySelectorAll('.lk-fu-list .lk-group, .lk-fu-row')) {
                if (el.classList.contains('lk-group')) group = el.textContent;
                else if (el.textContent.includes(title)) return group;
            }
            return '';
        }""",
        title,
    )
    return re.sub(r'\s*\d+\s*$', '', str(found))


def stands_in(page: Any, name: str, title: str) -> None:
    """Wait until this row is in this group."""
    row(page, title).wait_for()
    page.wait_for_function(
        """([name, title]) => {
            let group = '';
            for (const el of document.querySelectorAll('.lk-fu-list .lk-group, .lk-fu-row')) {
                if (el.classList.contains('lk-group')) group = el.textContent;
                else if (el.textContent.includes(title)) return group.startsWith(name);
            }
            return false;
        }""",
        arg=[name, title],
    )


def walk_to(page: Any, title: str) -> None:
    """Down the agenda with J, as far as this row."""
    for _ in range(page.locator('.lk-fu-row').count()):
        if page.locator('.lk-fu-at', has_text=title).count():
            return
        page.keyboard.press('j')
    page.locator('.lk-fu-at', has_text=title).wait_for()


def more(page: Any, title: str, item: str) -> None:
    """Choose something in the menu of this row."""
    row(page, title).locator('.lk-fu-what').click()
    row(page, title).get_by_role('button', name='More').click()
    page.get_by_role('menuitem', name=item).click()
