"""capture(): the one hot path. Strangers go through the keeper, everybody else through `take`."""

import asyncio
import json
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, select

from domain.alerts.actions import raise_alert
from domain.base import clock
from domain.base.db import Database, ring
from domain.base.errors import Conflict, FieldError, KeyReused, Twin
from domain.base.failpoints import point
from domain.base.keep import Keeper, Met
from domain.base.scope import Actor
from domain.inbound.models import Outcome, Submission
from domain.intake import rules
from domain.intake.facts import Facts
from domain.intake.messages import Arrival, Captured
from domain.intake.messages import Submission as Command
from domain.intake.models import IdempotencyKey
from domain.intake.record import record
from domain.intake.resubmit import pairs, receipt_for, resubmit
from domain.intake.rows import insert_rows
from domain.leads.queries import by_identity

TRIES = 3  # two requests may meet on a unique index; the loser looks again


async def capture(cmd: Command, facts: Facts, keeper: Keeper, db: Database) -> Captured:
    """Keep a submission; when this returns, its rows are durable.

    Raises KeyReused, Twin or Unavailable. A person nobody knows takes the fast path; a unique index that knows better sends the
    submission to `take`, which is the full truth.
    """
    values = record(cmd, facts, clock.now())
    point('C1')
    try:
        await keeper.keep(values)
    except Met:
        return await asyncio.to_thread(take_in_transaction, db, cmd, facts)
    point('C4')
    return Captured(values['answer'], lead_id=values['lead'])


def take_in_transaction(db: Database, cmd: Command, facts: Facts) -> Captured:
    """`take` in a transaction of its own, again when another request won a race."""
    for _ in range(TRIES):
        try:
            with db.transaction() as session:
                return take(session, facts.actor(), cmd, facts)
        except Conflict:
            continue
    raise Twin('The same request is still being stored by another connection; ask again in a moment.')


def take(session: Session, actor: Actor, cmd: Command, facts: Facts) -> Captured:
    """Keep a submission in the caller's transaction, whoever it is from: a replay, a twin, a known person or a new one."""
    moment = clock.now()
    digest = rules.digest(facts.credential.name, cmd.route, cmd.arrival.key, cmd.body_hash())
    earlier = session.exec(
        select(IdempotencyKey).where(IdempotencyKey.tenant_id == facts.tenant_id, IdempotencyKey.digest == digest)
    ).first()
    if earlier and earlier.expires_at > moment:
        return _again(session, cmd, facts, earlier, moment)
    if earlier:
        session.delete(earlier)
        session.flush()
    owners = {kind: by_identity(session, actor.scope, kind, value) for kind, value in pairs(cmd)}
    known = [lead_id for lead_id in owners.values() if lead_id]
    if not known:
        return _keep_new(session, cmd, facts, moment)
    text, receipt = resubmit(session, actor, cmd, facts, known, moment)
    _remember(session, cmd, facts, receipt, text, moment)
    return Captured(text, lead_id=receipt.lead_id)


def quarantine_in_transaction(db: Database, facts: Facts, arrival: Arrival, route: str, errors: list[FieldError]) -> str:
    """`quarantine` in a transaction of its own, again when another request raised the same alert first."""
    for _ in range(TRIES):
        try:
            with db.transaction() as session:
                return quarantine(session, facts, arrival, route, errors)
        except Conflict:
            continue
    raise Twin('Another submission is being put aside at this moment; ask again.')


def quarantine(session: Session, facts: Facts, arrival: Arrival, route: str, errors: list[FieldError]) -> str:
    """Keep what could be read but not understood, word for word, and tell somebody; gives back the JSON text of the 202."""
    actor = facts.actor()
    row = Submission(
        tenant_id=facts.tenant_id,
        outcome=Outcome.QUARANTINED,
        route=route,
        credential=facts.credential.name,
        content_type=arrival.content_type,
        raw=arrival.raw,
        headers=dict(arrival.headers),
        address_hash=arrival.address_hash,
        problems=[{'field': error.field, 'message': error.message} for error in errors],
        received_at=clock.now(),
    )
    session.add(row)
    raise_alert(
        session,
        actor,
        'quarantine',
        'Submissions wait in quarantine',
        f'The last one: {errors[0].field} {errors[0].message}. Nothing is lost; look at the quarantine list.'
        if errors
        else 'Look at the list.',
    )
    ring(session, 'alert', facts.tenant_id)  # an alert that is open already does not ring; the list waits for this one too
    return json.dumps({'receiptId': signed(facts, row.id), 'quarantined': True}, separators=(',', ':'))


def signed(facts: Facts, receipt_id: UUID) -> str:
    """A receipt's id with our signature: whoever holds it may ask whether it is kept."""
    return f'{receipt_id}.{facts.sign(str(receipt_id))}'


def _keep_new(session: Session, cmd: Command, facts: Facts, moment: datetime) -> Captured:
    values = record(cmd, facts, moment)
    insert_rows(session, values)
    return Captured(values['answer'], lead_id=values['lead'])


def _again(session: Session, cmd: Command, facts: Facts, earlier: IdempotencyKey, moment: datetime) -> Captured:
    """The same key gets the first answer; the same body without a key is kept as a twin and disturbs nobody."""
    if earlier.keyed:
        if earlier.body_hash != cmd.body_hash():
            raise KeyReused('This Idempotency-Key was used for another body. Use a new key for a new lead; the first one is kept.')
        return Captured(earlier.response, replayed=True)
    first = session.get(Submission, earlier.submission_id)
    lead_id = first.lead_id if first else None
    row = receipt_for(cmd, facts, Outcome.TWIN, moment, lead_id)
    session.add(row)
    body = json.loads(earlier.response)
    body.update(duplicate=True, receiptId=signed(facts, row.id))
    return Captured(json.dumps(body, separators=(',', ':')), lead_id=lead_id)


def _remember(session: Session, cmd: Command, facts: Facts, receipt: Submission, text: str, moment: datetime) -> None:
    keyed = cmd.arrival.key is not None
    life: timedelta = rules.KEY_LIFE if keyed else rules.TWIN_LIFE
    session.add(
        IdempotencyKey(
            tenant_id=facts.tenant_id,
            digest=rules.digest(facts.credential.name, cmd.route, cmd.arrival.key, cmd.body_hash()),
            body_hash=cmd.body_hash(),
            keyed=keyed,
            submission_id=receipt.id,
            response=text,
            created_at=moment,
            expires_at=moment + life,
        )
    )
    session.flush()
