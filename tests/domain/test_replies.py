"""Replies to customers by e-mail: which channel can carry one, what is written, and how far it came; on both engines."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from domain.base import clock
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope
from domain.conversations.messages import Said
from domain.conversations.models import Author, Message
from domain.conversations.queries import messages
from domain.conversations.replies import ReplyChannel, channels, reply, states
from domain.leads.models import Group, Lead, Stage
from domain.outbox.destinations import change_destination
from domain.outbox.messages import DestinationChange
from domain.outbox.models import Delivery, Destination, LeadEvent, State
from domain.outbox.rules import reply_in
from domain.sla.models import SlaClock
from domain.tenancy.models import Tenant
from domain.timeline.models import EntryType, TimelineEntry
from tests.domain.conftest import Desk
from tests.domain.rows import BOX, command, destination, other_tenant

ADDRESS = 'ada@example.com'
MAIL = {'host': 'mail.example.com', 'from': 'leads@example.com'}


def ines(desk: Desk, **changed: Any) -> Actor:
    scope = Scope(desk.tenant_id, changed.pop('locations', None))
    return Actor(**{'scope': scope, 'type': ActorType.AGENT, 'id': uuid4(), 'name': 'Ines Vega', 'role': Role.AGENT, **changed})


def lead_of(desk: Desk, **fields: Any) -> UUID:
    (captured,) = desk.capture(command(**({'email': ADDRESS} | fields)))
    assert captured.lead_id
    return captured.lead_id


def account(desk: Desk, **fields: Any) -> UUID:
    """A mail account that is told of nothing."""
    row = Destination(
        tenant_id=fields.pop('tenant_id', desk.tenant_id),
        kind='email',
        name=f'Mail {uuid4().hex[:6]}',
        config_sealed=BOX.seal('{}'),
        **{'events': [], **fields},
    )
    with desk.db.transaction() as session:
        session.add(row)
    return row.id


def send(desk: Desk, lead_id: UUID, text: str = 'Yes, tomorrow at 9.', actor: Actor | None = None) -> UUID:
    with desk.db.transaction() as session:
        return reply(session, actor or ines(desk), lead_id, text)


def ask(desk: Desk, query: Any, *arguments: Any, scope: Scope | None = None) -> Any:
    with desk.db.reading() as session:
        return query(session, scope or Scope(desk.tenant_id), *arguments)


def only(desk: Desk, model: type[Any], **where: Any) -> Any:
    with desk.db.reading() as session:
        (row,) = session.exec(select(model).filter_by(**where)).all()
    return row


def carried(desk: Desk, message_id: UUID) -> tuple[LeadEvent, list[Delivery]]:
    message = only(desk, Message, id=message_id)
    with desk.db.reading() as session:
        event = session.get(LeadEvent, message.event_id)
        assert event is not None
        return event, list(session.exec(select(Delivery).where(Delivery.event_id == event.id)))


def test_a_reply_is_kept_and_on_its_way_and_the_clock_stands(desk: Desk) -> None:
    lead_id, place = lead_of(desk, subject='Window tint'), account(desk)
    message_id = send(desk, lead_id, 'Hello Ada,\r\n\r\nyes, tomorrow at 9.\x07')
    message = only(desk, Message, id=message_id)
    assert (message.author, message.channel, message.content) == (Author.AGENT, 'email', 'Hello Ada,\n\nyes, tomorrow at 9.')
    event, (delivery,) = carried(desk, message_id)
    assert (event.event_type, event.fanout, event.lead_id) == ('message.sent', 1, lead_id)
    assert (delivery.destination_id, delivery.state, delivery.lead_id) == (place, State.PENDING, lead_id)
    assert event.payload | {'details': {}} == event.payload | {
        'details': {},
        'leadId': str(lead_id),
        'messageId': str(message_id),
        'to': ADDRESS,
        'subject': 'Re: Window tint',
        'text': 'Hello Ada,\n\nyes, tomorrow at 9.',
        'sender': 'Ines Vega',
        'by': 'Ines Vega',
        'channel': 'email',
        'destinationId': str(place),
        'thread': [],
    }
    lead, clock_row = only(desk, Lead, id=lead_id), only(desk, SlaClock, lead_id=lead_id)
    assert (lead.last_message, lead.unread, lead.stage, lead.inbox_group) == (
        'You: Hello Ada,',
        False,
        Stage.CONTACTED,
        Group.IN_CONVERSATION,
    )
    assert clock_row.answered_at == message.created_at
    entry = only(desk, TimelineEntry, lead_id=lead_id, event_type=EntryType.MESSAGE, title='Replied by e-mail')
    assert (entry.description, entry.actor_name, entry.facts['messageId']) == (message.content, 'Ines Vega', str(message_id))


def test_the_second_reply_names_the_first_and_leaves_the_clock(desk: Desk) -> None:
    lead_id, _ = lead_of(desk), account(desk)
    first = send(desk, lead_id)
    answered_at = only(desk, SlaClock, lead_id=lead_id).answered_at
    clock.advance(timedelta(minutes=5))
    second, third = send(desk, lead_id), send(desk, lead_id)
    keys = [carried(desk, each)[1][0].provider_key for each in (first, second)]
    assert carried(desk, second)[0].payload['thread'] == keys[:1]
    assert carried(desk, third)[0].payload['thread'] == keys
    assert only(desk, SlaClock, lead_id=lead_id).answered_at == answered_at


def test_who_subscribes_is_told_and_only_the_account_carries(desk: Desk) -> None:
    lead_id, carrier = lead_of(desk), account(desk, events=['message.sent'])
    hook, reader = destination(desk.db, desk.tenant_id, 'Hook', events=['message.sent']), account(desk, events=['message.sent'])
    destination(desk.db, desk.tenant_id, 'Deaf')
    event, deliveries = carried(desk, send(desk, lead_id))
    assert {row.destination_id for row in deliveries} == {carrier, hook, reader}
    assert event.fanout == 3
    found = {row.destination_id: reply_in(event.event_type, event.payload, row.destination_id) for row in deliveries}
    assert [place for place, letter in found.items() if letter] == [carrier]
    assert found[carrier].to == ADDRESS
    assert reply_in('lead.created', event.payload, carrier) is None


@pytest.mark.parametrize(
    ('facts', 'subject'),
    [
        ({'subject': 'RE: re: Prices'}, 'Re: Prices'),
        ({'subject': 'Re:'}, 'Re: Re:'),
        ({}, 'Re: your message to Northside'),
    ],
)
def test_the_subject_is_what_they_wrote_about_or_whom_they_wrote_to(desk: Desk, facts: dict[str, str], subject: str) -> None:
    lead_id, _ = lead_of(desk, **facts), account(desk)
    with desk.db.transaction() as session:
        tenant = session.get(Tenant, desk.tenant_id)
        tenant.name = 'Northside'
        session.add(tenant)
    assert carried(desk, send(desk, lead_id))[0].payload['subject'] == subject


def test_a_company_without_a_name_is_not_named_to_customers(desk: Desk) -> None:
    lead_id, _ = lead_of(desk), account(desk)
    key = ines(desk, role=None, scopes=frozenset({'leads'}), name='Zapier')
    payload = carried(desk, send(desk, lead_id, actor=key))[0].payload
    assert (payload['subject'], payload['sender'], payload['by']) == ('Re: your message', '', 'Zapier')


def test_each_channel_says_whether_it_is_ready_or_why_not(desk: Desk) -> None:
    lead_id, silent = lead_of(desk), lead_of(desk, email='', phone='+15550142000')
    (none,) = ask(desk, channels, lead_id)
    assert (none.ready, none.to) == (False, ADDRESS)
    assert none.why.startswith('No e-mail account is connected')
    place = account(desk)
    assert ask(desk, channels, lead_id) == (ReplyChannel('email', ADDRESS, ready=True),)
    assert ask(desk, channels, silent) == (ReplyChannel('email', '', ready=False, why='This lead left no e-mail address.'),)
    with desk.db.transaction() as session:
        change_destination(session, ines(desk, role=Role.OWNER), place, DestinationChange(paused=True), BOX)
    (waits,) = ask(desk, channels, lead_id)
    assert (waits.ready, 'paused' in waits.why) == (True, True)
    with desk.db.transaction() as session:
        change_destination(session, ines(desk, role=Role.OWNER), place, DestinationChange(enabled=False), BOX)
    assert not ask(desk, channels, lead_id)[0].ready


def test_the_account_that_works_goes_first_then_the_locations_own(desk: Desk) -> None:
    lead_id = lead_of(desk)
    here = only(desk, Lead, id=lead_id).location_id
    account(desk, paused_at=clock.now())
    account(desk, location_ids=[uuid4().hex])
    everywhere = account(desk)
    assert carried(desk, send(desk, lead_id))[1][0].destination_id == everywhere
    own = account(desk, location_ids=[here.hex])
    assert carried(desk, send(desk, lead_id))[1][0].destination_id == own


@pytest.mark.parametrize(('text', 'words'), [('', 'nothing to send'), (' \n\x00', 'nothing to send'), ('x' * 10_001, '10,000 is the most')])
def test_an_empty_or_endless_reply_is_refused(desk: Desk, text: str, words: str) -> None:
    lead_id, _ = lead_of(desk), account(desk)
    with pytest.raises(Invalid, match=words) as refused:
        send(desk, lead_id, text)
    assert refused.value.errors[0].field == 'text'


def test_what_cannot_be_carried_is_refused_and_nothing_is_written(desk: Desk) -> None:
    lead_id = lead_of(desk)
    with pytest.raises(Conflict, match='No e-mail account is connected'):
        send(desk, lead_id)
    with desk.db.reading() as session:
        assert session.exec(select(Message).where(col(Message.author) == Author.AGENT)).all() == []
    assert only(desk, SlaClock, lead_id=lead_id).answered_at is None


def test_readers_and_strangers_cannot_reply_and_foreign_leads_are_not_there(desk: Desk) -> None:
    lead_id, _ = lead_of(desk), account(desk)
    theirs = other_tenant(desk.db)
    account(desk, tenant_id=theirs)
    elsewhere = frozenset({uuid4()})
    with pytest.raises(Forbidden):
        send(desk, lead_id, actor=ines(desk, role=Role.READ_ONLY))
    for actor in (ines(desk, scope=Scope(theirs)), ines(desk, locations=elsewhere)):
        with pytest.raises(NotFound):
            send(desk, lead_id, actor=actor)
        with pytest.raises(NotFound):
            ask(desk, channels, lead_id, scope=actor.scope)
    with pytest.raises(NotFound):
        send(desk, uuid4())


def test_states_are_those_of_what_carries_each_message_within_scope(desk: Desk) -> None:
    lead_id, place = lead_of(desk), account(desk)
    destination(desk.db, desk.tenant_id, 'Hook', events=['message.sent'])
    first, second = send(desk, lead_id), send(desk, lead_id)
    with desk.db.transaction() as session:
        _set_state(session, carried(desk, first)[1], place, State.SENT)
        _set_state(session, carried(desk, second)[1], place, State.DEAD)
    assert ask(desk, states, [first, second, uuid4()]) == {first: 'sent', second: 'dead'}
    assert ask(desk, states, [first], scope=Scope(other_tenant(desk.db))) == {}
    assert ask(desk, states, [first], scope=Scope(desk.tenant_id, frozenset({uuid4()}))) == {}
    here = only(desk, Lead, id=lead_id).location_id
    assert ask(desk, states, [first], scope=Scope(desk.tenant_id, frozenset({here}))) == {first: 'sent'}


def test_the_messages_tab_names_who_replied(desk: Desk) -> None:
    lead_id, _ = lead_of(desk), account(desk)
    send(desk, lead_id, 'Yes.')
    said: list[Said] = ask(desk, messages, lead_id)
    assert [(each.who, each.text, each.channel) for each in said[-1:]] == [('Ines Vega', 'Yes.', 'email')]


def _set_state(session: Session, deliveries: list[Delivery], place: UUID, state: State) -> None:
    (row,) = (row for row in deliveries if row.destination_id == place)
    row.state = state
    session.add(row)
