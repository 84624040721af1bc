"""The SLA board in real browsers: cards move by time and by the server's word, and everything can be done from the keyboard."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.base.clock import now
from domain.base.db import Database
from domain.leads.models import Lead
from domain.sla.models import SlaClock
from tests.ui.conftest import Desk
from tests.ui.lead_desk import MAIL, crowded, fresh, press, undo

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks

NARROW = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}
# Resolves with the time (ms since 1970) at which the card stands in the column.
ARRIVES = """([id, column]) => new Promise((done) => {
  const card = `.lk-bcol[data-column="${column}"] [data-id="${id}"]`;
  const there = () => document.querySelector(card) && (watch.disconnect(), done(Date.now()));
  const watch = new MutationObserver(there);
  watch.observe(document.body, { subtree: true, childList: true });
  there();
})"""


@pytest.fixture(scope='module')
def team(chromium: Any) -> Iterator[Desk]:
    yield from crowded(chromium, **MAIL)


@pytest.fixture
def desk(team: Desk) -> Iterator[Desk]:
    yield team
    team.look_over()


def database(desk: Desk) -> Database:
    return Database(f'sqlite:///{desk.server.data_dir / "leadkeeper.sqlite3"}')


def due_in(desk: Desk, lead_id: str, left: timedelta, *, quality: str = 'warm') -> None:
    """Have its first reply be due so far from now, as if it had come in earlier."""
    house = database(desk)
    with house.transaction() as session:
        due = now() + left
        values = {'due_at': due, 'fires_at': due, 'warned_at': now(), 'window_seconds': 3600}
        session.execute(sa.update(SlaClock).where(SlaClock.lead_id == UUID(lead_id)).values(**values))
        session.execute(sa.update(Lead).where(Lead.id == UUID(lead_id)).values(changed_at=now(), quality=quality))
    house.close()


def column(desk: Desk, lead_id: str, name: str) -> Any:
    """One column of the lead's clock, or of the lead."""
    house = database(desk)
    with house.reading() as session:
        table = Lead if hasattr(Lead, name) else SlaClock
        key = Lead.id if table is Lead else SlaClock.lead_id
        value = session.execute(sa.select(getattr(table, name)).where(key == UUID(lead_id))).scalar_one()
    house.close()
    return value


def lead(desk: Desk, name: str, left: timedelta, **more: Any) -> str:
    quality = more.pop('quality', 'warm')
    id_ = fresh(desk, name, **more)
    due_in(desk, id_, left, quality=quality)
    return id_


def board(desk: Desk, query: str = '', who: str = '', **options: Any) -> Any:
    page = desk.visitor(**options) if not who else desk.sign_in(who)
    if not who:
        page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/sla{query}')
    page.locator('.lk-board').wait_for()
    page.wait_for_function('window.socket && window.socket.connected')
    return page


def card(page: Any, lead_id: str, where: str = '') -> Any:
    return page.locator(f'.lk-bcol{f"[data-column={where}]" if where else ""} .lk-bcard[data-id="{lead_id}"]')


def at(page: Any) -> str:
    """The id of the card the keyboard stands on."""
    return str(page.evaluate('document.activeElement.closest(".lk-bcard")?.dataset.id'))


def test_a_breach_moves_the_card_in_every_open_browser(desk: Desk) -> None:
    id_ = lead(desk, 'Bianca Breach', timedelta(minutes=5), quality='hot')
    pages = [board(desk), board(desk)]
    for page in pages:
        card(page, id_, 'soon').wait_for()
        page.evaluate(f'window.moved = ({ARRIVES})(["{id_}", "late"]); null')

    due_in(desk, id_, timedelta(seconds=2), quality='hot')

    arrived = [page.evaluate('window.moved') / 1000 for page in pages]
    breached = column(desk, id_, 'breached_at').timestamp()
    assert column(desk, id_, 'due_at').timestamp() <= breached
    assert all(0 <= moment - breached < 2 for moment in arrived), [moment - breached for moment in arrived]
    for page in pages:
        assert page.locator('.lk-bcol[data-column="soon"]').get_by_text('Bianca Breach').count() == 0
        page.locator('.lk-nav[href="/sla"] .lk-num[data-tone="red"]', has_text='1').first.wait_for()


def test_time_alone_takes_a_card_to_the_second_column(desk: Desk) -> None:
    id_ = lead(desk, 'Step Over', timedelta(minutes=30, seconds=5))
    page = board(desk)
    card(page, id_, 'track').wait_for()
    number = page.locator('.lk-bcol[data-column="soon"] h2 .lk-num')
    before = int(number.inner_text())
    page.evaluate('window.socket.disconnect()')  # the browser does it by itself

    card(page, id_, 'soon').wait_for()

    assert int(number.inner_text()) == before + 1


