"""A small desk for tests of the outbox: one tenant, destinations and events, and short names for the steps of a delivery."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col, select

from domain.base.db import Database, now
from domain.base.events import EventType
from domain.base.scope import Actor, system
from domain.leads.models import Lead, Quality
from domain.outbox.actions import record
from domain.outbox.destinations import order_test
from domain.outbox.leases import claim, dispatch, release
from domain.outbox.messages import Claim, Settled, Traits
from domain.outbox.models import Attempt, Delivery, Destination
from domain.outbox.replays import replay
from domain.outbox.rules import Outcome
from domain.outbox.settling import settle
from domain.tenancy.actions import ensure_first_tenant
from domain.tenancy.queries import default_location

LEASE = timedelta(seconds=60)
FAST = Traits(rate=1e6)
SENT = Outcome('sent', status=200)
TEMPORARY = Outcome('temporary', 'It answered 500.', status=500)
UNKNOWN = Outcome('unknown', 'No answer came.')
REFUSED = Outcome('misconfigured', 'It answered 403.', status=403)
PERMANENT = Outcome('permanent', 'It answered 400.', status=400)


def throttled(seconds: float) -> Outcome:
    return Outcome('throttled', 'It answered 429.', status=429, retry_after=seconds)


@dataclass
class Rows:
    """The tenant's rows and the worker's steps on them, each in a transaction of its own."""

    db: Database
    actor: Actor
    traits: Traits = FAST
    share: int = 100

    @staticmethod
    def make(db: Database, **traits: Any) -> 'Rows':
        with db.transaction() as session:
            tenant, _ = ensure_first_tenant(session)
        return Rows(db, system(tenant.id), replace(FAST, **traits))

    def destination(self, *, kind: str = 'slack', sealed: str = 'x', **fields: Any) -> UUID:
        """A destination that hears of new leads."""
        row = Destination(
            tenant_id=self.actor.tenant_id,
            kind=kind,
            name=fields.pop('name', f'Sales {uuid4().hex[:6]}'),
            config_sealed=sealed,
            events=fields.pop('events', ['lead.created']),
            **fields,
        )
        with self.db.transaction() as session:
            session.add(row)
        return row.id

    def lead(self) -> UUID:
        """A lead row, for what is told of it."""
        with self.db.transaction() as session:
            place = default_location(session, self.actor.scope)
            lead = Lead(
                tenant_id=self.actor.tenant_id,
                location_id=place.id,
                name='Ann',
                quality=Quality.HOT,
                quality_points=1,
                quality_reason='',
                source='t',
            )
            session.add(lead)
        return lead.id

    def event(self, *, quality: str = 'warm', lead_id: UUID | None = None, payload: dict[str, Any] | None = None) -> UUID:
        """A new lead's event with its deliveries."""
        with self.db.transaction() as session:
            made = record(session, self.actor, EventType.LEAD_CREATED, payload or {}, quality=quality, lead_id=lead_id)
        assert made is not None
        return made.id

    def test(self, destination: UUID) -> UUID:
        """Press Test."""
        with self.db.transaction() as session:
            return order_test(session, self.actor, destination)

    def replay(self, delivery: UUID) -> None:
        """Press Send again."""
        with self.db.transaction() as session:
            replay(session, self.actor, delivery)

    def claim(self, destination: UUID, owner: str = 'one', lease: timedelta = LEASE) -> Claim | Settled | None:
        with self.db.transaction() as session:
            return claim(session, destination, owner, lease=lease, share=self.share, traits=lambda _: self.traits)

    def take(self, destination: UUID, owner: str = 'one', lease: timedelta = LEASE) -> Claim:
        """Claim a row that there must be."""
        taken = self.claim(destination, owner, lease)
        assert isinstance(taken, Claim), taken
        return taken

    def dispatch(self, taken: Claim, lease: timedelta = LEASE) -> bool:
        with self.db.transaction() as session:
            return dispatch(session, taken, lease)

    def settle(self, taken: Claim, outcome: Outcome) -> Settled:
        with self.db.transaction() as session:
            return settle(session, taken, outcome, costly=self.traits.costly, keyed=self.traits.keyed)

    def release(self, taken: Claim) -> None:
        with self.db.transaction() as session:
            release(session, taken)

    def try_once(self, destination: UUID, outcome: Outcome) -> Settled:
        """Claim, dispatch and settle."""
        taken = self.take(destination)
        assert self.dispatch(taken)
        return self.settle(taken, outcome)

    def change(self, row: type[Any], id_: UUID, **fields: Any) -> None:
        """Set columns of one row."""
        with self.db.transaction() as session:
            found = session.get(row, id_)
            for name, value in fields.items():
                setattr(found, name, value)
            session.add(found)

    def delivery(self, id_: UUID) -> Delivery:
        with self.db.reading() as session:
            found = session.get(Delivery, id_)
        assert found is not None
        return found

    def only(self) -> Delivery:
        """The one delivery there is."""
        (row,) = self.all()
        return row

    def all(self) -> list[Delivery]:
        with self.db.reading() as session:
            return list(session.exec(select(Delivery).order_by(col(Delivery.id))))

    def place(self, id_: UUID) -> Destination:
        with self.db.reading() as session:
            found = session.get(Destination, id_)
        assert found is not None
        return found

    def attempts(self) -> list[Attempt]:
        with self.db.reading() as session:
            return list(session.exec(select(Attempt).order_by(col(Attempt.id))))

    def ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        """`question(session, now, …)`."""
        with self.db.reading() as session:
            return question(session, now(session), *arguments)
