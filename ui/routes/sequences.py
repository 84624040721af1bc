"""The desk API of sequences."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from domain.access.rules import Permission
from domain.base.scope import Actor
from domain.follow_ups.deleting import delete_sequence, delete_used_sequence
from domain.follow_ups.messages import SequenceEdit, SequenceOrder, Step
from domain.follow_ups.models import Sequence
from domain.follow_ups.runs import run_counts
from domain.follow_ups.sequences import create_sequence, edit_sequence, sequences
from ui.guard import doors_of
from ui.routes.desk import Answer, Reader
from ui.routes.security import allowed

router = APIRouter(prefix='/api/v1', tags=['follow-ups'])

Keeper = Annotated[Actor, Depends(allowed(Permission.SETTINGS_EDIT))]


class SequenceOut(Answer):
    """A sequence; `runs` says how many leads are running through it, went through, or were stopped."""

    id: UUID
    name: str
    enabled: bool
    enabled_at: datetime | None
    qualities: list[str]
    location_ids: list[UUID]
    steps: list[Step]
    runs: dict[str, int] = Field(default_factory=dict)
    version: int


class SequenceList(Answer):
    """All sequences, by name."""

    items: list[SequenceOut]
    next_cursor: None = None


@router.get('/sequences')
def get_sequences(request: Request, actor: Reader) -> SequenceList:
    """The sequences, with how many leads are in each."""
    with doors_of(request).db.reading() as session:
        counts = run_counts(session, actor.scope)
        return SequenceList(items=[_sequence(row, counts.get(row.id, {})) for row in sequences(session, actor.scope)])


@router.post('/sequences', status_code=201)
def post_sequence(request: Request, actor: Keeper, body: SequenceOrder) -> SequenceOut:
    """Make a sequence; switched on, it takes the leads that come from now on."""
    with doors_of(request).db.transaction() as session:
        return _sequence(create_sequence(session, actor, body), {})


@router.patch('/sequences/{sequence_id}')
def patch_sequence(request: Request, actor: Keeper, sequence_id: UUID, body: SequenceEdit) -> SequenceOut:
    """Change a sequence, or switch it on or off; leads on their way keep their steps, and stop where it is switched off."""
    with doors_of(request).db.transaction() as session:
        row = edit_sequence(session, actor, sequence_id, body)
        return _sequence(row, run_counts(session, actor.scope).get(row.id, {}))


@router.delete('/sequences/{sequence_id}', status_code=204)
def drop_sequence(request: Request, actor: Keeper, sequence_id: UUID, stop: bool = False) -> None:
    """Delete a sequence; one that leads have been in only with `stop=true`, which ends those under way."""
    db = doors_of(request).db
    if not stop:
        with db.transaction() as session:
            delete_sequence(session, actor, sequence_id)
        return
    done = False
    while not done:
        with db.transaction() as session:
            done = delete_used_sequence(session, actor, sequence_id)


def _sequence(row: Sequence, runs: dict[str, int]) -> SequenceOut:
    return SequenceOut(
        id=row.id,
        name=row.name,
        enabled=row.enabled_at is not None,
        enabled_at=row.enabled_at,
        qualities=row.qualities,
        location_ids=[UUID(each) for each in row.location_ids],
        steps=[Step.model_validate(step) for step in row.steps],
        runs=runs,
        version=row.version,
    )
