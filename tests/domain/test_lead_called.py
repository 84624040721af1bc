"""What people call a lead by: whole ids, and the eight signs they read to each other."""

from uuid import UUID, uuid4

import pytest

from domain.base.errors import Conflict
from domain.base.ids import short
from domain.base.scope import Scope
from domain.leads.models import Lead, Quality
from domain.leads.queries import called
from tests.domain.conftest import Desk
from tests.domain.rows import command, table


@pytest.mark.parametrize('name', ['nobody', '%', '', '_', '1234567', 'L-1234567%'])
def test_what_is_no_name_of_a_lead_finds_none(desk: Desk, name: str) -> None:
    desk.capture(command(email='ada@example.com'))
    with desk.db.reading() as session:
        assert called(session, Scope(desk.tenant_id), name) is None


def test_two_leads_that_end_alike_must_be_named_in_full(desk: Desk) -> None:
    desk.capture(command(email='ada@example.com'))
    (row,) = table(desk.db, 'leads')
    one = row['id']
    with desk.db.transaction() as session:
        twin = UUID(int=one.int ^ (1 << 100))
        session.add(Lead(id=twin, tenant_id=desk.tenant_id, location_id=desk.facts.place.id, quality=Quality.COLD))
    with desk.db.reading() as session:
        found = called(session, Scope(desk.tenant_id), str(twin))
        assert found is not None and found.id == twin
        with pytest.raises(Conflict, match='use the whole id'):
            called(session, Scope(desk.tenant_id), f'L-{short(one)}')


def test_a_lead_is_found_by_its_reference_its_id_and_its_receipt_but_not_from_elsewhere(desk: Desk) -> None:
    (taken,) = desk.capture(command(email='ada@example.com'))
    (row,) = table(desk.db, 'leads')
    (receipt,) = table(desk.db, 'submissions')
    assert taken.lead_id == row['id']
    for name in (
        str(row['id']),
        row['id'].hex,
        str(receipt['id']),
        f'L-{short(row["id"])}',
        f' l-{short(row["id"]).lower()} ',
        short(row['id']),
    ):
        with desk.db.reading() as session:
            found = called(session, Scope(desk.tenant_id), name)
            assert found is not None and found.id == row['id'], name
            assert called(session, Scope(uuid4()), name) is None and called(session, Scope(desk.tenant_id, frozenset()), name) is None
