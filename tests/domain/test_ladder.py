"""The alarm ladder: a hot lead that no channel has taken goes to the next one after two minutes, and to every desk after five."""

import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.alerts.actions import close_over
from domain.alerts.ladder import Waiting, climb, waiting
from domain.alerts.models import Step
from domain.alerts.queries import open_alerts, unheard
from domain.base import clock
from domain.base.scope import Scope, system
from domain.desk.banner import banner
from domain.flags.actions import set_flag
from domain.flags.models import Flag
from domain.leads.actions import answered
from domain.outbox.models import Delivery, Destination, State
from tests.domain.conftest import Desk
from tests.domain.lead_rows import act, groups_hold, people_of
from tests.domain.rows import command, destination, table
from tests.domain.sla_rows import policy

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def hot(desk: Desk, email: str = 'ada@example.com', **more: Any) -> UUID:
    desk.refresh()
    (taken,) = desk.capture(command('chatbot', grade=True, **({'quality': 'hot', 'email': email} | more)))
    return UUID(str(taken.lead_id))


def came_at(desk: Desk, lead_id: UUID) -> datetime:
    (at,) = [row['created_at'] for row in table(desk.db, 'leads') if row['id'] == lead_id]
    return at


def climbed(desk: Desk, moment: datetime, since: datetime | None = None) -> list[Waiting]:
    """A look at this moment, and what it asks for."""
    with desk.db.reading() as session:
        found = waiting(session, since, moment)
    for each in found:
        with desk.db.transaction() as session:
            climb(session, system(each.tenant_id), [each.lead_id], each.step, moment)
    return found


def heard(desk: Desk) -> list[tuple[UUID, str]]:
    """Which destinations have the event of a new lead, and how it stands."""
    ids = {row['id'] for row in table(desk.db, 'lead_events') if row['event_type'] == 'lead.created'}
    return [(row['destination_id'], row['state']) for row in table(desk.db, 'deliveries') if row['event_id'] in ids]


def sent(desk: Desk, state: State = State.SENT) -> None:
    with desk.db.transaction() as session:
        session.execute(sa.update(Delivery).values(state=state, settled_at=clock.now()))


def backup(desk: Desk, name: str = 'Backup', **more: Any) -> UUID:
    """A channel that does not hear of new leads."""
    return destination(desk.db, desk.tenant_id, name, events=['sla.breached'], **more)


def test_after_two_minutes_the_next_channel_gets_the_same_event(desk: Desk) -> None:
    first, second = destination(desk.db, desk.tenant_id, 'Sales'), backup(desk)
    lead_id = hot(desk)
    at = came_at(desk, lead_id)
    assert climbed(desk, at + 2 * MINUTE - SECOND, at + MINUTE) == []
    assert heard(desk) == [(first, 'pending')]
    assert [each.step for each in climbed(desk, at + 2 * MINUTE, at + 2 * MINUTE - SECOND)] == [Step.NEXT_CHANNEL]
    assert sorted(heard(desk)) == sorted([(first, 'pending'), (second, 'pending')])
    (event,) = [row for row in table(desk.db, 'lead_events') if row['event_type'] == 'lead.created']
    assert event['fanout'] == 2  # the loss check counts
    titles = [row['title'] for row in table(desk.db, 'conversation_timeline')]
    assert 'No channel took the alert within 2 min: it goes to Backup too' in titles
    groups_hold(desk)


