"""The numbers beside the places."""

from sqlmodel import Session

from domain.base.scope import Scope
from domain.desk.deliveries import attention
from domain.desk.health import overall
from domain.desk.inbox import open_count
from domain.intake.queries import waiting


def counts(session: Session, scope: Scope) -> dict[str, int | str]:
    """By the names that navigation uses: open leads, deliveries and submissions that need somebody, and the state of the house."""
    return {
        'inbox': open_count(session, scope),
        'deliveries': attention(session, scope),
        'quarantine': waiting(session, scope),
        'health': overall(session, scope),
    }