def test_the_keyboard_walks_the_columns_and_takes_assigns_and_snoozes(desk: Desk) -> None:
    first = lead(desk, 'Kay First', timedelta(minutes=3), quality='hot')
    second = lead(desk, 'Kay Second', timedelta(minutes=4))
    later = lead(desk, 'Kay Later', timedelta(hours=9))
    page = board(desk)
    card(page, later, 'track').wait_for()
    page.locator(f'[data-id="{first}"] .lk-bname').focus()

    page.keyboard.press('j')
    assert at(page) == second
    page.keyboard.press('k')
    assert at(page) == first
    page.keyboard.press('ArrowRight')
    assert page.evaluate('document.activeElement.closest(".lk-bcol").dataset.column') == 'track'
    page.keyboard.press('ArrowLeft')
    assert page.evaluate('document.activeElement.closest(".lk-bcol").dataset.column') == 'soon'
    page.locator(f'[data-id="{first}"] .lk-bname').focus()
    page.keyboard.press('i')
    card(page, first).get_by_text('Owner Ines Navarro').wait_for(state='attached')
    page.keyboard.press('a')
    page.get_by_role('combobox', name='Assign to').fill('dev')
    page.keyboard.press('Enter')
    card(page, first).get_by_text('Owner Dev Kapoor').wait_for(state='attached')
    undo(page, 'Assigned to Dev Kapoor')
    card(page, first).get_by_text('Owner Ines Navarro').wait_for(state='attached')
    page.locator(f'[data-id="{first}"] .lk-bname').focus()
    page.keyboard.press('s')
    page.get_by_role('menuitem', name='1 hour').click()
    card(page, first).get_by_text('snoozed until').wait_for()
    page.keyboard.press('g')
    page.keyboard.press('i')
    page.locator('.lk-list').wait_for()
    page.keyboard.press('g')
    page.keyboard.press('s')
    page.locator('.lk-board').wait_for()


def test_reply_opens_the_lead_with_the_composer_ready(desk: Desk) -> None:
    id_ = lead(desk, 'Rea Reply', timedelta(minutes=6))
    page = board(desk)

    card(page, id_, 'soon').get_by_role('button', name='Reply to').click()

    page.wait_for_url(f'**/leads/{id_}')
    page.wait_for_function('document.activeElement?.closest(".lk-composer")')


def test_a_call_that_reached_them_answers_the_lead_from_the_board(desk: Desk) -> None:
    id_ = lead(desk, 'Cal Called', timedelta(minutes=7), phone='+1 555 010 7788')
    page, other = board(desk), board(desk)
    page.evaluate('document.addEventListener("click", (e) => e.target.closest("a[href^=tel]") && e.preventDefault(), true)')
    page.locator(f'[data-id="{id_}"] .lk-bname').focus()
    press(page, 'call')
    card(page, id_).get_by_role('button', name='Yes').click()

    card(page, id_, 'done').wait_for()
    card(other, id_, 'done').get_by_text('in 0:').wait_for()
    assert column(desk, id_, 'answered_at') is not None


def test_quality_and_location_are_in_the_address_and_hold_for_what_comes_later(desk: Desk) -> None:
    hot = lead(desk, 'Fay Hot', timedelta(minutes=8), quality='hot')
    warm = lead(desk, 'Fay Warm', timedelta(minutes=8))
    page = board(desk)
    card(page, warm).wait_for()

    page.get_by_role('navigation', name='Quality').get_by_role('link', name='Hot').click()
    page.wait_for_url('**/sla?quality=hot')
    card(page, warm).wait_for(state='detached')
    card(page, hot).wait_for()
    due_in(desk, warm, timedelta(minutes=9), quality='hot')
    card(page, warm).wait_for()
    due_in(desk, warm, timedelta(minutes=9), quality='cold')
    card(page, warm).wait_for(state='detached')

    again = board(desk, '?quality=hot')
    card(again, hot).wait_for()
    assert card(again, warm).count() == 0


def test_what_was_missed_while_the_socket_was_away_is_told_when_it_is_back(desk: Desk) -> None:
    id_ = lead(desk, 'Mia Missed', timedelta(hours=3))
    page = board(desk)
    card(page, id_, 'track').wait_for()
    page.wait_for_function('window.socket.connected')
    page.context.set_offline(True)
    page.evaluate('window.socket.io.engine.close()')
    page.wait_for_function('!window.socket.connected')
    due_in(desk, id_, timedelta(minutes=11))
    page.context.set_offline(False)

    card(page, id_, 'soon').wait_for(timeout=30000)
    desk.complaints.clear()  # the browser says that it was offline


def test_a_reader_sees_the_board_and_can_change_nothing(desk: Desk) -> None:
    id_ = lead(desk, 'Ola Open', timedelta(minutes=12))
    page = board(desk, who='olga@example.com')
    card(page, id_).wait_for()

    assert card(page, id_).locator('button').count() == 0
    page.locator(f'[data-id="{id_}"] .lk-bname').focus()
    page.keyboard.press('i')
    page.keyboard.press('Enter')
    page.wait_for_url(f'**/leads/{id_}')
    assert column(desk, id_, 'owner_id') is None


def test_on_a_phone_the_columns_snap_and_the_page_does_not_scroll_sideways(desk: Desk) -> None:
    id_ = lead(desk, 'Pia Phone', timedelta(minutes=2))
    page = board(desk, **NARROW)
    card(page, id_, 'soon').wait_for()

    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')
    box = page.locator('.lk-bcol[data-column="late"]').bounding_box()
    assert round(box['width']) == round(390 * 0.88)
    assert min(each.bounding_box()['height'] for each in card(page, id_).locator('.lk-b4 .lk-btn').all()) >= 36
