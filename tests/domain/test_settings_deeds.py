"""What the settings pages order: destinations changed, tested and disconnected, flags switched, the first place named."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from domain.access.models import User
from domain.audit.models import AuditEntry
from domain.base.doorbell import Ring
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.desk.destinations import destination_rows, disconnect_destination
from domain.desk.setup import name_first_place, setup_of
from domain.flags.actions import set_flag
from domain.flags.models import Flag
from domain.flags.queries import flag, flags
from domain.outbox.destinations import change_destination, order_test
from domain.outbox.messages import DestinationChange
from domain.outbox.models import Destination, State
from domain.outbox.settling import settle
from domain.tenancy.queries import default_location, tenant
from tests.domain.outbox_rows import REFUSED, SENT, TEMPORARY, Rows
from tests.domain.rows import BOX, other_tenant, prepared, table

CONFIG = {'url': 'https://hooks.example.com/services/T0/B0/verysecret'}


@pytest.fixture
def rows(db):
    prepared(db)
    return Rows.make(db)


def told(rows: Rows, deed: Callable[[Session], object]) -> list[Ring]:
    """The rings about leads that this deed asks for."""
    with rows.db.transaction() as session:
        deed(session)
        return [ring for ring in session.info['rings'] if ring.topic == 'lead']


def person(rows: Rows, role: Role = Role.OWNER, tenant_id: UUID | None = None) -> Actor:
    user = User(tenant_id=tenant_id or rows.actor.tenant_id, email='a@example.com', name='Ines', password_hash='x', role=role)
    return Actor(Scope(user.tenant_id), ActorType.AGENT, user.id, user.name, role)


def place(rows: Rows, **more: Any) -> UUID:
    return rows.destination(sealed=BOX.seal(json.dumps(CONFIG)), **more)


def change(rows: Rows, id_: UUID, actor: Actor | None = None, **fields: Any) -> Destination:
    with rows.db.transaction() as session:
        return change_destination(session, actor or person(rows), id_, DestinationChange(**fields), BOX)


def config(rows: Rows, id_: UUID) -> Any:
    return json.loads(BOX.open(rows.place(id_).config_sealed))


def audited(rows: Rows) -> list[str]:
    return [row['action'] for row in table(rows.db, AuditEntry.__tablename__)]


@pytest.mark.parametrize('paused', [True, False])
def test_pausing_and_resuming_tells_the_pages_of_the_leads_that_wait(rows, paused):
    id_, lead, _idle = place(rows), rows.lead(), rows.lead()
    rows.event(lead_id=lead)

    rings = told(rows, lambda s: change_destination(s, person(rows), id_, DestinationChange(paused=paused), BOX))

    assert [ring.ids for ring in rings] == [(lead,)]


def test_a_destination_that_pauses_itself_tells_the_other_leads_that_wait(rows):
    id_, leads = place(rows), {rows.lead(), rows.lead()}
    for lead in leads:
        rows.event(lead_id=lead)
    taken = rows.take(id_)
    rows.dispatch(taken)

    rings = told(rows, lambda s: settle(s, taken, REFUSED, costly=False, keyed=False))

    assert {each for ring in rings for each in ring.ids} == leads


def test_very_many_waiting_leads_are_told_in_notices_that_fit(rows):
    id_ = place(rows)
    for _ in range(120):
        rows.event(lead_id=rows.lead())

    rings = told(rows, lambda s: change_destination(s, person(rows), id_, DestinationChange(paused=True), BOX))

    assert len({each for ring in rings for each in ring.ids}) == 120
    assert len(rings) == 2 and all(len(ring.text()) < 8000 and Ring.read(ring.text()) == ring for ring in rings)


def test_what_is_left_out_of_a_change_stays_and_null_means_any_quality(rows):
    id_ = place(rows, least_quality='hot', location_ids=['0' * 32])

    assert change(rows, id_, name='Sales').least_quality == 'hot'
    changed = change(rows, id_, leastQuality=None, locationIds=[])

    assert (changed.name, changed.least_quality, changed.location_ids) == ('Sales', None, [])


def test_two_destinations_never_share_a_name(rows):
    place(rows, name='Sales')
    id_ = place(rows, name='Service')

    with pytest.raises(Conflict, match='"Sales" already') as caught:
        change(rows, id_, name='Sales')

    assert caught.value.errors[0].field == 'name' and change(rows, id_, name='Service').name == 'Service'


def test_a_destination_that_is_off_says_so_instead_of_taking_a_test(rows):
    id_ = place(rows, enabled=False)

    with pytest.raises(Conflict, match='is off'):
        rows.test(id_)


def test_disconnecting_forgets_the_address_resolves_what_waits_and_keeps_the_history(rows):
    id_, lead = place(rows), rows.lead()
    rows.event(lead_id=lead)
    rows.try_once(id_, SENT)
    rows.event(lead_id=lead)

    with rows.db.transaction() as session:
        disconnect_destination(session, person(rows), id_, BOX)

    assert config(rows, id_) == {} and not rows.place(id_).enabled
    assert [row.state for row in rows.all()] == [State.SENT, State.CANCELLED]
    assert 'disconnected by Ines' in (rows.all()[1].last_error or '')
    assert 'destination.disconnected' in audited(rows)


def test_a_disconnected_destination_is_switched_on_only_with_an_address(rows):
    id_ = place(rows)
    with rows.db.transaction() as session:
        disconnect_destination(session, person(rows), id_, BOX)

    with pytest.raises(Invalid, match='enter its address'):
        change(rows, id_, enabled=True)

    assert change(rows, id_, enabled=True, config=CONFIG).enabled and config(rows, id_) == CONFIG


def test_what_comes_from_the_environment_is_not_disconnected_here(rows):
    id_ = place(rows, from_environment=True)

    with pytest.raises(Conflict, match='environment'), rows.db.transaction() as session:
        disconnect_destination(session, person(rows), id_, BOX)

    assert config(rows, id_) == CONFIG


def test_the_list_counts_what_waits_what_failed_and_when_it_last_worked(rows):
    id_, quiet = place(rows, name='Sales'), place(rows, name='Zero', events=[])
    rows.event(lead_id=rows.lead())
    rows.try_once(id_, SENT)
    rows.event(lead_id=rows.lead())
    rows.try_once(id_, TEMPORARY)

    with rows.db.reading() as session:
        first, second = destination_rows(session, rows.actor.scope)

    assert (first.id, first.waiting, first.dead, first.last_error) == (id_, 1, 0, 'It answered 500.')
    assert first.delivered_at is not None and first.recent == '.x'
    assert (second.id, second.waiting, second.delivered_at) == (quiet, 0, None)


@pytest.mark.parametrize('role', list(Role))
def test_only_owners_and_admins_change_settings(rows, role):
    id_, actor = place(rows), person(rows, role)
    deeds = [
        lambda s: change_destination(s, actor, id_, DestinationChange(paused=True), BOX),
        lambda s: order_test(s, actor, id_),
        lambda s: disconnect_destination(s, actor, id_, BOX),
        lambda s: set_flag(s, actor, Flag.SMS, True),
        lambda s: name_first_place(s, actor, 'Riverside', 'America/Chicago', 'US'),
    ]

    refused = []
    for deed in deeds:
        try:
            with rows.db.transaction() as session:
                deed(session)
        except Forbidden:
            refused.append(deed)

    assert refused == ([] if role in (Role.OWNER, Role.ADMIN) else deeds)


def test_another_tenants_destination_looks_like_none(rows):
    id_, stranger = place(rows), person(rows, Role.OWNER, other_tenant(rows.db))

    for deed in (
        lambda s: change_destination(s, stranger, id_, DestinationChange(paused=True), BOX),
        lambda s: order_test(s, stranger, id_),
        lambda s: disconnect_destination(s, stranger, id_, BOX),
    ):
        with pytest.raises(NotFound), rows.db.transaction() as session:
            deed(session)
    with rows.db.reading() as session:
        assert destination_rows(session, stranger.scope) == [] and setup_of(session, stranger.scope).location == 'Main'


def test_a_flag_says_who_moved_it_last_and_moving_it_nowhere_is_no_news(rows):
    actor = person(rows)
    with rows.db.reading() as session:
        before = {each.name: each for each in flags(session, actor.scope)}
    for on in (True, True):
        with rows.db.transaction() as session:
            set_flag(session, actor, Flag.SMS, on)
    with rows.db.reading() as session:
        after = {each.name: each for each in flags(session, actor.scope)}
        assert flag(session, actor.scope, Flag.SMS)

    assert before[Flag.SMS].changed_by == '' and (after[Flag.SMS].enabled, after[Flag.SMS].changed_by) == (True, 'Ines')
    assert audited(rows).count('flag.set') == 1 and not after[Flag.CRM].enabled


def test_the_first_place_is_named_and_bad_values_change_nothing(rows):
    actor = person(rows)
    with rows.db.transaction() as session:
        name_first_place(session, actor, '  River \n side ', 'America/Chicago', 'CA')
    for wrong in (('', 'UTC', 'US'), ('x' * 201, 'UTC', 'US'), ('Ok', 'Mars/Base', 'US'), ('Ok', 'UTC', 'XX')):
        with pytest.raises(Refusal), rows.db.transaction() as session:
            name_first_place(session, actor, *wrong)

    with rows.db.reading() as session:
        found = default_location(session, actor.scope)
        assert (found.name, found.time_zone, tenant(session, actor.tenant_id).phone_region) == ('River side', 'America/Chicago', 'CA')
        assert setup_of(session, system(actor.tenant_id).scope).region == 'CA'
