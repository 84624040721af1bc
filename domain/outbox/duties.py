"""Duties that one process does for all: who has one, and until when."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.base.db import now
from domain.outbox.models import Lease


def lead(session: Session, name: str, owner: str, length: timedelta) -> bool:
    """Take or renew the lead of a duty; False while another live process has it."""
    moment = now(session)
    lease = session.exec(select(Lease).where(Lease.name == name).with_for_update()).first()
    if lease is None:
        session.add(Lease(name=name, owner=owner, until=moment + length))
        session.flush()
        return True
    if lease.owner != owner and lease.until > moment:
        return False
    lease.owner, lease.until = owner, moment + length
    session.add(lease)
    return True


def resign(session: Session, name: str, owner: str) -> None:
    """Give the lead up, so that the next process takes over at once."""
    session.execute(sa.delete(Lease).where(col(Lease.name) == name, col(Lease.owner) == owner))
