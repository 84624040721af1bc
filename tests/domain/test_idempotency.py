"""The same request, again and at once: one lead, one answer."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.base import clock
from domain.base.errors import KeyReused, Twin
from domain.base.keep import Met
from domain.intake.actions import take
from domain.intake.messages import Captured
from domain.intake.record import record
from tests.domain.conftest import Desk
from tests.domain.rows import command, destination, facts_of, other_tenant, table

ADA = {'email': 'ada@example.com'}


def outcomes(desk: Desk) -> list[str]:
    return [row['outcome'] for row in table(desk.db, 'submissions')]


def test_the_same_key_gets_the_same_bytes(desk: Desk) -> None:
    first, again = desk.capture(command(key='k', **ADA), command(key='k', **ADA))
    assert again.text == first.text and again.replayed and not first.replayed
    assert outcomes(desk) == ['created']


def test_order_of_fields_and_white_space_do_not_matter(desk: Desk) -> None:
    first = command(key='k', subject='S', **ADA)
    again = command('contact', key='k', raw=b'{ "message" :  "Please call me." }', email='ada@example.com', subject='S', name='Ada')
    assert first.body_hash() == again.body_hash()
    answers = desk.capture(first, again)
    assert answers[0].text == answers[1].text


def test_another_body_under_the_same_key_is_refused(desk: Desk) -> None:
    desk.capture(command(key='k', **ADA))
    with pytest.raises(KeyReused):
        desk.capture(command(key='k', message='Something else', **ADA))
    assert outcomes(desk) == ['created']


def test_a_key_belongs_to_its_route_its_credential_and_its_tenant(desk: Desk) -> None:
    elsewhere = facts_of(desk.db, other_tenant(desk.db))
    answers = desk.capture(command(key='k', **ADA), command('chatbot', key='k', **ADA))
    answers += desk.capture(command(key='k', **ADA), facts=facts_of(desk.db, desk.tenant_id, name='api:2'))
    answers += desk.capture(command(key='k', **ADA), facts=elsewhere)
    assert not any(answer.replayed for answer in answers)
    assert outcomes(desk) == ['created', 'resubmitted', 'resubmitted', 'created']


def test_a_key_lives_for_seven_days(desk: Desk) -> None:
    first = desk.capture(command(key='k', **ADA))[0]
    clock.advance(timedelta(days=6, hours=23))
    assert desk.capture(command(key='k', **ADA))[0].text == first.text
    clock.advance(timedelta(hours=1, seconds=1))
    later = desk.capture(command(key='k', message='Something else', **ADA))[0]
    assert not later.replayed and later.text != first.text
    assert outcomes(desk) == ['created', 'resubmitted']
    assert desk.capture(command(key='k', message='Something else', **ADA))[0].text == later.text


def test_a_keyless_twin_is_kept_and_disturbs_nobody(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'all')
    desk.refresh()
    first, again = desk.capture(command(**ADA), command(**ADA))
    one, two = json.loads(first.text), json.loads(again.text)
    assert two == one | {'duplicate': True, 'receiptId': two['receiptId']} and two['receiptId'] != one['receiptId']
    assert outcomes(desk) == ['created', 'twin']
    assert [len(table(desk.db, name)) for name in ('leads', 'chat_messages', 'lead_events', 'deliveries')] == [1, 1, 1, 1]
    assert all(row['lead_id'] == first.lead_id for row in table(desk.db, 'submissions'))


def test_after_ten_minutes_the_same_words_are_a_new_wish(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'all')
    desk.refresh()
    desk.capture(command(**ADA))
    clock.advance(timedelta(minutes=10, seconds=1))
    again = desk.capture(command(**ADA))[0]
    assert json.loads(again.text)['duplicate'] is False
    assert outcomes(desk) == ['created', 'resubmitted'] and len(table(desk.db, 'deliveries')) == 2
    assert [row['event_type'] for row in table(desk.db, 'lead_events')] == ['lead.created', 'lead.resubmitted']


def test_known_people_may_use_keys_too(desk: Desk) -> None:
    desk.capture(command(**ADA))
    first, again = desk.capture(command(key='k', message='More', **ADA), command(key='k', message='More', **ADA))
    assert again.replayed and again.text == first.text
    assert outcomes(desk) == ['created', 'resubmitted']


@pytest.mark.parametrize('known', [False, True])
def test_32_at_once_with_one_key_make_one_lead(desk: Desk, known: bool) -> None:
    if known:
        desk.capture(command(message='Before', **ADA))
    answers = desk.together(*(command(key='k', **ADA) for _ in range(32)))
    good = [answer for answer in answers if isinstance(answer, Captured)]
    assert all(isinstance(answer, Captured | Twin) for answer in answers), [a for a in answers if not isinstance(a, Captured | Twin)]
    assert len({answer.text for answer in good}) == 1 and len(good) >= 1
    assert sum(not answer.replayed for answer in good) <= 1
    assert outcomes(desk) == (['created', 'resubmitted'] if known else ['created'])


def test_64_people_at_once_are_64_leads(desk: Desk) -> None:
    answers = desk.together(*(command(email=f'p{n}@example.com', key=f'k{n}') for n in range(64)))
    assert len({answer.text for answer in answers}) == 64
    assert outcomes(desk) == ['created'] * 64


def test_one_person_many_times_at_once_is_one_lead_and_every_word(desk: Desk) -> None:
    answers = desk.together(*(command(message=f'word {n}', **ADA) for n in range(24)))
    kept = [answer for answer in answers if isinstance(answer, Captured)]
    assert all(isinstance(answer, Captured | Twin) for answer in answers)
    assert len(table(desk.db, 'leads')) == 1
    assert sorted(outcomes(desk)) == ['created'] + ['resubmitted'] * (len(kept) - 1)
    assert len(table(desk.db, 'chat_messages')) == len(kept) == len(table(desk.db, 'lead_events'))


def test_a_poisonous_record_does_not_stop_the_keeper(desk: Desk) -> None:
    """One value that the driver cannot bind is one refusal, and the next lead is kept."""

    async def work() -> tuple[object, object]:
        keeper = desk.keeper()
        await keeper.open()
        try:
            values = record(command(**ADA), desk.facts, clock.now())
            broken = await asyncio.gather(asyncio.wait_for(keeper.keep(values | {'words': '\ud800'}), 10), return_exceptions=True)
            return broken[0], await asyncio.wait_for(keeper.keep(values), 10)
        finally:
            await keeper.close()

    trouble, good = asyncio.run(work())
    assert isinstance(trouble, Exception) and not isinstance(trouble, TimeoutError) and good is None
    assert outcomes(desk) == ['created']


def test_a_snapshot_that_is_behind_the_database_is_no_accident(desk: Desk) -> None:
    """A place that is gone when the lead comes: refused as one to try again, on both engines."""
    gone = replace(desk.facts, place=replace(desk.facts.place, id=uuid4()), heard_by={})
    answers = desk.together(command(**ADA), facts=gone)
    assert isinstance(answers[0], Twin), repr(answers[0])
    assert outcomes(desk) == []


def test_the_fast_path_says_when_it_meets_somebody(desk: Desk) -> None:
    async def work() -> None:
        keeper = desk.keeper()
        await keeper.open()
        try:
            await keeper.keep(record(command(**ADA), desk.facts, clock.now()))
            with pytest.raises(Met):
                await keeper.keep(record(command(message='x', **ADA), desk.facts, clock.now()))
        finally:
            await keeper.close()

    asyncio.run(work())
    with desk.db.transaction() as session:
        assert take(session, desk.facts.actor(), command(message='x', **ADA), desk.facts).lead_id == table(desk.db, 'leads')[0]['id']
