"""Policies: the default until somebody says otherwise, then what was said, for the leads that come from then on."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from domain.base.errors import Forbidden, Invalid, NotFound
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.sla.messages import PolicyChange, PolicyOrder
from domain.sla.models import SlaPolicy
from domain.sla.policies import change_policy, order_of, ordered_terms, policies, set_policy
from domain.sla.queries import terms, terms_of
from domain.sla.rules import DEFAULT_TERMS, Terms
from tests.domain.conftest import Desk
from tests.domain.rows import command, other_tenant, table

HOT = PolicyOrder(quality='hot', first_reply_seconds=600, clock='business', pausing=['waiting', 'snoozed'], warn_share=0.25)


def told(desk: Desk, tenant_id: UUID | None = None) -> list[SlaPolicy]:
    with desk.db.reading() as session:
        return policies(session, Scope(tenant_id or desk.tenant_id))


def say(desk: Desk, order: PolicyOrder = HOT, actor: Actor | None = None) -> SlaPolicy:
    with desk.db.transaction() as session:
        return set_policy(session, actor or system(desk.tenant_id), order)


def change(desk: Desk, policy_id: UUID, actor: Actor | None = None, **fields: Any) -> SlaPolicy:
    with desk.db.transaction() as session:
        return change_policy(session, actor or system(desk.tenant_id), policy_id, PolicyChange.model_validate(fields))


def test_before_anybody_says_anything_the_defaults_hold_and_can_be_changed_by_their_id(desk: Desk) -> None:
    hot, warm, cold = told(desk)
    assert [(row.quality, row.first_reply_seconds, row.version) for row in (hot, warm, cold)] == [
        ('hot', 900, 0), ('warm', 3600, 0), ('cold', 86400, 0),
    ]  # fmt: skip
    assert table(desk.db, 'sla_policies') == [] and [row.id for row in told(desk)] == [hot.id, warm.id, cold.id]

    changed = change(desk, warm.id, firstReplySeconds=1800)
    assert (changed.id, changed.version, changed.first_reply_seconds, changed.clock) == (warm.id, 1, 1800, 'always')
    assert [row['quality'] for row in table(desk.db, 'sla_policies')] == ['warm']


def test_what_is_said_for_a_quality_again_takes_the_place_of_all_that_was_said_before(desk: Desk) -> None:
    first = say(desk, PolicyOrder(quality='hot', first_reply_seconds=60, next_reply_seconds=120, escalate_seconds=1))
    again = say(desk)
    assert (again.id, again.version, again.next_reply_seconds, again.escalate_seconds) == (first.id, 2, None, 900)
    assert order_of(again) == HOT and len(table(desk.db, 'sla_policies')) == 1
    assert say(desk).version == 2  # the same once more


def test_a_change_leaves_what_it_does_not_name_and_null_takes_a_window_away(desk: Desk) -> None:
    row = say(desk, PolicyOrder(quality='hot', first_reply_seconds=60, next_reply_seconds=120, resolution_seconds=86400))
    changed = change(desk, row.id, nextReplySeconds=None, clock='business', firstReplySeconds=None)
    assert (changed.first_reply_seconds, changed.next_reply_seconds, changed.resolution_seconds, changed.clock) == (
        60,
        None,
        86400,
        'business',
    )


def test_new_leads_go_by_it_and_running_clocks_keep_their_deadline(desk: Desk) -> None:
    desk.capture(command(email='old@example.com'))
    say(desk, PolicyOrder(quality='cold', first_reply_seconds=60, warn_share=0.25, escalate_seconds=5))
    desk.capture(command(email='new@example.com'), facts=desk.refresh())
    old, new = table(desk.db, 'sla_clocks')
    assert [row['due_at'] - row['started_at'] for row in (old, new)] == [timedelta(days=1), timedelta(seconds=60)]
    assert (new['warn_at'] - new['started_at'], new['escalate_seconds']) == (timedelta(seconds=45), 5)


def test_it_is_written_down_and_told(desk: Desk) -> None:
    with desk.db.transaction() as session:
        set_policy(session, Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Ines', Role.OWNER), HOT)
        assert [ring.topic for ring in session.info['rings']] == ['facts']
    (entry,) = [row for row in table(desk.db, 'audit_log') if row['action'] == 'sla_policy.changed']
    assert (entry['actor_name'], entry['subject']) == ('Ines', 'hot')
    assert entry['details'] == {'first_reply_seconds': 600, 'clock': 'business', 'pausing': ['waiting', 'snoozed'], 'warn_share': 0.25}


def test_what_a_form_says_is_what_clocks_go_by(desk: Desk) -> None:
    row = say(desk)
    assert ordered_terms(HOT) == terms_of(row) == Terms(600, row.clock, pausing=('waiting', 'snoozed'), warn_share=0.25)
    with desk.db.reading() as session:
        assert terms(session, Scope(desk.tenant_id)) == {**DEFAULT_TERMS, 'hot': ordered_terms(HOT)}


def test_only_who_may_edit_settings_and_only_ones_own(desk: Desk) -> None:
    row = say(desk)
    manager = Actor(Scope(desk.tenant_id), ActorType.AGENT, None, 'Rosa', Role.MANAGER)
    other = other_tenant(desk.db)
    for deed in (lambda: say(desk, actor=manager), lambda: change(desk, row.id, manager, firstReplySeconds=5)):
        with pytest.raises(Forbidden):
            deed()
    for actor, id_ in ((system(other), row.id), (system(desk.tenant_id), uuid4()), (system(desk.tenant_id), told(desk, other)[0].id)):
        with pytest.raises(NotFound):
            change(desk, id_, actor, firstReplySeconds=5)
    with pytest.raises(Invalid, match='policy for hot leads'):
        change(desk, row.id, quality='cold')
    assert [each['first_reply_seconds'] for each in table(desk.db, 'sla_policies')] == [600]


@pytest.mark.parametrize(
    'fields',
    [
        {'firstReplySeconds': 0}, {'firstReplySeconds': -60}, {'firstReplySeconds': 1.5}, {'firstReplySeconds': '600'},
        {'firstReplySeconds': True}, {'firstReplySeconds': 40_000_000}, {'firstReplySeconds': None},
        {'nextReplySeconds': 0}, {'resolutionSeconds': -1}, {'warnSeconds': -1}, {'warnShare': 1.1}, {'warnShare': -0.1},
        {'warnShare': float('nan')}, {'escalateSeconds': -1}, {'clock': 'never'}, {'quality': 'lukewarm'}, {'pausing': ['open']},
        {'pausing': 'waiting'}, {'assistantCounts': 1}, {'colour': 'red'},
    ],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PolicyOrder.model_validate({'quality': 'hot', 'firstReplySeconds': 600} | fields)
    if fields != {'firstReplySeconds': None}:  # a change that says nothing of it
        with pytest.raises(ValidationError):
            PolicyChange.model_validate(fields)
