"""What keeps a due row back although its destination works: a flag that is off, and the daily cap; on either engine."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.base import clock
from domain.base.db import Database
from domain.base.settings import Settings
from domain.desk.probe import probe
from domain.flags.actions import set_flag
from domain.flags.models import Flag
from domain.outbox.destinations import change_destination
from domain.outbox.messages import Claim, DestinationChange, Settled
from domain.outbox.models import State
from tests.domain.outbox_rows import PERMANENT, SENT, TEMPORARY, UNKNOWN, Rows
from tests.domain.rows import BOX


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows.make(db, costly=True)


def turn(rows: Rows, flag: Flag, on: bool) -> None:
    with rows.db.transaction() as session:
        set_flag(session, rows.actor, flag, on)


def resume(rows: Rows, place: UUID) -> None:
    with rows.db.transaction() as session:
        change_destination(session, rows.actor, place, DestinationChange(paused=False), BOX)


@pytest.mark.parametrize(('kind', 'flag'), [('sms', Flag.SMS), ('whatsapp', Flag.WHATSAPP)])
def test_while_its_flag_is_off_a_row_is_skipped_with_a_sentence_and_no_try_is_burnt(rows: Rows, kind: str, flag: Flag) -> None:
    place = rows.destination(kind=kind)
    rows.event()
    ended = rows.claim(place)
    assert isinstance(ended, Settled)
    assert (ended.state, ended.alert_key) == (State.SKIPPED, '')
    row = rows.only()
    assert (row.state, row.attempts, row.last_class, row.uncertain) == (State.SKIPPED, 0, 'skipped', False)
    assert row.last_error is not None and flag.upper() in row.last_error
    assert rows.attempts() == []
    assert rows.claim(place) is None


def test_a_skipped_row_is_sent_when_the_flag_is_on_and_somebody_sends_it_again(rows: Rows) -> None:
    place = rows.destination(kind='sms')
    rows.event()
    rows.claim(place)
    turn(rows, Flag.WHATSAPP, True)
    rows.replay(rows.only().id)
    assert isinstance(rows.claim(place), Settled), 'the other flag is not its own'
    turn(rows, Flag.SMS, True)
    rows.replay(rows.only().id)
    assert rows.try_once(place, SENT).state == State.SENT


def test_a_test_of_a_switched_off_channel_ends_with_the_sentence(rows: Rows) -> None:
    place = rows.destination(kind='sms')
    rows.test(place)
    ended = rows.claim(place)
    assert isinstance(ended, Settled)
    assert 'FEATURE_SMS_ENABLED' in (rows.only().last_error or '')


def test_other_kinds_have_no_switch(rows: Rows) -> None:
    place = rows.destination(kind='slack')
    rows.event()
    assert rows.try_once(place, SENT).state == State.SENT


def test_health_names_what_is_switched_off(rows: Rows) -> None:
    rows.destination(kind='sms', name='Night texts')
    rows.destination(kind='slack')
    said = probe(rows.db, Settings(_env_file=None))['services']['destinations']  # type: ignore[call-arg]  # no .env of the checkout
    assert said['state'] == 'ok'
    assert said['detail'].startswith('1 on. Night texts: Text messages are switched off (FEATURE_SMS_ENABLED)')


def capped(rows: Rows, cap: int, **fields: Any) -> UUID:
    turn(rows, Flag.SMS, True)
    rows.traits = type(rows.traits)(rate=1e6, costly=True, cap=cap)
    return rows.destination(kind='sms', name='Texts', **fields)


def test_over_its_daily_cap_a_destination_is_paused_and_says_so_and_what_waits_is_kept(rows: Rows) -> None:
    place = capped(rows, 2)
    for _ in range(4):
        rows.event()
    for _ in range(2):
        assert rows.try_once(place, SENT).state == State.SENT
    told = rows.claim(place)
    assert isinstance(told, Settled)
    assert (told.state, told.alert_key, told.critical) == (State.PENDING, f'destination:{place}', True)
    assert 'daily cap is 2' in told.alert_detail
    paused = rows.place(place)
    assert paused.paused_at is not None
    assert paused.paused_reason == told.reason
    assert [(row.state, row.attempts) for row in rows.all()] == [(State.SENT, 1)] * 2 + [(State.PENDING, 0)] * 2
    assert rows.claim(place) is None


def test_resumed_too_early_it_is_paused_again_and_a_day_later_it_sends(rows: Rows) -> None:
    place = capped(rows, 1)
    rows.event()
    rows.event()
    rows.try_once(place, SENT)
    assert isinstance(rows.claim(place), Settled)
    resume(rows, place)
    assert isinstance(rows.claim(place), Settled)
    clock.advance(timedelta(hours=24, seconds=1))
    resume(rows, place)
    assert isinstance(rows.claim(place), Claim)


def test_what_may_have_gone_out_counts_and_what_surely_did_not_does_not(rows: Rows) -> None:
    place = capped(rows, 2)
    for _ in range(5):
        rows.event()
    assert rows.try_once(place, PERMANENT).state == State.DEAD
    rows.try_once(place, TEMPORARY)
    assert rows.try_once(place, UNKNOWN).state == State.HELD
    assert isinstance(rows.take(place), Claim)
    assert isinstance(rows.claim(place), Settled), 'one was held, and one is under way'


def test_each_destination_has_its_own_count_and_a_test_may_always_pass(rows: Rows) -> None:
    place, other = capped(rows, 1), rows.destination(kind='sms', name='Other')
    rows.event()
    rows.event()
    rows.try_once(place, SENT)
    assert isinstance(rows.claim(place), Settled)
    assert rows.try_once(other, SENT).state == State.SENT
    rows.test(place)
    assert isinstance(rows.claim(place), Claim)


def test_a_replay_of_something_old_counts_like_anything_else(rows: Rows) -> None:
    place = capped(rows, 1)
    rows.event()
    rows.try_once(place, SENT)
    clock.advance(timedelta(days=30))
    rows.replay(rows.only().id)
    rows.try_once(place, SENT)
    rows.event()
    assert isinstance(rows.claim(place), Settled)