def test_a_channel_behind_a_flag_that_is_off_is_passed_over(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Sales')
    texts, last = backup(desk, 'Texts'), backup(desk, 'Last')
    assert _flagged(desk, texts, on=False) == last
    assert _flagged(desk, texts, on=True) == texts


def _flagged(desk: Desk, texts: UUID, *, on: bool) -> UUID:
    """Where a new hot lead goes next while `texts` is a channel for text messages."""
    with desk.db.transaction() as session:
        session.execute(sa.update(Destination).where(col(Destination.id) == texts).values(kind='sms', ladder=1))
        set_flag(session, system(desk.tenant_id), Flag.SMS, on)
    lead_id = hot(desk, f'{on}@example.com')
    climbed(desk, came_at(desk, lead_id) + 2 * MINUTE)
    (told,) = [row['destination_id'] for row in table(desk.db, 'ladder_steps') if row['lead_id'] == lead_id]
    return UUID(str(told))


def test_after_five_minutes_every_desk_and_an_alert_say_that_nobody_was_told(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Sales')
    lead_id = hot(desk)
    at = came_at(desk, lead_id)
    scope = Scope(desk.tenant_id)
    climbed(desk, at + 2 * MINUTE)
    with desk.db.reading() as session:
        assert banner(session, scope).unheard == ()
    climbed(desk, at + 5 * MINUTE)
    with desk.db.reading() as session:
        assert [(case.lead_id, case.since) for case in banner(session, scope).unheard] == [(lead_id, at)]
        (alert,) = open_alerts(session, scope)
    assert (alert.key, alert.severity, alert.count) == ('unheard', 'critical', 1)
    assert climbed(desk, at + 6 * MINUTE) == []


def test_what_a_channel_has_taken_climbs_no_further_and_a_late_taking_ends_the_alarm(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Sales')
    taken, late = hot(desk), hot(desk, 'eve@example.com')
    at = came_at(desk, late)
    with desk.db.transaction() as session:
        session.execute(sa.update(Delivery).where(Delivery.lead_id == taken).values(state=State.SENT))
    assert {each.lead_id for each in climbed(desk, at + 2 * MINUTE)} == {late}
    assert {each.lead_id for each in climbed(desk, at + 5 * MINUTE)} == {late}
    with desk.db.transaction() as session:
        assert close_over(session, system(desk.tenant_id)) == 0
    sent(desk)
    with desk.db.transaction() as session:
        assert unheard(session, Scope(desk.tenant_id)) == []
        assert close_over(session, system(desk.tenant_id)) == 1


def test_a_reply_ends_it_and_warm_leads_never_climb(desk: Desk) -> None:
    people = people_of(desk)
    lead_id = hot(desk)
    hot(desk, 'warm@example.com', quality='warm')
    at = came_at(desk, lead_id)
    assert {each.lead_id for each in climbed(desk, at + 5 * MINUTE + SECOND)} == {lead_id}
    act(desk, answered, people.dev, lead_id, clock.now())
    with desk.db.reading() as session:
        assert unheard(session, Scope(desk.tenant_id)) == []


def test_who_was_answered_and_wrote_again_was_heard(desk: Desk) -> None:
    policy(desk, 'hot', next_reply_seconds=900)
    people = people_of(desk)
    late, early = hot(desk), hot(desk, 'early@example.com')
    at = came_at(desk, late)
    assert {each.lead_id for each in climbed(desk, at + 5 * MINUTE + SECOND)} == {late, early}
    act(desk, answered, people.dev, late, clock.now())
    hot(desk, message='One more thing: do you do the rear window too?')
    (group,) = [row['inbox_group'] for row in table(desk.db, 'leads') if row['id'] == late]
    assert group == 'needs_reply'
    with desk.db.reading() as session:
        assert [lead.id for lead in unheard(session, Scope(desk.tenant_id))] == [early]


def test_the_order_of_the_ladder_is_the_tenants(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Sales')
    older, wanted, paused, elsewhere = backup(desk, 'Older'), backup(desk, 'Wanted'), backup(desk, 'Paused'), backup(desk, 'Elsewhere')
    with desk.db.transaction() as session:
        for id_, values in (
            (wanted, {'ladder': 1}),
            (paused, {'ladder': 0, 'paused_at': clock.now()}),
            (elsewhere, {'location_ids': ['f' * 32]}),
        ):
            session.execute(sa.update(Destination).where(Destination.id == id_).values(**values))
    lead_id = hot(desk)
    climbed(desk, came_at(desk, lead_id) + 2 * MINUTE)
    told = [id_ for id_, _ in heard(desk)]
    assert wanted in told
    assert not {older, paused, elsewhere} & set(told)


def test_where_there_is_no_other_channel_nothing_is_sent_and_the_next_step_still_comes(desk: Desk) -> None:
    lead_id = hot(desk)
    at = came_at(desk, lead_id)
    assert [each.step for each in climbed(desk, at + 2 * MINUTE)] == [Step.NEXT_CHANNEL]
    assert heard(desk) == []
    assert [each.step for each in climbed(desk, at + 5 * MINUTE)] == [Step.UNHEARD]


def test_a_look_reads_only_what_came_to_a_step_since_the_last_one(desk: Desk) -> None:
    lead_id = hot(desk)
    at = came_at(desk, lead_id)
    with desk.db.reading() as session:
        assert waiting(session, at + 3 * MINUTE, at + 4 * MINUTE) == []
        assert waiting(session, at + 7 * MINUTE, at + 8 * MINUTE) == []
        assert [each.step for each in waiting(session, None, at + 8 * MINUTE)] == [Step.NEXT_CHANNEL, Step.UNHEARD]
        assert waiting(session, None, at + timedelta(hours=2)) == []  # history: nobody is to be startled by it


def test_eight_workers_take_a_step_once(desk: Desk) -> None:
    destination(desk.db, desk.tenant_id, 'Sales')
    backup(desk)
    leads = [hot(desk, f'c{number}@example.com') for number in range(5)]
    moment = came_at(desk, leads[-1]) + 2 * MINUTE
    together, done, troubles = threading.Barrier(8), [], []

    def work() -> None:
        together.wait()
        try:
            for _ in range(10):
                with desk.db.transaction() as session:
                    done.append(climb(session, system(desk.tenant_id), leads, Step.NEXT_CHANNEL, moment))
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (troubles, sum(done)) == ([], 5)
    assert len(heard(desk)) == 10
