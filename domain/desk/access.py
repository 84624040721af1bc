"""Asking for what one's role does not include."""

from sqlmodel import Session

from domain.alerts.actions import raise_alert
from domain.base.errors import Invalid
from domain.base.scope import Actor, system


def ask_for_access(session: Session, actor: Actor, what: str) -> None:
    """Tell those who can grant it that somebody wants to see a page; once per person and page while the alert is open."""
    if actor.id is None or not what.strip():
        raise Invalid('Only a person can ask for access, and it has to be for something.')
    detail = f'{actor.name} ({actor.role}) would like to see {what[:80]}. Change the role under Settings, People, or acknowledge this.'
    raise_alert(session, system(actor.tenant_id), f'access:{actor.id}:{what[:80]}', f'{actor.name} asks for access to {what[:80]}', detail)
