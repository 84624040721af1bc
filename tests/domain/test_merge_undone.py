"""A merge and its undo leave two leads and all their children as they were: a law, proved by random leads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.base import clock
from domain.base.clock import now
from domain.base.errors import Conflict
from domain.conversations.actions import answered, note
from domain.desk.merging import merge, unmerge
from domain.leads.actions import assign, close, mark_read, snooze
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit
from domain.leads.models import Quality
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, act, groups_hold, lead_row, people_of
from tests.domain.merge_rows import fingerprint, ids_of
from tests.domain.rows import command, destination
from tests.domain.sla_rows import policy

edits = st.fixed_dictionaries(
    {},
    optional={
        'name': st.sampled_from(['', 'Zoë', 'x' * 300]),
        'quality': st.sampled_from(list(Quality)),
        'tags': st.lists(st.sampled_from(['fleet', 'VIP', 'größer', '"q"']), max_size=3),
        'vehicle': st.fixed_dictionaries({}, optional={'year': st.just('2024'), 'make': st.sampled_from(['Tesla', 'VW'])}),
        'stage': st.sampled_from(['contacted', 'booked', 'won']),
        'status': st.sampled_from(['open', 'waiting', 'closed']),
    },
)
ACTS = ['note', 'assign', 'close', 'snooze', 'answered', 'read', 'write', 'late', 'dispatch']
deeds = st.lists(st.sampled_from(ACTS) | edits.map(lambda fields: ('edit', fields)), max_size=4)


class Pair:
    """Two random leads with random children; every pair has addresses of its own."""

    def __init__(self, desk: Desk, people: People, number: int) -> None:
        self.desk, self.people, self.number = desk, people, number
        self.ids = [self._captured(side) for side in (0, 1)]

    def _captured(self, side: int, message: str = 'hello') -> UUID:
        lead_id = self.desk.capture(command(email=f'{self.number}.{side}@example.com', message=f'{message} {clock.now()}'))[0].lead_id
        assert lead_id
        return lead_id

    def act(self, side: int, deed: Any) -> None:
        """One deed on one of them; one that is refused changes nothing."""
        if deed == 'write':
            self._captured(side, 'again today')
            return
        if deed == 'late':
            clock.advance(timedelta(hours=1))
            return
        actor, ids = self.people.dev, [self.ids[side]]
        calls: dict[str, Callable[[Any], Any]] = {
            'note': lambda session: note(session, actor, ids[0], 'a note'),
            'assign': lambda session: assign(session, actor, ids, self.people.ines.id),
            'close': lambda session: close(session, actor, ids),
            'snooze': lambda session: snooze(session, actor, ids, now() + timedelta(days=2)),
            'answered': lambda session: answered(session, actor, ids[0]),
            'read': lambda session: mark_read(session, actor, ids[0]),
            'dispatch': lambda session: session.execute(sa.text("update deliveries set state = 'sent', attempts = attempts + 1")),
        }
        try:
            with self.desk.db.transaction() as session:
                if isinstance(deed, tuple):
                    edit(session, actor, ids[0], LeadEdit.model_validate(deed[1]))
                else:
                    calls[deed](session)
        except Conflict as refused:
            assert 'A row with this value' not in refused.detail


def test_merge_then_unmerge_leaves_both_leads_and_all_their_children_as_they_were(desk: Desk) -> None:
    people = people_of(desk)
    destination(desk.db, desk.tenant_id, 'all', events=['lead.created', 'lead.updated'])
    for quality in Quality:  # with all three kinds of clocks
        policy(desk, quality, next_reply_seconds=1800, resolution_seconds=30 * 86400)
    numbers = iter(range(10_000))

    @settings(max_examples=20, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(deeds, deeds, st.lists(st.sampled_from(['note', 'read', 'late']), max_size=3))
    def there_and_back(first: list[Any], second: list[Any], between: list[str]) -> None:
        both = Pair(desk, people, next(numbers))
        for side, acts in enumerate((first, second)):
            for each in acts:
                both.act(side, each)
        if 'read' in between:
            both.act(0, 'read')  # reading it again later is daily work, which an undo leaves alone
        kept, merged = both.ids
        before, there = fingerprint(desk, kept, merged), ids_of(desk)
        merge_id = act(desk, merge, people.dev, kept, merged)
        assert lead_row(desk, merged)['inbox_group'] == 'merged'
        for deed in between:
            both.act(0, deed)
        act(desk, unmerge, people.dev, merge_id)
        assert fingerprint(desk, kept, merged, without=ids_of(desk) - there) == before

    there_and_back()
    groups_hold(desk)
