"""The deliveries screen in a real browser: what dies shows up, is understood, decided and sent again, by mouse and by keyboard."""

from functools import partial
from typing import Any

import pytest

from tests.receiver import Fault
from ui.presenters import deliveries as shown

pytestmark = pytest.mark.slow  # in a browser, beyond the paths that everybody walks

NARROW = {'viewport': {'width': 390, 'height': 844}, 'has_touch': True}
REFUSED = Fault(status=400, body='invalid_payload', path='/slack')


def come_to_deliveries(desk: Any, query: str = '', **options: Any) -> Any:
    page = desk.come_in(**options)
    page.goto(f'{desk.server.url}/deliveries{query}')
    page.locator('.lk-deliv').wait_for()
    return page


def line(page: Any, name: str) -> Any:
    return page.locator('.lk-drow[data-id]', has_text=name)


def die(desk: Any, outside: Any, *names: str) -> None:
    """New leads that Slack refuses for good; an alert about that may be refused with them."""
    outside.faults.extend([REFUSED] * 50)
    for name in names:
        desk.lead(name, message='Please call')
        outside.wait(partial(_refused, name), what=f'the death of {name}')
    outside.faults.clear()


def _refused(name: str, outside: Any) -> bool:
    return any(call.status == 400 and name in call.body for call in tuple(outside.calls))


def test_a_delivery_dies_and_is_replayed_before_the_eyes(desk, outside):
    page = come_to_deliveries(desk)

    die(desk, outside, 'Bianca Rossi')
    line(page, 'Bianca Rossi').get_by_text('Dead letter').wait_for()
    line(page, 'Bianca Rossi').locator('button').click()
    pane = page.locator('.lk-dpane')
    pane.get_by_text('A replay uses the same key.').wait_for()
    assert '400' in pane.locator('.lk-tries-log li').inner_text()
    assert '"name": "Bianca Rossi"' in pane.locator('.lk-payload').inner_text()
    pane.get_by_role('button', name='Replay').click()

    line(page, 'Bianca Rossi').get_by_text('Sent', exact=True).wait_for()
    pane.get_by_text('Sent', exact=True).first.wait_for()
    keys = [call.body for call in tuple(outside.calls) if 'Bianca Rossi' in call.body]
    assert len(keys) == 2


def test_the_keyboard_selects_replays_resolves_and_undoes(desk, outside):
    page = come_to_deliveries(desk)
    die(desk, outside, 'Kay One', 'Kay Two')
    for name in ('Kay One', 'Kay Two'):
        line(page, name).get_by_text('Dead letter').wait_for()
    page.goto(f'{desk.server.url}/deliveries?state=dead')
    line(page, 'Kay Two').wait_for()

    page.keyboard.press('j')
    walk_to(page, 'Kay Two')
    page.keyboard.press('x')
    walk_to(page, 'Kay One')
    page.keyboard.press('Shift+X')
    chosen = page.locator('.lk-check input:checked').count()
    assert chosen >= 2
    page.get_by_role('toolbar').get_by_text(f'{chosen} selected').wait_for()
    page.get_by_role('toolbar').get_by_role('button', name='Resolve').click()
    page.get_by_text(f'{chosen} deliveries resolved.').wait_for()
    line(page, 'Kay One').wait_for(state='detached')
    page.keyboard.press('z')
    line(page, 'Kay One').wait_for()

    line(page, 'Kay Two').locator('button').click()
    page.keyboard.press('Shift+R')
    line(page, 'Kay Two').wait_for(state='detached')
    assert line(page, 'Kay One').is_visible()


def walk_to(page: Any, name: str) -> None:
    """Down the list with J, as far as this row."""
    for _ in range(page.locator('.lk-drow[data-id]').count()):
        if name in page.locator('.lk-dnow').inner_text():
            return
        page.keyboard.press('j')
    assert name in page.locator('.lk-dnow').inner_text()


def test_all_dead_since_counts_first_and_sends_what_it_counted(desk, outside):
    page = come_to_deliveries(desk, '?state=dead')
    die(desk, outside, 'Dee One', 'Dee Two')
    line(page, 'Dee One').wait_for()
    line(page, 'Dee Two').wait_for()
    page.get_by_role('button', name='Replay all dead since').click()
    told = page.get_by_role('dialog').get_by_text('deliveries go out again')
    told.wait_for()
    dead = int(told.inner_text().split()[0])
    page.get_by_role('button', name=f'Replay {dead}').click()

    page.get_by_text(f'{dead} deliveries on the way again').wait_for()
    page.get_by_role('heading', name='No dead letters').wait_for()
    assert page.get_by_role('dialog').count() == 0


def test_a_copy_goes_to_the_sandbox_and_filters_stand_in_the_address(desk, outside):
    page = come_to_deliveries(desk)
    die(desk, outside, 'Sandy Shore')
    line(page, 'Sandy Shore').get_by_text('Dead letter').wait_for()
    line(page, 'Sandy Shore').locator('input').check()
    page.get_by_role('button', name='Send to sandbox').first.click()

    copy = line(page, 'Sandy Shore').filter(has_text='Sandbox')
    copy.get_by_text('Sent', exact=True).wait_for()
    assert line(page, 'Sandy Shore').get_by_text('Dead letter').is_visible()
    page.locator('.lk-pick select').first.select_option(label='Sandbox')
    page.wait_for_url('**/deliveries?destination=*')
    line(page, 'Sandy Shore').filter(has_text='Slack').wait_for(state='detached')
    page.reload()
    copy.wait_for()
    assert page.locator('.lk-drow[data-id]').count() == 1


def test_on_a_phone_one_pane_at_a_time(desk, outside):
    page = come_to_deliveries(desk, **NARROW)
    die(desk, outside, 'Phil Phone')
    line(page, 'Phil Phone').get_by_text('Dead letter').wait_for()

    line(page, 'Phil Phone').locator('button').click()
    page.locator('.lk-payload').wait_for()
    assert not page.locator('.lk-deliv-list').is_visible()
    page.get_by_role('button', name='Back to the list').click()

    line(page, 'Phil Phone').wait_for()
    assert page.evaluate('document.documentElement.scrollWidth') <= 390


@pytest.mark.parametrize(
    ('query', 'asked'),
    [
        ({}, {'range': '', 'state': '', 'destination': ''}),
        ({'range': '7d', 'state': 'dead'}, {'range': '7d', 'state': 'dead', 'destination': ''}),
        ({'range': 'x', 'state': '<b>', 'destination': 'x'}, {'range': '', 'state': '', 'destination': ''}),
    ],
)
def test_the_address_is_read_and_written_alike(query, asked):
    assert shown.asked(shown.wanted(query)) == asked


@pytest.mark.parametrize(
    ('seconds', 'text'),
    [(0.0004, '1 ms'), (0.088, '88 ms'), (0.9, '0.9 s'), (42, '42 s'), (180, '3 min'), (18_000, '5 h'), (172_800, '2 days')],
)
def test_lengths_of_time_in_words(seconds, text):
    assert shown.lasted(seconds) == text
