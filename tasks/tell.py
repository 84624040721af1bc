"""What others learn of a delivery that went on or ended: the lead's timeline, an alert, an event for those who subscribe to such."""

from sqlmodel import Session

from domain.alerts.actions import close_alert, close_over, raise_alert
from domain.alerts.models import Severity
from domain.base.db import ring
from domain.base.events import EventType
from domain.base.scope import system
from domain.leads.actions import touch
from domain.outbox.actions import record
from domain.outbox.messages import Claim, Settled
from domain.outbox.models import State
from domain.outbox.rules import Outcome, reply_in
from domain.timeline.actions import write
from domain.timeline.models import EntryType
from integrations.errors import Misconfigured, Throttled

ENDS = (State.SENT, State.DEAD, State.HELD)


def tell(session: Session, claim: Claim, outcome: Outcome, settled: Settled) -> None:
    """Write it all, in the transaction that settled the row."""
    actor = system(claim.tenant_id)
    if settled.alert_key:
        severity = Severity.CRITICAL if settled.critical else Severity.WARNING
        raise_alert(session, actor, settled.alert_key, settled.alert_title, settled.alert_detail, severity=severity)
    if settled.over_key:
        close_alert(session, actor, settled.over_key)
    if settled.state == State.SENT and claim.fence > claim.attempts:
        close_over(session, actor)  # its tries were counted anew: it was dead or held, and may have been the last such row
    if claim.lead_id:
        _tell_lead(session, claim, outcome, settled)
    elif claim.event_id is None:
        ring(session, 'outbox', claim.tenant_id, claim.destination_id)  # whoever pressed Test waits for it


def tell_ended(session: Session, settled: Settled) -> None:
    """The same for a row that ended, or waits, without a call: its time was over, it kills workers, a twin would cost money, its flag is
    off, or its destination has sent all it may for today.
    """
    if settled.claim:
        kind = Misconfigured.name if settled.state == State.PENDING else 'ended'
        tell(session, settled.claim, Outcome(kind, f'{settled.reason.rstrip(".")}.'), settled)


def _tell_lead(session: Session, claim: Claim, outcome: Outcome, settled: Settled) -> None:
    assert claim.lead_id  # the caller looked
    actor = system(claim.tenant_id)
    title = said(claim, outcome, settled)
    sent = settled.state == State.SENT
    facts = {'deliveryId': str(claim.delivery_id), 'destination': claim.destination, 'attempts': claim.attempts}
    if carries(claim):
        facts['messageId'] = claim.payload['messageId']
    if title:
        write(
            session,
            actor,
            claim.lead_id,
            EntryType.NOTIFICATION_SENT if sent else EntryType.NOTIFICATION_FAILED,
            title,
            description='' if sent else outcome.detail,
            facts=facts,
        )
    if settled.state in ENDS and not claim.event_type.startswith('notification.'):
        event_type = EventType.NOTIFICATION_SENT if sent else EventType.NOTIFICATION_FAILED
        payload = {'leadId': str(claim.lead_id), 'destination': claim.destination, 'deliveryId': str(claim.delivery_id)}
        record(session, actor, event_type, payload, lead_id=claim.lead_id, only_if_heard=True)
    touch(session, actor, claim.lead_id)


def said(claim: Claim, outcome: Outcome, settled: Settled) -> str:
    """What the timeline says of it; '' for a further failed try, which the deliveries list tells."""
    if carries(claim):
        return _said_of_reply(claim, outcome, settled)
    name = claim.destination
    match settled.state:
        case State.SENT:
            return f'Delivered to {name}, possible duplicate' if claim.uncertain else f'Delivered to {name}'
        case State.DEAD:
            return f'{name} not delivered after {claim.attempts} {"try" if claim.attempts == 1 else "tries"}'
        case State.HELD:
            return f'{name} needs a decision: it may have been sent'
        case State.SKIPPED:
            return ''  # the list of deliveries says so; it would stand on every lead
    if outcome.kind == Misconfigured.name:
        return f'Waits: {name} is paused'
    return f'{name} not reached, trying again' if claim.attempts == 1 and outcome.kind != Throttled.name else ''


def carries(claim: Claim) -> bool:
    """Whether this delivery is a person's reply on its way to the customer."""
    return reply_in(claim.event_type, claim.payload, claim.destination_id) is not None


def _said_of_reply(claim: Claim, outcome: Outcome, settled: Settled) -> str:
    to = claim.payload['to']
    automatic = bool(claim.payload.get('automatic'))
    what, yours = ('Automatic message', 'The automatic message') if automatic else ('Reply', 'Your reply')
    match settled.state:
        case State.SENT:
            return f'{what} handed over for {to}' + (', possible duplicate' if claim.uncertain else '')
        case State.DEAD:
            return f'{yours} was not delivered to {to}'
        case State.HELD:
            return f'{yours} to {to} needs a decision: it may have been sent'
    if outcome.kind == Misconfigured.name:
        return f'{yours} waits: {claim.destination} is paused'
    return f'{yours} is not out yet, trying again' if claim.attempts == 1 and outcome.kind != Throttled.name else ''
