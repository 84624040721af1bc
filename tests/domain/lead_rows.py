"""People of a desk, the deeds they do to leads, and the law that every lead stands in its group."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.access.queries import actor_of
from domain.base.clock import now
from domain.base.scope import Actor, Role, system
from domain.leads.actions import assign, close, mark_unread, reopen, snooze
from domain.leads.models import Group, Status
from domain.leads.rules import group
from tests.domain.conftest import Desk
from tests.domain.rows import table
from tests.people import account

PASSWORD = 'correct horse battery'
DEEDS: dict[str, Callable[..., Any]] = {'assign': assign, 'snooze': snooze, 'close': close, 'reopen': reopen, 'mark_unread': mark_unread}


@dataclass(frozen=True)
class People:
    """Dev and Ines work here, Gone did, and the reader may only look."""

    dev: Actor
    ines: Actor
    gone: Actor
    reader: Actor

    def arguments(self, name: str) -> Callable[..., Any]:
        """The deed with what it needs beside the leads."""
        more: dict[str, tuple[Any, ...]] = {'assign': (self.ines.id,), 'snooze': (now() + timedelta(hours=1),)}
        return lambda session, actor, ids: DEEDS[name](session, actor, ids, *more.get(name, ()))


def people_of(desk: Desk) -> People:
    with desk.db.transaction() as session:
        found = {}
        for name, role in (('Dev', Role.AGENT), ('Ines', Role.MANAGER), ('Gone', Role.AGENT), ('Reader', Role.READ_ONLY)):
            user = account(session, system(desk.tenant_id), f'{name.lower()}@example.com', name, PASSWORD, role)
            if name == 'Gone':
                user.disabled_at = now()
                session.add(user)
            found[name.lower()] = actor_of(user)
    return People(**found)


def act(desk: Desk, deed: Callable[..., Any], *args: Any, **more: Any) -> Any:
    with desk.db.transaction() as session:
        return deed(session, *args, **more)


def lead_row(desk: Desk, lead_id: UUID) -> dict[str, Any]:
    (row,) = [row for row in table(desk.db, 'leads') if row['id'] == lead_id]
    return row


def groups_hold(desk: Desk) -> None:
    """Every lead stands where its status and its clocks put it, and every conversation repeats that of the first reply."""
    clocks = {row['lead_id']: row for row in table(desk.db, 'sla_clocks', "kind = 'first_reply'")}
    runs = Counter(
        row['lead_id'] for row in table(desk.db, 'sla_clocks', "answered_at is null and stopped_at is null and kind <> 'resolution'")
    )
    assert all(number == 1 for number in runs.values()), 'one wait at a time'
    conversations = {row['id']: row for row in table(desk.db, 'conversations')}
    for row in table(desk.db, 'leads'):
        awaits = row['id'] in runs
        expected = Group.MERGED if row['merged_into'] else group(Status(row['status']), awaits_reply=awaits)
        assert row['inbox_group'] == expected, row
        assert not (awaits and (row['status'] == Status.CLOSED or row['merged_into'])), 'a clock runs on a lead nobody looks at'
        assert (row['snoozed_until'] is not None) == (row['status'] == Status.SNOOZED)
    for clock in clocks.values():
        repeated = conversations[clock['conversation_id']]
        assert repeated['sla_response_deadline'] == clock['due_at'] and repeated['first_response_at'] == clock['answered_at']
        assert repeated['sla_breached'] == (clock['breached_at'] is not None)
