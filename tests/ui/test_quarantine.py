"""The quarantine in a browser: read, mend, make it a lead, put it aside and take that back."""

import re
from typing import Any

import pytest

from tests.processes import ADMIN_KEY, request
from tests.ui.conftest import Desk

pytestmark = pytest.mark.long  # in a browser, beyond the paths that everybody walks

EVIL = '<img src=x onerror=alert(1)>'


def aside(desk: Desk, **body: Any) -> None:
    """One submission that is not understood."""
    answer = request('POST', f'{desk.server.url}/api/submit-contact', {'email': 'no address', 'message': 'Please call.'} | body)
    assert answer.status == 202, answer.body


def waits(desk: Desk) -> list[dict[str, Any]]:
    return list(request('GET', f'{desk.server.url}/api/v1/quarantine', key=ADMIN_KEY).json['items'])


@pytest.fixture
def page(desk: Desk) -> Any:
    return opened(desk)


def opened(desk: Desk, **options: Any) -> Any:
    page = desk.visitor(**options)
    page.context.add_cookies(desk.cookies)
    page.goto(f'{desk.server.url}/quarantine')
    page.get_by_role('heading', name='Quarantine', exact=True).wait_for()
    return page


def row(page: Any, name: str) -> Any:
    return page.locator('.lk-q-row', has_text=name)


def test_a_submission_is_mended_into_a_lead(desk: Desk) -> None:
    aside(desk, name='Mira Okafor', phone='', note=EVIL)
    page = opened(desk)
    row(page, 'Mira Okafor').click()
    page.get_by_label('The submission as it came').wait_for()
    assert EVIL in page.locator('.lk-q-raw').inner_text()
    assert page.locator('.lk-q-raw img').count() == 0
    page.get_by_role('button', name='Make it a lead').click()
    page.locator('#lk-qe-email').wait_for()
    assert page.evaluate('document.activeElement.id') == 'lk-q-email'
    page.get_by_label('E-mail').fill('mira@example.com')
    page.get_by_role('button', name='Make it a lead').click()
    page.get_by_role('heading', name='It is a lead now').wait_for()
    row(page, 'Mira Okafor').wait_for(state='detached')
    page.get_by_role('link', name='Open the lead').click()
    page.wait_for_url(re.compile('/leads/'))
    page.get_by_role('heading', name='Mira Okafor').wait_for()
    page.get_by_text('took this out of the quarantine').first.wait_for()


def test_the_words_of_a_known_person_join_their_lead(desk: Desk) -> None:
    desk.lead('Jonas Weber')
    aside(desk, name='Jonas', message='Once more.')
    page = opened(desk)
    row(page, 'Jonas').click()
    page.get_by_label('E-mail').fill('jonas.weber@example.com')
    page.get_by_role('button', name='Make it a lead').click()
    page.get_by_role('heading', name='Added to a lead').wait_for()


def test_what_is_no_lead_is_put_aside_and_comes_back_with_undo(desk: Desk, page: Any) -> None:
    aside(desk, name='Petra Spam')
    row(page, 'Petra Spam').wait_for()  # the list hears of it by itself
    row(page, 'Petra Spam').click()
    page.get_by_role('button', name='Not a lead').click()
    page.get_by_text('Put aside as no lead').wait_for()
    row(page, 'Petra Spam').wait_for(state='detached')
    assert 'Petra Spam' not in str(waits(desk))
    page.get_by_role('button', name='Undo').click()
    row(page, 'Petra Spam').wait_for()
    assert 'Petra Spam' in str(waits(desk))
    row(page, 'Petra Spam').click()
    page.get_by_role('button', name='Spam', exact=True).click()
    row(page, 'Petra Spam').wait_for(state='detached')


def test_two_people_meet_at_the_same_submission(desk: Desk) -> None:
    aside(desk, name='Shared One')
    first, second = opened(desk), opened(desk)
    for page in (first, second):
        row(page, 'Shared One').click()
        page.get_by_role('button', name='Not a lead').wait_for()
    first.get_by_role('button', name='Not a lead').click()
    row(second, 'Shared One').wait_for(state='detached')
    second.get_by_role('heading', name=re.compile('Nothing')).first.wait_for()


def test_on_a_phone_it_is_one_pane_at_a_time(desk: Desk) -> None:
    aside(desk, name='Phone Person')
    page = opened(desk, viewport={'width': 390, 'height': 844}, has_touch=True)
    row(page, 'Phone Person').click()
    button = page.get_by_role('button', name='Make it a lead')
    button.wait_for()
    assert button.bounding_box()['height'] >= 40
    assert not row(page, 'Phone Person').is_visible()
    assert page.evaluate('document.documentElement.scrollWidth') <= 390
    page.get_by_role('button', name='Back to the list').click()
    row(page, 'Phone Person').wait_for()
