"""Whatever is done to a lead, in whatever order: it stands in its group, and its events are numbered without a gap."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.base import clock
from domain.base.clock import now
from domain.base.db import Session
from domain.base.errors import Conflict, Invalid
from domain.base.scope import Actor, system
from domain.conversations.actions import answered, called, note
from domain.desk.merging import merge, unmerge
from domain.leads.actions import assign, close, mark_unread, reopen, snooze, wake_snoozed
from domain.leads.editing import edit, undo
from domain.leads.messages import LeadEdit, Undo
from domain.leads.models import Stage
from tests.domain.conftest import Desk
from tests.domain.lead_rows import People, groups_hold, people_of
from tests.domain.rows import command, destination, table

ACTS = (
    *('assign', 'snooze', 'close', 'lose', 'reopen', 'unread', 'answered', 'called', 'note', 'wake', 'heat', 'cool', 'wait', 'move'),
    *('write', 'undo', 'merge', 'unmerge'),
)


class Play:
    """Three leads, and what can happen to them."""

    def __init__(self, desk: Desk, people: People, number: int) -> None:
        self.desk, self.people, self.number = desk, people, number
        taken = desk.capture(*(command(email=self.email(place), message=f'Hello {place}') for place in range(3)))
        self.ids: list[UUID] = [each.lead_id for each in taken if each.lead_id]
        self.undos: list[Undo] = []
        self.merges: list[UUID] = []

    def email(self, place: int) -> str:
        return f'{self.number}.{place}@example.com'

    def act(self, name: str, number: int) -> None:
        """One act; a refusal changes nothing."""
        if name == 'write':
            self.desk.capture(command(email=self.email(number), message=f'again today {now()}'))
            return
        try:
            with self.desk.db.transaction() as session:
                self._act(session, self.people.dev, name, number)
        except (Conflict, Invalid) as refused:
            assert 'A row with this value' not in refused.detail, 'the database had to refuse what the deed should have'

    def _act(self, session: Session, actor: Actor, name: str, number: int) -> None:
        lead_id, other = self.ids[number], self.ids[(number + 1) % 3]
        several: dict[str, Any] = {
            'assign': lambda: assign(session, actor, [lead_id, other], self.people.ines.id if number else None),
            'snooze': lambda: snooze(session, actor, [lead_id], now() + timedelta(hours=number + 1)),
            'close': lambda: close(session, actor, [lead_id, other]),
            'lose': lambda: close(session, actor, [lead_id], stage=Stage.LOST, lost_reason='price'),
            'reopen': lambda: reopen(session, actor, [lead_id, other]),
            'unread': lambda: mark_unread(session, actor, [lead_id]),
            'heat': lambda: edit(session, actor, lead_id, LeadEdit.model_validate({'quality': 'hot', 'name': 'Hot'})),
            'cool': lambda: edit(session, actor, lead_id, LeadEdit.model_validate({'quality': 'cold', 'tags': ['t', str(number)]})),
            'wait': lambda: edit(session, actor, lead_id, LeadEdit.model_validate({'status': 'waiting'})),
            'move': lambda: edit(session, actor, lead_id, LeadEdit(phone=f'+1415{self.number:04}67{number}')),
        }
        if name in several:
            self.undos.append(several[name]())
        elif name == 'undo' and self.undos:
            undo(session, actor, self.undos.pop())
        elif name == 'merge':
            self.merges.append(merge(session, actor, lead_id, other))
        elif name == 'unmerge' and self.merges:
            unmerge(session, actor, self.merges.pop())
        elif name == 'wake':
            clock.advance(timedelta(hours=1))
            wake_snoozed(session, system(self.desk.tenant_id), now())
        elif name in ('answered', 'called', 'note'):
            {'answered': answered, 'called': lambda s, a, i: called(s, a, i, reached=True), 'note': lambda s, a, i: note(s, a, i, 'x')}[
                name
            ](session, actor, lead_id)


@pytest.mark.parametrize('engine_kind', ['sqlite', 'postgres'])
def test_every_lead_stands_in_its_group_after_every_deed(desk: Desk) -> None:
    people = people_of(desk)
    destination(desk.db, desk.tenant_id, 'all', events=['lead.updated', 'lead.assigned', 'lead.merged'])
    plays: list[Play] = []
    steps = 0

    @settings(max_examples=25, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2)), min_size=4, max_size=10))
    def live(acts: list[tuple[str, int]]) -> None:
        nonlocal steps
        play = Play(desk, people, len(plays))
        plays.append(play)
        for name, number in acts:
            play.act(name, number)
            steps += 1
        groups_hold(desk)

    live()
    assert steps > 100
    events = table(desk.db, 'lead_events')
    for lead_id in (lead_id for play in plays for lead_id in play.ids):
        numbers = sorted(row['lead_seq'] for row in events if row['lead_id'] == lead_id)
        assert numbers == list(range(1, len(numbers) + 1)), 'each event takes the next number of its lead'
