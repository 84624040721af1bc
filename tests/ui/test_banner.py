"""The banner above every place: there only while something is late, in every open desk, muted for ten minutes at most."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.alerts.models import LadderStep, Step
from domain.base.clock import now
from domain.base.db import Database
from domain.leads.models import Lead
from domain.outbox.models import LeadEvent
from domain.sla.actions import arm
from domain.sla.models import SlaClock
from tests.processes import ADMIN_KEY
from tests.ui.conftest import Desk

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks

HOT = {'message': 'Can you tint a Model Y today?', 'subject': 'Price'}


@contextmanager
def rows_of(desk: Desk) -> Iterator[Any]:
    db = Database(f'sqlite:///{desk.server.data_dir / "leadkeeper.sqlite3"}')
    try:
        with db.transaction() as session:
            yield session
    finally:
        db.close()


def due_in(desk: Desk, name: str, seconds: float) -> UUID:
    """A lead whose first reply is due in so many seconds."""
    lead_id = UUID(desk.lead(name, key=ADMIN_KEY, **HOT)['leadId'])
    with rows_of(desk) as session:
        clock = session.execute(sa.select(SlaClock).where(SlaClock.lead_id == lead_id)).scalar_one()
        clock.due_at, clock.warn_at = now() + timedelta(seconds=seconds), None
        arm(clock)
    return lead_id


def nobody_told(desk: Desk, name: str) -> UUID:
    """A hot lead of which no channel could tell anybody within five minutes."""
    lead_id = UUID(desk.lead(name, key=ADMIN_KEY, **HOT)['leadId'])
    with rows_of(desk) as session:
        lead = session.get(Lead, lead_id)
        event = session.execute(sa.select(LeadEvent).where(LeadEvent.lead_id == lead_id, LeadEvent.lead_seq == 1)).scalar_one()
        session.add(LadderStep(tenant_id=lead.tenant_id, lead_id=lead_id, event_id=event.id, step=Step.UNHEARD))
    return lead_id


def banner(page: Any) -> Any:
    return page.locator('.lk-banner')


@pytest.fixture
def own(open_desk: Callable[..., Desk]) -> tuple[Desk, Any]:
    desk = open_desk()
    return desk, desk.first_run()


def test_a_breach_is_said_in_every_open_desk_at_every_place_and_is_over_with_the_reply(own: tuple[Desk, Any]) -> None:
    desk, page = own
    other = desk.visitor()
    other.context.add_cookies(desk.cookies)
    other.goto(f'{desk.server.url}/deliveries')
    other.wait_for_function('window.socket && window.socket.connected')
    assert banner(page).count() == banner(other).count() == 0
    lead_id = due_in(desk, 'Bianca Rossi', 1.0)
    for each in (page, other):
        banner(each).filter(has_text='1 lead is past its reply time. It is Bianca Rossi, Riverside,').wait_for(timeout=10000)
    due_in(desk, 'Jonas Berg', 0.3)
    banner(page).filter(has_text='2 leads are past their reply time. The longest is Bianca Rossi').wait_for(timeout=10000)
    assert banner(page).locator('a').inner_text() == 'Open SLA board'
    banner(page).locator('a').click()
    page.wait_for_url('**/sla')
    with rows_of(desk) as session:
        session.execute(sa.update(SlaClock).where(SlaClock.lead_id == lead_id).values(answered_at=now(), fires_at=None))
    banner(other).filter(has_text='1 lead is past its reply time. It is Jonas Berg').wait_for(timeout=10000)


def test_muting_hides_it_for_ten_minutes_and_never_for_good(own: tuple[Desk, Any]) -> None:
    desk, page = own
    due_in(desk, 'Tomasz Wilk', 0.3)
    banner(page).wait_for()
    banner(page).get_by_role('button', name='Mute for 10 minutes').click()
    banner(page).wait_for(state='detached')
    left = page.evaluate("Number(localStorage.getItem('lk.muted.late')) - window.lk.now()")
    assert 590_000 < left <= 600_000
    page.reload()
    page.wait_for_function('window.socket && window.socket.connected')
    assert banner(page).count() == 0
    page.evaluate("window.dispatchEvent(new StorageEvent('storage', {key: 'lk.muted.late', newValue: String(window.lk.now() - 1)}))")
    banner(page).wait_for(timeout=7000)


def test_a_lead_that_nobody_was_told_of_is_said_with_a_sound_and_leads_to_it(own: tuple[Desk, Any]) -> None:
    desk, page = own
    page.evaluate("window.sounds = 0; window.addEventListener('lk:alarm', () => window.sounds++)")
    page.mouse.click(700, 700)  # browsers are silent before somebody has touched the page
    lead_id = nobody_told(desk, 'Priya Raman')
    said = banner(page).filter(has_text='Nobody was told of a hot lead. No channel has taken the alert of Priya Raman')
    said.wait_for(timeout=10000)
    assert said.get_attribute('data-kind') == 'unheard'
    page.wait_for_function('window.sounds === 1')
    said.get_by_role('link', name='Open lead').click()
    page.wait_for_url(f'**/leads/{lead_id}')
    page.get_by_role('button', name='Mute for 10 minutes').click()
    banner(page).wait_for(state='detached')


def test_it_is_read_out_at_most_once_a_minute(own: tuple[Desk, Any]) -> None:
    desk, page = own
    due_in(desk, 'Grace Adeyemi', 0.3)
    status = page.locator('.lk-banner + [role=status]')
    banner(page).wait_for()
    assert status.inner_text().startswith('1 lead is past its reply time.')
    due_in(desk, 'Kofi Mensah', 0.3)
    banner(page).filter(has_text='2 leads').wait_for(timeout=10000)
    assert status.inner_text().startswith('1 lead ')


def test_nothing_is_sent_while_it_only_ticks(own: tuple[Desk, Any]) -> None:
    desk, page = own
    due_in(desk, 'Dasha Corvin', 0.3)
    banner(page).wait_for()
    frames: list[str] = []
    page.on('websocket', lambda socket: socket.on('framereceived', lambda frame: frames.append(str(frame))))
    page.reload()
    banner(page).wait_for()
    page.wait_for_timeout(1500)
    frames.clear()
    page.wait_for_timeout(6000)
    assert [frame for frame in frames if 'run_method' in frame or frame.startswith('42')] == []
    assert banner(page).count() == 1


def test_quiet_hours_are_set_on_a_page_of_their_own_and_can_be_undone(own: tuple[Desk, Any]) -> None:
    desk, page = own
    page.goto(f'{desk.server.url}/quiet-hours')
    page.wait_for_function('window.socket && window.socket.connected')
    switch = page.get_by_role('switch', name='Quiet hours')
    switch.click()
    page.get_by_label('From').fill('21:30')
    page.get_by_label('Time zone').select_option('Europe/Berlin')
    page.get_by_role('button', name='Save').click()
    page.get_by_text('Quiet hours are set').wait_for()
    page.reload()
    page.get_by_label('From').wait_for()
    assert page.get_by_label('From').input_value() == '21:30'
    assert page.get_by_label('Time zone').input_value() == 'Europe/Berlin'
    switch.click()
    page.get_by_role('button', name='Save').click()
    page.get_by_text('No quiet hours any more').wait_for()
    page.get_by_role('button', name='Undo').click()
    page.get_by_label('From').wait_for()
