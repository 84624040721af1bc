"""What rows look like: words, marks, tones, and texts that stay as they were typed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.base import clock
from domain.base.secrets import SecretBox
from domain.conversations.messages import Said
from domain.conversations.replies import ReplyChannel
from domain.desk.destinations import DestinationRow
from domain.desk.health import HealthPage, Service
from domain.desk.merge_preview import MergePreview, Row, Side
from domain.desk.messages import DeliveryRow, Entry, InboxRow, LeadPage, Pip
from domain.desk.open_lead import Choice, LeadData
from domain.outbox.models import State
from ui.presenters import inbox, lead, lead_origin, lead_timeline, settings, system, words

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

DATA = LeadData(
    page=PAGE,
    location_id=UUID(int=7),
    tags=('fleet',),
    lost_reason='',
    snoozed_until=None,
    vehicle={'make': 'Tesla'},
    people=(Choice(UUID(int=2), 'Ines Navarro'),),
    places=(Choice(UUID(int=7), 'Riverside'),),
    twins=(Choice(UUID(int=9), 'Priya R'),),
    messages=(),
    channels=(ReplyChannel('email', 'priya@example.com', ready=False, why='No mail account is connected.'),),
)


def happened(event_type: str, title: str, description: str = '', actor: str = '', **facts: str) -> Entry:
    return Entry(UUID(int=6), NOON, event_type, title, description, 'agent' if actor else 'system', actor, dict(facts))


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


@pytest.mark.parametrize(
    ('paused', 'resting', 'recent', 'dead', 'word'),
    [
        (False, False, '', 0, 'Ready'),
        (False, False, 'x.', 0, 'Working'),
        (False, False, '.', 1, 'Degraded'),
        (False, False, '.x', 1, 'Failing'),
        (False, True, '.', 0, 'Failing'),
        (True, True, 'xx', 2, 'Paused'),
    ],
)
def test_a_destination_has_the_same_word_under_health_and_under_settings(paused, resting, recent, dead, word):
    place, moment = UUID(int=3), clock.now()
    reason = 'Paused by Ines.' if paused else ''
    until = moment + timedelta(minutes=1) if resting else None
    service = Service(str(place), 'ok', destination='Slack', kind='slack', reason=reason, tried_at=until, dead=dead, recent=recent)
    page = HealthPage('ok', 'sqlite', (service,), (), (), 0, None, None, None, None)
    box = SecretBox('a key for tests, long enough to be one')
    row = DestinationRow(
        place, 'slack', 'Slack', box.seal('{"url": "https://example.com"}'), (), None, (), True, False, reason, paused, recent, until,
        None, dead, 0, None,
    )  # fmt: skip

    shown = system.view(page, {}, may_acknowledge=False)['services'][0]

    assert (shown['state'], settings.destination(row, box, settings.Kind('slack', 'Slack', fields={'url': True}), {})['chip']) == (
        word,
        word,
    )


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


def test_many_rows_name_what_they_share_once():
    rows = [inbox.row(replace(ROW, id=UUID(int=n))) for n in range(1, 201)]

    packed = inbox.packed(rows)

    assert packed['pips'] == rows[0]['pips'] and len(packed['rows']) == 200
    pips = packed['pips']
    line = dict(zip(packed['names'], packed['rows'][7], strict=True))
    assert line | {'pips': [pips[n] for n in line['pips']]} == rows[7]
    assert len(json.dumps(packed)) < 0.55 * len(json.dumps(rows))
    assert inbox.packed([]) == {'names': [], 'pips': [], 'rows': []}


def test_a_row_costs_less_than_a_kilobyte_on_the_socket():
    assert len(json.dumps(inbox.row(replace(ROW, message='x' * 300, pips=ROW.pips * 2)))) < 1024


def test_the_lead_is_plain_json_and_names_everything():
    shown = lead.view(DATA)

    assert json.loads(json.dumps(shown)) == shown
    assert shown['call'] == 'tel:+15550142'
    assert [fact['label'] for fact in shown['facts']] == ['Vehicle', 'Campaign', 'Listing page', 'Landing page', 'Move in date']
    assert shown['twins'] == [{'id': str(UUID(int=9)), 'name': 'Priya R'}]
    assert [line['said'] for line in shown['timeline']] == ['', 'Hi there'] and shown['timeline'][1]['who'] == 'Priya Raman'
    assert shown['channels'][0]['why'] and shown['tags'] == ['fleet'] and shown['people'][0]['initials'] == 'IN'


def test_what_a_lead_holds_stays_as_it_was_typed():
    shown = lead.view(replace(DATA, page=replace(PAGE, row=replace(ROW, name=EVIL)), tags=(EVIL,), lost_reason=EVIL))

    assert shown['name'] == shown['tags'][0] == shown['lost'] == EVIL


def test_only_web_addresses_become_links():
    links = {fact['label']: fact['link'] for fact in lead.view(DATA)['facts']}

    assert links['Listing page'] == '' and links['Landing page'] == 'https://shop.example/tint'


def test_the_first_reply_is_judged_by_its_deadline():
    late = lead.view(replace(DATA, page=replace(PAGE, row=replace(ROW, answered_at=NOON + timedelta(minutes=16)))))
    early = lead.view(replace(DATA, page=replace(PAGE, row=replace(ROW, answered_at=NOON + timedelta(minutes=3)))))

    assert (late['replied'], late['inTime']) == (960, False)
    assert (early['replied'], early['inTime']) == (180, True)


@pytest.mark.parametrize(
    ('title', 'who', 'said'),
    [
        ('Assigned to Rosa', 'Dev', 'assigned this to Rosa'),
        ('Assigned to Dev', 'Dev', 'took this lead'),
        ('Closed as lost: too dear', 'Dev', 'closed this as lost: too dear'),
        ('L-0A1B2C3D merged into this lead', 'Dev', 'merged L-0A1B2C3D into this lead'),
        ('Status open → closed, Stage new → lost', 'Dev', 'changed the status from open to closed and the stage from new to lost'),
        ('Called, no answer', 'Dev', 'called, no answer'),
    ],
)
def test_a_deed_reads_as_a_sentence_after_the_name(title, who, said):
    assert lead_timeline.did(title, who) == said


def test_only_the_latest_failure_of_a_delivery_offers_a_retry_and_what_goes_on_is_no_alarm():
    entries = [
        happened('notification_failed', 'Slack not reached, trying again', deliveryId='d'),
        happened('notification_failed', 'Slack not delivered after 7 tries', deliveryId='d'),
        happened('notification_failed', 'Hook not delivered after 1 try', deliveryId='gone'),
    ]

    lines = lead_timeline.timeline(entries, UUID(int=1), 'Priya', {}, {'d'})

    assert [(line['failed'], line['retry']) for line in lines] == [(False, ''), (True, 'd'), (True, '')]


def test_a_reply_says_how_far_its_own_channel_has_carried_it():
    said = Said(UUID(int=11), 'agent', 'Ines', 'Thursday it is', NOON, 'email', 'sent')
    mail = replace(DELIVERY, kind='email', state='pending', attempts=2, event_id=UUID(int=12))
    facts = {'messageId': str(said.id), 'eventId': str(mail.event_id), 'channel': 'email'}
    entry = happened('message', 'Replied by e-mail', 'Thursday it is', 'Ines', **facts)

    shown = lead.view(replace(DATA, messages=(said,), page=replace(PAGE, timeline=(entry,), deliveries=(mail, DELIVERY))))

    assert shown['timeline'][0]['sent']['word'] == shown['messages'][0]['sent']['word'] == 'Retrying'


def test_a_comparison_marks_the_side_that_wins_and_counts_what_comes_along():
    side = Side(UUID(int=1), 'L-1', 'Priya', NOON, None, messages=1, deliveries=2, receipts=0, notes=0)
    rows = (Row('email', 'a@x.example', 'b@x.example', 'a@x.example', 'kept'), Row('tags', 'fleet', 'van', 'fleet, van', 'both'))

    shown = lead_origin.compared(MergePreview(side, replace(side, id=UUID(int=2), reference='L-2'), rows, None))

    assert [(row['label'], row['wins'], row['together']) for row in shown['rows']] == [('E-mail', 0, ''), ('Tags', -1, 'fleet, van')]
    assert shown['moves'] == '1 message, 2 deliveries come along.'


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
