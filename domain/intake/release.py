"""The way out of the quarantine: a person makes a lead of what was not understood, or says that it is none."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from pydantic_core import to_json
from sqlmodel import Session, col, select

from domain.access.models import WidgetKey
from domain.access.rules import Permission, require
from domain.alerts.actions import close_alert, raise_alert
from domain.alerts.models import Alert
from domain.audit.actions import note
from domain.base import clock
from domain.base.db import ring
from domain.base.errors import Conflict, NotFound
from domain.base.scope import Actor
from domain.inbound.models import Outcome, Submission
from domain.intake.facts import Credential, Facts
from domain.intake.messages import Correction, Released
from domain.intake.messages import Submission as Command
from domain.intake.queries import snapshot, waiting
from domain.intake.reading import mended
from domain.intake.record import record
from domain.intake.resubmit import pairs, resubmit
from domain.intake.rows import insert_rows
from domain.intake.statement import INSERTS
from domain.leads.queries import by_identity
from domain.timeline.actions import write
from domain.timeline.models import EntryType

ALERT = 'quarantine'
AT_ONCE = 200
NoLead = Literal['not_qualified', 'spam']

# The receipt is there already, and nobody sends a mended body a second time.
_ROWS = tuple(line for line in INSERTS if not line[1].startswith(('submissions(', 'idempotency_keys(')))


def release(
    session: Session, actor: Actor, submission_id: UUID, correction: Correction, *, sign: Callable[[str], str], expire: timedelta
) -> Released:
    """Make a lead of a quarantined submission, by the laws of intake; the receipt keeps its bytes and says what became of it.

    `sign` and `expire` as in `snapshot`. The clock of the first reply runs from now. Raises Invalid that names the fields still wrong,
    NotFound, and Conflict when somebody else was first.
    """
    require(actor, Permission.LEADS_WRITE)
    row = _held(session, actor, [submission_id])[0]
    facts = _facts(session, actor, row, sign, expire)
    cmd = mended(row, _form_fields(facts, row.route), correction, facts.region)
    known = [lead_id for kind, value in pairs(cmd) if (lead_id := by_identity(session, actor.scope, kind, value))]
    if known:
        resubmit(session, facts.actor(), cmd, facts, known, clock.now(), held=row)
    else:
        _keep(session, cmd, facts, row)
    assert row.lead_id is not None  # both ways set them
    assert row.event_id is not None
    changed = sorted(correction.model_dump(exclude_none=True))
    write(
        session,
        actor,
        row.lead_id,
        EntryType.STATUS_CHANGED,
        'Took this out of the quarantine',
        description='The submission was mended by hand; the receipt keeps it as it came.',
        facts={'receiptId': str(row.id)},
    )
    note(session, actor, 'quarantine.released', str(row.id), leadId=str(row.lead_id), outcome=row.outcome.value, given=changed)
    _settle_alert(session, actor)
    return Released(row.lead_id, row.event_id, row.outcome.value)


def dismiss(session: Session, actor: Actor, submission_ids: Sequence[UUID], outcome: NoLead) -> None:
    """Say that these are no leads; the receipts stay. Raises NotFound, and Conflict when one is no longer in the quarantine."""
    require(actor, Permission.LEADS_WRITE)
    for row in _held(session, actor, submission_ids):
        row.outcome = Outcome(outcome)
        session.add(row)
        note(session, actor, 'quarantine.dismissed', str(row.id), outcome=outcome)
    _settle_alert(session, actor)


def put_back(session: Session, actor: Actor, submission_ids: Sequence[UUID]) -> None:
    """Take back `dismiss`; raises NotFound, and Conflict for a receipt that was not dismissed."""
    require(actor, Permission.LEADS_WRITE)
    for row in _locked(session, actor, submission_ids):
        if row.outcome not in (Outcome.SPAM, Outcome.NOT_QUALIFIED) or not row.problems:
            raise Conflict('This submission was not dismissed; there is nothing to take back.')
        row.outcome = Outcome.QUARANTINED
        session.add(row)
        note(session, actor, 'quarantine.put_back', str(row.id))
    session.flush()
    alert = session.exec(select(Alert.id).where(Alert.tenant_id == actor.tenant_id, Alert.key == ALERT, col(Alert.closed_at).is_(None)))
    if alert.first() is None:
        detail = 'One was put back. Nothing is lost; look at the quarantine list.'
        raise_alert(session, actor, ALERT, 'Submissions wait in quarantine', detail)
    ring(session, 'alert', actor.tenant_id)


def _held(session: Session, actor: Actor, submission_ids: Sequence[UUID]) -> list[Submission]:
    rows = _locked(session, actor, submission_ids)
    if any(row.outcome is not Outcome.QUARANTINED for row in rows):
        raise Conflict('Somebody has dealt with this submission already; the list shows what still waits.')
    return rows


def _locked(session: Session, actor: Actor, submission_ids: Sequence[UUID]) -> list[Submission]:
    """The receipts, locked in the order of their ids. They have no location: who works for some locations only does not see them."""
    wanted = set(submission_ids)
    query = select(Submission).where(Submission.tenant_id == actor.tenant_id, col(Submission.id).in_(wanted)).order_by(col(Submission.id))
    rows = [] if actor.scope.location_ids is not None else list(session.exec(query.with_for_update()))
    if not wanted or len(wanted) > AT_ONCE or len(rows) != len(wanted):
        raise NotFound('There is no such submission in the quarantine.')
    return rows


def _facts(session: Session, actor: Actor, row: Submission, sign: Callable[[str], str], expire: timedelta) -> Facts:
    """As the person sees it; the lead falls to the place of the key that the submission came with."""
    kind, _, key_id = row.credential.partition(':')
    place = None
    if kind == 'widget':
        key = select(WidgetKey.location_id).where(WidgetKey.tenant_id == actor.tenant_id, WidgetKey.id == UUID(key_id))
        place = session.exec(key).first()
    credential = Credential(f'desk:{actor.id.hex}' if actor.id else 'desk', 'desk', actor.id, actor.name)
    return snapshot(session, actor.scope, credential, sign=sign, expire=expire, place_id=place)


def _form_fields(facts: Facts, route: str) -> dict[str, str]:
    form = facts.forms.get(route.removeprefix('form:')) if route.startswith('form:') else None
    return dict(form.fields) if form else {}


def _keep(session: Session, cmd: Command, facts: Facts, row: Submission) -> None:
    values = record(cmd, facts, clock.now())
    told = {'receiptId': str(row.id), 'eventId': str(values['event']), 'quality': values['quality'], 'reason': values['reason']}
    insert_rows(session, values | {'receipt': row.id, 'entry_facts': to_json(told).decode()}, _ROWS)
    row.outcome, row.lead_id, row.event_id = Outcome.CREATED, values['lead'], values['event']
    session.add(row)


def _settle_alert(session: Session, actor: Actor) -> None:
    session.flush()
    # Locked first: of two people who empty the list together, the second one counts after the first has committed.
    session.exec(
        select(Alert.id).where(Alert.tenant_id == actor.tenant_id, Alert.key == ALERT, col(Alert.closed_at).is_(None)).with_for_update()
    ).first()
    if not waiting(session, actor.scope):
        close_alert(session, actor, ALERT)
    ring(session, 'alert', actor.tenant_id)
