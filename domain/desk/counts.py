"""The numbers beside the places."""

from sqlmodel import Session

from domain.base.clock import now
from domain.base.scope import Scope
from domain.desk.board import late_count
from domain.desk.deliveries import attention
from domain.desk.health import overall
from domain.desk.inbox import open_count
from domain.follow_ups.queries import counts as follow_ups
from domain.intake.queries import waiting


def counts(session: Session, scope: Scope) -> dict[str, int | str]:
    """By the names that navigation uses: open leads, late ones, follow-ups due by tonight, deliveries and submissions that need
    somebody, and the state of the house.
    """
    return {
        'inbox': open_count(session, scope),
        'late': late_count(session, scope),
        'follow_ups': sum(follow_ups(session, scope, owner=None, moment=now())),
        'deliveries': attention(session, scope),
        'quarantine': waiting(session, scope),
        'health': overall(session, scope),
    }
