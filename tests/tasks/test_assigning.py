"""The thread that gives leads to people: rung by what happens, alone and beside others, and an alert while nobody is there."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

import pytest

from domain.access.people import disable
from domain.access.presence import set_present
from domain.assignment.actions import set_rule
from domain.assignment.messages import RuleChange
from domain.base.db import Database
from domain.base.scope import Role, system
from domain.intake.actions import take_in_transaction
from domain.leads.actions import assign, close
from tasks.assigning import Assigning
from tests.domain.rows import command, facts_of, prepared, table
from tests.people import account
from tests.servers import until

PASSWORD = 'correct horse battery'
SOON = 10.0  # seconds: rung, it takes a tenth of one; the machine is shared


@contextmanager
def working(database: Database) -> Iterator[Assigning]:
    """A worker's thread on a connection pool and a bell of its own, as another process has them."""
    db = Database(database.url.render_as_string(hide_password=False))
    db.bell.listen(db.url.render_as_string(hide_password=False))
    thread = Assigning(db)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()
        db.bell.close()
        db.close()


class Shop:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.tenant_id = prepared(db)
        self.root = system(self.tenant_id)
        self.facts = facts_of(db, self.tenant_id)
        self.dev, self.ines = (self.person(name) for name in ('Dev', 'Ines'))

    def person(self, name: str) -> UUID:
        return UUID(str(self.do(account, f'{name.lower()}@example.com', name, PASSWORD, Role.AGENT).id))

    def do(self, deed: Callable[..., Any], *args: Any) -> Any:
        with self.db.transaction() as session:
            return deed(session, self.root, *args)

    def lead(self, number: int) -> UUID:
        taken = take_in_transaction(self.db, command('chatbot', email=f'p{number}@example.com'), self.facts)
        assert taken.lead_id
        return taken.lead_id

    def owners(self) -> Counter[UUID | None]:
        return Counter(row['owner_id'] for row in table(self.db, 'leads'))

    def alerts(self) -> list[bool]:
        """Whether each alert is over."""
        return [row['closed_at'] is not None for row in table(self.db, 'alerts')]

    def wait(self, what: str, true: Callable[[], bool]) -> None:
        until(true, seconds=SOON, what=what)


@pytest.fixture
def shop(db: Database) -> Shop:
    return Shop(db)


@pytest.mark.slow
def test_a_new_lead_goes_to_whoever_is_there_and_waits_while_nobody_is(shop: Shop) -> None:
    with working(shop.db):
        shop.do(set_present, shop.dev, True)
        first = shop.lead(1)
        shop.wait('Dev has it', lambda: shop.owners() == {shop.dev: 1})
        shop.do(set_present, shop.dev, False)
        shop.lead(2)
        shop.wait('the alert', lambda: shop.alerts() == [False])
        assert shop.owners() == {shop.dev: 1, None: 1}
        shop.do(set_present, shop.ines, True)
        shop.wait('Ines has the other', lambda: shop.owners() == {shop.dev: 1, shop.ines: 1})
        shop.wait('the alert is over', lambda: shop.alerts() == [True])
        shop.do(disable, shop.dev)
        shop.wait('what Dev had goes on', lambda: shop.owners() == {shop.ines: 2})
    (row,) = [row for row in table(shop.db, 'leads') if row['id'] == first]
    assert row['passed_over'] == [shop.dev.hex]


def test_three_workers_give_each_lead_once_and_in_turn(shop: Shop) -> None:
    shop.do(set_present, shop.dev, True)
    shop.do(set_present, shop.ines, True)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(working(shop.db))
        for number in range(30):
            shop.lead(number)
        shop.wait('all have somebody', lambda: shop.owners()[None] == 0)
    assert shop.owners() == {shop.dev: 15, shop.ines: 15}
    assert Counter(row['event_type'] for row in table(shop.db, 'lead_events'))['lead.assigned'] == 30
    assert shop.alerts() == [], 'somebody was there all the while'


def test_switched_off_it_gives_nothing_and_switched_on_it_catches_up(shop: Shop) -> None:
    shop.do(set_present, shop.dev, True)
    shop.do(set_rule, RuleChange(enabled=False))
    with working(shop.db) as thread:
        shop.lead(1)
        by_hand = shop.lead(2)
        shop.do(assign, [by_hand], shop.ines)
        shop.do(close, [by_hand])
        thread.round()  # one more in this thread: by now it has seen both
        assert shop.owners() == {None: 1, shop.ines: 1}
        shop.do(set_rule, RuleChange(enabled=True))
        shop.wait('Dev has the open one', lambda: shop.owners() == {shop.dev: 1, shop.ines: 1})


def test_nobody_ever_said_who_is_there_so_nothing_is_given_or_alerted(shop: Shop) -> None:
    with working(shop.db) as thread:
        shop.lead(1)
        thread.round()
        assert (shop.owners(), shop.alerts()) == ({None: 1}, [])
