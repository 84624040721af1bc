"""What rows look like: words, marks, tones, and texts that stay as they were typed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.desk.messages import DeliveryRow, Entry, InboxRow, LeadPage, Pip
from domain.outbox.models import State
from ui.presenters import inbox, lead, words

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EVIL = '<img src=x onerror="alert(1)">{{ 7*7 }}'

ROW = InboxRow(
    id=UUID(int=1),
    name='Priya Raman',
    quality='hot',
    message='Can you do it before Friday?',
    source='website chat',
    location='Riverside',
    group='needs_reply',
    unread=True,
    received_at=NOON,
    changed_at=NOON,
    due_at=NOON + timedelta(minutes=15),
    window_seconds=900,
    answered_at=None,
    owner='Ines Navarro',
    owner_id=UUID(int=2),
    reference='L-00000001',
    pips=(Pip('Slack', 'slack', 'sent'), Pip('Hook', 'webhook', 'pending', paused=True)),
)
DELIVERY = DeliveryRow(
    id=UUID(int=3),
    event_id=UUID(int=4),
    event_type='lead.created',
    destination_id=UUID(int=5),
    destination='Slack',
    kind='slack',
    state='dead',
    paused=False,
    attempts=7,
    next_at=None,
    settled_at=NOON,
    last_class='permanent',
    last_error='Slack answered 400: invalid_payload.',
    provider_ref=None,
    possible_duplicate=False,
    provider_key='k',
)
PAGE = LeadPage(
    row=ROW,
    email='priya@example.com',
    phone='+1 555 0142',
    status='open',
    stage='new',
    quality_reason='Hot with 65 points.',
    kept_at=NOON,
    location_time_zone='UTC',
    vehicle='2024 Tesla Model Y',
    facts={'utmCampaign': 'fall', 'propertyUrl': 'javascript:alert(1)', 'landingPage': 'https://shop.example/tint', 'moveInDate': 'May'},
    possible_duplicates=(UUID(int=9),),
    timeline=(
        Entry(UUID(int=6), NOON, 'created', 'Lead kept from website chat', 'Hi there', 'customer', '', {'eventId': str(UUID(int=4))}),
    ),
    deliveries=(DELIVERY,),
)


@pytest.mark.parametrize(
    ('state', 'paused', 'attempts', 'word', 'tone', 'mark', 'retry'),
    [
        ('pending', False, 0, 'Queued', '', 'wait', False),
        ('pending', False, 2, 'Retrying', 'amber', 'wait', True),
        ('pending', True, 0, 'Waiting', 'amber', 'wait', True),
        ('leased', False, 1, 'Sending', '', 'wait', False),
        ('sent', False, 1, 'Sent', 'green', 'done', False),
        ('held', False, 1, 'Needs a decision', 'amber', 'held', True),
        ('dead', False, 9, 'Dead letter', 'red', 'dead', True),
        ('skipped', False, 0, 'Skipped', '', 'off', False),
        ('superseded', False, 0, 'Skipped (newer)', '', 'off', False),
        ('cancelled', False, 0, 'Resolved', '', 'off', False),
    ],
)
def test_a_delivery_state_is_shown_in_the_agreed_words(state, paused, attempts, word, tone, mark, retry):
    assert words.state(state, paused, attempts) == (word, tone, mark)
    assert words.can_retry(state, paused, attempts) is retry


def test_every_stored_state_has_words_of_its_own():
    shown = {state: words.state(state.value).word for state in State}

    assert len(set(shown.values())) == len(State)


def test_a_row_is_plain_json_with_absolute_times_and_unescaped_text():
    shown = inbox.row(replace(ROW, name=EVIL, message=EVIL))

    assert json.loads(json.dumps(shown)) == shown
    assert shown['name'] == shown['message'] == EVIL
    assert shown['due'] == int(NOON.timestamp()) + 900 and shown['at'] == int(NOON.timestamp()) * 1000
    assert [(pip['mark'], pip['word']) for pip in shown['pips']] == [('done', 'Sent'), ('wait', 'Waiting')]
    assert (shown['initials'], shown['icon']) == ('IN', 'message-square')


def test_a_row_without_owner_name_or_words_still_says_something():
    shown = inbox.row(replace(ROW, name='', message='', owner=None, owner_id=None, due_at=None))

    assert (shown['name'], shown['message'], shown['initials'], shown['ownerId'], shown['due']) == (
        'No name given',
        'No message',
        '',
        None,
        None,
    )


def test_a_row_costs_less_than_a_kilobyte_on_the_socket():
    assert len(json.dumps(inbox.row(replace(ROW, message='x' * 300, pips=ROW.pips * 2)))) < 1024


def test_the_lead_page_is_plain_json_and_names_everything():
    shown = lead.view(PAGE)

    assert json.loads(json.dumps(shown)) == shown
    assert shown['call'] == 'tel:+15550142'
    assert [fact['label'] for fact in shown['facts']] == ['Vehicle', 'Campaign', 'Listing page', 'Landing page', 'Move in date']
    assert shown['twins'] == [str(UUID(int=9))]
    assert shown['timeline'][0]['who'] == 'Priya Raman' and shown['timeline'][0]['said'] == 'Hi there'


def test_only_web_addresses_become_links():
    links = {fact['label']: fact['link'] for fact in lead.view(PAGE)['facts']}

    assert links['Listing page'] == '' and links['Landing page'] == 'https://shop.example/tint'


def test_the_first_reply_is_judged_by_its_deadline():
    late = replace(PAGE, row=replace(ROW, answered_at=NOON + timedelta(minutes=16)))
    early = replace(PAGE, row=replace(ROW, answered_at=NOON + timedelta(minutes=3)))

    assert (lead.view(late)['replied'], lead.view(late)['inTime']) == (960, False)
    assert (lead.view(early)['replied'], lead.view(early)['inTime']) == (180, True)


def test_a_delivery_says_why_it_failed_and_what_a_retry_means():
    dead = lead.delivery(DELIVERY)
    held = lead.delivery(replace(DELIVERY, state='held'))
    sent = lead.delivery(replace(DELIVERY, state='sent'))

    assert dead['why'] == 'Slack answered 400: invalid_payload.' and dead['retry']
    assert 'may have arrived' in held['advice']
    assert sent['why'] == '' and not sent['retry']


@pytest.mark.parametrize(
    ('name', 'initials'), [('Ines Navarro', 'IN'), ('ada', 'A'), ('Mei-Ling Chou', 'MC'), ('', ''), ('<script>', ''), ('Ólafur Ø', 'ÓØ')]
)
def test_initials(name, initials):
    assert words.initials(name) == initials


@pytest.mark.parametrize(
    ('source', 'icon'),
    [('website chat', 'message-square'), ('contact form', 'file-text'), ('property inquiry', 'house'), ('pigeon', 'globe')],
)
def test_each_source_has_an_icon(source, icon):
    assert words.source_icon(source) == icon
