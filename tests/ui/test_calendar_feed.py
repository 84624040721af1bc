"""One's own calendar feed, in a real browser: made, copied, renewed and ended on the follow-ups page; the address is shown once."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.processes import request
from tests.ui.agenda import HOUR, come, plan, row
from tests.ui.axe_scenes import WIDTHS, Looked
from tests.ui.lead_desk import crowded, fresh, toast

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks


@pytest.fixture(scope='module')
def shared(chromium: Any) -> Iterator[Any]:
    yield from crowded(chromium)


def got(address: str) -> tuple[int, str]:
    """What a calendar program is answered."""
    answer = request('GET', address)
    return answer.status, answer.body.decode()


def feed(page: Any) -> Any:
    page.get_by_role('button', name='Calendar feed').press('Enter')
    return page.get_by_role('dialog', name='Calendar feed')


def test_an_address_is_made_copied_renewed_and_ended(desk):
    plan(desk, fresh(desk, 'Cal Able'), 'Ring Cal', HOUR)
    page = come(desk, permissions=['clipboard-read', 'clipboard-write'])
    row(page, 'Ring Cal').wait_for()
    box = feed(page)
    box.get_by_text('You have no feed yet.').wait_for()
    box.get_by_role('button', name='Make the address').click()
    first = box.locator('code').inner_text()
    page.wait_for_function("document.activeElement.textContent === 'Copy'")
    page.keyboard.press('Enter')
    box.get_by_role('button', name='Copied').wait_for()
    assert page.evaluate('navigator.clipboard.readText()') == first
    assert first.startswith(desk.server.url) and 'Ring Cal (Cal Able)' in got(first)[1]

    page.keyboard.press('Escape')
    box.wait_for(state='detached')
    page.wait_for_function("document.activeElement.textContent.trim() === 'Calendar feed'")
    assert first not in page.content()
    box = feed(page)
    box.get_by_text('On since').wait_for()
    box.get_by_role('button', name='New address').click()
    page.keyboard.press('Escape')  # leaves the question, not the dialog
    page.wait_for_function("document.activeElement.textContent === 'New address'")
    assert got(first)[0] == 200
    box.get_by_role('button', name='New address').click()
    box.get_by_role('button', name='Make a new address').click()
    box.locator('code').wait_for()
    second = box.locator('code').inner_text()
    assert (got(first)[0], got(second)[0]) == (404, 200)

    box.get_by_role('button', name='End').click()
    box.get_by_role('button', name='End the feed').click()
    box.get_by_text('You have no feed yet.').wait_for()
    toast(page, 'Calendar feed ended')
    assert got(second)[0] == 404


def test_who_may_only_look_has_a_feed_too(desk):
    page = come(desk, who='olga@example.com')

    box = feed(page)
    box.get_by_role('button', name='Make the address').click()

    assert 'Follow-ups of Olga' in got(box.locator('code').inner_text())[1]


@pytest.mark.parametrize('size', WIDTHS)
def test_nobody_is_kept_out(desk, size):
    width, height = WIDTHS[size]
    page = come(desk, viewport={'width': width, 'height': height}, has_touch=size == 'phone', reduced_motion='reduce')
    box = feed(page)
    looked = Looked()
    box.get_by_text('Its address').or_(box.get_by_text('On since')).first.wait_for()
    looked.at(page, f'feed {size}')

    print(looked)
    assert (looked.grave, looked.wide) == ({}, [])
