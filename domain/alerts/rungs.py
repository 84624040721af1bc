"""The order of the alarm ladder: what the tenant has chosen, and what it means for each of its channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.alerts.ladder import next_of, rank
from domain.audit.actions import note
from domain.base.db import ring
from domain.base.errors import Conflict, NotFound
from domain.base.events import EventType
from domain.base.scope import Actor, Scope
from domain.leads.models import Quality
from domain.outbox.actions import hears
from domain.outbox.gates import switched_off
from domain.outbox.models import Destination
from domain.tenancy.queries import locations


class Turn(StrEnum):
    """When a channel is told of a new hot lead."""

    AT_ONCE = 'at_once'  # it subscribes to new leads
    NEXT = 'next'  # after two minutes, as things are now
    LATER = 'later'  # instead of the next one, where that has been told or does not work
    SKIPPED = 'skipped'  # it is paused or off, or its kind is switched off by a flag
    NEVER = 'never'  # it subscribes to nothing and has no place: it is there for carrying letters


@dataclass(frozen=True, slots=True)
class Rung:
    """One channel in the order of the ladder; `place` False: it comes after those that have one.

    The last three say why one is skipped; `switched` False: the feature flag of its kind is off.
    """

    id: UUID
    kind: str
    name: str
    place: bool
    turn: Turn
    location_ids: tuple[UUID, ...]
    paused: bool
    enabled: bool
    switched: bool = True


def rungs(session: Session, scope: Scope) -> list[Rung]:
    """All channels of the tenant in the order of the ladder. At once and next are said of a channel that is so at any location."""
    rows = sorted(session.exec(select(Destination).where(Destination.tenant_id == scope.tenant_id)), key=rank)
    off = {row.id for row in rows if switched_off(session, row)}
    working = [row for row in rows if row.id not in off]
    places = [place.id for place in locations(session, scope)]
    at_once = {row.id for row in rows for place in places if hears(row, EventType.LEAD_CREATED, Quality.HOT, place)}
    found = (next_of((row for row in working if not hears(row, EventType.LEAD_CREATED, Quality.HOT, place)), place) for place in places)
    following = {row.id for row in found if row}
    return [
        Rung(
            id=row.id,
            kind=row.kind,
            name=row.name,
            place=row.ladder is not None,
            turn=_turn(row, at_once, following) if row.id not in off else Turn.SKIPPED,
            location_ids=tuple(UUID(each) for each in row.location_ids),
            paused=row.paused_at is not None,
            enabled=row.enabled,
            switched=row.id not in off,
        )
        for row in rows
    ]


def _turn(row: Destination, at_once: set[UUID], following: set[UUID]) -> Turn:
    if not row.enabled or row.paused_at is not None:
        return Turn.SKIPPED
    if row.id in at_once:
        return Turn.AT_ONCE
    if row.id in following:
        return Turn.NEXT
    return Turn.LATER if row.events or row.ladder is not None else Turn.NEVER


def order_ladder(session: Session, actor: Actor, wanted: Sequence[UUID], *, known: Sequence[UUID]) -> None:
    """Give the channels their places: `wanted` from the first to the last; those that are not named come after them.

    `known` is the order that was looked at. Raises NotFound for a foreign channel, Conflict when the order is another one now.
    """
    require(actor, Permission.DESTINATIONS_EDIT)
    query = select(Destination).where(Destination.tenant_id == actor.tenant_id).order_by(col(Destination.id))
    rows = {row.id: row for row in session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True))}
    if not rows.keys() >= set(wanted):
        raise NotFound('There is no such destination.')
    if [row.id for row in sorted(rows.values(), key=rank) if row.ladder is not None] != list(known):
        raise Conflict('Somebody changed the order of the alarm ladder meanwhile; look at it again.')
    places = {id_: place for place, id_ in enumerate(dict.fromkeys(wanted), start=1)}
    for row in rows.values():
        row.ladder = places.get(row.id)
        session.add(row)
    note(session, actor, 'alarm_ladder.ordered', ', '.join(rows[id_].name for id_ in places))
    ring(session, 'facts', actor.tenant_id)
