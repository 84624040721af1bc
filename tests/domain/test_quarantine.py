"""The way out of the quarantine, on both engines: nothing is lost, nothing is doubled, and the receipt keeps its bytes."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from domain.access.keys import create_widget_key
from domain.alerts.queries import open_alerts
from domain.base.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.desk.ledger import verify
from domain.desk.quarantine import HeldWhole, held, held_page
from domain.intake.actions import quarantine
from domain.intake.messages import Arrival, Correction, Released
from domain.intake.queries import submission, waiting
from domain.intake.release import dismiss, put_back, release
from domain.tenancy.models import Location
from tests.domain.conftest import Desk
from tests.domain.rows import BOX, command, destination, facts_of, other_tenant, table

EXPIRE = timedelta(hours=72)
GOOD = Correction(email='ada@example.com')


def person(tenant_id: UUID, role: Role = Role.AGENT, locations: frozenset[UUID] | None = None) -> Actor:
    return Actor(Scope(tenant_id, locations), ActorType.AGENT, uuid4(), 'Rosa', role)


def aside(
    desk: Desk, *, route: str = 'contact', raw: bytes | None = None, kind: str = 'none', credential: str | None = None, **body: Any
) -> UUID:
    """One submission put aside, as the routes do it."""
    sent = {'name': 'Ada', 'email': 'ada at example.com', 'message': 'Please call me.'} | body
    arrival = Arrival(raw or json.dumps(sent).encode(), 'application/json', {'user-agent': 'test'}, 'hash')
    facts = facts_of(desk.db, desk.tenant_id, kind=kind, name=credential or kind)
    with desk.db.transaction() as session:
        text = quarantine(session, facts, arrival, route, [FieldError('email', 'is not an address')])
    return UUID(json.loads(text)['receiptId'].partition('.')[0])


def let_go(desk: Desk, id_: UUID, correction: Correction = GOOD, actor: Actor | None = None) -> Released:
    with desk.db.transaction() as session:
        return release(session, actor or person(desk.tenant_id), id_, correction, sign=BOX.sign, expire=EXPIRE)


def whole(desk: Desk, id_: UUID, scope: Scope | None = None) -> HeldWhole | None:
    with desk.db.reading() as session:
        return held(session, scope or Scope(desk.tenant_id), id_)


def count(desk: Desk) -> int:
    with desk.db.reading() as session:
        return waiting(session, Scope(desk.tenant_id))


def alerts(desk: Desk) -> list[str]:
    with desk.db.reading() as session:
        return [alert.key for alert in open_alerts(session, Scope(desk.tenant_id))]


def lost(desk: Desk) -> list[dict[str, str]]:
    with desk.db.reading() as session:
        return verify(session, Scope(desk.tenant_id), None).lost


def test_a_mended_submission_goes_the_way_of_every_lead(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Hook')
    raw = b'{"name": "Ada",\n  "email": "ada at example.com", "message": "Please call me.", "metadata": {"utmSource": "ads"}}'
    id_ = aside(desk, raw=raw)
    assert (count(desk), alerts(desk)) == (1, ['quarantine'])
    released = let_go(desk, id_)
    (receipt,) = table(desk.db, 'submissions')
    (lead,) = table(desk.db, 'leads')
    assert released == Released(lead['id'], receipt['event_id'], 'created')
    assert (receipt['id'], receipt['raw'], receipt['outcome'], receipt['lead_id']) == (id_, raw, 'created', lead['id'])
    assert (receipt['credential'], receipt['route'], receipt['problems']) == (
        'none',
        'contact',
        [{'field': 'email', 'message': 'is not an address'}],
    )
    assert (lead['name'], lead['email'], lead['facts']) == ('Ada', 'ada@example.com', {'origin': {'utmSource': 'ads'}})
    events = [row for row in table(desk.db, 'lead_events') if row['event_type'] == 'lead.created']
    assert len([row for row in table(desk.db, 'deliveries') if row['event_id'] == events[0]['id']]) == 1
    (message,) = table(desk.db, 'chat_messages')
    assert (message['submission_id'], message['content']) == (id_, 'Please call me.')
    assert [entry['title'] for entry in table(desk.db, 'conversation_timeline')] == [
        'Lead kept from contact form',
        'Took this out of the quarantine',
    ]
    assert len(table(desk.db, 'sla_clocks')) == 1
    assert (count(desk), alerts(desk), lost(desk)) == (0, [], [])


def test_a_person_known_already_gets_no_second_lead(desk: Desk) -> None:
    desk.capture(command(email='ada@example.com', message='First.'))
    released = let_go(desk, aside(desk, message='Second.'))
    (lead,) = table(desk.db, 'leads')
    assert (released.lead_id, released.outcome) == (lead['id'], 'resubmitted')
    assert sorted(row['outcome'] for row in table(desk.db, 'submissions')) == ['created', 'resubmitted']
    assert sorted(row['content'] for row in table(desk.db, 'chat_messages')) == ['First.', 'Second.']
    assert lost(desk) == []


def test_it_can_be_released_once(desk: Desk) -> None:
    id_ = aside(desk)
    let_go(desk, id_)
    with pytest.raises(Conflict, match='already'):
        let_go(desk, id_)
    assert len(table(desk.db, 'leads')) == 1


def test_two_who_release_it_at_once_make_one_lead(desk: Desk) -> None:
    ids = [aside(desk), aside(desk, name='Other')]

    def attempt(id_: UUID) -> str:
        try:
            return let_go(desk, id_, Correction(email=f'{id_.hex}@example.com')).outcome
        except Conflict:
            return 'refused'

    with ThreadPoolExecutor(4) as pool:
        ended = sorted(pool.map(attempt, ids * 2))
    assert ended == ['created', 'created', 'refused', 'refused']
    assert (len(table(desk.db, 'leads')), count(desk), alerts(desk), lost(desk)) == (2, 0, [], [])


def test_the_same_words_handed_in_meanwhile_are_the_same_person(desk: Desk) -> None:
    id_ = aside(desk)
    desk.capture(command(email='ada@example.com'))
    assert let_go(desk, id_).outcome == 'resubmitted'
    assert (len(table(desk.db, 'leads')), lost(desk)) == (1, [])


@pytest.mark.parametrize(
    ('given', 'field'),
    [
        ({}, 'email'),
        ({'email': ''}, 'email'),
        ({'email': 'still wrong'}, 'email'),
        ({'email': '', 'phone': '12'}, 'phone'),
        ({'email': 'ada@example.com', 'message': 'x' * 10_001}, 'message'),
        ({'email': 'ada@example.com', 'name': 'x' * 301}, 'name'),
        ({'email': 'ada@example.com\ud800'}, 'email'),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_still_wrong_is_named_and_nothing_changes(desk: Desk, given: dict[str, str], field: str) -> None:
    id_ = aside(desk)
    with pytest.raises(Invalid) as refused:
        let_go(desk, id_, Correction.model_construct(**{'name': None, 'email': None, 'phone': None, 'message': None} | given))
    assert field in [error.field for error in refused.value.errors]
    assert (table(desk.db, 'leads'), count(desk), alerts(desk)) == ([], 1, ['quarantine'])


@pytest.mark.parametrize(
    'text', ['a\x00b', '<script>alert(1)</script>', '\u202ert\u0000l', "'; drop table leads; --", '\U0001f9d1\u200d\U0001f527']
)
def test_naughty_texts_are_kept_as_they_are_but_for_control_characters(desk: Desk, text: str) -> None:
    let_go(desk, aside(desk), Correction(email='ada@example.com', name=text, message=text))
    (lead,) = table(desk.db, 'leads')
    assert lead['name'] == text.replace('\x00', '')
    assert table(desk.db, 'chat_messages')[0]['content'] == text.replace('\x00', '')


def test_what_no_lead_can_carry_is_left_out_and_stays_in_the_receipt(desk: Desk) -> None:
    transcript = [{'role': 'user', 'content': str(number)} for number in range(201)]
    id_ = aside(desk, route='chatbot', transcript=transcript, budget='500', vehicle=['a', 'list'], email='ada@example.com')
    shown = whole(desk, id_)
    assert shown is not None
    assert shown.row.read.left_out == ('transcript', 'vehicle')
    let_go(desk, id_, Correction())
    (lead,) = table(desk.db, 'leads')
    assert (lead['source'], lead['facts']) == ('website chat', {'budget': '500'})
    assert json.loads(table(desk.db, 'submissions')[0]['raw'])['transcript'] == transcript


def test_long_and_odd_fields_are_offered_as_far_as_they_are_text(desk: Desk) -> None:
    shown = whole(desk, aside(desk, name='n' * 400, message='m' * 12_000, phone=5550142, email={'a': 1}))
    assert shown is not None
    read = shown.row.read
    assert (len(read.name), len(read.message), read.phone, read.email) == (300, 10_000, '5550142', '')
    assert read.cut == ('name', 'message')


def test_a_form_of_the_tenant_is_read_by_its_own_names(desk: Desk) -> None:
    with desk.db.transaction() as session:
        session.execute(sa.text("""update forms set fields = '{"wer": "name", "post": "email"}' where slug = 'contact'"""))
    id_ = aside(desk, route='form:contact', raw=b'{"wer": "Grete", "post": "grete at example.com"}')
    shown = whole(desk, id_)
    assert shown is not None
    assert (shown.row.form, shown.row.read.name, shown.row.read.email) == ('Contact form', 'Grete', 'grete at example.com')
    let_go(desk, id_, Correction(email='grete@example.com'))
    assert table(desk.db, 'leads')[0]['name'] == 'Grete'


def test_the_lead_falls_to_the_place_of_its_widget_key(desk: Desk) -> None:
    with desk.db.transaction() as session:
        place = Location(tenant_id=desk.tenant_id, slug='mill', name='Old Mill')
        session.add(place)
        session.flush()
        key, _ = create_widget_key(session, system(desk.tenant_id), 'Mill site', ['https://mill.example'], location_id=place.id)
    id_ = aside(desk, kind='widget', credential=f'widget:{key.id.hex}')
    shown = whole(desk, id_)
    assert shown is not None
    assert shown.row.key == 'Mill site'
    let_go(desk, id_)
    assert table(desk.db, 'leads')[0]['location_id'] == place.id


def test_what_is_no_lead_is_put_aside_by_a_named_person_and_can_come_back(desk: Desk) -> None:
    first, second = aside(desk), aside(desk, name='Spam')
    rosa = person(desk.tenant_id)
    with desk.db.transaction() as session:
        dismiss(session, rosa, [first], 'not_qualified')
    assert (count(desk), alerts(desk)) == (1, ['quarantine'])
    with desk.db.transaction() as session:
        dismiss(session, rosa, [second], 'spam')
    assert (count(desk), alerts(desk)) == (0, [])
    assert [row['outcome'] for row in table(desk.db, 'submissions')] == ['not_qualified', 'spam']
    assert lost(desk) == []
    with desk.db.transaction() as session:
        put_back(session, rosa, [second])
    assert (count(desk), alerts(desk)) == (1, ['quarantine'])
    acts = [(row['action'], row['actor_name']) for row in table(desk.db, 'audit_log') if row['action'].startswith('quarantine')]
    assert acts == [('quarantine.dismissed', 'Rosa'), ('quarantine.dismissed', 'Rosa'), ('quarantine.put_back', 'Rosa')]
    with pytest.raises(Conflict), desk.db.transaction() as session:
        dismiss(session, rosa, [first], 'spam')
    with pytest.raises(Conflict), desk.db.transaction() as session:
        put_back(session, rosa, [second])


def test_the_list_is_newest_first_in_pages(desk: Desk) -> None:
    ids = [aside(desk, name=str(number)) for number in range(5)]
    with desk.db.reading() as session:
        page = held_page(session, Scope(desk.tenant_id), limit=3)
        rest = held_page(session, Scope(desk.tenant_id), limit=3, before=page.rows[-1].id)
    assert ([row.id for row in page.rows], page.more, page.total) == (ids[:1:-1], True, 5)
    assert ([row.id for row in rest.rows], rest.more) == (ids[1::-1], False)


def test_who_works_for_one_location_sees_nothing_of_it(desk: Desk) -> None:
    id_ = aside(desk)
    (place,) = table(desk.db, 'locations')
    narrow = person(desk.tenant_id, locations=frozenset({place['id']}))
    assert whole(desk, id_, narrow.scope) is None
    with desk.db.reading() as session:
        assert held_page(session, narrow.scope, limit=9).rows == ()
        assert submission(session, narrow.scope, id_) is None
    with pytest.raises(NotFound):
        let_go(desk, id_, actor=narrow)
    released = let_go(desk, id_)
    with desk.db.reading() as session:
        assert submission(session, narrow.scope, id_) is not None
        assert submission(session, replace(narrow.scope, location_ids=frozenset({uuid4()})), id_) is None
    assert released.outcome == 'created'


def test_another_tenant_and_unknown_ids_find_nothing(desk: Desk) -> None:
    id_ = aside(desk)
    stranger = person(other_tenant(desk.db), Role.OWNER)
    assert whole(desk, id_, stranger.scope) is None
    for actor, wanted in ((stranger, id_), (person(desk.tenant_id), uuid4())):
        with pytest.raises(NotFound):
            let_go(desk, wanted, actor=actor)
        for deed in (lambda s, a, i: dismiss(s, a, i, 'spam'), put_back):
            with pytest.raises(NotFound), desk.db.transaction() as session:
                deed(session, actor, [wanted])
    assert count(desk) == 1


@pytest.mark.parametrize('role', Role)
def test_each_role_may_what_it_may(desk: Desk, role: Role) -> None:
    id_, other = aside(desk), aside(desk, name='Other')
    actor = person(desk.tenant_id, role)
    if role is Role.READ_ONLY:
        for attempt in (
            lambda s: release(s, actor, id_, GOOD, sign=BOX.sign, expire=EXPIRE),
            lambda s: dismiss(s, actor, [other], 'spam'),
            lambda s: put_back(s, actor, [other]),
        ):
            with pytest.raises(Forbidden), desk.db.transaction() as session:
                attempt(session)
        assert count(desk) == 2
    else:
        let_go(desk, id_, actor=actor)
        with desk.db.transaction() as session:
            dismiss(session, actor, [other], 'spam')
            put_back(session, actor, [other])
        assert count(desk) == 1
