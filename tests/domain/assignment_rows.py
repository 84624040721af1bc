"""What the tests of assignment do: take leads in, say who is there, and go round as a worker does."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.access.presence import set_present
from domain.assignment.actions import AT_ONCE, hand_out, set_rule
from domain.assignment.messages import RuleChange
from domain.assignment.queries import audit, outlook
from domain.base.clock import now
from domain.base.scope import Scope, system
from tests.domain.conftest import Desk
from tests.domain.lead_rows import act
from tests.domain.rows import command, table


def captured(desk: Desk, count: int, **fields: Any) -> list[UUID]:
    made = desk.capture(
        *(command('chatbot', email=f'p{number}-{len(table(desk.db, "leads"))}@example.com', **fields) for number in range(count))
    )
    return [each.lead_id for each in made if each.lead_id]


def ask(desk: Desk, query: Callable[..., Any], *args: Any, **more: Any) -> Any:
    with desk.db.reading() as session:
        return query(session, Scope(desk.tenant_id), *args, **more)


def here(desk: Desk, *who: Any) -> None:
    for actor in who:
        act(desk, set_present, actor, actor.id, True)


def rounds(desk: Desk) -> int:
    """What the worker's thread does until nothing is left."""
    done = 0
    while (ahead := ask(desk, outlook, now(), limit=AT_ONCE)).lead_ids:
        done += act(desk, hand_out, system(desk.tenant_id), ahead.lead_ids, now())
    return done


def change(desk: Desk, **fields: Any) -> None:
    act(desk, set_rule, system(desk.tenant_id), RuleChange(**fields))


def entries(desk: Desk, lead_id: UUID) -> list[tuple[str, str]]:
    rows = table(desk.db, 'conversation_timeline', "event_type = 'assigned'")
    return [(row['title'], row['description']) for row in rows if row['lead_id'] == lead_id]


def owners(desk: Desk) -> Counter[UUID | None]:
    return Counter(row['owner_id'] for row in table(desk.db, 'leads'))


def sound(desk: Desk) -> None:
    """The audit's law, said a second time over the rows."""
    for row in table(desk.db, 'leads'):
        assert row['owner_id'] is None or row['queue'] is None
        if row['status'] != 'closed' and row['merged_into'] is None:
            assert row['owner_id'] or row['queue'], row
            assert row['next_at'], row
    assert ask(desk, audit).strays == []
