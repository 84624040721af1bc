"""The outbox keeps its laws, and each of them finds the mistake it is there for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from domain.base import clock
from domain.outbox.messages import Claim
from domain.outbox.models import Delivery
from domain.outbox.rules import Outcome
from tests.domain.outbox_model import Outbox, prove
from tests.domain.outbox_rows import SENT


class NoFence(Outbox):
    """Settles whatever claim it is shown, as if it were the newest."""

    def write_down(self, claim: Claim, outcome: Outcome) -> bool:
        row = self.rows.delivery(claim.delivery_id)
        return super().write_down(replace(claim, fence=row.fence), outcome)


class EndlessLease(Outbox):
    """A claim that nobody may ever take over."""

    def take(self, place: UUID, owner: str = 'another') -> Any:
        return self.rows.claim(place, owner, timedelta(days=3650))

    def go_out(self, claim: Claim) -> bool:
        return self.rows.dispatch(claim, timedelta(days=3650))


class SentBeforeSending(Outbox):
    """Writes the success down first and calls afterwards."""

    def go_out(self, claim: Claim) -> bool:
        gone = super().go_out(claim)
        if gone:
            super().write_down(claim, SENT)
        return gone


class TakesCompany(Outbox):
    """Claims under a new name each time, so that a row that was left behind seems to be alone, and writes its own name beneath."""

    def take(self, place: UUID, owner: str = 'another') -> Any:
        taken = super().take(place, f'{owner} {clock.now()}')
        if isinstance(taken, Claim):
            self.rows.change(Delivery, taken.delivery_id, lease_owner=owner)
        return taken


class LostFanOut(Outbox):
    """One delivery of an event is not written."""

    def make_event(self) -> None:
        super().make_event()
        with self.db.transaction() as session:
            newest = sa.select(col(Delivery.id)).order_by(col(Delivery.id).desc()).limit(1).scalar_subquery()
            session.execute(sa.delete(Delivery).where(col(Delivery.id) == newest))


class ForgetsTheCall(Outbox):
    """Does not note that the request goes out: the twin after a crash is not marked."""

    def go_out(self, claim: Claim) -> bool:
        gone = super().go_out(claim)
        self.rows.change(Delivery, claim.delivery_id, dispatched_at=None)
        return gone


def test_the_outbox_keeps_its_laws(migrated: Callable[[str], str], tmp_path: Path) -> None:
    prove(Outbox, tmp_path, migrated('sqlite'), runs=25, shrink=True)


MUTANTS = (
    *(EndlessLease, SentBeforeSending, LostFanOut, ForgetsTheCall),
    pytest.param(NoFence, marks=pytest.mark.slow),
    pytest.param(TakesCompany, marks=pytest.mark.slow),  # so well hidden that it takes long to find
)


@pytest.mark.parametrize('mutant', MUTANTS)
def test_a_planted_mistake_is_found(mutant: type[Outbox], migrated: Callable[[str], str], tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        prove(mutant, tmp_path, migrated('sqlite'), runs=200, shrink=False)


@pytest.mark.long
def test_the_outbox_keeps_its_laws_for_long(migrated: Callable[[str], str], tmp_path: Path) -> None:
    prove(Outbox, tmp_path, migrated('sqlite'), runs=300, shrink=True)
