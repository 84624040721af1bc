"""The loss check finds what is missing, and nothing on a good day."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.base import clock
from domain.base.errors import FieldError
from domain.base.scope import Scope
from domain.desk.ledger import Ledger, verify
from domain.intake.actions import quarantine_in_transaction
from domain.intake.messages import Arrival
from tests.domain.conftest import Desk
from tests.domain.rows import command, destination, facts_of, other_tenant, table


def checked(desk: Desk, tenant_id: UUID | None = None, days: int | None = None) -> Ledger:
    with desk.db.reading() as session:
        since = clock.now() - timedelta(days=days) if days else None
        return verify(session, Scope(tenant_id or desk.tenant_id), since)


def by_hand(desk: Desk, *statements: str) -> None:
    """Past the foreign keys, as a slip of the hand or a broken disk would."""
    with desk.db.engine.connect() as connection:
        off = 'PRAGMA foreign_keys=OFF' if desk.db.is_sqlite else 'SET session_replication_role = replica'
        on = 'PRAGMA foreign_keys=ON' if desk.db.is_sqlite else 'SET session_replication_role = origin'
        raw: Any = connection.connection.dbapi_connection
        if not desk.db.is_sqlite:
            raw.autocommit = True
        for statement in (off, *statements, on):
            raw.execute(statement)


@pytest.fixture
def full(desk: Desk) -> Desk:
    """All kinds of receipts: created, resubmitted, twin, quarantined, and an alert that two destinations hear of."""
    destination(desk.db, desk.tenant_id, 'one')
    destination(desk.db, desk.tenant_id, 'two', leastQuality='hot')
    desk.refresh()
    desk.capture(command(email='a@example.com'), command(email='a@example.com'), command(email='a@example.com', message='again today'))
    desk.capture(command(email='b@example.com', message='quote today', phone='+14155552671'))
    quarantine_in_transaction(desk.db, desk.facts, Arrival(b'{}', 'application/json'), 'contact', [FieldError('email', 'is missing')])
    return desk


def test_a_good_day(full: Desk) -> None:
    ledger = checked(full)
    assert ledger.good and ledger.lost == []
    assert ledger.receipts == {'created': 2, 'resubmitted': 1, 'twin': 1, 'quarantined': 1}
    assert ledger.events == len(table(full.db, 'lead_events')) and ledger.deliveries == len(table(full.db, 'deliveries'))
    assert checked(full, other_tenant(full.db)).receipts == {}


def test_a_lead_that_is_gone_is_named_by_its_receipts(full: Desk) -> None:
    lead = table(full.db, 'leads')[0]['id']
    by_hand(full, f"delete from leads where id = '{lead.hex if full.db.is_sqlite else lead}'")
    ledger = checked(full)
    receipts = {str(row['id']) for row in table(full.db, 'submissions') if row['lead_id'] == lead}
    assert {loss['receiptId'] for loss in ledger.lost} == receipts and len(receipts) == 3
    assert all('lead is missing' in loss['what'] and loss['leadId'] == str(lead) for loss in ledger.lost)
    assert not ledger.good


def test_a_delivery_that_is_gone_is_named_by_its_event(full: Desk) -> None:
    row = table(full.db, 'deliveries')[0]
    by_hand(full, f"delete from deliveries where id = '{row['id'].hex if full.db.is_sqlite else row['id']}'")
    ledger = checked(full)
    assert [loss['eventId'] for loss in ledger.lost] == [str(row['event_id'])]
    assert 'destinations were subscribed' in ledger.lost[0]['what']


@pytest.mark.parametrize(('table_name', 'word'), [('lead_events', 'event'), ('submissions', 'receipt')])
def test_whatever_else_is_gone_is_seen(full: Desk, table_name: str, word: str) -> None:
    by_hand(full, f'delete from {table_name}')
    assert any(word in loss['what'] for loss in checked(full).lost)


def test_only_the_time_asked_for_is_checked(full: Desk) -> None:
    by_hand(full, 'delete from leads')
    clock.advance(timedelta(days=40))
    assert not checked(full, days=41).good
    assert checked(full, days=30).good


def test_the_other_tenants_losses_are_not_ours(full: Desk) -> None:
    other = other_tenant(full.db)
    full.capture(command(email='c@example.com'), facts=facts_of(full.db, other))
    by_hand(full, f"delete from leads where tenant_id = '{other.hex if full.db.is_sqlite else other}'")
    assert checked(full).good and not checked(full, other).good


def test_the_counts_are_what_an_outsider_counts(full: Desk) -> None:
    with full.db.reading() as session:
        counted = {
            name: session.execute(sa.text(f'select count({column}) from {name}')).scalar_one()
            for name, column in (('leads', 'id'), ('submissions', 'id'), ('lead_events', 'id'), ('deliveries', 'event_id'))
        }
    assert counted == {'leads': 2, 'submissions': 5, 'lead_events': 4, 'deliveries': 6}
