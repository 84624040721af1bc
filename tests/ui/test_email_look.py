"""Notifications by e-mail as a browser draws them: on a phone and wide, in light and dark, and without asking anybody for anything.

`EMAIL_PICTURES=docs/email pytest -m long tests/ui/test_email_look.py` takes the pictures of docs/email anew.
"""

import os
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest

from domain.base import clock
from domain.base.events import Letter
from integrations.channels.mail import message

pytestmark = pytest.mark.long

AT = datetime(2026, 11, 21, 20, 15, tzinfo=UTC)
LINK = 'https://desk.example.com/leads/01979f0e-8a2b-7c3d-9e4f-5a6b7c8d9e0f'
STORY = (
    'Hello,\n\nwe run four vans and a small showroom on Riverside Drive. The vans need ceramic tint on the side and rear windows, the '
    'showroom something that keeps the afternoon sun off the desks without making it dark.\n\n'
    'Our address in the old system is https://example.com/customers/very-long-address-without-any-break-'
    + 'abcdefghij' * 8
    + '\n\nCould somebody call me before Friday?\n\n'
)

LETTERS = {
    'hot': {
        'title': 'New lead',
        'name': 'Priya Raman',
        'email': 'priya@example.com',
        'phone': '+1 512 555 0143',
        'message': 'Could you tint my Model Y before Friday? I leave for a long drive on Saturday morning.',
        'wants': 'ceramic tint, 2024 Tesla Model Y, budget 600',
        'quality': 'hot',
        'quality_reason': 'names a service, a budget and a day',
        'due_at': timedelta(minutes=15),
        'location': 'Riverside',
        'source': 'contact form',
    },
    'long': {
        'title': 'Wrote again',
        'name': 'Maximiliane Großmann-Okonkwo de la Vega y Aguilar, Head of Facilities',
        'email': 'maximiliane.grossmann-okonkwo.de.la.vega@facilities.a-rather-long-company-name.example.com',
        'phone': '+49 30 5550143',
        'message': STORY * 12,
        'wants': 'window film for offices, four vans, a showroom with 120 square metres of glass, and somebody who looks at it first',
        'quality': 'warm',
        'quality_reason': 'names a service and a place, but neither a budget nor a day by which it has to be done',
        'due_at': timedelta(hours=26),
        'location': 'Riverside',
        'source': 'property inquiry',
        'possible_duplicate': True,
    },
    'alert': {
        'title': 'Sales channel is paused',
        'message': (
            'Slack answered 403 Forbidden: an administrator restricts posting here. Check the address and its secret, then resume this '
            'destination. What waits for it is kept and goes out when you resume it.'
        ),
        'event_type': 'alert.opened',
    },
}


def html(name: str) -> str:
    given: dict[str, Any] = {
        'key': 'AZqx3k0fVt2b7QmT4nJ1sA',
        'event_type': 'lead.created',
        'occurred_at': AT,
        'time_zone': 'America/Chicago',
        'link': LINK,
        'reference': 'L-1A2B3C4D',
        **LETTERS[name],
    }
    if 'due_at' in given:
        given['due_at'] = clock.now() + given['due_at'] + timedelta(seconds=5)
    mail = message(Letter(**given), Address('Leadkeeper', 'desk', 'example.com'), [Address('', 'sales', 'example.com')])
    part = mail.get_body(('html',))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize('theme', ['light', 'dark'])
@pytest.mark.parametrize('width', [390, 800])
@pytest.mark.parametrize('name', LETTERS)
def test_a_notification_reads_well(chromium: Any, name: str, width: int, theme: Any) -> None:
    page = chromium.new_page(viewport={'width': width, 'height': 560}, color_scheme=theme)
    asked: list[str] = []
    page.on('request', lambda request: asked.append(request.url))
    page.set_content(html(name))
    assert asked == []
    assert page.evaluate('document.documentElement.scrollWidth') <= width, 'nothing has to be pushed aside to be read'
    assert (
        page.evaluate("Math.min(...[...document.querySelectorAll('.frame *')].map((e) => parseFloat(getComputedStyle(e).fontSize)))") >= 13
    )
    ground = page.evaluate('getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)')
    assert (max(ground) < 60) is (theme == 'dark')
    button = page.get_by_role('link', name='Open in Leadkeeper').bounding_box()
    assert button['height'] >= 44, 'a thumb can hit it'
    assert (button['width'] > 300) is (width < 480)
    if name == 'hot':
        assert button['y'] < 560, 'without turning the page'
    if folder := os.environ.get('EMAIL_PICTURES'):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f'{name}-{width}-{theme}.png', full_page=True)
    page.close()
